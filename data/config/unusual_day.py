"""A day in a file's name that is not written year first, in full."""

import re
from datetime import date

from data.problem import Problem

# What may be a day in a name as well: 31122012, 31-12-2012; 121231; a month alone, 2012-12.
DAY_BEFORE_YEAR = re.compile(r"(?<!\d)(\d{2})[-_.]?(\d{2})[-_.]?((?:19|20)\d{2})(?!\d)")
SIX_DIGITS = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(?!\d)")
MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.年](0[1-9]|1[0-2])月?(?!\d)")
YEARS_BACK = 20  # of six digits only a day of these years is one: 000123 is a number


def find_unusual_day(name: str, arrived: date) -> date | None:
    """Return the day in a file's name that is not written year first in full; None without one.

    Raises Problem where it may be several days, or is a month.
    """
    days: set[date] = set()
    for first, second, year in DAY_BEFORE_YEAR.findall(name):
        days |= _days_before_year(first, second, year)
    if not days:
        for first, second, third in SIX_DIGITS.findall(name):
            days |= _days_of_six(first, second, third, arrived)
    months = ["-".join(digits) for digits in MONTH.findall(name)]
    if len(days) == 1 and not months:
        return days.pop()
    if not days and not months:
        return None
    candidates = ", ".join([*map(str, sorted(days)), *months])
    raise Problem(
        f"{name}: the day in the file name is ambiguous: {candidates}",
        "name the file with the extract date as YYYYMMDD, for example claims_20121231.csv,"
        " or declare `extract_date` in the profile",
    )


def _days_before_year(first: str, second: str, year: str) -> set[date]:
    day_first, month_first = (year, second, first), (year, first, second)
    return _valid_days([day_first, month_first])


def _days_of_six(first: str, second: str, third: str, arrived: date) -> set[date]:
    """Return the days that 121231 may be, of the years before a file's arrival.

    201212 may be a month: then it stands for its first day as well, and is ambiguous.
    """
    orders = [("20" + first, second, third), ("20" + third, second, first)]
    orders += [("20" + third, first, second), (first + second, third, "01")]
    days = _valid_days(orders)
    return {day for day in days if arrived.year - YEARS_BACK <= day.year <= arrived.year}


def _valid_days(orders: list[tuple[str, str, str]]) -> set[date]:
    days = set()
    for year, month, day in orders:
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days
