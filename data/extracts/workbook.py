"""The sheets of a workbook -> Arrow batches of text, as a CSV export of them would read.

Every sheet is accounted for: all visible ones with the header are one table, the others are named.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook

from data.extracts.headers import HEADER_LINES, find_header, name_columns
from data.extracts.opened_file import OpenedFile
from data.extracts.plain_file import PlainFile
from data.extracts.sheets import Sheet, align_columns, choose_sheets, find_merged_keys, time_columns
from data.extracts.text_batches import make_text_batch, make_text_schema
from data.extracts.workbook_cells import (
    DAYS_FROM_1900_TO_1904,
    FailedCells,
    WorkbookFacts,
    look_into_xls,
    look_into_xlsx,
)
from data.problem import Problem

BATCH_ROWS = 16_384
# A workbook keeps fifteen digits: a longer number is written in scientific notation, and a key is
# seen to be damaged.
EXACT_BELOW = 10**15
LAST_ROWS = {"xls": 65_536, "xlsx": 1_048_576}
# Behind the first sheet of a table the lines of sheet 2 begin at 20,000,001: row 1 of it.
LINES_PER_SHEET = 10_000_000


def read_xlsx(file: PlainFile) -> OpenedFile:
    """Open a workbook of Excel 2007 and later; see `_read_workbook`."""
    return _read_workbook(file, "xlsx", look_into_xlsx(file.path))


def read_xls(file: PlainFile) -> OpenedFile:
    """Open a workbook of Excel up to 2003; see `_read_workbook`."""
    return _read_workbook(file, "xls", look_into_xls(file.path))


def _read_workbook(file: PlainFile, kind: str, facts: WorkbookFacts) -> OpenedFile:
    """Open the declared sheet, else all visible ones with a sure header, else the first with a row.

    Raises Problem where there is none, or it has no header.
    """
    book = _open_book(file)
    loader = _SheetLoader(book, facts)

    sheets, notes = choose_sheets(book.sheets_metadata, loader.read_head, file)
    for sheet in sheets:
        sheet.names = name_columns(sheet.head[_header_index(sheet, file)], file.name)

    names = align_columns(sheets, file)
    label = f"sheet {sheets[0].name}"
    if len(sheets) > 1:
        label = f"sheets {' + '.join(sheet.name for sheet in sheets)}"

    reading = OpenedFile(names, f"{kind}, {label}", notes=notes)
    schema = make_text_schema(names)
    batches = _read_sheets(sheets, loader, schema, reading, file)
    reading.batches = pa.RecordBatchReader.from_batches(schema, batches)

    return reading


def _header_index(sheet: Sheet, file: PlainFile) -> int:
    line = file.source.header_line
    header = line - 1 if line else find_header(sheet.head, file.source)
    if header is None or header >= len(sheet.head):
        raise Problem(
            f"{file.name}: sheet {sheet.name!r} has no header",
            "deliver it again with the names of its columns,"
            " or correct `header_line` in the profile",
        )

    sheet.header = header
    return header


def _read_sheets(
    sheets: list[Sheet],
    loader: "_SheetLoader",
    schema: pa.Schema,
    reading: OpenedFile,
    file: PlainFile,
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of each sheet behind its header, and note how many there were."""
    width = len(schema) - 1
    counts = []
    for position, sheet in enumerate(sheets):
        opened = loader.open(sheet.name)

        # The first sheet's lines are its rows, as in a workbook of one sheet.
        offset = sheet.number * LINES_PER_SHEET if position else 0
        times = time_columns(sheet, file.source) if loader.facts.is_1904 else set()
        rows = loader.read_rows(opened, sheet.name, times)
        body = islice(rows, sheet.header + 1, None)

        first_line = line = sheet.header + 2
        while batch := list(islice(body, BATCH_ROWS)):
            behind = line + len(batch)
            arranged = [sheet.arrange(cells, width) for cells in batch]
            lines = list(range(offset + line, offset + behind))
            yield make_text_batch(arranged, lines, schema)
            line = behind

        counts.append(f"{sheet.name} ({line - first_line:,} rows)")
        last_line = line - 1
        if last_line in LAST_ROWS.values():
            reading.notes.append(
                f"sheet {sheet.name!r} ends at row {last_line:,}, the last that a workbook can"
                " have: rows after it may have been cut off; deliver it as CSV or Parquet"
            )

        reading.notes += find_merged_keys(opened, sheet, file.source)

    if len(sheets) > 1:
        reading.notes.append(_describe_numbering(sheets[1], counts))


