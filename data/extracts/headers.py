"""Which of a file's first lines is its header, and how its cells become names of columns."""

from data.config.header_text import normalize_header
from data.config.profile_source import Source
from data.problem import Problem

MAX_COLUMNS = 10_000
HEADER_LINES = 50  # titles may stand above a header: it is looked for in the first N lines
INVISIBLE = "\ufeff\u200b"  # a byte order mark, a zero-width space


def name_columns(headers: list[str], name: str) -> list[str]:
    """Return headers as names of columns, all different and none of them `_line`.

    They are trimmed; a blank one is named after its position; the second `x` (or `X`) becomes
    `x (2)`. Raises Problem where there are more than MAX_COLUMNS.
    """
    if len(headers) > MAX_COLUMNS:
        raise Problem(
            f"{name} has {len(headers):,} columns",
            f"deliver no more than {MAX_COLUMNS:,}; check the delimiter",
        )

    taken = {"_line"}

    names = []
    for position, header in enumerate(headers, start=1):
        visible = header.strip().strip(INVISIBLE).strip().replace("\0", "")
        base = visible or f"column {position}"
        column, number = base, 2
        while column.lower() in taken:
            column = f"{base} ({number})"
            number += 1

        taken.add(column.lower())
        names.append(column)

    return names


def is_header(cells: list[str], source: Source) -> bool:
    """Return whether a line names every required column of the source's contract.

    Then it is the header beyond doubt.
    """
    contract = source.contract
    required = {column.name for column in contract.columns if column.required}
    if not any(map(normalize_header, cells)):
        return False

    return required <= set(source.resolve(contract, cells))


def find_header(rows: list[list[str]], source: Source) -> int | None:
    """Return the index of the header among a file's first rows; None where every row is blank.

    It is the first that names every required column, however many titles stand above it; else the
    first that is not blank.
    """
    for index, cells in enumerate(rows[:HEADER_LINES]):
        if is_header(cells, source):
            return index

    for index, cells in enumerate(rows):
        if any(cell.strip() for cell in cells):
            return index

    return None
