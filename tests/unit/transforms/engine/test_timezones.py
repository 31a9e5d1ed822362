"""Civil time and instants agree with Python's own time zones, above all where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from transforms.engine import sql_functions
from transforms.engine.timezones import zone_transitions

ZONES = [
    "Asia/Shanghai",
    "Europe/Amsterdam",
    "Australia/Sydney",
    "America/New_York",
    "UTC",
    "Asia/Kolkata",
]
SECOND = timedelta(seconds=1)


def convert(zone: str, moments: list[datetime]) -> list[tuple[datetime, datetime, datetime]]:
    """Return each moment, its civil time (taken as UTC) and its instant (taken as civil time)."""
    connection = duckdb.connect()
    for statement in sql_functions.duckdb_macros(sql_functions.clock_functions(zone)):
        connection.execute(statement)
    query = "SELECT x, civil(x), instant(x) FROM (SELECT unnest(?::TIMESTAMP[]) AS x)"
    return connection.execute(query, [moments]).fetchall()


def assert_agree(zone: str, moments: list[datetime]) -> None:
    for moment, civil, instant in convert(zone, moments):
        expected_civil = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        expected_instant = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert civil == expected_civil.replace(tzinfo=None), moment
        assert instant == expected_instant.replace(tzinfo=None), moment


@pytest.mark.parametrize("zone", ZONES)
def test_both_ways_agree_with_zoneinfo(zone):
    moments = [datetime(1985, 1, 1) + timedelta(hours=37 * step) for step in range(9000)]
    around_change = [datetime(2011, 10, 29, 23) + timedelta(minutes=20 * n) for n in range(30)]
    assert_agree(zone, moments + around_change)


@pytest.mark.parametrize("zone", ZONES)
def test_the_second_of_every_clock_change(zone):
    """One second before, at and after each change: in UTC, and by the clock before and after it."""
    offset, changes = zone_transitions(zone)
    moments = []
    for instant, new_offset in changes:
        for clock in (0, offset, new_offset):
            moment = instant + timedelta(seconds=clock)
            moments += [moment - SECOND, moment, moment + SECOND]
        offset = new_offset
    assert_agree(zone, moments)


def test_a_repeated_hour_is_the_first_one_and_a_skipped_hour_is_at_the_old_offset():
    repeated, skipped = datetime(2012, 10, 28, 2, 30), datetime(2012, 3, 25, 2, 30)
    rows = convert("Europe/Amsterdam", [repeated, skipped])
    instants = {moment: instant for moment, _, instant in rows}
    assert instants == {
        repeated: datetime(2012, 10, 28, 0, 30),  # summer time, UTC+2
        skipped: datetime(2012, 3, 25, 1, 30),  # winter time, UTC+1
    }
