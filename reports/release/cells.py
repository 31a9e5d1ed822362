"""What each cell of a table in a release's workbook says: a rounded number, a marker, or text."""

from dataclasses import dataclass
from typing import Literal

from data.config.return_layout import Layout, Return
from data.config.return_parts import Column
from reports.release.csvw import to_plain_text
from reports.release.writer import ReleaseWriter, SheetTable
from reports.text import format

VERBATIM = ("time_period", "branch_code", "branch_name")  # labels that are data, not codes
CODE_SECTIONS = {"time_identifier": "time_identifier", "geographic_level": "geographic_level"}


@dataclass(frozen=True)
class TableColumn:
    """A column on a sheet: the values of `source`, whether its ratio rests on few cases (`mark`),
    or the status or notes of the row.
    """

    kind: Literal["value", "mark", "status", "notes"]
    source: Column | None
    header: str


def row_order(layout: Layout, row: dict, marks: dict[str, str]) -> tuple:
    """Return what a row is sorted by: the layout's order, then the key; the total is last.

    What is hidden must not show in the order: hidden cells come after all others, as equals.
    """
    ordered = tuple((marks[name] != "", "" if marks[name] else row[name]) for name in layout.order)
    key = tuple(row[name] for name in layout.key)
    return layout.group(row), layout.is_total(row), ordered, key


def displayed_mark(column: Column, row: dict, marks: dict[str, str]) -> str:
    """Return the mark of a cell: `low` where a figure that is not zero would be shown as zero."""
    mark = marks[column.name]
    figure = row[column.name]
    if mark not in ("", "u") or not column.is_number or not figure:
        return mark
    return mark if format.rounded(figure, column.decimals) else "low"


def displayed_number(column: Column, row: dict, marks: dict[str, str]) -> float | None:
    """Return the number that a cell shows, rounded; None where it shows a marker instead.

    A ratio of few cases (`u`) is shown, with its status next to it.
    """
    if displayed_mark(column, row, marks) not in ("", "u"):
        return None
    return float(format.rounded(row[column.name], column.decimals))


def round_ratios(content: Return) -> Return:
    """Return a return with its ratios as a workbook shows them: rounded, `low`, or not at all.

    All 16 digits of a percentage are a fraction: 91.90283400809717% is 227 of 247 and nothing
    else.
    """
    ratios = [column for column in content.layout.columns if column.role == "ratio"]
    rows, all_marks = [], []
    for row, marks in zip(content.rows, content.marks, strict=True):
        shown = {column.name: displayed_number(column, row, marks) for column in ratios}
        shown_marks = {column.name: displayed_mark(column, row, marks) for column in ratios}
        rows.append(row | shown)
        all_marks.append(marks | shown_marks)
    return Return(content.layout, rows, all_marks)


def describe_columns(writer: ReleaseWriter, table: SheetTable) -> list[TableColumn]:
    """Return the columns of a sheet: the layout's, a status next to each ratio that may rest on few
    cases, then status and notes of the row.
    """
    layout = table.content.layout
    columns = []
    for column in layout.columns:
        columns.append(TableColumn("value", column, _header(writer, table, column)))
        if _may_rest_on_few_cases(layout, column):
            title = column.title[writer.language]
            columns.append(TableColumn("mark", column, writer.say("status_of", what=title)))
    columns.append(TableColumn("status", None, writer.say("status")))
    columns.append(TableColumn("notes", None, writer.say("row_notes")))
    return columns


def _header(writer: ReleaseWriter, table: SheetTable, column: Column) -> str:
    header = column.title[writer.language]
    unit = column.unit.get(writer.language)
    if not unit and column.role == "rank":
        unit = writer.say("place")
    if unit:
        header += f" ({unit})"
    notes = [
        writer.refer_to_note(note.text[writer.language], table)
        for note in table.content.layout.notes
        if column.name in note.columns
    ]
    if notes:
        header += " " + "".join(notes)
    return header


def _may_rest_on_few_cases(layout: Layout, column: Column) -> bool:
    if column.role != "ratio" or not column.denominator:
        return False
    return layout.column(column.denominator).role == "count"


