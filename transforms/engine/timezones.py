"""A time zone as SQL: civil time from an instant (UTC) and back.

The offsets are written out from the zone's own transitions, so that both engines compute with the
same ones, whatever time zone data they bring along.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
STEP = timedelta(days=7)  # no zone changes its clocks twice within a week
MICROSECONDS = 1_000_000


@cache
def zone_transitions(zone_name: str) -> tuple[int, tuple[tuple[datetime, int], ...]]:
    """Return the offset of a zone in 1970 and each later change of it as (instant, new offset).

    Offsets are in seconds, instants are UTC without a zone.
    """
    zone = ZoneInfo(zone_name)
    changes = []

    instant = FIRST
    while instant < LAST:
        if _offset_seconds(zone, instant + STEP) != _offset_seconds(zone, instant):
            moment = _find_change(zone, instant, instant + STEP)
            changes.append((moment.replace(tzinfo=None), _offset_seconds(zone, moment)))
        instant += STEP

    return _offset_seconds(zone, FIRST), tuple(changes)


def _offset_seconds(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None, "a moment with a zone has an offset"
    return int(offset.total_seconds())


def _find_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first second with the new offset, by halving the time in which it changed."""
    before = _offset_seconds(zone, low)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset_seconds(zone, middle) == before:
            low = middle
        else:
            high = middle

    return high


def civil_offset(zone_name: str, instant: str = "x") -> str:
    """Return a SQL expression for the microseconds to add to an instant to get civil time."""
    first, changes = zone_transitions(zone_name)
    cases = [(f"{instant} >= TIMESTAMP '{moment}'", offset) for moment, offset in reversed(changes)]
    return _case(cases, first)


def instant_offset(zone_name: str, civil: str = "x") -> str:
    """Return a SQL expression for the microseconds to subtract from civil time to get the instant.

    An hour that a clock change repeats is taken the first time, one that it skips at the offset
    before the change, as Python's zoneinfo does with fold = 0 (PEP 495).
    """
    previous, changes = zone_transitions(zone_name)
    first = previous

    cases = []
    for moment, offset in changes:
        change = moment + timedelta(seconds=max(offset, previous))
        cases.append((f"{civil} >= TIMESTAMP '{change}'", offset))
        previous = offset

    return _case(cases[::-1], first)


def _case(cases: list[tuple[str, int]], otherwise: int) -> str:
    """Return the offset in microseconds: whole numbers add many times faster than intervals."""
    if not cases:
        return str(otherwise * MICROSECONDS)
    branches = " ".join(
        f"WHEN {condition} THEN {offset * MICROSECONDS}" for condition, offset in cases
    )
    return f"CASE {branches} ELSE {otherwise * MICROSECONDS} END"
