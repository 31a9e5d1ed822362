"""Civil time and instants, held against Python's own time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from transforms.engine import sql_functions


@pytest.mark.parametrize(
    "zone",
    [
        "Asia/Shanghai",
        "Europe/Amsterdam",
        "Australia/Sydney",
        "America/New_York",
        "UTC",
        "Asia/Kolkata",
    ],
)
def test_both_ways_agree_with_zoneinfo(zone):
    moments = [datetime(1985, 1, 1) + timedelta(hours=37 * step) for step in range(9000)]
    around = [datetime(2011, 10, 29, 23) + timedelta(minutes=20 * step) for step in range(30)]
    connection = duckdb.connect()
    for statement in sql_functions.duckdb_macros(sql_functions.clock_functions(zone)):
        connection.execute(statement)
    rows = connection.execute(
        "SELECT x, civil(x), instant(x) FROM (SELECT unnest(?::TIMESTAMP[]) AS x)",
        [moments + around],
    ).fetchall()
    for moment, civil, instant in rows:
        assert civil == moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert instant == moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
