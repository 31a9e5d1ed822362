"""The analyst workbook: the published figures unrounded, shown by display formats; every text cell
is text.
"""

from datetime import datetime, time
from functools import lru_cache
from pathlib import Path

import xlsxwriter

from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import word
from reports.workbook import native_charts, report_sheets, statistics_sheets

WIDEST = 60
HEAD = 18  # a longer head wraps
LINE = 15.5  # points of a line of text
ROWS = 100_000
CELL = 32_767


def write_workbook(publication: Publication, path: Path) -> None:
    """Write the workbook. Its `created` property is as_of, so that the same figures give the same
    bytes.
    """
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(
            {
                "title": word("site.title").lines(),
                "created": datetime.combine(publication.facts.as_of, time()),
            }
        )
        formats = Formats(book)
        _cover(book, formats, publication)
        page = book.add_worksheet("Charts")
        told = [*report_sheets.all_sheets(publication), *statistics_sheets.all_sheets(publication)]
        for sheet in told:
            _sheet(book, formats, sheet)
        _paper(page, is_table=False)
        page.set_landscape()
        native_charts.draw_charts(book, page, publication, {sheet.name: sheet for sheet in told})


class Formats:
    """Cell formats, made once each."""

    def __init__(self, book):
        self.book = book
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2})
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.made: dict[str, object] = {}

    def number(self, pattern: str):
        """The format of a number pattern such as `0.00"%"`."""
        if pattern not in self.made:
            self.made[pattern] = self.book.add_format({"num_format": pattern})
        return self.made[pattern]


def _put(page, row: int, column: int, value: object, formats: Formats, shown: str | None) -> None:
    """One cell: a number under its display format, a date, or text that stays text."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif hasattr(value, "isoformat"):
        page.write_datetime(
            row, column, datetime.combine(value, time()), formats.number("yyyy-mm-dd")
        )
    elif isinstance(value, str):
        # Two lines are the two languages.
        told = "\n".join(map(format.text, value.split("\n")))
        page.write_string(
            row,
            column,
            format.text(told, CELL) if "\n" not in told else told[:CELL],
            formats.wrap if "\n" in told else None,
        )
    else:
        page.write_number(row, column, value, formats.number(shown or "General"))


def _sheet(book, formats: Formats, sheet: report_sheets.Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    rows = sheet.rows[:ROWS]
    widths = [
        _column_width(head.lines(), [line.cells[place] for line in rows])
        for place, (head, _) in enumerate(sheet.columns)
    ]
    for place, ((head, _), width) in enumerate(zip(sheet.columns, widths, strict=True)):
        page.write_string(0, place, head.lines(), formats.head)
        page.set_column(place, place, width)
    page.set_row(
        0,
        LINE
        * max(
            _height(head.lines(), width)
            for (head, _), width in zip(sheet.columns, widths, strict=True)
        )
        + 4,
    )
    for number, line in enumerate(rows, start=1):
        tall = 1
        for place, (value, (_, shown)) in enumerate(zip(line.cells, sheet.columns, strict=True)):
            _put(
                page,
                number,
                place,
                value,
                formats,
                report_sheets.pattern(line.unit) if shown == report_sheets.UNIT else shown,
            )
            if isinstance(value, str) and "\n" in value:
                tall = max(tall, _height(value, widths[place]))
        if tall > 1:
            page.set_row(number, LINE * tall)
    page.freeze_panes(1, sheet.frozen)
    if rows:
        page.autofilter(0, 0, len(rows), len(sheet.columns) - 1)
    _paper(page, is_table=True)


def _paper(page, is_table: bool) -> None:
    """On paper: A4, as wide as the sheet, the head on every page, and pages numbered."""
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R&P / &N")
    if is_table:
        page.set_landscape()
        page.repeat_rows(0)


@lru_cache(maxsize=100_000)
def span(text: str) -> int:
    """Columns that a text takes up: a Chinese character two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _column_width(head: str, cells: list) -> int:
    """The width that shows head and texts whole, within limits; numbers fit into the least."""
    longest = max(
        (
            span(part)
            for text in {cell for cell in cells if isinstance(cell, str)}
            for part in text.split("\n")
        ),
        default=0,
    )
    named = max(map(span, head.split("\n"))) + 3
    return min(max(min(named, HEAD), longest + 1, 11), WIDEST)


def _height(text: str, width: int) -> int:
    """Lines that a text takes up in a column."""
    return sum(max(1, -(-span(part) // max(width - 1, 1))) for part in text.split("\n"))


def _cover(book, formats: Formats, publication: Publication) -> None:
    page = book.add_worksheet(word("sheet.cover").en)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 110)
    page.write_string(0, 0, " ".join((word("site.title").zh, word("site.title").en)), formats.title)
    for number, (label, text) in enumerate(report_sheets.cover(publication), start=2):
        page.write_string(number, 0, label.lines(), formats.wrap)
        told = format.text(text, CELL) if isinstance(text, str) else text.lines()
        page.write_string(number, 1, told, formats.wrap)
        page.set_row(number, LINE * max(_height(told, 110), _height(label.lines(), 28)))
    page.hide_gridlines(2)
    page.set_landscape()
    _paper(page, is_table=False)
