"""The extract date of a file that tells it in a column."""

import re
from datetime import date
from pathlib import Path

from data.extracts.reading import OpenedFile
from data.problem import Problem

DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?:\D.*)?")


def read_extract_date(reading: OpenedFile, column: str, path: Path) -> date:
    """The one day that a column holds; rows without it (a total, a footer) say nothing.

    Raises Problem where there is no such column, or it tells no day, or several.
    """
    remedy = "correct extract_date in the profile, or deliver the rows of each day as a file of their own"
    if column not in reading.headers:
        raise Problem(
            f"{path.name} has no column {column!r}, which is to tell the extract date", remedy
        )
    found = {
        str(cell).strip()
        for batch in reading.batches
        for cell in batch[column].unique().to_pylist()
        if cell is not None
    }
    days = {day for day in map(_day, found) if day}
    if len(days) != 1:
        told = ", ".join(map(str, sorted(days)[:3])) or "none that can be read"
        raise Problem(
            f"{path.name}: the column {column!r} is to tell the extract date, and tells {len(days)} days: {told}",
            remedy,
        )
    return days.pop()


def _day(text: str) -> date | None:
    found = DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
