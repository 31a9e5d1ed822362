"""A time zone as SQL: civil time from an instant (UTC) and back, written out from the zone's own
transitions.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


@cache
def zone_transitions(zone_name: str) -> tuple[int, tuple[tuple[datetime, int], ...]]:
    """The offset in seconds at 1970, and each later change of it as (instant, offset from then
    on).
    """
    zone = ZoneInfo(zone_name)

    def offset(instant: datetime) -> int:
        return int(instant.astimezone(zone).utcoffset().total_seconds())

    changes = []
    instant = FIRST
    while instant < LAST:
        later = instant + timedelta(days=7)
        if offset(later) != offset(instant):
            low, high = instant, later
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            changes.append((high.replace(tzinfo=None), offset(high)))
        instant = later
    return offset(FIRST), tuple(changes)


def civil_offset(zone_name: str, instant: str = "x") -> str:
    """What civil time is ahead of an instant, in microseconds, as a SQL expression."""
    first, changes = zone_transitions(zone_name)
    cases = [(f"{instant} >= TIMESTAMP '{moment}'", offset) for moment, offset in reversed(changes)]
    return _case(cases, first)


def instant_offset(zone_name: str, civil: str = "x") -> str:
    """What a civil time is ahead of its instant, in microseconds, as a SQL expression.

    An hour that a clock change repeats is taken the first time, one that it skips at the offset
    before it, as Python's zoneinfo does with fold = 0 (PEP 495).
    """
    first, changes = zone_transitions(zone_name)
    before = [first, *(offset for _, offset in changes)]
    cases = [
        (f"{civil} >= TIMESTAMP '{moment + timedelta(seconds=max(offset, earlier))}'", offset)
        for (moment, offset), earlier in zip(changes, before, strict=False)
    ]
    return _case(list(reversed(cases)), first)


def _case(cases: list[tuple[str, int]], otherwise: int) -> str:
    """The offset in microseconds: whole numbers add many times faster than intervals."""
    if not cases:
        return str(otherwise * 1_000_000)
    return (
        "CASE "
        + " ".join(f"WHEN {condition} THEN {offset * 1_000_000}" for condition, offset in cases)
        + f" ELSE {otherwise * 1_000_000} END"
    )
