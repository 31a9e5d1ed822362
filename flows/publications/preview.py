"""Preview: before figures are published, every branch gets its own, the cases behind them, and a
form to object on.
"""

import json
import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from data.config.contract import load_contracts
from data.config.policy import resolve_policy
from data.config.profile import Profile, load_profile
from data.problem import Problem
from data.store.store import Store
from data.store.table_files import write_tables
from flows.publications.build import LakeSnapshot, open_extract
from flows.publications.preview_folder import Preview
from flows.publications.preview_packs import write_packs
from reports.facts import ReportFacts
from transforms.engine.duckdb_engine import DuckDB
from transforms.engine.models import Model
from transforms.explain import Tracer
from transforms.kpis import catalogue, periods
from transforms.kpis.arrow_columns import PUBLISHED_DECIMALS
from transforms.kpis.run_parameters import BuildInputs

SUM = pa.decimal128(38, PUBLISHED_DECIMALS)
CASES = pa.schema(
    [
        *((name, pa.string()) for name in ("kpi_id", "extract", "key", "branch_code")),
        *((name, SUM) for name in ("numerator", "denominator")),
    ]
)


def write_preview(store: Store, as_of: date, profile_name: str = "default") -> tuple[Preview, int]:
    """Make the packs of all branches from what the store has; nothing is published. Return the
    preview and how many branches have a pack.

    A pack has the figures of the month, quarter, year and twelve months to the day (`figures.csv`),
    the cases of the month (`cases.csv`), and of these the ones that weigh against the branch as a
    form (`challenges.csv`): what is returned in landing is judged by the next run. Raises Problem
    where the store has no extract.
    """
    profile = load_profile(profile_name)
    snapshot = LakeSnapshot.from_lake(store.lake, as_of, None)
    supplies = snapshot.supplies()
    if not supplies:
        raise Problem(f"the store {store.root} has no extract", "run servicekpi run first")
    policy = catalogue.adapt_policy(resolve_policy(profile.policy, store.policy), supplies)
    tables, branches_below = _build_tables(
        store, snapshot, profile, BuildInputs(as_of, supplies, policy)
    )
    preview = Preview.of_day(store, as_of)
    shutil.rmtree(preview.folder, ignore_errors=True)
    (preview.folder / "tables").mkdir(parents=True)
    write_tables(preview.folder / "tables", tables)
    about = {
        "as_of": str(as_of),
        "timezone": profile.timezone,
        "policy": policy.model_dump(mode="json"),
    }
    (preview.folder / "preview.json").write_text(json.dumps(about, indent=2) + "\n")
    facts = ReportFacts(f"preview-{as_of}", as_of, known_at=None, policy=policy)
    return preview, write_packs(preview, facts, branches_below)


def _build_tables(
    store: Store, snapshot: LakeSnapshot, profile: Profile, inputs: BuildInputs
) -> tuple[dict[str, pa.Table], dict[str, list[str]]]:
    """Return the tables of a preview, and the branches that count for each branch."""
    # scipy: not before it is needed
    from transforms import build

    with TemporaryDirectory() as work:
        engine = DuckDB(Path(work), profile.timezone)
        engine.confine(store.root)
        try:
            for extract in load_contracts():
                open_extract(engine, extract, extract, snapshot)
            tables = build.build_figures(engine, inputs, periods.periods_to_day(inputs.as_of))
            available = engine.arrow("SELECT kpi_id FROM dim_kpi_run WHERE reason IS NULL")
            tracer = Tracer(engine, inputs, keeps_models=True)
            kpi_ids = {row["kpi_id"] for row in available.to_pylist()}
            tables["case"] = _trace_cases(tracer, kpi_ids)
            return tables, tracer.branches_below()
        finally:
            engine.close()


def _trace_cases(tracer: Tracer, available: set[str]) -> pa.Table:
    """Return what each KPI that is judged counted in the month to the day, case by case."""
    as_of = tracer.inputs.as_of
    month = periods.Period("month", periods.start_of_month(as_of), as_of + periods.DAY)
    tracer.open_period(month)
    head_office = tracer.find_head_office()
    cases = [CASES.empty_table()]
    for kpi in catalogue.load_kpis():
        if kpi.name in available and _has_cases(kpi):
            rows = tracer.explain(kpi, head_office, month, ("all", "all")).rows
            kpi_id = pa.repeat(pa.scalar(kpi.name), rows.num_rows)
            cases.append(rows.add_column(0, "kpi_id", kpi_id))
    return pa.concat_tables(cases)


def _has_cases(kpi: Model) -> bool:
    """Return whether cases weigh for or against a branch: of an index all branches' do."""
    return kpi.header["direction"] in ("up", "down") and kpi.header["kind"] != "index"
