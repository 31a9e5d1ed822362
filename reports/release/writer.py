"""What all sheets of a release's workbook share: formats, words, numbered notes, marker counts."""

from collections import Counter
from dataclasses import dataclass, field

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from data.config.return_layout import Return
from reports.release.facts import ReleaseFacts
from reports.text.words import known_word, word

MOST_DECIMALS = 10
FIRST_ROW = 3  # of a list on a front sheet, below its title, a line of text and the headers


@dataclass
class SheetTable:
    """One sheet: a return, or a part of one that has more rows than a sheet.

    `notes` are the numbers of the notes that the sheet refers to.
    """

    number: int
    sheet: str
    title: str
    period: str
    content: Return
    notes: list[int] = field(default_factory=list)


class ReleaseWriter:
    """Formats, notes and marker counts of one workbook while it is written."""

    def __init__(self, book: xlsxwriter.Workbook, facts: ReleaseFacts):
        self.book = book
        self.facts = facts
        self.language = facts.language
        body = {"font_name": "Arial", "font_size": 12, "valign": "top"}
        left = body | {"align": "left"}
        right = body | {"align": "right"}

        # The order of the formats is their order in the file.
        self.text = book.add_format(left | {"text_wrap": True})
        self.plain = book.add_format(left)
        self.head = book.add_format(left | {"bold": True, "text_wrap": True})
        self.title = book.add_format(left | {"bold": True, "font_size": 16})
        self.marker = book.add_format(right)

        self.numbers = {}
        for decimals in range(MOST_DECIMALS + 1):
            pattern = number_pattern(decimals)
            self.numbers[decimals] = book.add_format(right | {"num_format": pattern})

        self.notes: list[str] = []
        self.tables_of_note: dict[int, list[int]] = {}
        self.marker_counts: Counter[str] = Counter()

    def say(self, key: str, **values: str) -> str:
        """Return a text of the section `release` in the release's language."""
        return getattr(word(f"release.{key}", **values), self.language)

    def name_code(self, section: str, code: str) -> str:
        """Return the name of a code (a level, a status, a segment) in the release's language."""
        return getattr(known_word(section, code), self.language)

    def refer_to_note(self, text: str, table: SheetTable) -> str:
        """Return the reference to a note, `[note 2]`, numbered in order of first appearance."""
        if text not in self.notes:
            self.notes.append(text)

        number = self.notes.index(text) + 1
        if number not in table.notes:
            table.notes.append(number)
            self.tables_of_note.setdefault(number, []).append(table.number)

        return f"[{self.say('note')} {number}]"

    def write_list(
        self, page: Worksheet, name: str, heads: list[str], rows: list[list[str]], widths: list[int]
    ) -> None:
        """Write the one table of a front sheet.

        Args:
            page: the sheet, whose title is written already.
            name: of the table.
            heads: its headers.
            rows: of text, a cell per header.
            widths: of the columns, in characters.
        """
        columns = [{"header": head, "header_format": self.head} for head in heads]
        options = {"name": name, "style": None, "autofilter": False, "columns": columns}
        head_row = FIRST_ROW - 1
        last_row = head_row + len(rows)
        page.add_table(head_row, 0, last_row, len(heads) - 1, options)

        for row_number, row in enumerate(rows, start=FIRST_ROW):
            for position, cell in enumerate(row):
                page.write_string(row_number, position, cell, self.text)

        for position, width in enumerate(widths):
            page.set_column(position, position, width)


def number_pattern(decimals: int) -> str:
    """Return the display format of a number: `#,##0.00` for two decimals."""
    pattern = "#,##0"
    if decimals > 0:
        pattern += "." + "0" * decimals
    return pattern
