"""The workbook of a release: cover, contents, notes, then one table per sheet.

It is built to the numbered rules that `reports/release/lint` checks.
"""

import re
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from data.config.return_layout import Return
from data.store.releases import file_stem
from reports.release import cover
from reports.release.cells import TableCells, TableColumn, describe_columns, row_order
from reports.release.csvw import to_plain_text
from reports.release.facts import ReleaseFacts
from reports.release.writer import ReleaseWriter, SheetTable
from reports.workbook.text_width import measure_width

# Of one table. A sheet has 2**20 rows; title, legend and headers take fewer than 64 of them.
ROW_LIMIT = 1_048_576 - 64
SHEET_NAME_LIMIT = 30
NARROWEST, WIDEST = 12, 34  # columns, in characters


def write_release_workbook(
    path: Path, returns: list[Return], facts: ReleaseFacts, row_limit: int = ROW_LIMIT
) -> None:
    """Write the workbook of a release; a return of more than `row_limit` rows is split into parts.

    Its `created` stamp is the hour of publication, so that the same figures give the same bytes.
    """
    with xlsxwriter.Workbook(path, _book_options()) as book:
        writer = ReleaseWriter(book, facts)
        cover_page = book.add_worksheet("Cover")
        contents_page = book.add_worksheet("Contents")
        notes_page = book.add_worksheet("Notes")
        tables = split_into_tables(writer, returns, row_limit)
        for table in tables:
            _write_table(writer, table)
        # The front sheets come last: they list what the tables refer to.
        cover.write_notes(writer, notes_page)
        cover.write_contents(writer, contents_page, tables)
        cover.write_cover(writer, cover_page)
        cover_page.activate()
        book.set_properties(_properties(writer, returns))
        book.set_custom_property("Language", facts.language)


def _book_options() -> dict:
    """Return the options of a book; a new dictionary each time, since xlsxwriter writes into it."""
    return {
        "in_memory": True,
        # Text stays text: nothing that the data say may become a formula, a link or a number.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": "Arial", "font_size": 12},
    }


def _properties(writer: ReleaseWriter, returns: list[Return]) -> dict:
    facts = writer.facts
    producer = to_plain_text(facts.producer)
    return {
        "title": writer.say("title", name=facts.name),
        "author": producer,
        "company": producer,
        "subject": writer.say("subject"),
        "keywords": ", ".join(file_stem(content.layout.id) for content in returns),
        "created": datetime.fromisoformat(facts.publish_at).replace(tzinfo=None),
    }


def split_into_tables(
    writer: ReleaseWriter, returns: list[Return], row_limit: int
) -> list[SheetTable]:
    """Return the tables of all returns, at most `row_limit` rows each, sorted as readers see them.

    A return without rows is a table without rows.
    """
    tables: list[SheetTable] = []
    for content in returns:
        parts = _split_rows(content, row_limit)
        for part_number, part in enumerate(parts, start=1):
            number = len(tables) + 1
            title = part.layout.title[writer.language]
            if len(parts) > 1:
                title += writer.say("part", part=str(part_number), of=str(len(parts)))
            sheet = _sheet_name(number, part.layout.id)
            tables.append(SheetTable(number, sheet, title, _period(writer, content), part))
    return tables


def _split_rows(content: Return, row_limit: int) -> list[Return]:
    layout = content.layout
    pairs = list(zip(content.rows, content.marks, strict=True))
    pairs.sort(key=lambda pair: row_order(layout, *pair))
    parts = []
    for start in range(0, max(1, len(pairs)), row_limit):
        part = pairs[start : start + row_limit]
        parts.append(Return(layout, [row for row, _ in part], [marks for _, marks in part]))
    return parts


def _period(writer: ReleaseWriter, content: Return) -> str:
    """Return the period of a return, `2012-01-01/2012-12-31` in its rows, in words."""
    if not content.rows:
        return "-"
    period = content.rows[0]["time_period"]
    return writer.say("period", first=period[:10], last=period[11:])


def _sheet_name(number: int, return_id: str) -> str:
    stem = file_stem(return_id).replace("-", "_")
    return f"Table_{number}_{stem}"[:SHEET_NAME_LIMIT].rstrip("_")


def _write_table(writer: ReleaseWriter, table: SheetTable) -> None:
    page = writer.book.add_worksheet(table.sheet)
    # In this order: notes are numbered as a reader meets them, first the title's, then those of
    # headers, then those of cells.
    title_notes = _title_notes(writer, table)
    columns = describe_columns(writer, table)
    cells = TableCells(writer, table, columns)
    lines = _lines_above(writer, table, title_notes, cells.legend())
    for row_number, line in enumerate(lines):
        line_format = writer.title if row_number == 0 else writer.plain
        page.write_string(row_number, 0, line, line_format)
    head_row = len(lines)
    last_row = head_row + max(1, len(cells.rows))  # a table of a spreadsheet has at least one row
    heads = [{"header": column.header, "header_format": writer.head} for column in columns]
    options = {"name": table.sheet, "style": None, "autofilter": False, "columns": heads}
    page.add_table(head_row, 0, last_row, len(columns) - 1, options)
    for row_number, row in enumerate(cells.rows, start=head_row + 1):
        for position, (cell, column) in enumerate(zip(row, columns, strict=True)):
            _write_cell(writer, page, (row_number, position), cell, column)
    for position, column in enumerate(columns):
        texts = [str(row[position]) for row in cells.rows]
        page.set_column(position, position, _column_width(column.header, texts))


def _title_notes(writer: ReleaseWriter, table: SheetTable) -> str:
    """Return the references to the notes about the whole table."""
    return "".join(
        writer.refer_to_note(note.text[writer.language], table)
        for note in table.content.layout.notes
        if not note.columns and not note.rows
    )


def _lines_above(
    writer: ReleaseWriter, table: SheetTable, title_notes: str, legend: list[str]
) -> list[str]:
    """Return the lines above a table: title, reading aids, legend, rank rule, source."""
    layout = table.content.layout
    title = writer.say("table", number=str(table.number), title=table.title, period=table.period)
    if title_notes:
        title += f" {title_notes}"
    lines = [title, writer.say("one_table")]
    if table.notes:
        lines.append(writer.say("refers"))
    lines += legend
    if layout.rank_rule:
        lines.append(writer.say("rank_rule", rule=layout.rank_rule.get(writer.language, "")))
    regulator = layout.regulator[writer.language]
    lines.append(writer.say("source", source=layout.source, regulator=regulator))
    return lines


def _write_cell(
    writer: ReleaseWriter,
    page: Worksheet,
    position: tuple[int, int],
    cell: float | str,
    column: TableColumn,
) -> None:
    source = column.source
    is_figure = column.kind == "value" and source is not None and source.is_number
    if isinstance(cell, str):
        page.write_string(*position, cell, writer.marker if is_figure else writer.text)
    elif source is not None:
        page.write_number(*position, cell, writer.numbers[source.decimals])


def _column_width(header: str, texts: list[str]) -> int:
    """Return the width for the longest word of a header and the longest cell, within limits."""
    header_words = re.split(r"[ ：:]", header)
    longest = max(map(measure_width, [*header_words, *texts]))
    return min(max(longest + 2, NARROWEST), WIDEST)
