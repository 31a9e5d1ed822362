"""The analysts' workbook: the published figures unrounded, under display formats; text is text."""

from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, word
from reports.workbook.cover import cover_lines
from reports.workbook.definitions import make_definition_sheet, make_dictionary_sheet
from reports.workbook.leagues import make_league_sheet
from reports.workbook.native_charts import draw_charts
from reports.workbook.quality import make_file_sheet, make_rule_sheet
from reports.workbook.sheet import UNIT, CellValue, Line, Sheet, number_pattern
from reports.workbook.statistics_sheets import make_statistics_sheets
from reports.workbook.text_width import count_lines, measure_width
from reports.workbook.values import make_trend_sheet, make_value_sheet

NARROWEST, WIDEST = 11, 60  # columns, in characters; numbers fit into the narrowest
HEAD_WIDTH = 18  # a longer heading wraps
FILTER_BUTTON = 3  # characters that the button of a filter takes
LINE_POINTS = 15.5  # height of a line of text
ROW_LIMIT = 100_000  # of a sheet; the CSV has all rows
TEXT_LIMIT = 32_767  # characters of a cell: more, and Excel calls the file broken
COVER_WIDTHS = (28, 110)
A4 = 9


def write_workbook(publication: Publication, path: Path) -> None:
    """Write the workbook. Its `created` property is as_of, so that the same figures give the same
    bytes.
    """
    options = {
        "in_memory": True,
        # Text stays text: nothing that the data say may become a formula, a link or a number.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(path, options) as book:
        created = datetime.combine(publication.facts.as_of, time())
        book.set_properties({"title": word("site.title").lines(), "created": created})
        formats = Formats(book)
        _write_cover(book, formats, publication)
        chart_page = book.add_worksheet("Charts")

        sheets = make_sheets(publication)
        for sheet in sheets:
            _write_sheet(book, formats, sheet)

        _set_paper(chart_page, is_table=False)
        chart_page.set_landscape()
        draw_charts(book, chart_page, publication, {sheet.name: sheet for sheet in sheets})


def make_sheets(publication: Publication) -> list[Sheet]:
    """Return every sheet after the cover and the charts, in their order."""
    return [
        make_trend_sheet(publication),
        make_value_sheet(publication),
        make_league_sheet(publication, "province"),
        make_league_sheet(publication, "central"),
        make_definition_sheet(publication),
        make_dictionary_sheet(publication),
        make_file_sheet(publication),
        make_rule_sheet(publication),
        *make_statistics_sheets(publication),
    ]


class Formats:
    """The cell formats of a book; each is added to it once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self.book = book
        wrapped = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "bottom": 2} | wrapped)
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.wrap = book.add_format(wrapped)
        self._numbers: dict[str, Format] = {}

    def number(self, pattern: str) -> Format:
        """Return the format of a number pattern such as `0.00"%"`."""
        if pattern not in self._numbers:
            self._numbers[pattern] = self.book.add_format({"num_format": pattern})
        return self._numbers[pattern]


def _write_sheet(book: xlsxwriter.Workbook, formats: Formats, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    rows = sheet.rows[:ROW_LIMIT]
    headings = [heading.lines() for heading, _ in sheet.columns]

    widths = []
    for position, heading in enumerate(headings):
        cells = [line.cells[position] for line in rows]
        widths.append(_column_width(heading, cells))

    for position, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        page.write_string(0, position, heading, formats.head)
        page.set_column(position, position, width)

    line_count = max(map(count_lines, headings, widths))
    page.set_row(0, LINE_POINTS * line_count + 4)

    for row_number, line in enumerate(rows, start=1):
        _write_row(page, row_number, line, formats, list(zip(sheet.columns, widths, strict=True)))

    page.freeze_panes(1, sheet.frozen)
    if rows:
        page.autofilter(0, 0, len(rows), len(sheet.columns) - 1)

    _set_paper(page, is_table=True)


def _write_row(
    page: Worksheet,
    row_number: int,
    line: Line,
    formats: Formats,
    columns: list[tuple[tuple[Both, str | None], int]],
) -> None:
    """Write the cells of a row; it is as high as its text with the most lines."""
    line_count = 1
    cells = zip(line.cells, columns, strict=True)
    for position, (value, ((_, display_format), width)) in enumerate(cells):
        pattern = number_pattern(line.unit) if display_format == UNIT else display_format
        _write_cell(page, (row_number, position), value, formats, pattern)
        if isinstance(value, str) and "\n" in value:
            line_count = max(line_count, count_lines(value, width))

    if line_count > 1:
        page.set_row(row_number, LINE_POINTS * line_count)


def _write_cell(
    page: Worksheet,
    position: tuple[int, int],
    value: CellValue,
    formats: Formats,
    pattern: str | None,
) -> None:
    """Write one cell: a number under its display format, a date, or text that stays text."""
    if value is None or value == "":
        return

    if isinstance(value, bool):
        page.write_boolean(*position, value)
    elif isinstance(value, date):
        instant = datetime.combine(value, time())
        page.write_datetime(*position, instant, formats.number("yyyy-mm-dd"))
    elif isinstance(value, str):
        text = _cell_text(value)
        page.write_string(*position, text, formats.wrap if "\n" in text else None)
    else:
        page.write_number(*position, value, formats.number(pattern or "General"))


def _cell_text(value: str) -> str:
    """Return text as a cell can hold it: harmless, within the limit; a line per language."""
    lines = [format.text(line) for line in value.split("\n")]
    if len(lines) == 1:
        return format.text(lines[0], TEXT_LIMIT)
    return "\n".join(lines)[:TEXT_LIMIT]


def _set_paper(page: Worksheet, is_table: bool) -> None:
    """Set how a sheet prints: A4, as wide as the sheet, headings on every page, pages numbered."""
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R&P / &N")
    if is_table:
        page.set_landscape()
        page.repeat_rows(0)


def _column_width(heading: str, cells: list[CellValue]) -> int:
    """Return the width that shows heading and texts whole, within limits."""
    # Each different text once: most columns of a long sheet have a handful of them.
    texts = {cell for cell in cells if isinstance(cell, str)}
    longest_text = 0
    for text in texts:
        longest_text = max(longest_text, *map(measure_width, text.split("\n")))

    heading_width = max(map(measure_width, heading.split("\n"))) + FILTER_BUTTON
    wanted = max(min(heading_width, HEAD_WIDTH), longest_text + 1, NARROWEST)
    return min(wanted, WIDEST)


def _write_cover(book: xlsxwriter.Workbook, formats: Formats, publication: Publication) -> None:
    page = book.add_worksheet(word("sheet.cover").en)
    label_width, text_width = COVER_WIDTHS
    page.set_column(0, 0, label_width)
    page.set_column(1, 1, text_width)
    title = word("site.title")
    page.write_string(0, 0, f"{title.zh} {title.en}", formats.title)

    for row_number, (label, content) in enumerate(cover_lines(publication), start=2):
        label_text = label.lines()
        text = content.lines() if isinstance(content, Both) else format.text(content, TEXT_LIMIT)

        page.write_string(row_number, 0, label_text, formats.wrap)
        page.write_string(row_number, 1, text, formats.wrap)
        line_count = max(count_lines(text, text_width), count_lines(label_text, label_width))
        page.set_row(row_number, LINE_POINTS * line_count)

    page.hide_gridlines(2)
    page.set_landscape()
    _set_paper(page, is_table=False)