def _describe_numbering(second: Sheet, counts: list[str]) -> str:
    second_row = second.number * LINES_PER_SHEET + 2
    return (
        f"{len(counts)} sheets with the header are one table: {', '.join(counts)};"
        f" a line such as {second_row:,} is row 2 of sheet {second.name!r}"
    )


def _open_book(file: PlainFile) -> CalamineWorkbook:
    try:
        with file.path.open("rb") as stream:
            return CalamineWorkbook.from_filelike(stream)
    except BaseException as error:
        raise _as_exception(error) from error


def _as_exception(error: BaseException) -> BaseException:
    """Return an error as one that may be caught: calamine's panic would end the program."""
    if type(error).__name__ == "PanicException":
        return ValueError(str(error))
    return error


class _SheetLoader:
    """Sheets of a workbook as rows of text, from row 1 and column A."""

    def __init__(self, book: CalamineWorkbook, facts: WorkbookFacts):
        self.book, self.facts = book, facts

    def open(self, name: str) -> CalamineSheet:
        """Load a sheet. Raises an exception where it cannot be read."""
        try:
            return self.book.get_sheet_by_name(name)
        except BaseException as error:
            raise _as_exception(error) from error

    def read_head(self, name: str) -> tuple[list[list[str]], int]:
        """Return the first rows of a sheet, and how many it has in all."""
        sheet = self.open(name)
        rows = self.read_rows(sheet, name, set())
        return list(islice(rows, HEADER_LINES)), _height(sheet)

    def read_rows(self, sheet: CalamineSheet, name: str, times: set[int]) -> Iterator[list[str]]:
        """Yield the rows; `times` are columns whose numbers are days that count from 1904."""
        failed = self.facts.failed.get(name, {})

        # calamine begins at the first cell that is filled: the columns before it are padded.
        first = sheet.start[1] if sheet.start else 0
        widths = [column + 1 for _, column in failed]
        width = max([first + sheet.width, *widths])
        padding = [""] * first

        rows = chain(sheet.iter_rows(), _rows_behind(sheet, failed))
        for number, row in enumerate(rows):
            cells = [*padding, *map(_cell_text, row)]
            cells += [""] * (width - len(cells))
            for column in times:
                cells[column] = _day_of_1900(cells[column])

            if failed:
                _mark_failed(cells, number, failed)

            yield cells


def _height(sheet: CalamineSheet) -> int:
    """Return how many rows a sheet has, up to the last with a value."""
    return sheet.end[0] + 1 if sheet.end else 0


def _rows_behind(sheet: CalamineSheet, failed: FailedCells) -> list[list[Any]]:
    """Return empty rows as long as the sheet's failed cells reach further than its values."""
    heights = [row + 1 for row, _ in failed]
    missing = max(heights, default=0) - _height(sheet)
    return [[] for _ in range(missing)]


def _mark_failed(cells: list[str], row: int, failed: FailedCells) -> None:
    for column, cell in enumerate(cells):
        key = row, column
        if not cell and key in failed:
            cells[column] = failed[key]


def _day_of_1900(cell: str) -> str:
    """Return a number of a day as the date system of 1900 counts it; any other cell as it is."""
    if not cell.replace(".", "", 1).isdigit():
        return cell
    return str(Decimal(cell) + DAYS_FROM_1900_TO_1904)


def _cell_text(cell: object) -> str:
    """Return a workbook's cell as the text that a CSV export of it would hold."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()

    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if number != number // 1:
        return str(number)
    if abs(number) < EXACT_BELOW:
        return str(int(number))
    return f"{Decimal(str(float(number))):e}"
