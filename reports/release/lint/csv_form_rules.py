"""What breaks the rules about the form of a CSV (F1 to F7)."""

import re
from collections import Counter
from collections.abc import Iterator

from reports.release.lint.csv_file import CsvFile
from reports.release.lint.rule import Rule

FIRST_COLUMNS = (
    *("time_period", "time_identifier", "geographic_level"),
    *("branch_code", "branch_name"),
)
LEVELS = ("company", "region", "branch", "other")
NAME_LIMIT = 50
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
BOM = b"\xef\xbb\xbf"
QUOTED_CELL = re.compile(rb'"(?:[^"]|"")*"')
REMARK = re.compile(r"(source|note|total)s?\b.*[:：]|来源|注[:：]", re.IGNORECASE)
COLUMN_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Thousands separators, percent signs, currencies, exponents.
ODD_NUMBER = re.compile(
    r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)? ?%|[¥$£€]\d.*|-?\d(\.\d+)?[eE][-+]?\d+"
)
ODD_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4}")


def find_other_than_rfc_4180(file: CsvFile) -> Iterator[str]:
    """F1: a byte order mark, other line ends, rows of another width."""
    if file.content.startswith(BOM):
        yield "it begins with a byte order mark"

    # A quoted cell may hold line breaks of any kind.
    unquoted = QUOTED_CELL.sub(b"", file.content)
    line_ends = unquoted.count(b"\r\n")
    has_other_ends = unquoted.count(b"\n") != line_ends or unquoted.count(b"\r") != line_ends
    if has_other_ends or not file.content.endswith(b"\r\n"):
        yield "lines do not all end in CRLF"

    width = len(file.header)
    for number, row in enumerate(file.rows, start=1):
        if len(row) != width:
            yield f"line {number} has {len(row)} cells, the header {width}"


def find_other_than_records(file: CsvFile) -> Iterator[str]:
    """F2: titles, notes, blank lines or a second header."""
    names = [name for name in file.header if name.strip()]

    # A title stands alone in its line; a table has a key and a figure at least.
    if len(names) < 2:
        first_line = ",".join(file.header)
        yield f"the first line is {first_line[:60]!r}"

    for number, row in enumerate(file.rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            yield f"line {number} is blank"
        elif row == file.header:
            yield f"line {number} is the header again"
        elif REMARK.match(row[0]):
            yield f"line {number} is {row[0][:40]!r}"


def find_bad_column_names(file: CsvFile) -> Iterator[str]:
    """F3: names with blanks, capitals or other letters, too long, or twice."""
    for name, count in Counter(file.header).items():
        is_sound = COLUMN_NAME.fullmatch(name) and len(name) <= NAME_LIMIT
        if count > 1 or not is_sound:
            yield repr(name)


def find_repeated_keys(file: CsvFile) -> Iterator[str]:
    """F4: a key in two rows, or a total among periods or branches."""
    if set(file.key) <= set(file.header):
        cells_of_key = [file.columns[name] for name in file.key]
        keys = Counter(zip(*cells_of_key, strict=True))
        for key, count in keys.items():
            if count > 1:
                yield f"{' '.join(key)} is in {count} rows"

    # A reader who adds up the rows would count them twice.
    for name in ("time_period", "branch_code", "branch_name"):
        for cell in set(file.columns.get(name, ())):
            if cell.lower() in ("total", "合计"):
                yield f"{name} has {cell!r}"


def find_missing_columns(file: CsvFile) -> Iterator[str]:
    """F5: columns that every return has and this one has not, and unknown levels."""
    if not file.meta:
        return

    for name in (*FIRST_COLUMNS, "status"):
        if name not in file.header:
            yield f"{name} is missing"

    levels = set(file.columns.get("geographic_level", ()))
    for level in sorted(levels - set(LEVELS)):
        yield f"geographic_level has {level!r}"


def find_formatted_numbers(file: CsvFile) -> Iterator[str]:
    """F6: figures with separators, units, exponents or percent signs."""
    for name in file.indicators():
        for cell in file.columns[name]:
            if cell and not DECIMAL.fullmatch(cell):
                yield f"{name} has {cell!r}"

    if file.meta:
        return

    # Nothing says which columns hold figures: look for what is meant as one.
    for name, cells in file.columns.items():
        for cell in cells:
            if ODD_NUMBER.fullmatch(cell):
                yield f"{name} has {cell!r}"


def find_ambiguous_dates(file: CsvFile) -> Iterator[str]:
    """F7: dates such as 1/2/12, and periods written in several ways."""
    for name, cells in file.columns.items():
        for cell in cells:
            if ODD_DATE.fullmatch(cell):
                yield f"{name} has {cell!r}"

    periods = file.columns.get("time_period", ())
    shapes = {re.sub(r"\d", "0", period) for period in periods}
    if len(shapes) > 1:
        yield f"time_period is written as {' and '.join(sorted(shapes))}"


RULES: tuple[Rule[CsvFile], ...] = (
    Rule(
        "F1",
        "write RFC 4180: commas, quotes doubled, CRLF at the end of each line, every row as "
        "wide, UTF-8 without a byte order mark",
        find_other_than_rfc_4180,
    ),
    Rule(
        "F2",
        "begin with one header row, then records only: no titles, notes, blank lines or "
        "second header",
        find_other_than_records,
    ),
    Rule(
        "F3",
        "name columns in snake_case, ASCII, from a letter, up to 50 characters, each once",
        find_bad_column_names,
    ),
    Rule(
        "F4",
        "keep one observation to a row: no key twice, Total in filters only",
        find_repeated_keys,
    ),
    Rule(
        "F5",
        f"begin with {', '.join(FIRST_COLUMNS)}, then filters and indicators, and end with status",
        find_missing_columns,
    ),
    Rule(
        "F6",
        "write numbers as plain digits with a decimal point: no separators, units, exponents "
        "or percent signs",
        find_formatted_numbers,
    ),
    Rule(
        "F7",
        "write dates as YYYY-MM-DD, times with their offset, and periods all in one way",
        find_ambiguous_dates,
    ),
)
