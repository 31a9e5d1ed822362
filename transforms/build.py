"""The table of contents of a build: from a run's extracts to the published tables."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from data.config.policy import Policy
from data.config.published_tables import load_published_tables
from data.store.former_parts import NO_FORMER_PARTS, STAMPED_TABLES, FormerParts
from transforms.engine.duckdb_engine import DuckDB, Engine
from transforms.engine.models import Model, load_models, order_models
from transforms.kpis import catalogue, mart_kpi_value, mart_survival, mart_trend
from transforms.kpis.cube import read_cube
from transforms.kpis.mart_kpi_value import BuiltKpi
from transforms.kpis.part_tables import PartPlan, split_by_kpi
from transforms.kpis.periods import Period, calendar_tables
from transforms.kpis.run_parameters import BuildInputs, create_parameters
from transforms.leagues import agents, composite, mart_league, movements, peers, recognition

# Tables that are put together outside of the engine, and that audits and returns read as relations.
REGISTERED_TABLES = (
    "mart_kpi_value",
    "mart_league",
    "mart_funnel",
    "mart_trend",
    "mart_survival",
    "mart_composite",
    "mart_composite_part",
)
# What the cube is made of, and what stamps say of branches.
CUBE_TABLES = frozenset({"dim_branch", "dim_branch_level", "dim_period_month"})
# Models that a build reads itself, and not through a KPI.
BUILD_TABLES = CUBE_TABLES | {
    "dim_branch_province",
    "fct_claim_age",
    "mart_agent_count",
}

Progress = Callable[[str], None]


def ignore_progress(_: str) -> None:
    """Report to nobody."""


def build(
    engine: Engine,
    inputs: BuildInputs,
    progress: Progress = ignore_progress,
    former: FormerParts = NO_FORMER_PARTS,
) -> dict[str, pa.Table]:
    """Return the published tables by name.

    The engine has the relations `claims, callbacks, complaints, exposure, branches`. Parts that
    `former` has are taken over: the tables are the same without it.
    """
    policy = inputs.policy
    kpis = catalogue.load_kpis()
    kpi_runs = prepare_relations(engine, inputs, load_build_models(), progress)
    built = mart_kpi_value.build_mart_kpi_value(engine, kpis, kpi_runs, policy, former, progress)
    progress("leagues, trends, survival, composites, recognition")
    dim_kpi = catalogue.build_dim_kpi(policy)
    definitions = {row["kpi_id"]: row for row in dim_kpi.to_pylist()}
    parts = _build_parts(engine, policy, built, former, definitions)
    by_kpi = split_by_kpi(parts["mart_kpi_value"], list(built))
    dim_agent_measure = agents.build_dim_agent_measure(policy)
    tables = {
        **parts,
        **_build_trends(engine, policy, kpi_runs, by_kpi, definitions),
        **composite.build_composites(by_kpi, definitions, policy),
        "mart_recognition": recognition.build_mart_recognition(
            by_kpi,
            definitions,
            engine.arrow("SELECT * FROM dim_branch_province").to_pylist(),
            policy,
        ),
        "mart_agent_league": agents.build_mart_agent_league(
            engine, dim_agent_measure.to_pylist(), policy
        ),
        "dim_agent_measure": dim_agent_measure,
        "dim_kpi": dim_kpi,
        "dim_branch": engine.arrow("SELECT * FROM dim_branch ORDER BY branch_code"),
        "dim_period": read_published_periods(engine),
    }
    published = {name: conform(name, table) for name, table in tables.items()}
    for name in REGISTERED_TABLES:
        engine.register_arrow(name, published[name])
    return published


def build_figures(
    engine: Engine, inputs: BuildInputs, published: list[Period]
) -> dict[str, pa.Table]:
    """Return mart_kpi_value of some periods, with its dimensions: what a publication has of them.

    The engine has the relations of the extracts; it gets those that the KPIs read.
    """
    kpis = catalogue.load_kpis()
    read = CUBE_TABLES.union(*(kpi.reads for kpi in kpis))
    models = order_models(load_models(), read)
    calendar = calendar_tables(published, inputs.as_of)
    kpi_runs = prepare_relations(engine, inputs, models, calendar=calendar)
    built = mart_kpi_value.build_mart_kpi_value(
        engine, kpis, kpi_runs, inputs.policy, NO_FORMER_PARTS, ignore_progress
    )
    tables = {
        "mart_kpi_value": pa.concat_tables(
            kpi.values for kpi in built.values() if kpi.values is not None
        ),
        "dim_kpi": catalogue.build_dim_kpi(inputs.policy),
        "dim_branch": engine.arrow("SELECT * FROM dim_branch ORDER BY branch_code"),
        "dim_period": read_published_periods(engine),
    }
    return {name: conform(name, table) for name, table in tables.items()}


def read_published_periods(engine: Engine) -> pa.Table:
    """Return the table dim_period."""
    return engine.arrow(
        """SELECT period_kind, period_start, period_end FROM dim_period WHERE is_published
        ORDER BY period_kind, period_start, period_end"""
    )


def _build_parts(
    engine: Engine,
    policy: Policy,
    built: dict[str, BuiltKpi],
    former: FormerParts,
    definitions: dict[str, dict],
) -> dict[str, pa.Table]:
    """Return the tables with a part per period and KPI, and dim_part: new parts are compared and
    ranked, the others are taken over.
    """
    plan = PartPlan(
        former,
        {kpi_id: kpi.stamps for kpi_id, kpi in built.items()},
        {kpi_id: kpi.new for kpi_id, kpi in built.items()},
    )
    published = load_published_tables()
    new_rows = {name: published[name].schema.empty_table() for name in STAMPED_TABLES}
    values = [kpi.values for kpi in built.values() if kpi.values is not None]
    if values:
        new_rows["mart_kpi_value"] = pa.concat_tables(values)
        new_rows["mart_league"], new_rows["mart_funnel"] = mart_league.build_mart_league(
            values,
            [kpi.league_inputs for kpi in built.values() if kpi.league_inputs is not None],
            [definitions[kpi_id] for kpi_id, kpi in built.items() if kpi.new],
            policy,
            peers.read_regions(engine),
            engine.threads,
        )
    periods = read_published_periods(engine)
    tables = {name: plan.complete(name, rows, periods) for name, rows in new_rows.items()}
    # What is corrected for all comparisons of a page waits for all of its parts.
    tables["mart_funnel"] = mart_league.adjust_funnels(tables["mart_funnel"])
    tables["mart_league"] = movements.judge_movements(tables["mart_league"], definitions, policy)
    return tables | {"dim_part": pa.table(plan.build_dim_part())}


def _build_trends(
    engine: Engine,
    policy: Policy,
    kpi_runs: dict[str, dict],
    by_kpi: dict[str, pa.Table],
    definitions: dict[str, dict],
) -> dict[str, pa.Table]:
    """Return trends and survival: survival is computed next to them.

    Args:
        engine: has the relations of the build.
        policy: of the run.
        kpi_runs: the rows of dim_kpi_run by kpi_id.
        by_kpi: the rows of mart_kpi_value of segment `all`, by KPI.
        definitions: the rows of dim_kpi by kpi_id.
    """
    level = policy.intervals.level
    # Of values that look back twelve months, two months in a row share eleven: their differences
    # do not measure the usual variation, so no control chart can be drawn of them.
    charted = [kpi.name for kpi in catalogue.load_kpis() if not kpi.header.get("looks_back")]
    with ThreadPoolExecutor(1) as executor:
        survival = executor.submit(
            mart_survival.build_mart_survival,
            engine.cursor(),
            read_cube(engine),
            catalogue.load_survival_views(),
            kpi_runs,
            catalogue.find_kpi("claim_settlement_days_mean"),
            level,
        )
        trends = mart_trend.build_mart_trend(
            [by_kpi[kpi] for kpi in charted], [definitions[kpi] for kpi in charted]
        )
        return {"mart_trend": trends, "mart_survival": survival.result()}


def copy_published(engine: Engine, judge: DuckDB, published: dict[str, pa.Table]) -> None:
    """Let the judging engine read what another one has built: audits are SQL of the judge."""
    for name in REGISTERED_TABLES:
        judge.register_arrow(name, published[name])
    for name in ("dim_kpi_run", "dim_branch", "dim_period"):
        judge.create_table_from(name, engine.arrow(f"SELECT * FROM {name}"))


def load_build_models() -> list[Model]:
    """Return the models that a build runs, each after what it reads."""
    read_by_kpis = [kpi.reads for kpi in catalogue.load_kpis()]
    return order_models(load_models(), BUILD_TABLES.union(*read_by_kpis))


def prepare_relations(
    engine: Engine,
    inputs: BuildInputs,
    models: list[Model],
    progress: Progress = ignore_progress,
    calendar: dict[str, pa.Table] | None = None,
) -> dict[str, dict]:
    """Create the run's parameters and models; return the rows of dim_kpi_run by kpi_id.

    Args:
        engine: has the relations of the extracts.
        inputs: of the build.
        models: each after what it reads.
        progress: is called with the name of each model.
        calendar: of the periods that are counted; None: of all that are published.
    """
    create_parameters(engine, inputs, calendar)
    for model in models:
        progress(model.name)
        kind = model.header["kind"]
        engine.create(model.name, model.sql, kind)
        if model.name.startswith("fct_") and kind == "table":
            engine.dictionary_encode(model.name)
    rows = engine.arrow("SELECT * FROM dim_kpi_run ORDER BY kpi_id").to_pylist()
    return {row["kpi_id"]: row for row in rows}


def conform(name: str, table: pa.Table) -> pa.Table:
    """Return a table in the published order and types of its columns.

    Raises ValueError if its columns are not those of the dictionary: readers get what the contract
    promises, or nothing.
    """
    schema = load_published_tables()[name].schema
    differing = sorted(set(table.column_names) ^ set(schema.names))
    if differing:
        columns = ", ".join(differing)
        raise ValueError(f"{name}: columns that the dictionary or the table lacks: {columns}")
    columns = []
    for field in schema:
        column = table[field.name]
        # Repeated text may stay dictionary-encoded: it is written, and read, as text.
        is_encoded = pa.types.is_dictionary(column.type) and column.type.value_type == field.type
        columns.append(column if is_encoded else column.cast(field.type))
    return pa.table(columns, names=schema.names)
