"""What breaks the rules about what a CSV says, and the metadata next to it (F8 to F11, T13; C9 for
text).
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from math import prod

from reports.release.lint.csv_file import CsvFile
from reports.release.lint.csv_form_rules import DECIMAL
from reports.release.lint.rule import Rule

ROW_LIMIT = 1_048_576  # of a file, its header included: what a spreadsheet opens
MISSING_WORD = re.compile(r"N/?A|n/?a|NaN|nan|null|NULL|-|–|\.\.|#N/A|~|:")
MISSING_STATUSES = {"c", "x", "z", "low", "k"}
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u00a0\u200b-\u200f\u202a-\u202e\ufeff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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
            is_empty = cell == ""
            has_missing_status = status in MISSING_STATUSES
            if is_empty != has_missing_status:
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

    described = [column["name"] for column in metadata["tableSchema"]["columns"]]
    if described != file.header:
        yield f"{path.name} describes other columns, or in another order"

    # One file is the table itself, parts of one are a group of tables (W3C, CSV on the Web).
    tables = [metadata] if "url" in metadata else metadata["tables"]
    urls = [table["url"] for table in tables]
    if file.path.name not in urls:
        yield f"{path.name} does not name {file.path.name}"


def find_unclean_text(file: CsvFile) -> Iterator[str]:
    """F10: text that is not NFC, blanks at its ends, characters that cannot be seen."""
    texts = {**file.columns, "the header": file.header}
    for name, cells in texts.items():
        for cell in set(cells):
            # The same word in two forms would be two groups in a pivot table.
            is_normal = unicodedata.normalize("NFC", cell) == cell
            is_stripped = cell == cell.strip()
            if not is_normal or not is_stripped or INVISIBLE.search(cell):
                yield f"{name} has {cell[:40]!r}"


def find_too_many_rows(file: CsvFile) -> Iterator[str]:
    """F11: more rows than a spreadsheet opens."""
    if len(file.rows) > ROW_LIMIT:
        yield f"{len(file.rows):,} rows"


def find_missing_combinations(file: CsvFile) -> Iterator[str]:
    """T13: combinations of branch and filters without a row."""
    # A branch has one level: combinations with other levels cannot exist.
    filters = [name for name in file.key if name != "geographic_level"]
    columns = [file.columns[name] for name in filters if name in file.header]
    if not columns:
        return

    rows = set(zip(*columns, strict=True))
    values = [sorted(set(cells)) for cells in columns]

    # Counted first: to go through all combinations takes as long as there are rows.
    if len(rows) < prod(map(len, values)):
        missing = next(row for row in product(*values) if row not in rows)
        yield f"{' '.join(missing)} is missing"


def find_live_text(file: CsvFile) -> Iterator[str]:
    """C9: text that a spreadsheet would run as a formula."""
    for name, cells in file.columns.items():
        for cell in set(cells):
            if cell.startswith(FORMULA_STARTS) and not DECIMAL.fullmatch(cell):
                yield f"{name} has {cell[:40]!r}"


RULES: tuple[Rule[CsvFile], ...] = (
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
