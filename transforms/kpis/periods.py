"""The calendar of a run: which periods are published, their counterparts a year before, and how the
time line is cut.

The time line is cut at every period boundary. A date then has the number of its interval, and a
period is a run of intervals: facts are grouped by interval once, and every KPI adds intervals up.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """Half-open [start, end) of whole days."""

    kind: str
    start: date
    end: date


def shift_years(day: date, years: int = -1) -> date:
    """The same day of another year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def start_of_month(day: date, back: int = 0) -> date:
    """The first day of the month that lies `back` months before the one of `day`."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def published_periods(as_of: date) -> list[Period]:
    """The periods that a publication carries (kpi-spec, section 2): 25 months, 9 quarters, 3 years
    to date, 13 rolling years.
    """
    end = as_of + DAY
    months = [Period("month", start_of_month(as_of), end)]
    months += [
        Period("month", start_of_month(as_of, back), start_of_month(as_of, back - 1))
        for back in range(1, 25)
    ]
    into = (as_of.month - 1) % 3
    quarters = [Period("quarter", start_of_month(as_of, into), end)]
    quarters += [
        Period(
            "quarter",
            start_of_month(as_of, into + 3 * back),
            start_of_month(as_of, into + 3 * back - 3),
        )
        for back in range(1, 9)
    ]
    years = [
        Period("ytd", date(day.year, 1, 1), day + DAY)
        for day in (shift_years(as_of, -back) for back in range(3))
    ]
    lasts = [as_of] + [start_of_month(as_of, back) - DAY for back in range(12)]
    rolling = [Period("rolling12", shift_years(last) + DAY, last + DAY) for last in lasts]
    return sorted(set(months + quarters + years + rolling))


def named_periods(as_of: date) -> dict[str, Period]:
    """The published periods by the names that people type: `2012` (the year to date), `2012Q3`,
    `2012-10`, `rolling12` (the twelve months to as_of), `rolling12-2012-10` (the twelve months to
    the end of that month).
    """
    made = {}
    for period in published_periods(as_of):
        start, last = period.start, period.end - DAY
        made[
            {
                "month": f"{start.year}-{start.month:02}",
                "quarter": f"{start.year}Q{(start.month + 2) // 3}",
                "ytd": f"{start.year}",
                "rolling12": "rolling12"
                if last == as_of
                else f"rolling12-{last.year}-{last.month:02}",
            }[period.kind]
        ] = period
    return made


def one_year_earlier(period: Period) -> Period:
    """The same period one year earlier. A whole month or quarter answers to a whole one, whatever
    February does.
    """
    whole = period.end.day == 1 and period.kind in ("month", "quarter")
    end = shift_years(period.end) if whole else shift_years(period.end - DAY) + DAY
    start = (
        shift_years(period.start - DAY) + DAY
        if period.kind == "rolling12"
        else shift_years(period.start)
    )
    return Period(period.kind, start, end)


def start_of_year(period: Period) -> date:
    """The first day of the twelve months that end with the period."""
    return shift_years(period.end - DAY) + DAY


def period_tables(as_of: date) -> dict[str, pa.Table]:
    """`dim_period` (one row per period, published or needed for a comparison) and `dim_date` (day
    -> interval, up to the day after as_of).
    """
    shown = published_periods(as_of)
    periods = sorted(set(shown) | {one_year_earlier(period) for period in shown})
    number = {period: position for position, period in enumerate(periods, start=1)}
    cuts = sorted(
        {day for period in periods for day in (start_of_year(period), period.start, period.end)}
    )
    rows = [
        {
            "period_id": number[period],
            "period_kind": period.kind,
            "period_start": period.start,
            "period_end": period.end,
            "is_published": period in shown,
            "year_earlier_id": number.get(one_year_earlier(period)) if period in shown else None,
            "year_start": start_of_year(period),
            "first_interval": bisect_right(cuts, period.start),
            "year_first_interval": bisect_right(cuts, start_of_year(period)),
            "end_interval": bisect_right(cuts, period.end),
        }
        for period in periods
    ]
    first = cuts[0] - DAY
    # The day after as_of stands for all that is still to come: it lies in no period.
    days = [first + DAY * offset for offset in range((as_of - first).days + 2)]
    dates = {"date": days, "interval_id": [bisect_right(cuts, day) for day in days]}
    return {"dim_period": pa.Table.from_pylist(rows), "dim_date": pa.table(dates)}
