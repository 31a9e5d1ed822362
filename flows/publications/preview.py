"""Preview: before figures are published, every branch gets its own, the cases behind them, and a
form to object on.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from data.config import policy as policies
from data.config.profile import load_profile
from data.problem import Problem
from data.store.store import Store
from data.store.table_files import read_table, write_tables
from flows.publications import build as building
from flows.publications.build import LakeSnapshot
from reports.facts import ReportFacts
from transforms import build
from transforms.engine.duckdb_engine import DuckDB
from transforms.explain import Tracer
from transforms.kpis import catalogue, periods
from transforms.kpis.catalogue import adapt_policy

FORM = ("column", "should_be", "reason", "name")  # what a branch fills in


@dataclass(frozen=True)
class Preview:
    """A preview in the store: `case` has one row per KPI and case that it counted: `kpi_id,
    extract, key, branch_code, numerator, denominator`.
    """

    as_of: date
    folder: Path

    @classmethod
    def of(cls, store: Store, as_of: date) -> "Preview":
        return cls(as_of, store.root / "preview" / as_of.isoformat())

    def table(self, name: str) -> pa.Table:
        """Raises Problem where there is no such preview."""
        try:
            return read_table(self.folder / "tables", name)
        except FileNotFoundError:
            raise Problem(
                f"there is no preview of {self.as_of}",
                f"make one: servicekpi preview --as-of {self.as_of}",
            ) from None


def write_preview(store: Store, as_of: date, profile_name: str = "default") -> tuple[Preview, int]:
    """Make the packs of all branches from what the store holds; nothing is published. Returns the
    preview and how many branches have a pack.

    A pack has the figures of the month, quarter, year and twelve months to the day (`figures.csv`),
    the cases of the month (`cases.csv`), and of these the ones that weigh against the branch as a
    form (`challenges.csv`): what is returned in landing is judged by the next run. Raises Problem
    where the store holds no extract.
    """
    source, basis = load_profile(profile_name), LakeSnapshot.from_lake(store.lake, as_of, None)
    supplies = basis.supplies()
    if not supplies:
        raise Problem(f"the store {store.root} holds no extract", "run servicekpi run first")
    choices = adapt_policy(policies.load_policy(source.policy), supplies)
    found = Preview.of(store, as_of)
    with TemporaryDirectory() as work:
        engine = DuckDB(Path(work), source.timezone)
        engine.confine(store.root)
        try:
            built = building.build_tables(engine, basis, choices)
            cases, trees = _cases(engine, build.BuildInputs(as_of, supplies, choices))
        finally:
            engine.close()
    shutil.rmtree(found.folder, ignore_errors=True)
    (found.folder / "tables").mkdir(parents=True)
    write_tables(
        found.folder / "tables",
        {name: built[name] for name in ("mart_kpi_value", "dim_kpi", "dim_branch", "dim_period")}
        | {"case": cases},
    )
    facts = ReportFacts(f"preview-{as_of}", as_of, known_at=None, policy=choices)
    (found.folder / "preview.json").write_text(
        json.dumps(
            {
                "as_of": str(as_of),
                "timezone": source.timezone,
                "policy": choices.model_dump(mode="json"),
            },
            indent=2,
        )
        + "\n"
    )
    return found, _packs(found, facts, trees)


def _cases(engine: DuckDB, inputs: build.BuildInputs) -> tuple[pa.Table, dict[str, list[str]]]:
    """What each KPI that is judged counted in the month to the day, case by case, and each branch
    with those below it.
    """
    tracer, month = (
        Tracer(engine, inputs),
        periods.Period("month", periods.start_of_month(inputs.as_of), inputs.as_of + periods.DAY),
    )
    place = next(
        row
        for row in tracer.periods.to_pylist()
        if (row["period_kind"], row["period_start"], row["period_end"])
        == ("month", month.start, month.end)
    )
    above = engine.arrow(
        f"SELECT ancestor_code, branch_code FROM dim_branch_ancestor WHERE tree_id = {tracer.trees[place['period_id']]} ORDER BY ALL"
    )
    trees: dict[str, list[str]] = {}
    for row in above.to_pylist():
        trees.setdefault(row["ancestor_code"], []).append(row["branch_code"])
    head = max(sorted(trees), key=lambda code: len(trees[code]))
    available = engine.arrow("SELECT kpi_id FROM dim_kpi_run WHERE reason IS NULL")[
        "kpi_id"
    ].to_pylist()
    parts = []
    for kpi in catalogue.load_kpis():
        if (
            kpi.name in available
            and kpi.header["direction"] in ("up", "down")
            and kpi.header["kind"] != "index"
        ):
            rows = tracer.explain(kpi, head, month, ("all", "all")).rows
            parts.append(
                rows.add_column(0, "kpi_id", pa.array([kpi.name] * rows.num_rows, pa.string()))
            )
    return pa.concat_tables(parts), trees


def _packs(found: Preview, facts: ReportFacts, trees: dict[str, list[str]]) -> int:
    from reports.csv.kpi_csv import write_rows
    from reports.tables.publication import Publication

    publication = Publication(found.folder / "tables", facts)
    cases = found.table("case")
    ends = (pc.field("period_end") == found.as_of + periods.DAY) & (
        pc.field("segment_kind") == "all"
    )
    values = publication.read("mart_kpi_value", ends)
    against = cases.filter(_weighs_against(cases))
    made = 0
    for code, below in trees.items():
        folder = found.folder / "branches" / code
        own = pa.array(below)
        if (
            code == publication.head_office
            or not pc.any(pc.is_in(cases["branch_code"], own)).as_py()
        ):
            continue
        folder.mkdir(parents=True)
        write_rows(
            folder / "figures.csv",
            values.filter(pc.equal(values["branch_code"], code)).drop_columns(
                ["segment_kind", "segment"]
            ),
            publication,
        )
        write_rows(
            folder / "cases.csv", cases.filter(pc.is_in(cases["branch_code"], own)), publication
        )
        form = against.filter(pc.is_in(against["branch_code"], own)).select(
            ["kpi_id", "extract", "key"]
        )
        form = form.add_column(
            0, "as_of", pa.array([str(found.as_of)] * form.num_rows, pa.string())
        )
        for name in FORM:
            form = form.append_column(name, pa.array([""] * form.num_rows, pa.string()))
        write_rows(folder / "challenges.csv", form, publication)
        made += 1
    return made


def _weighs_against(cases: pa.Table) -> pa.ChunkedArray:
    """Of a share where up is better, the cases that are not in its numerator; of what is counted
    and better down, those that are. Of a mean every case weighs a little: none is put forward.
    """
    counted = [
        kpi for kpi in catalogue.load_kpis() if kpi.header["kind"] not in ("mean", "quantile")
    ]
    up, down = (
        [kpi.name for kpi in counted if kpi.header["direction"] == way] for way in ("up", "down")
    )
    is_none = pc.equal(cases["numerator"], 0)
    return pc.or_(
        pc.and_(pc.is_in(cases["kpi_id"], pa.array(up)), is_none),
        pc.and_(pc.is_in(cases["kpi_id"], pa.array(down)), pc.invert(is_none)),
    )
