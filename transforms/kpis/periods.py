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
# Whole months and whole quarters before those of as_of, and years to date up to its day, with its
# own.
MONTHS_BACK, QUARTERS_BACK, YEARS_TO_DATE = 24, 8, 3
# The month ends before as_of that a year to date and a rolling year end with.
MONTH_ENDS_BACK = 12


@dataclass(frozen=True, order=True)
class Period:
    """Half-open [start, end) of whole days."""

    kind: str
    start: date
    end: date


def shift_years(day: date, years: int = -1) -> date:
    """Return the same day of another year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def start_of_month(day: date, back: int = 0) -> date:
    """Return the first day of the month that is `back` months before that of `day`."""
    months_since_year_0 = day.year * 12 + day.month - 1 - back
    year, month = divmod(months_since_year_0, 12)
    return date(year, month + 1, 1)


def published_periods(as_of: date) -> list[Period]:
    """Return the periods that a publication carries (kpi-spec, section 2): 25 months, 9 quarters,
    13 rolling years, and 15 years to date: 3 up to the day of as_of in its year, 12 up to a month
    end. Where the day of as_of a year earlier is one of the month ends, there are 14.
    """
    periods = set(periods_to_day(as_of))
    for back in range(1, MONTHS_BACK + 1):
        month = start_of_month(as_of, back)
        periods.add(Period("month", month, start_of_month(as_of, back - 1)))

    for back in range(1, QUARTERS_BACK + 1):
        months = _months_into_quarter(as_of) + 3 * back
        quarter = start_of_month(as_of, months)
        periods.add(Period("quarter", quarter, start_of_month(as_of, months - 3)))

    periods |= {_year_to_date(last) for last in _days_of_earlier_years(as_of)}

    for back in range(MONTH_ENDS_BACK):
        month_end = start_of_month(as_of, back) - DAY
        periods |= {_year_to_date(month_end), _rolling_year(month_end)}

    return sorted(periods)


def periods_to_day(as_of: date) -> list[Period]:
    """Return the month, the quarter, the year to date and the twelve months that end with a day."""
    quarter = start_of_month(as_of, _months_into_quarter(as_of))
    return [
        Period("month", start_of_month(as_of), as_of + DAY),
        Period("quarter", quarter, as_of + DAY),
        _year_to_date(as_of),
        _rolling_year(as_of),
    ]


def _months_into_quarter(day: date) -> int:
    return (day.month - 1) % 3


def _days_of_earlier_years(as_of: date) -> list[date]:
    """Return as_of and the same day of the years before that have a year to date up to it."""
    return [shift_years(as_of, -back) for back in range(YEARS_TO_DATE)]


def _year_to_date(last: date) -> Period:
    """Return the calendar year up to a day."""
    return Period("ytd", date(last.year, 1, 1), last + DAY)


def _rolling_year(last: date) -> Period:
    """Return the twelve months that end with a day."""
    return Period("rolling12", shift_years(last) + DAY, last + DAY)


def named_periods(as_of: date) -> dict[str, Period]:
    """Return the published periods by the names that people type: `2012` (the year to date, up to
    the day of as_of in that year), `ytd-2012-09` (the year to date up to the end of that month),
    `2012Q3`, `2012-10`, `rolling12` (the twelve months to as_of), `rolling12-2012-10` (the twelve
    months to the end of that month).
    """
    return {_name_period(period, as_of): period for period in published_periods(as_of)}


def _name_period(period: Period, as_of: date) -> str:
    start, last = period.start, period.end - DAY
    month = f"{last.year}-{last.month:02}"
    if period.kind == "month":
        return month
    if period.kind == "quarter":
        quarter = (start.month + 2) // 3
        return f"{start.year}Q{quarter}"
    if period.kind == "ytd" and last in _days_of_earlier_years(as_of):
        return f"{start.year}"
    if period.kind == "rolling12" and last == as_of:
        return "rolling12"

    return f"{period.kind}-{month}"


def one_year_earlier(period: Period) -> Period:
    """Return the same period one year earlier. A whole month or quarter corresponds to a whole one,
    whatever February does.
    """
    is_whole = period.end.day == 1 and period.kind in ("month", "quarter")
    end = shift_years(period.end) if is_whole else shift_years(period.end - DAY) + DAY
    if period.kind == "rolling12":
        # From the day before, so that the year has no gap to the one before on 29 February.
        start = shift_years(period.start - DAY) + DAY
    else:
        start = shift_years(period.start)

    return Period(period.kind, start, end)


def start_of_year(period: Period) -> date:
    """Return the first day of the twelve months that end with the period."""
    return shift_years(period.end - DAY) + DAY


def period_tables(as_of: date) -> dict[str, pa.Table]:
    """Return the calendar of a publication: its periods, and those that they are compared with."""
    return calendar_tables(published_periods(as_of), as_of)


def calendar_tables(
    published: list[Period], as_of: date, is_compared: bool = True
) -> dict[str, pa.Table]:
    """Return `dim_period` (one row per period, published or compared with) and `dim_date` (day ->
    interval, up to the day after as_of).

    `is_compared`: each period is compared with the same one a year earlier.
    """
    compared = [one_year_earlier(period) for period in published] if is_compared else []
    periods = sorted({*published, *compared})
    cuts = _cut_time_line(periods)
    id_of = {period: number for number, period in enumerate(periods, start=1)}

    rows = []
    for period in periods:
        is_published = period in published

        # Of a period that is there only to be compared with, nothing earlier is needed.
        earlier_id = id_of.get(one_year_earlier(period)) if is_published else None
        year_start = start_of_year(period)
        row = {
            "period_id": id_of[period],
            "period_kind": period.kind,
            "period_start": period.start,
            "period_end": period.end,
            "is_published": is_published,
            "year_earlier_id": earlier_id,
            "year_start": year_start,
            "first_interval": bisect_right(cuts, period.start),
            "year_first_interval": bisect_right(cuts, year_start),
            "end_interval": bisect_right(cuts, period.end),
        }
        rows.append(row)

    first = cuts[0] - DAY

    # The day after as_of stands for all that is still to come: it is in no period.
    days_to_come = (as_of - first).days + 2
    days = [first + DAY * offset for offset in range(days_to_come)]
    intervals = [bisect_right(cuts, day) for day in days]
    dates = pa.table({"date": days, "interval_id": intervals})

    return {"dim_period": pa.Table.from_pylist(rows), "dim_date": dates}


def _cut_time_line(periods: list[Period]) -> list[date]:
    """Return the days on which an interval begins, in order."""
    cuts = set()
    for period in periods:
        cuts |= {start_of_year(period), period.start, period.end}
    return sorted(cuts)
