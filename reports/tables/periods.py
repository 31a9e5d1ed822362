"""Periods as the published tables name them, and the rows of one."""

from datetime import date

import pyarrow.compute as pc

# Its kind, its first day, and the day after its last.
Period = tuple[str, date, date]


def period_of(row: dict) -> Period:
    """Return the period of a row."""
    return row["period_kind"], row["period_start"], row["period_end"]


def within(period: Period) -> pc.Expression:
    """Return the expression that selects the rows of a period."""
    kind, start, end = period
    return (
        (pc.field("period_kind") == kind)
        & (pc.field("period_start") == start)
        & (pc.field("period_end") == end)
    )


def latest_period(periods: list[Period], kind: str) -> Period | None:
    """Return the period of a kind that ends last; None where there is none of the kind."""

    def by_dates(period: Period) -> tuple[date, date]:
        return period[1:]

    of_kind = [period for period in periods if period[0] == kind]
    return max(of_kind, key=by_dates, default=None)
