"""A sheet of a workbook as the rules see it: the lines above its one table, headers and cells."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from reports.text.words import word

SheetCell: TypeAlias = Cell | MergedCell
Number: TypeAlias = int | float

MARKERS = re.compile(r"\[([a-z]+\d*)\]")
NOTE_REFERENCE = re.compile(r"\[(?:note|注) (\d+)\]")


class Sheet:
    """A sheet with a table. Where it has no table or several, headers and cells are empty."""

    def __init__(self, page: Worksheet):
        self.page = page
        self.name = page.title

    @cached_property
    def area(self) -> tuple[int, int, int, int] | None:
        """First column, first row, last column, last row of the one table; otherwise None."""
        tables = list(self.page.tables.values())
        if len(tables) != 1:
            return None

        # openpyxl's bounds of a whole column are None.
        bounds = range_boundaries(tables[0].ref)
        left, top, right, bottom = (int(bound or 0) for bound in bounds)
        return left, top, right, bottom

    @cached_property
    def lines(self) -> list[str]:
        """The texts above the table, in column A."""
        last = self.page.max_row
        if self.area:
            _, top, _, _ = self.area
            last = top - 1

        lines = []
        for number in range(1, last + 1):
            cell = self.page.cell(number, 1)
            lines.append(str(cell.value or ""))

        return lines

    @cached_property
    def header_cells(self) -> tuple[SheetCell, ...]:
        """The cells of the table's first row."""
        if not self.area:
            return ()
        left, top, right, _ = self.area
        return next(self.page.iter_rows(top, top, left, right))

    @cached_property
    def headers(self) -> list[str]:
        """The texts of the headers; empty where a header is."""
        return [str(cell.value or "") for cell in self.header_cells]

    @cached_property
    def body(self) -> list[tuple[SheetCell, ...]]:
        """The rows of the table below its headers."""
        if not self.area:
            return []
        left, top, right, bottom = self.area
        return list(self.page.iter_rows(top + 1, bottom, left, right))

    def body_cells(self) -> Iterator[SheetCell]:
        """Yield the cells of the table, row by row."""
        for row in self.body:
            yield from row

    def body_texts(self) -> Iterator[tuple[SheetCell, str]]:
        """Yield the cells of the table that hold text, with it."""
        return texts_of(self.body_cells())

    def all_cells(self) -> Iterator[SheetCell]:
        """Yield every cell of the sheet, in the table or not."""
        for row in self.page.iter_rows():
            yield from row

    def columns(self) -> Iterator[tuple[str, list[SheetCell]]]:
        """Yield each column: its header and its cells."""
        for position, header in enumerate(self.headers):
            cells = [row[position] for row in self.body]
            yield header, cells

    def number_columns(self) -> Iterator[tuple[str, list[SheetCell]]]:
        """Yield the columns that hold a number, or only markers."""
        for header, cells in self.columns():
            if not cells:
                continue
            values = [cell.value for cell in cells]
            has_number = any(isinstance(value, Number) for value in values)
            has_only_markers = all(MARKERS.fullmatch(str(value)) for value in values)
            if has_number or has_only_markers:
                yield header, cells

    def markers(self) -> Iterator[str]:
        """Yield the markers in the table without their brackets, as often as they appear."""
        for cell in self.body_cells():
            yield from MARKERS.findall(str(cell.value))

    def texts(self) -> list[str]:
        """Return lines, headers, then cells: the order in which a reader meets them."""
        return [*self.lines, *self.headers, *(text for _, text in self.body_texts())]


def texts_of(cells: Iterator[SheetCell] | list[SheetCell]) -> Iterator[tuple[SheetCell, str]]:
    """Yield the cells that hold text, with it."""
    for cell in cells:
        if isinstance(cell.value, str):
            yield cell, cell.value


def is_date(cell: SheetCell) -> bool:
    """Return whether a cell holds a date; the covered cells of a merged area hold nothing."""
    return isinstance(cell, Cell) and cell.is_date


def describe_cell(cell: SheetCell) -> str:
    """Return where a cell is and what it holds: `B7 'n/a'`."""
    return f"{cell.coordinate} {str(cell.value)[:40]!r}"


def in_both_languages(key: str) -> tuple[str, str]:
    """Return a word of the release in Chinese and in English."""
    return word(f"release.{key}").zh, word(f"release.{key}").en
