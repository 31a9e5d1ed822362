"""The extract date of a file that holds it in a column."""

import re
from datetime import date
from pathlib import Path

from data.extracts.opened_file import OpenedFile
from data.problem import Problem

# Eight digits, or a year and two numbers apart. Fewer digits, not apart, are not a day:
# 121231 may be of 2012, and is not of the year 1212.
DAY = re.compile(r"(\d{4})(?:(\d{2})(\d{2})|[-/.年](\d{1,2})[-/.月](\d{1,2}))(?:\D.*)?")


def read_extract_date(reading: OpenedFile, column: str, path: Path) -> date:
    """Return the one day that a column holds; rows without a day (a total, a footer) do not count.

    Raises Problem where the column is missing, holds no day, or holds several.
    """
    remedy = (
        "correct extract_date in the profile,"
        " or deliver the rows of each day as a file of their own"
    )
    if column not in reading.headers:
        raise Problem(
            f"{path.name} has no column {column!r}, from which the extract date is read", remedy
        )

    days = {day for text in _distinct_texts(reading, column) if (day := _parse_day(text))}
    if len(days) != 1:
        examples = ", ".join(map(str, sorted(days)[:3])) or "none that can be read"
        raise Problem(
            f"{path.name}: the column {column!r} should hold one extract date,"
            f" and holds {len(days)}: {examples}",
            remedy,
        )

    return days.pop()


def _distinct_texts(reading: OpenedFile, column: str) -> set[str]:
    texts = set()
    for batch in reading.batches:
        cells = batch[column].unique().to_pylist()
        texts |= {str(cell).strip() for cell in cells if cell is not None}
    return texts


def _parse_day(text: str) -> date | None:
    match = DAY.fullmatch(text)
    if match is None:
        return None

    try:
        return date(*[int(number) for number in match.groups() if number])
    except ValueError:
        return None
