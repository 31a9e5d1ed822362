"""What breaks the rules about a sheet and its one table (T)."""

import re
from collections.abc import Iterator
from math import prod

from reports.release.lint.rule import Rule
from reports.release.lint.sheet import (
    MARKERS,
    NOTE_REFERENCE,
    Number,
    Sheet,
    SheetCell,
    describe_cell,
    in_both_languages,
    texts_of,
)

TITLE = re.compile(r"(Table|表) ?\d+[a-z]?[:：] ?\S.{6,}")
UNIT = re.compile(r"\([^()]+\)( (\[[^\]]+\])+)?$|（[^（）]+）")
TOTALS = ("合计", "total", "总计", "sum")
MISSPELT_TOTALS = ("总计", "sum", "TOTAL", "total")
CODE_HEADER = re.compile(r"\bcode\b|代码", re.IGNORECASE)
NAME_HEADER = re.compile(r"(Branch|机构)(?! ?code|代码)")
LABEL_HEADER = re.compile(r"(Branch code|机构代码|Line|险种|Indicator|指标)")
AMBIGUOUS_PERIOD = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}|\b\d{8}\b|\b\d{6}\b")


def find_bad_title(sheet: Sheet) -> Iterator[str]:
    """T1: A1 is not a numbered title."""
    first = str(sheet.page["A1"].value or "")
    if not TITLE.match(first):
        yield f"A1 is {first[:60]!r}"


def find_missing_reading_aids(sheet: Sheet) -> Iterator[str]:
    """T2: it is not said that the sheet has one table, or where its notes are."""
    if not _has_line(sheet, "one_table"):
        yield "it does not say that it has one table"
    has_notes = any(NOTE_REFERENCE.search(text) for text in sheet.texts())
    if has_notes and not _has_line(sheet, "refers"):
        yield "it does not say where its notes are"


def _has_line(sheet: Sheet, key: str) -> bool:
    """Return whether a line above the table is a word of the release, in either language."""
    wanted = in_both_languages(key)
    return any(line in wanted for line in sheet.lines)


def find_other_than_one_table(sheet: Sheet) -> Iterator[str]:
    """T3: no table or several, something outside it, blank rows or columns in it."""
    if not sheet.area:
        yield f"{len(sheet.page.tables)} tables"
        return

    left, _, right, bottom = sheet.area
    page = sheet.page
    if left != 1:
        yield "the table does not begin in column A"
    if page.max_row > bottom or page.max_column > right:
        table = next(iter(page.tables.values()))
        yield f"there is something outside {table.ref}"

    for row in sheet.body:
        if all(cell.value is None for cell in row):
            yield f"row {row[0].row} is blank"

    for header, cells in sheet.columns():
        if all(cell.value is None for cell in cells):
            yield f"column {header!r} is blank"


def find_bad_headers(sheet: Sheet) -> Iterator[str]:
    """T4: a table named otherwise than its sheet; headers empty, in code, or twice."""
    for name in sheet.page.tables:
        if name != sheet.name:
            yield f"the table is named {name}"

    for header in sheet.headers:
        is_code = re.search(r"[a-z]_[a-z]", header)
        if not header.strip() or is_code or sheet.headers.count(header) > 1:
            yield f"header {header!r}"


def find_merged_cells(sheet: Sheet) -> Iterator[str]:
    """T5: merged cells."""
    for area in sheet.page.merged_cells.ranges:
        yield str(area)


def find_filters_and_panes(sheet: Sheet) -> Iterator[str]:
    """T6: filter buttons or freeze panes."""
    has_filtered_table = any(table.autoFilter for table in sheet.page.tables.values())
    if sheet.page.auto_filter.ref or has_filtered_table:
        yield "filter buttons"
    if sheet.page.freeze_panes:
        yield "freeze panes"


def find_bad_alignment(sheet: Sheet) -> Iterator[str]:
    """T7: numbers that are not right-aligned, text that is not left-aligned and wrapped."""
    for cell in sheet.body_cells():
        alignment = cell.alignment.horizontal

        # Where nothing is said, a spreadsheet puts numbers to the right itself.
        is_right = alignment in ("right", "general", None)
        if isinstance(cell.value, Number) and not is_right:
            yield describe_cell(cell)

        # A marker stands where a number would.
        is_marker = MARKERS.fullmatch(str(cell.value))
        is_set_as_text = alignment == "left" and cell.alignment.wrap_text
        if isinstance(cell.value, str) and not is_marker and not is_set_as_text:
            yield describe_cell(cell)

    for cell in _cells_in_header_row(sheet):
        if cell.value and not cell.alignment.wrap_text:
            yield describe_cell(cell)


def _cells_in_header_row(sheet: Sheet) -> tuple[SheetCell, ...]:
    """Return all cells of the row with the headers, those outside the table included."""
    if not sheet.area:
        return ()
    _, top, _, _ = sheet.area
    return next(sheet.page.iter_rows(top, top))


