"""A sheet before it is written: plain values, and the display format of each column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from reports.text import format
from reports.text.words import Both, known_word

UNIT = "unit"  # a column that is shown in the unit of its row's KPI
WHOLE, EXACT, SHARE = "#,##0", "#,##0.####", "0.00"

# A column's name, or its name and display format; without a format it is text.
ColumnName: TypeAlias = str | tuple[str, str]
CellValue: TypeAlias = str | bool | int | float | date | None


@dataclass(frozen=True)
class Line:
    """One row: its cells, and the unit that its values are in."""

    cells: list[CellValue]
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns as (words, display format or None for text), rows, and how many columns
    stay in sight.
    """

    name: str
    columns: list[tuple[Both, str | None]]
    rows: list[Line] = field(default_factory=list)
    frozen: int = 1

    def column(self, words: Both) -> int:
        """Return the position of a column by its words.

        Raises ValueError where there is no such column.
        """
        return [heading for heading, _ in self.columns].index(words)


def make_sheet(
    name: str, columns: tuple[ColumnName, ...], rows: Iterable[dict], units: dict[str, str]
) -> Sheet:
    """Return a sheet of rows by column name.

    Args:
        name: of the sheet.
        columns: their names, in order; with a display format where it is not that of the value.
        rows: each with a cell for every column.
        units: by KPI, what columns in `UNIT` are in.
    """
    names = [column if isinstance(column, str) else column[0] for column in columns]
    lines = []
    for row in rows:
        cells = [row[column] for column in names]
        unit = units.get(row.get("kpi_id", ""), "")
        lines.append(Line(cells, unit))

    headings = [_heading(column) for column in columns]
    return Sheet(name, headings, lines)


def _heading(column: ColumnName) -> tuple[Both, str | None]:
    if isinstance(column, str):
        return head(column), None
    name, display_format = column
    return head(name), display_format


def head(name: str) -> Both:
    """Return the words over a column: those of the statistics tables are in a section of their
    own.
    """
    words = known_word("field", name)
    return words if words.zh != name else known_word("column", name)


def number_pattern(unit: str) -> str:
    """Return the display format of a unit, with as many decimals as the report prints."""
    pattern = "#,##0"
    if decimals := format.unit_decimals(unit):
        pattern += "." + "0" * decimals
    return pattern + '"%"' if unit == "%" else pattern


def to_cell_value(value: CellValue | Decimal) -> CellValue:
    """Return a decimal as a spreadsheet can hold it, whole or a double; anything else as it is."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
