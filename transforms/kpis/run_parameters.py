"""The parameters of a run, as relations that models read: days, choices of the policy, calendar."""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from data.config.policy import Policy
from data.config.time_limits import load_time_limits
from transforms.engine.duckdb_engine import Engine
from transforms.kpis import catalogue, periods
from transforms.kpis.catalogue import ExtractSupply


@dataclass(frozen=True)
class BuildInputs:
    """What a build needs besides the relations of the extracts, which the engine has already."""

    as_of: date
    supplies: dict[str, ExtractSupply]
    policy: Policy


def create_parameters(
    engine: Engine, inputs: BuildInputs, calendar: dict[str, pa.Table] | None = None
) -> None:
    """Create the run's parameters as relations; `calendar` None: that of every published period.

    What models know of policy and calendar, they read from `dim_run`, `dim_period`, `dim_date`,
    `dim_time_limit`, `dim_ratio_channel` and `dim_kpi_run`.
    """
    supplies = inputs.supplies
    policy = catalogue.adapt_policy(inputs.policy, supplies)
    calendar = calendar or periods.period_tables(inputs.as_of)
    _create_dim_run(engine, inputs, policy, first_date=calendar["dim_date"]["date"][1].as_py())
    engine.create_table_from("dim_period", calendar["dim_period"])
    engine.define_calendar(calendar["dim_date"])
    engine.create_table_from("dim_time_limit", load_time_limits(policy.jurisdiction))
    # Without the column, every complaint's channel reads as missing, and all of them count.
    has_channels = "complaints" in supplies and "channel" in supplies["complaints"].columns
    channels = list(policy.complaint_ratio_channels) if has_channels else ["(missing)"]
    engine.create_table_from("dim_ratio_channel", pa.table({"channel": channels}))
    kpi_runs = catalogue.build_dim_kpi_run(supplies, policy, inputs.as_of)
    engine.create_table_from("dim_kpi_run", kpi_runs)


def _create_dim_run(engine: Engine, inputs: BuildInputs, policy: Policy, first_date: date) -> None:
    """Create `dim_run`: one row with the days and the choices of the run."""
    row = {"as_of": inputs.as_of, "first_date": first_date}
    extracts = ("claims", "callbacks", "complaints")
    for extract in extracts:
        supply = inputs.supplies.get(extract)
        row[f"{extract}_as_of"] = supply.as_of if supply else inputs.as_of
    for choice in (
        "closing_point",
        "small_limit",
        "small_limit_included",
        "survey_minutes",
        "complaint_ratio_counts",
        "policy_denominator",
    ):
        row[choice] = getattr(policy, choice)
    engine.create_table_from("_run", pa.Table.from_pylist([row]))
    # What happens at these instants or later has not happened yet.
    until = ", ".join(
        f"instant(CAST({extract}_as_of + 1 AS TIMESTAMP)) AS {extract}_until"
        for extract in extracts
    )
    engine.create("dim_run", f"SELECT *, {until} FROM _run", "table")
