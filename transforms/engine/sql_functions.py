"""The few functions that DuckDB and Spark spell differently.

Models are written once, in the SQL that both engines read the same way; what they do not share is
one of these functions. Instants and civil times are timestamps without a zone, so that the session
time zone of an engine cannot move them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from transforms.engine.timezones import civil_offset, instant_offset


@dataclass(frozen=True)
class SqlFunction:
    """A SQL function with one body per engine; `parameters` and `result` have Spark's types."""

    name: str
    parameters: str
    result: str
    duckdb_body: str
    spark_body: str

    @property
    def parameter_names(self) -> str:
        """The parameters without their types: macros of DuckDB have none."""
        declarations = self.parameters.split(", ")
        return ", ".join(declaration.split()[0] for declaration in declarations)


# Whole seconds by difference of epochs: `date_diff` counts boundaries in DuckDB and whole units in
# Spark, so the two would disagree on 0.4 seconds across a full second.
ELAPSED = (
    SqlFunction(
        name="seconds_between",
        parameters="a TIMESTAMP_NTZ, b TIMESTAMP_NTZ",
        result="BIGINT",
        duckdb_body="epoch_us(b) // 1000000 - epoch_us(a) // 1000000",
        spark_body=(
            "unix_micros(CAST(b AS TIMESTAMP_LTZ)) DIV 1000000"
            " - unix_micros(CAST(a AS TIMESTAMP_LTZ)) DIV 1000000"
        ),
    ),
    SqlFunction(
        name="days_between",
        parameters="a DATE, b DATE",
        result="INT",
        duckdb_body="b - a",
        spark_body="date_diff(b, a)",
    ),
)


def clock_functions(zone: str) -> tuple[SqlFunction, ...]:
    """Return `civil(x)` and `instant(x)` of a time zone."""
    shifts = {"civil": f"+ {civil_offset(zone)}", "instant": f"- {instant_offset(zone)}"}
    return tuple(_shift_function(name, shift) for name, shift in shifts.items())


def _shift_function(name: str, shift: str) -> SqlFunction:
    micros = f"unix_micros(CAST(x AS TIMESTAMP_LTZ)) {shift}"
    return SqlFunction(
        name=name,
        parameters="x TIMESTAMP_NTZ",
        result="TIMESTAMP_NTZ",
        duckdb_body=f"make_timestamp(epoch_us(x) {shift})",
        spark_body=f"CAST(timestamp_micros({micros}) AS TIMESTAMP_NTZ)",
    )


def calendar_functions(dates: pa.Table) -> tuple[SqlFunction, ...]:
    """Return `interval_of(x)` and `limit_interval_of(x, known_until)` of a calendar.

    `dates` has one row per day, `date, interval_id`; its last row stands for all later days. An
    interval is looked up by its distance from the first day: DuckDB finds the list in
    `dim_calendar`, Spark in a constant.
    """
    first, later = dates["date"][0].as_py(), dates["date"][-1].as_py()
    intervals = ",".join(map(str, dates["interval_id"].to_pylist()))
    is_early = f"x < DATE '{first}'"

    # DuckDB counts the items of a list from 1, Spark those of an array from 0.
    duckdb_item = f"CASE WHEN {is_early} THEN 1 ELSE x - DATE '{first}' + 1 END"
    spark_item = f"CASE WHEN {is_early} THEN 0 ELSE date_diff(x, DATE '{first}') END"
    limit = (
        "interval_of(CASE WHEN x <= known_until THEN x"
        f" WHEN x > known_until THEN DATE '{later}' END)"
    )

    return (
        SqlFunction(
            name="interval_of",
            parameters="x DATE",
            result="BIGINT",
            duckdb_body=f"(SELECT intervals FROM dim_calendar)[{duckdb_item}]",
            spark_body=f"get(CAST(split('{intervals}', ',') AS ARRAY<BIGINT>), {spark_item})",
        ),
        SqlFunction(
            name="limit_interval_of",
            parameters="x DATE, known_until DATE",
            result="BIGINT",
            duckdb_body=limit,
            spark_body=limit,
        ),
    )


def duckdb_macros(functions: Iterable[SqlFunction]) -> list[str]:
    """Return the statements that define the functions in DuckDB."""
    return [
        f"CREATE OR REPLACE MACRO {function.name}({function.parameter_names})"
        f" AS {function.duckdb_body}"
        for function in functions
    ]


def spark_functions(functions: Iterable[SqlFunction]) -> list[str]:
    """Return the statements that define the functions in Spark."""
    return [
        f"CREATE OR REPLACE TEMPORARY FUNCTION {function.name}({function.parameters})"
        f" RETURNS {function.result} RETURN {function.spark_body}"
        for function in functions
    ]


def quote_text(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_list(texts: Iterable[str]) -> str:
    """Return texts as a SQL list of literals."""
    return f"[{', '.join(map(quote_text, texts))}]"