class TableCells:
    """The cells of one sheet and the legend of the markers in them."""

    def __init__(self, writer: ReleaseWriter, table: SheetTable, columns: list[TableColumn]):
        self.writer = writer
        self.table = table
        self.content: Return = table.content
        self.reasons = self._collect_reasons()
        self.rows: list[list[float | str]] = []
        for row, marks in zip(self.content.rows, self.content.marks, strict=True):
            self.rows.append([self._cell(column, row, marks) for column in columns])

    def legend(self) -> list[str]:
        """Return a line for each marker of the table: `[x1] = no extract has the column`."""
        lines = []
        for mark, reasons in self.reasons.items():
            lines += [f"[{self._marker_name(mark, reason)}] = {reason}" for reason in reasons]
        return lines

    def _collect_reasons(self) -> dict[str, list[str]]:
        """Return the different reasons of each mark, both in order of first appearance."""
        reasons: dict[str, list[str]] = {}
        for row, marks in zip(self.content.rows, self.content.marks, strict=True):
            for column in self.content.layout.columns:
                mark = displayed_mark(column, row, marks)
                if not mark:
                    continue
                reason = self._reason(column, mark)
                if reason not in reasons.setdefault(mark, []):
                    reasons[mark].append(reason)
        return reasons

    def _cell(self, column: TableColumn, row: dict, marks: dict[str, str]) -> float | str:
        source = column.source
        if source is None:
            is_status = column.kind == "status"
            return self._row_status(row, marks) if is_status else self._row_notes(row)
        if column.kind == "mark":
            return self._ratio_status(source, marks)
        if not source.is_number:
            return self._label(source, row)
        number = displayed_number(source, row, marks)
        if number is None:
            return self._marker(source, displayed_mark(source, row, marks))
        return number

    def _row_status(self, row: dict, marks: dict[str, str]) -> str:
        status = self.writer.facts.row_status(self.content.layout, row, marks)
        return self.writer.name_code("row_status", status)

    def _row_notes(self, row: dict) -> str:
        """Return the references to the notes whose `rows = [column, value]` name this row."""
        references = ""
        for note in self.content.layout.notes:
            if note.rows is None:
                continue
            column_name, value = note.rows
            if row[column_name] == value:
                references += self.writer.refer_to_note(note.text[self.writer.language], self.table)
        return references or self.writer.say("none")

    def _ratio_status(self, column: Column, marks: dict[str, str]) -> str:
        mark = marks[column.name]
        if mark == "u":
            return self._marker(column, mark)
        return self.writer.say("no_figure" if mark else "plain")

    def _marker(self, column: Column, mark: str) -> str:
        text = f"[{self._marker_name(mark, self._reason(column, mark))}]"
        self.writer.marker_counts[text] += 1
        return text

    def _marker_name(self, mark: str, reason: str) -> str:
        """Return the letters of a marker, numbered where the table has several reasons for it."""
        name = self.writer.facts.low_marker if mark == "low" else mark
        reasons = self.reasons[mark]
        return f"{name}{reasons.index(reason) + 1}" if len(reasons) > 1 else name

    def _reason(self, column: Column, mark: str) -> str:
        language = self.writer.language
        if mark == "x" and column.absent:
            return column.absent[language]
        if mark == "z" and column.total:
            return column.total[language]
        if mark == "z":
            return self.writer.say("z_rank" if column.role == "rank" else "z_ratio")
        facts = self.writer.facts
        return self.writer.say(mark, floor=str(facts.floor), few=str(facts.few))

    def _label(self, column: Column, row: dict) -> str:
        layout = self.content.layout
        if layout.total and layout.is_total(row):
            total_column = layout.total[0]
            if total_column == "geographic_level":
                total_column = "branch_name"  # the level keeps its own name
            if column.name == total_column:
                return self.writer.say("total")
        if column.name == "branch_name" and row["geographic_level"] == "other":
            return self.writer.say("other")
        text = row[column.name]
        if column.name not in VERBATIM:
            text = self.writer.name_code(CODE_SECTIONS.get(column.name, "segment"), text)
        return to_plain_text(str(text))
