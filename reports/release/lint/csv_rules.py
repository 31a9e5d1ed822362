"""What breaks the rules about a CSV and the metadata next to it (F, T13, and C9 for text)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod

from reports.release.lint.csv_file import CsvFile
from reports.release.lint.rule import Rule

FIRST_COLUMNS = (
    *("time_period", "time_identifier", "geographic_level"),
    *("branch_code", "branch_name"),
)
LEVELS = ("company", "region", "branch", "other")
ROW_LIMIT = 1_048_576  # of a file, its header included: what a spreadsheet opens
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
MISSING_WORD = re.compile(r"N/?A|n/?a|NaN|nan|null|NULL|-|–|\.\.|#N/A|~|:")
MISSING_STATUSES = {"c", "x", "z", "low", "k"}
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u00a0\u200b-\u200f\u202a-\u202e\ufeff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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
    if len(names) < 2:
        yield f"the first line is {','.join(file.header)[:60]!r}"
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
        if count > 1 or not COLUMN_NAME.fullmatch(name) or len(name) > NAME_LIMIT:
            yield repr(name)


def find_repeated_keys(file: CsvFile) -> Iterator[str]:
    """F4: a key in two rows, or a total among periods or branches."""
    if set(file.key) <= set(file.header):
        keys = Counter(zip(*(file.columns[name] for name in file.key), strict=True))
        for key, count in keys.items():
            if count > 1:
                yield f"{' '.join(key)} is in {count} rows"
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
    shapes = {re.sub(r"\d", "0", cell) for cell in file.columns.get("time_period", ())}
    if len(shapes) > 1:
        yield f"time_period is written as {' and '.join(sorted(shapes))}"


def find_missing_figures_without_status(file: CsvFile) -> Iterator[str]:
    """F8: words for a missing figure; empty cells without a status, or the other way round."""
    for name, cells in file.columns.items():
        for cell in set(cells):
            if MISSING_WORD.fullmatch(cell):
                yield f"{name} has {cell!r}"
    for name in file.indicators():
        statuses = file.columns.get(f"{name}_status")
        if statuses is None:
            yield f"{name} has no {name}_status"
            continue
        pairs = zip(file.columns[name], statuses, strict=True)
        for number, (cell, status) in enumerate(pairs, start=2):
            is_missing = status in MISSING_STATUSES
            if is_missing != (cell == ""):
                yield f"line {number}: {name} is {cell!r} and its status {status!r}"


def find_undescribed_columns(file: CsvFile) -> Iterator[str]:
    """F9: columns and files that the metadata do not describe, or the other way round."""
    if file.path.name.endswith(".meta.csv"):
        return
    if file.meta is None:
        yield f"{file.metadata_path('meta.csv').name} not found"
        return
    for name in sorted(set(file.meta) ^ set(file.header)):
        yield f"{name} is in one of data and meta.csv only"
    path = file.metadata_path("csv-metadata.json")
    metadata = file.web_metadata
    if metadata is None:
        yield f"{path.name} not found"
        return
    if [column["name"] for column in metadata["tableSchema"]["columns"]] != file.header:
        yield f"{path.name} describes other columns, or in another order"
    tables = [metadata] if "url" in metadata else metadata["tables"]
    if file.path.name not in [table["url"] for table in tables]:
        yield f"{path.name} does not name {file.path.name}"


def find_unclean_text(file: CsvFile) -> Iterator[str]:
    """F10: text that is not NFC, blanks at its ends, characters that cannot be seen."""
    for name, cells in {**file.columns, "the header": file.header}.items():
        for cell in set(cells):
            is_normal = unicodedata.normalize("NFC", cell) == cell
            if cell != cell.strip() or not is_normal or INVISIBLE.search(cell):
                yield f"{name} has {cell[:40]!r}"


def find_too_many_rows(file: CsvFile) -> Iterator[str]:
    """F11: more rows than a spreadsheet opens."""
    if len(file.rows) > ROW_LIMIT:
        yield f"{len(file.rows):,} rows"


def find_missing_combinations(file: CsvFile) -> Iterator[str]:
    """T13: combinations of branch and filters without a row."""
    # A branch has one level: combinations with other levels cannot exist.
    names = [name for name in file.key if name != "geographic_level" and name in file.header]
    if not names:
        return
    columns = [file.columns[name] for name in names]
    rows = set(zip(*columns, strict=True))
    values = [sorted(set(cells)) for cells in columns]
    if len(rows) < prod(map(len, values)):
        missing = next(row for row in product(*values) if row not in rows)
        yield f"{' '.join(missing)} is missing"


def find_live_text(file: CsvFile) -> Iterator[str]:
    """C9: text that a spreadsheet would run as a formula."""
    for name, cells in file.columns.items():
        for cell in set(cells):
            if cell.startswith(FORMULA_STARTS) and not DECIMAL.fullmatch(cell):
                yield f"{name} has {cell[:40]!r}"


FORM_RULES: tuple[Rule[CsvFile], ...] = (
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

CONTENT_RULES: tuple[Rule[CsvFile], ...] = (
    Rule(
        "F8",
        "leave the cell of a missing figure empty and say why in its _status: c, x, z or low;"
        " never NA, - or 0",
        find_missing_figures_without_status,
    ),
    Rule(
        "F9",
        "describe each column, and only these, in name.meta.csv and name.csv-metadata.json "
        "next to the file",
        find_undescribed_columns,
    ),
    Rule(
        "F10",
        "write text in Unicode NFC, without control characters, blanks at its ends or non-"
        "breaking spaces",
        find_unclean_text,
    ),
    Rule(
        "F11",
        f"split a file of over {ROW_LIMIT:,} rows by years, or in the order of its key",
        find_too_many_rows,
    ),
    Rule(
        "T13",
        "complete the matrix: one row for every combination of branch and filters, with a "
        "status where there is no figure",
        find_missing_combinations,
    ),
    Rule(
        "C9",
        "put an apostrophe before text that begins with = + - @, so that no spreadsheet runs it",
        find_live_text,
    ),
)
