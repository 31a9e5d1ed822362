"""A small company in files, to break on purpose."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.config import correction, policy, profile
from data.config.contract import load_contracts
from data.problem import Problem
from data.store.lake import Lake
from data.store.store import Store
from data.store.table_files import read_table
from flows.intake import quality_tables
from flows.intake.landing import look_at_landing
from flows.intake.take_in import Intake
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from transforms.engine.duckdb_engine import DuckDB

CLAIMS = """claim_id,branch_code,line,reported_at,closed_at,paid_at,outcome,has_injury,paid_amount
C1,0101,商业车险,2012-01-05 10:00:00,2012-01-09 10:00:00,2012-01-10 10:00:00,normal,否,800.00
C2,0101,商业车险,2012-02-05 10:00:00,2012-02-09 10:00:00,2012-03-10 10:00:00,normal,是,9000.00
C3,0102,交强险,2012-03-05 10:00:00,,,,否,
C4,0102,交强险,2012-04-05 10:00:00,2012-04-06 10:00:00,,rejected,否,0
"""
COMPLAINTS = """complaint_id,branch_code,channel,received_at,closed_at,is_valid
K1,0101,regulator,2012-01-15 10:00:00,2012-01-20 10:00:00,是
K2,0102,company,2012-05-15 10:00:00,,否
"""


@pytest.fixture
def landing(tmp_path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    (folder / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    (folder / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path, landing):
    """Run the flow over the landing folder."""

    def go(as_of=date(2012, 6, 30), **overrides):
        outcome = run_nightly(
            RunOptions(
                **(
                    {
                        "landing": landing,
                        "as_of": as_of,
                        "store": tmp_path / "store",
                        "render": False,
                    }
                    | overrides
                )
            )
        )
        assert all("(docs/runbook/" in problem for problem in outcome.problems), (
            f"they name no page of the runbook: {outcome.problems}"
        )
        return outcome

    return go


@dataclass
class Night:
    """What a night takes in, judged and kept as a run does it, but without the figures: seconds
    less, and all that tests of intake ask for.
    """

    lake: Lake
    deliveries: int
    problems: list[str]
    warnings: list[str]
    tables: dict[str, pa.Table]

    @property
    def files(self) -> list[dict]:
        return self.tables["quality_input_file"].to_pylist()

    def rows(self, extract: str = "claims") -> list[dict]:
        """The current rows as they are stored, by their key."""
        contract = load_contracts()[extract]
        files = self.lake.current_files(extract)
        rows = [
            row
            for file in files
            for row in pq.read_table(
                file, columns=contract.schema.names, partitioning=None
            ).to_pylist()
        ]
        return sorted(rows, key=lambda row: [str(row[name]) for name in contract.key])


@pytest.fixture
def night(tmp_path, landing):
    """Take in what is in the landing folder."""

    def go(store: str = "store", **limits) -> Night:
        opened_store, source, declared = (
            Store(tmp_path / store),
            profile.load_profile("default"),
            correction.load_corrections(),
        )
        lake, engine = opened_store.lake, DuckDB(opened_store.work(), source.timezone)
        arrival = look_at_landing(landing, lake, source, declared)
        intake = Intake(
            lake,
            engine,
            source,
            policy.load_policy({"delivery_limits": limits}).delivery_limits,
            declared,
            arrival.control,
        )
        problems, warnings = list(arrival.problems), list(arrival.notes)
        for delivery in arrival.deliveries:
            try:
                warnings += intake.take_in(delivery, lambda _: None).warnings
            except Problem as problem:
                problems.append(problem)
        ledger = lake.read("delivery").to_pylist()
        columns = {row["extract"]: frozenset(row["columns"].split(", ")) for row in ledger}
        for extract in columns:
            engine.register_parquet(
                extract, lake.current_files(extract), load_contracts()[extract].schema
            )
        tables = quality_tables.build_quality_tables(engine, lake, None, ledger, columns, 28)
        engine.close()
        opened_store.clear()
        assert all(problem.page for problem in problems), (
            f"they name no page of the runbook: {problems}"
        )
        return Night(lake, len(arrival.deliveries), list(map(str, problems)), warnings, tables)

    return go


def table(outcome, name: str) -> list[dict]:
    """A published table; of a night, one of those about the data."""
    if isinstance(outcome, Night):
        return outcome.tables[name].to_pylist()
    return read_table(Path(outcome.folder) / "tables", name).to_pylist()


def value(outcome, kpi: str, branch: str = "HQ") -> dict:
    """The newest year to date of a KPI."""
    wanted = {"kpi_id": kpi, "branch_code": branch, "segment_kind": "all", "period_kind": "ytd"}
    return [
        row
        for row in table(outcome, "mart_kpi_value")
        if all(row[name] == cell for name, cell in wanted.items())
    ][-1]


def counts(outcome, extract: str = "claims") -> dict[str, int]:
    """What became of the rows of an extract's only file."""
    (file,) = [row for row in outcome.files if row["extract"] == extract]
    return {
        name: file[f"rows_{name}"]
        for name in ("read", "accepted", "quarantined", "superseded", "skipped")
    }


def reasons(outcome) -> dict[str, str]:
    """Why each quarantined row is held, by file and line."""
    return {
        f"{row['file_name']}:{row['line']}": row["reasons"]
        for row in table(outcome, "quality_quarantine")
    }
