"""DuckDB and Spark give the same answers: every case, random companies, and whole runs."""

import json
import os
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.config.contract import load_contracts
from data.synthetic import write_company
from data.synthetic.tree import CHANGING
from tests.company import make_extract, open_company
from tests.property.companies import AS_OF, BRANCHES, FIRST
from tests.spark.conftest import SMALL
from tests.test_cases import CASES, check_case, read_case
from transforms import build
from transforms.current_rows import versions
from transforms.engine.duckdb_engine import DuckDB
from transforms.returns import returns

pytestmark = pytest.mark.spark
DAY = date(2012, 12, 31)


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    write_company(folder, 5_000, DAY, provinces=CHANGING)
    return folder


def run(landing: Path, store: Path, *more: str) -> dict:
    """Return the outcome of a whole run, in a process of its own.

    Of Spark's settings it takes what is in SPARK_CONF_DIR, as every Spark does.
    """
    settings = store.parent / "conf" / "spark-defaults.conf"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(
        "\n".join(f"{name} {value}" for name, value in SMALL.items()), encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "flows.cli.main",
        "run",
        "--landing",
        landing,
        "--as-of",
        DAY,
        "--store",
        store,
        "--no-render",
        "--json",
        *more,
    ]
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=os.environ | {"SPARK_CONF_DIR": str(settings.parent)},
    )
    return json.loads(done.stdout.splitlines()[-1])


def read_tables(outcome: dict) -> dict[str, bytes]:
    tables = Path(outcome["folder"]) / "tables"
    return {
        path.relative_to(tables).as_posix(): path.read_bytes() for path in tables.rglob("*.parquet")
    }


def test_a_run_on_two_workers_publishes_the_same_bytes(java, landing, tmp_path):
    """`local-cluster` is a master and two workers, each a process that reads the store's files."""
    ours, theirs = (
        run(landing, tmp_path / "duckdb"),
        run(
            landing, tmp_path / "spark", "--engine", "spark", "--master", "local-cluster[2,1,1024]"
        ),
    )
    assert ours["state"] == theirs["state"] == "published", theirs["reason"]
    assert ours["publication_id"] == theirs["publication_id"], (
        "which engine computed is no part of what a publication is"
    )
    our_tables, their_tables = read_tables(ours), read_tables(theirs)
    assert our_tables.keys() == their_tables.keys()
    assert [name for name in our_tables if our_tables[name] != their_tables[name]] == []
    assert (
        json.loads((Path(theirs["folder"]) / "manifest.json").read_text(encoding="utf-8"))[
            "computed_by"
        ]
        == "spark"
    )


def test_a_master_that_does_not_answer_is_explained_in_a_sentence(java, landing, tmp_path):
    outcome = run(landing, tmp_path / "store", "--engine", "spark", "--master", "nonsense")
    assert outcome["state"] == "failed"
    assert outcome["reason"].startswith("Spark does not start")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path, on):
    """What a case expects, of its KPI alone: the models that it reads, and its own SELECT."""
    case = read_case(path)
    check_case(case, case.compute(on=on))


def test_what_was_known_on_an_earlier_day(on, tmp_path):
    """A full extract changes k1, no longer names k2, and names k3 in a row that is quarantined.

    The previous version of k3 stands. What is delivered later (k4) is not known yet.
    """
    contract, files = load_contracts()["complaints"], []
    days = [date(2012, 1, 1), date(2012, 2, 1), date(2012, 3, 1)]
    for day, keys in zip(days, (["k1", "k2", "k3"], ["k1"], ["k4"]), strict=True):
        rows = [
            {
                "complaint_id": key,
                "branch_code": "P1",
                "received_at": "2011-12-31 23:59:59",
                "category": str(day),
            }
            for key in keys
        ]
        extract = make_extract(contract, rows, "Asia/Shanghai")
        extract = extract.append_column("_extract_date", pa.array([day] * len(keys)))
        pq.write_table(extract, tmp_path / f"{day}.parquet")
        files.append(str(tmp_path / f"{day}.parquet"))
    quarantined = pa.table({"key": ["k3"], "extract_date": [days[1]]})
    for kind in (DuckDB, on):
        engine = kind(tmp_path / "work", "Asia/Shanghai", threads=1)
        standing = versions.CurrentVersions(engine, contract, [days[1]], quarantined)
        versions.create_known_rows(engine, "known", contract, files, days[1], standing)
        rows = engine.arrow(
            """SELECT complaint_id, category, CAST(civil(received_at) AS DATE) AS received
            FROM known ORDER BY complaint_id"""
        )
        assert rows.to_pylist() == [
            {"complaint_id": "k1", "category": "2012-02-01", "received": date(2011, 12, 31)},
            {"complaint_id": "k3", "category": "2012-01-01", "received": date(2011, 12, 31)},
        ]
        engine.close()


