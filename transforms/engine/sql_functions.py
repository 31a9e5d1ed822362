"""What DuckDB and Spark say differently. Models are written once, in what both read the same way;
the rest are these functions.

Instants and civil times are timestamps without a zone, so no engine's session can move them.
"""

from datetime import date

from transforms.engine.timezones import civil_offset, instant_offset

# Name -> (parameters with Spark's types, Spark's type of the result, DuckDB's body, Spark's body).
ELAPSED = {
    "seconds_between": (
        "a TIMESTAMP_NTZ, b TIMESTAMP_NTZ",
        "BIGINT",
        "epoch_us(b) // 1000000 - epoch_us(a) // 1000000",
        "unix_micros(CAST(b AS TIMESTAMP_LTZ)) DIV 1000000 - unix_micros(CAST(a AS TIMESTAMP_LTZ)) DIV 1000000",
    ),
    "days_between": ("a DATE, b DATE", "INT", "b - a", "date_diff(b, a)"),
}


def clock_functions(zone: str) -> dict:
    """`civil(x)` and `instant(x)` of a time zone."""
    moved = {"civil": f"+ {civil_offset(zone)}", "instant": f"- {instant_offset(zone)}"}
    return {
        name: (
            "x TIMESTAMP_NTZ",
            "TIMESTAMP_NTZ",
            f"make_timestamp(epoch_us(x) {offset})",
            f"CAST(timestamp_micros(unix_micros(CAST(x AS TIMESTAMP_LTZ)) {offset}) AS TIMESTAMP_NTZ)",
        )
        for name, offset in moved.items()
    }


def calendar_functions(first: date, later: date, intervals: list[int]) -> dict:
    """`interval_of(x)` and `limit_interval_of(x, told)`: the number of a day's interval, looked up
    by its distance from the `first` day.

    DuckDB finds the list in `dim_calendar`, Spark in a constant.
    """
    days = ",".join(map(str, intervals))
    limit = f"interval_of(CASE WHEN x <= told THEN x WHEN x > told THEN DATE '{later}' END)"
    return {
        "interval_of": (
            "x DATE",
            "BIGINT",
            f"(SELECT intervals FROM dim_calendar)[CASE WHEN x < DATE '{first}' THEN 1 ELSE x - DATE '{first}' + 1 END]",
            f"get(CAST(split('{days}', ',') AS ARRAY<BIGINT>), CASE WHEN x < DATE '{first}' THEN 0 ELSE date_diff(x, DATE '{first}') END)",
        ),
        "limit_interval_of": ("x DATE, told DATE", "BIGINT", limit, limit),
    }


def duckdb_macros(functions: dict) -> list[str]:
    """The functions as statements of DuckDB."""
    bare = {
        name: ", ".join(word.split()[0] for word in parameters.split(", "))
        for name, (parameters, *_) in functions.items()
    }
    return [
        f"CREATE OR REPLACE MACRO {name}({bare[name]}) AS {body}"
        for name, (_, _, body, _) in functions.items()
    ]


def spark_functions(functions: dict) -> list[str]:
    """The functions as statements of Spark."""
    return [
        f"CREATE OR REPLACE TEMPORARY FUNCTION {name}({parameters}) RETURNS {result} RETURN {body}"
        for name, (parameters, result, _, body) in functions.items()
    ]
