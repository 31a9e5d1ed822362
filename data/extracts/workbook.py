"""A sheet of a workbook -> Arrow batches of text, as a CSV export of it would read."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from data.config.profile import Source
from data.extracts.packing import check_bounds, check_expansion
from data.extracts.reading import (
    TITLES,
    OpenedFile,
    find_header,
    is_header,
    make_text_batch,
    make_text_schema,
    name_columns,
)
from data.problem import Problem

ROWS = 16_384
CELLS = 60_000_000  # a sheet is held in memory whole, with its empty cells, at 32 bytes each
# a workbook keeps fifteen digits: a longer number stays in scientific notation, and a key is seen
# to be damaged
EXACT = 1e15
CELL, ROW = re.compile(rb' r="([A-Z]{1,3})[0-9]'), re.compile(rb' r="([0-9]{1,7})"')


def read_workbook(path: Path, name: str, kind: str, source: Source) -> OpenedFile:
    """Open the declared sheet, else the first that names every required column, else the first with
    a row.

    Raises Problem where there is none, or the workbook does not fit in memory.
    """
    if kind == "xlsx":
        _check_size(path, name)
    try:
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
        sheet, rows = _sheet(book, name, source)
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # calamine's, which is no Exception
            raise ValueError(str(error)) from error
        raise
    first = list(islice(rows, max(TITLES, source.header_line or 0)))
    place = source.header_line - 1 if source.header_line else find_header(first, source)
    if place is None or place >= len(first):
        raise Problem(
            f"{name}: sheet {sheet!r} has no header",
            "deliver it again with the names of its columns, or correct `header_line` in the profile",
        )
    headers = name_columns(first[place], name)
    schema = make_text_schema(headers)
    rest = enumerate(chain(first[place + 1 :], rows), start=place + 2)

    def stream() -> Iterator[pa.RecordBatch]:
        while held := list(islice(rest, ROWS)):
            yield make_text_batch([row for _, row in held], [line for line, _ in held], schema)

    reading = OpenedFile(headers, f"{kind}, sheet {sheet}")
    reading.batches = pa.RecordBatchReader.from_batches(schema, stream())
    return reading


def _sheet(book: CalamineWorkbook, name: str, source: Source) -> tuple[str, Iterator[list[str]]]:
    """The name of the sheet and its rows."""
    sheets = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if source.sheet:
        if source.sheet not in sheets:
            raise Problem(
                f"{name} has no sheet {source.sheet!r}; it has: {', '.join(sheets)}",
                "correct `sheet` in the profile",
            )
        return source.sheet, _rows(book.get_sheet_by_name(source.sheet))
    fallback = None
    for sheet in sheets:
        rows = _rows(book.get_sheet_by_name(sheet))
        first = list(islice(rows, TITLES))
        if any(is_header(cells, source) for cells in first):
            return sheet, chain(first, rows)
        fallback = fallback or (sheet if any(any(cells) for cells in first) else None)
    if not fallback:
        raise Problem(f"{name}: no sheet has a row", "deliver the workbook again")
    return fallback, _rows(book.get_sheet_by_name(fallback))


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [_cell_text(cell) for cell in row]


def _check_size(path: Path, name: str) -> None:
    """Raises Problem for a workbook that expands without bound, or with a sheet of too many cells:
    one far away makes all before it.
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            rest, letters, last = b"", set(), 0
            with check_expansion(archive, member) as stream:
                for chunk in check_bounds(stream, path.stat().st_size, name):
                    if "/worksheets/" in member.filename and b' r="' in chunk:
                        rest = rest[-64:] + chunk
                        letters.update(CELL.findall(rest))
                        last = max([last, *map(int, ROW.findall(rest))])
            columns = max(map(_column, letters), default=0)
            if columns * last > CELLS:
                raise Problem(
                    f"{name}: a sheet spans {last:,} rows by {columns:,} columns, too many to hold in memory",
                    "delete what stands far from the table, or deliver it as CSV or Parquet",
                )


def _column(letters: bytes) -> int:
    """A column's number from 1: A, ..., Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell) -> str:
    """A workbook's cell as the text that a CSV export of it would hold."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