def find_misplaced_totals(sheet: Sheet) -> Iterator[str]:
    """T8: a total in the middle of the rows, or named otherwise than "Total" or "合计"."""
    last = len(sheet.body) - 1
    for position, row in enumerate(sheet.body):
        if position not in (0, last) and _is_total(row):
            yield f"the total is row {row[0].row}"

    for row in filter(_is_total, sheet.body):
        for cell in row:
            if str(cell.value).strip() in MISSPELT_TOTALS:
                yield describe_cell(cell)


def _is_total(row: tuple[SheetCell, ...]) -> bool:
    texts = [str(cell.value).strip().lower() for cell in row]
    return any(text in TOTALS for text in texts)


def find_missing_units(sheet: Sheet) -> Iterator[str]:
    """T9: a column of numbers without a unit, or one that mixes numbers and words."""
    for header, _ in sheet.number_columns():
        if not UNIT.search(header):
            yield f"header {header!r}"

    for header, cells in sheet.columns():
        has_number = any(isinstance(cell.value, Number) for cell in cells)
        words = [text for _, text in texts_of(cells) if not MARKERS.fullmatch(text)]
        if has_number and words:
            yield f"column {header!r} mixes numbers and {words[0][:30]!r}"


def find_codes_without_names(sheet: Sheet) -> Iterator[str]:
    """T11: codes as numbers, or without the names next to them."""
    has_names = any(NAME_HEADER.match(header) for header in sheet.headers)
    for header, cells in sheet.columns():
        if not CODE_HEADER.search(header):
            continue
        for cell in cells:
            if not isinstance(cell.value, str):
                yield describe_cell(cell)
        if not has_names:
            yield "codes have no names next to them"


def find_ambiguous_periods(sheet: Sheet) -> Iterator[str]:
    """T12: periods such as 1/1/12 or 201212."""
    for header, cells in sheet.columns():
        if header.strip() not in ("Period", "期间"):
            continue
        for cell in cells:
            if AMBIGUOUS_PERIOD.search(str(cell.value)):
                yield describe_cell(cell)


def find_missing_combinations(sheet: Sheet) -> Iterator[str]:
    """T13: combinations of the labels without a row."""
    labels = []
    for header, cells in sheet.columns():
        if LABEL_HEADER.match(header):
            labels.append([str(cell.value) for cell in cells])

    if len(labels) < 2:
        return

    combinations = prod(len(set(values)) for values in labels)
    present = set(zip(*labels, strict=True))
    missing = combinations - len(present)
    if missing > 0:
        yield f"{missing} of {combinations} combinations are missing"


def find_misplaced_note_references(sheet: Sheet) -> Iterator[str]:
    """T14: references to notes next to figures, or no Notes column at the far right."""
    if sheet.headers and sheet.headers[-1] not in in_both_languages("row_notes"):
        yield f"the last column is {sheet.headers[-1]!r}"
    for _, cells in sheet.number_columns():
        for cell in cells:
            if re.search(r"\[(note|注)", str(cell.value)):
                yield describe_cell(cell)


LAYOUT_RULES: tuple[Rule[Sheet], ...] = (
    Rule(
        "T1",
        'write in A1 a title like "Table 3: Closure rate by branch, October 2026"',
        find_bad_title,
    ),
    Rule(
        "T2",
        "say in column A above the table that the sheet has one table, and where its notes are",
        find_missing_reading_aids,
    ),
    Rule(
        "T3",
        "keep one table to a sheet, from column A, with nothing below or next to it and no "
        "blank row or column in it",
        find_other_than_one_table,
    ),
    Rule(
        "T4",
        "mark the table up as a table named like its sheet, each header filled in, in words, "
        "and unique",
        find_bad_headers,
    ),
    Rule("T5", "split merged cells", find_merged_cells),
    Rule(
        "T6",
        "remove filter buttons and freeze panes; they belong to the analysts' edition",
        find_filters_and_panes,
    ),
    Rule("T7", "wrap text, align text left and numbers right", find_bad_alignment),
)

CONTENT_RULES: tuple[Rule[Sheet], ...] = (
    Rule("T8", 'put the total last (or first), and name it "Total"', find_misplaced_totals),
    Rule(
        "T9",
        'write the unit in round brackets at the end of the header, "Closure rate (%)", and '
        "keep a column to one type",
        find_missing_units,
    ),
    Rule(
        "T11",
        "give the code and the name of each branch, the code as text",
        find_codes_without_names,
    ),
    Rule("T12", "write periods in words or as ISO dates", find_ambiguous_periods),
    Rule(
        "T13",
        "complete the matrix: one row for every combination, with a marker where there is no "
        "figure",
        find_missing_combinations,
    ),
    Rule(
        "T14",
        "keep note markers to titles, headers, row labels and a Notes column at the far right",
        find_misplaced_note_references,
    ),
)
