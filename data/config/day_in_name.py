"""The day in a file's name: read, or said to be ambiguous, never passed over."""

import re
from datetime import date

from data.problem import Problem

# A day with or without the time behind it: 20121231, 2012-12-31, 2012年12月31日, 20121231_020000.
DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})日?"
    r"(?:[-_T]?\d{2}-?\d{2}(?:-?\d{2})?)?(?!\d)"
)
# What may be a day in a name as well: 31122012, 31-12-2012; 121231; a month alone, 2012-12.
DAY_BEFORE_YEAR = re.compile(r"(?<!\d)(\d{2})[-_.]?(\d{2})[-_.]?((?:19|20)\d{2})(?!\d)")
SIX_DIGITS = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(?!\d)")
MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.年](0[1-9]|1[0-2])月?(?!\d)")
YEARS_BACK = 20  # of six digits only a day of these years is one: 000123 is a number
REMEDY = "name the file with the extract date as YYYYMMDD, for example claims_20121231.csv"


def find_day(name: str, arrived: date) -> date:
    """Return the day in a file's name; the day of its arrival where it has none.

    Raises Problem where the name has a number that looks like a day and is not one, several days,
    a day that may be another, or a month.
    """
    days = {_parse_day(name, match) for match in DAY.finditer(name)}
    if len(days) > 1:
        several = ", ".join(map(str, sorted(days)))
        raise Problem(f"{name}: the file name has several days: {several}", REMEDY)
    if days:
        return days.pop()
    return _find_unusual_day(name, arrived) or arrived


def _parse_day(name: str, match: re.Match[str]) -> date:
    year, month, day = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        what = f"{name}: {match.group(0)} in the file name is not a day"
        raise Problem(what, REMEDY) from None


def _find_unusual_day(name: str, arrived: date) -> date | None:
    """Return the day in a file's name that is not written year first in full; None without one."""
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
        f"{REMEDY}, or declare `extract_date` in the profile",
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