class RandomCompany:
    """A company with all that may be missing or out of order."""

    def __init__(self, seed: int):
        self.seed = seed
        self.chance = random.Random(seed)
        self.pick = self.chance.choice

    def extracts(self) -> dict[str, list[dict]]:
        moved = {
            "branch_code": "S1",
            "name": "甲一一",
            "parent_code": "P2",
            "level": "sub",
            "valid_from": "2012-03-01",
        }
        return {
            "claims": [self.claim(number) for number in range(60)],
            "complaints": [self.complaint(number) for number in range(20)],
            "callbacks": [self.callback(number) for number in range(30)],
            "exposure": [self.exposure(month) for month in (1, 2, 7)],
            "branches": [*BRANCHES, moved] if self.seed % 2 else BRANCHES,
        }

    def branch(self) -> str:
        return self.pick(["P1", "P2", "C1", "S1", "elsewhere"])

    def instants(self, *names: str) -> dict:
        """Return moments, mostly in this order; all but the first may be missing."""
        moment = FIRST + timedelta(seconds=self.chance.randrange(600 * 86400))
        moments = {}
        for name in names:
            waits = [0, 1799, 1800, 1801, 86400, self.chance.randrange(400 * 86400)]
            later = moment + timedelta(seconds=self.pick(waits))
            is_there = name == names[0] or self.chance.random() < 0.75
            moments[name] = str(later) if is_there else None
            if self.chance.random() < 0.8:
                moment = later
        return moments

    def claim(self, number: int) -> dict:
        row = {"claim_id": str(number), "branch_code": self.branch()}
        row |= self.instants(
            "reported_at",
            "surveyed_at",
            "registered_at",
            "documents_complete_at",
            "approved_at",
            "closed_at",
            "paid_at",
        )
        if self.pick([True, False]):
            row["previous_settled_at"] = str(FIRST + timedelta(500))
            row["reopened_at"] = str(FIRST + timedelta(501))
        row["line"] = self.pick(["车", "家", None])
        row["outcome"] = self.pick([None, "normal", "normal", "zero", "rejected", "cancelled"])
        row["has_injury"] = self.pick([True, False, None])
        for name in ("first_estimate", "outstanding_estimate", "paid_amount"):
            row[name] = self.pick([None, "0", "2999.99", "3000", "3000.01"])
        return row

    def complaint(self, number: int) -> dict:
        row = {"complaint_id": f"k{number}", "branch_code": self.branch()}
        row |= self.instants("received_at", "branch_contacted_at", "closed_at")
        row["channel"] = self.pick(["regulator", "company", None])
        row["category"] = self.pick(["claims", "销售", None])
        row["claim_id"] = self.pick(["1", None])
        row["is_valid"] = self.pick([True, False, None])
        row["outcome"] = self.pick([None, "upheld", "withdrawn"])
        row["complexity"] = self.pick([None, "simple", "complex"])
        row["extended"] = self.pick([True, False, None])
        row["escalation_level"] = self.pick([None, 0, 1])
        return row

    def callback(self, number: int) -> dict:
        row = {"callback_id": f"c{number}", "branch_code": self.branch()}
        row |= self.instants("due_at", "first_dialled_at", "connected_at", "completed_at")
        row["kind"] = self.pick(["complaint", "closed_claim"])
        row["subject_id"] = self.pick([None, "k0", "k1", "unknown"])
        row["rating"] = self.pick([None, 1, 4, 5])
        row["reported_issue"] = self.pick([None, "慢", "远"])
        row["agent_id"] = self.pick([None, "A1", "A2"])
        row["talk_seconds"] = self.pick([None, 60, 20000])
        row["qa_score"] = self.pick([None, "90.5", "99999"])
        return row

    def exposure(self, month: int) -> dict:
        return {
            "branch_code": self.pick(["P1", "S1"]),
            "month": f"2012-0{month}-01",
            "premium": self.pick(["100.01", "33.33"]),
            "policies_issued": self.chance.randrange(9),
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_every_table_of_a_random_company(seed, on):
    extracts = RandomCompany(seed).extracts()
    answers = []
    for kind in (DuckDB, on):
        with open_company(AS_OF, on=kind, **extracts) as (engine, inputs):
            answers.append(build.build(engine, inputs) | returns.build_returns(engine))
    ours, theirs = answers
    assert sum(state == "ok" for state in plain(ours["mart_kpi_value"])["state"].to_pylist()) > 1000
    assert [name for name in ours if not plain(ours[name]).equals(plain(theirs[name]))] == []


def plain(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries."""
    columns = {}
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        columns[field.name] = table[field.name].cast(kind).combine_chunks()
    return pa.table(columns)
