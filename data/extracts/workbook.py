"""A sheet of a workbook -> Arrow batches of text, as a CSV export of it would read."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain, islice

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from data.config.profile import Source
from data.extracts.headers import HEADER_LINES, find_header, is_header, name_columns
from data.extracts.opened_file import OpenedFile
from data.extracts.plain_file import PlainFile
from data.extracts.text_batches import make_text_batch, make_text_schema
from data.problem import Problem

BATCH_ROWS = 16_384
# A workbook keeps fifteen digits: a longer number stays in scientific notation, and a key is seen
# to be damaged.
EXACT_BELOW = 1e15


def read_xlsx(file: PlainFile) -> OpenedFile:
    """Open a workbook of Excel 2007 and later; see `_read_workbook`."""
    return _read_workbook(file, "xlsx")


def read_xls(file: PlainFile) -> OpenedFile:
    """Open a workbook of Excel up to 2003; see `_read_workbook`."""
    return _read_workbook(file, "xls")


def _read_workbook(file: PlainFile, kind: str) -> OpenedFile:
    """Open the declared sheet, else the first with a sure header, else the first with a row.

    Raises Problem where there is none, or it has no header.
    """
    source = file.source
    sheet, rows = _open_sheet(file)
    first = list(islice(rows, max(HEADER_LINES, source.header_line or 0)))
    header = source.header_line - 1 if source.header_line else find_header(first, source)
    if header is None or header >= len(first):
        raise Problem(
            f"{file.name}: sheet {sheet!r} has no header",
            "deliver it again with the names of its columns,"
            " or correct `header_line` in the profile",
        )
    names = name_columns(first[header], file.name)
    schema = make_text_schema(names)
    body = chain(first[header + 1 :], rows)
    reading = OpenedFile(names, f"{kind}, sheet {sheet}")
    batches = _read_batches(body, header + 2, schema)
    reading.batches = pa.RecordBatchReader.from_batches(schema, batches)
    return reading


def _read_batches(
    rows: Iterator[list[str]], first_line: int, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    line = first_line
    while batch := list(islice(rows, BATCH_ROWS)):
        lines = list(range(line, line + len(batch)))
        yield make_text_batch(batch, lines, schema)
        line += len(batch)


def _open_sheet(file: PlainFile) -> tuple[str, Iterator[list[str]]]:
    """Return the name of the sheet and its rows."""
    try:
        with file.path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
        return _choose_sheet(book, file.name, file.source)
    except BaseException as error:
        # Calamine's panic is not an Exception, and would end the program.
        if type(error).__name__ == "PanicException":
            raise ValueError(str(error)) from error
        raise


def _choose_sheet(
    book: CalamineWorkbook, name: str, source: Source
) -> tuple[str, Iterator[list[str]]]:
    sheets = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if source.sheet:
        if source.sheet not in sheets:
            raise Problem(
                f"{name} has no sheet {source.sheet!r}; it has: {', '.join(sheets)}",
                "correct `sheet` in the profile",
            )
        return source.sheet, _read_rows(book.get_sheet_by_name(source.sheet))
    first_with_row = None
    for sheet in sheets:
        rows = _read_rows(book.get_sheet_by_name(sheet))
        first = list(islice(rows, HEADER_LINES))
        if any(is_header(cells, source) for cells in first):
            return sheet, chain(first, rows)
        if first_with_row is None and any(map(any, first)):
            first_with_row = sheet
    if first_with_row is None:
        raise Problem(f"{name}: no sheet has a row", "deliver the workbook again")
    return first_with_row, _read_rows(book.get_sheet_by_name(first_with_row))


def _read_rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [_cell_text(cell) for cell in row]


def _cell_text(cell: object) -> str:
    """Return a workbook's cell as the text that a CSV export of it would hold."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_BELOW:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
