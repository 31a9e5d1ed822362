"""Everything that is computed of a run's extracts: the published tables of KPIs, leagues and
dimensions.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from data.config import policy as policies
from data.config.published_tables import load_published_tables as dictionary
from transforms.engine.duckdb_engine import DuckDB, Engine
from transforms.engine.models import Model, load_models, order_models
from transforms.kpis import catalogue, mart_kpi_value, mart_survival, mart_trend, periods
from transforms.kpis.cube import read_cube
from transforms.leagues import agents, composite, mart_league, peers, recognition

# What audits and returns read of the tables that were put together outside of the engine.
REGISTERED_TABLES = (
    "mart_kpi_value",
    "mart_league",
    "mart_funnel",
    "mart_trend",
    "mart_survival",
    "mart_composite",
    "mart_composite_part",
)
CUBE_TABLES = frozenset({"dim_branch_level", "dim_period_month"})  # what the grid is made of


@dataclass(frozen=True)
class BuildInputs:
    """What a build needs beside the relations of the extracts, which the engine already holds."""

    as_of: date
    supplies: dict
    policy: dict


def build(
    engine: Engine, inputs: BuildInputs, progress: Callable[[str], None] = lambda _: None
) -> dict[str, pa.Table]:
    """Run all models over the engine's relations `claims, callbacks, complaints, exposure,
    branches`. Returns published tables by name.
    """
    kpis = catalogue.load_kpis()
    dim_kpi = catalogue.build_dim_kpi(inputs.policy)
    runs = prepare_relations(engine, inputs, load_build_models(), progress)
    values, grounds = mart_kpi_value.build_mart_kpi_value(
        engine, kpis, runs, inputs.policy, progress
    )
    by_kpi = dict(zip((kpi.name for kpi in kpis), values, strict=True))
    defined = {row["kpi_id"]: row for row in dim_kpi.to_pylist()}
    dim_agent_measure = agents.build_dim_agent_measure(inputs.policy)
    mean = catalogue.find_kpi("claim_settlement_days_mean")
    # Values that look back twelve months share eleven of them with the month before: no chart knows
    # what is usual of these.
    charted = [
        (by_kpi[kpi.name], defined[kpi.name]) for kpi in kpis if not kpi.header.get("looks_back")
    ]
    progress(
        "mart_league, mart_trend, mart_survival, mart_composite, mart_recognition, mart_agent_league"
    )
    settings = {**inputs.policy["league"], "level": inputs.policy["intervals"]["level"]}
    with ThreadPoolExecutor(1) as beside:
        lives = beside.submit(
            mart_survival.build_mart_survival,
            engine.cursor(),
            read_cube(engine),
            catalogue.load_survival_views(),
            runs,
            mean,
            inputs.policy["intervals"]["level"],
        )
        leagues, funnels = mart_league.build_mart_league(
            values,
            grounds,
            [defined[kpi.name] for kpi in kpis],
            settings,
            peers.read_regions(engine),
            engine.threads,
        )
        trends = mart_trend.build_mart_trend(*zip(*charted, strict=True))
    built = {
        "mart_kpi_value": pa.concat_tables(values),
        "mart_league": leagues,
        "mart_funnel": funnels,
        **composite.build_composites(by_kpi, defined, inputs.policy),
        "mart_trend": trends,
        "mart_survival": lives.result(),
        "mart_recognition": recognition.build_mart_recognition(
            by_kpi,
            defined,
            engine.arrow("SELECT * FROM dim_branch_province").to_pylist(),
            inputs.policy,
        ),
        "mart_agent_league": agents.build_mart_agent_league(
            engine, dim_agent_measure.to_pylist(), inputs.policy
        ),
        "dim_agent_measure": dim_agent_measure,
        "dim_kpi": dim_kpi,
        "dim_branch": engine.arrow("SELECT * FROM dim_branch ORDER BY branch_code"),
        "dim_period": engine.arrow(
            "SELECT period_kind, period_start, period_end FROM dim_period WHERE is_published ORDER BY period_kind, period_start, period_end"
        ),
    }
    published = {name: conform(name, table) for name, table in built.items()}
    for name in REGISTERED_TABLES:
        engine.register_arrow(name, published[name])
    return published


def copy_published(engine: Engine, judge: DuckDB, published: dict[str, pa.Table]) -> None:
    """Let the judge's engine read what another one has built: audits are its SQL."""
    for name in REGISTERED_TABLES:
        judge.register_arrow(name, published[name])
    for name in ("dim_kpi_run", "dim_branch", "dim_period"):
        judge.create_table_from(name, engine.arrow(f"SELECT * FROM {name}"))


def load_build_models() -> list[Model]:
    """The models that a build runs, each after what it reads."""
    return order_models(
        load_models(),
        {"dim_branch", "dim_branch_province", "fct_claim_age", "mart_agent_count"}.union(
            CUBE_TABLES, *(kpi.reads for kpi in catalogue.load_kpis())
        ),
    )


def prepare_relations(
    engine: Engine,
    inputs: BuildInputs,
    wanted: list[Model],
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, dict]:
    """Parameters and models. Returns the rows of dim_kpi_run by kpi_id."""
    sql_parameters(engine, inputs)
    for model in wanted:
        _run(engine, model, progress)
    return {
        row["kpi_id"]: row
        for row in engine.arrow("SELECT * FROM dim_kpi_run ORDER BY kpi_id").to_pylist()
    }


def conform(name: str, table: pa.Table) -> pa.Table:
    """A table in the published order and types.

    Raises ValueError where its columns are not those of the dictionary: what readers get is the
    contract, or nothing.
    """
    schema = dictionary()[name].schema
    if set(table.column_names) != set(schema.names):
        wrong = ", ".join(sorted(set(table.column_names) ^ set(schema.names)))
        raise ValueError(f"{name}: columns that the dictionary or the table lacks: {wrong}")
    columns = []
    for field in schema:
        column = table[field.name]
        # Repeated text may stay a list of values and positions in it: it is written, and read, as
        # text.
        is_encoded = pa.types.is_dictionary(column.type) and column.type.value_type == field.type
        columns.append(column if is_encoded else column.cast(field.type))
    return pa.table(columns, names=schema.names)


def _run(engine, model, progress: Callable[[str], None]) -> None:
    progress(model.name)
    engine.create(model.name, model.sql, model.header["kind"])
    if model.name.startswith("fct_") and model.header["kind"] == "table":
        engine.dictionary_encode(model.name)


def sql_parameters(engine, inputs: BuildInputs) -> None:
    """The run's parameters as relations: what models know of policy and calendar, they read from
    here.
    """
    supplies = inputs.supplies
    policy = catalogue.adapt_policy(inputs.policy, supplies)
    calendar = periods.period_tables(inputs.as_of)
    channels = supplies.get("complaints") and "channel" in supplies["complaints"].columns

    def told_until(extract: str) -> date:
        return supplies[extract].as_of if extract in supplies else inputs.as_of

    run = {
        "as_of": inputs.as_of,
        "first_date": calendar["dim_date"]["date"][1].as_py(),
        "claims_as_of": told_until("claims"),
        "callbacks_as_of": told_until("callbacks"),
        "complaints_as_of": told_until("complaints"),
        "closing_point": policy["closing_point"],
        "small_limit": policy["small_limit"],
        "small_limit_included": policy["small_limit_included"],
        "survey_minutes": policy["survey_minutes"],
        "complaint_ratio_counts": policy["complaint_ratio_counts"],
        "policy_denominator": policy["policy_denominator"],
    }
    engine.create_table_from("_run", pa.Table.from_pylist([run]))
    # What happens at these instants or later has not happened.
    until = ", ".join(
        f"instant(CAST({name}_as_of + 1 AS TIMESTAMP)) AS {name}_until"
        for name in ("claims", "callbacks", "complaints")
    )
    engine.create("dim_run", f"SELECT *, {until} FROM _run", "table")
    engine.create_table_from("dim_period", calendar["dim_period"])
    engine.define_calendar(calendar["dim_date"])
    engine.create_table_from("dim_time_limit", policies.load_time_limits(policy["jurisdiction"]))
    engine.create_table_from(
        "dim_ratio_channel",
        pa.table({"channel": policy["complaint_ratio_channels"] if channels else ["(missing)"]}),
    )
    engine.create_table_from(
        "dim_kpi_run", catalogue.build_dim_kpi_run(supplies, policy, inputs.as_of)
    )
