"""A table as the pages show it: heads and cells that are text, with what to sort them by."""

from dataclasses import dataclass, field
from typing import Any

from reports.text.words import Both, word


@dataclass(frozen=True)
class Head:
    """A column: its words, whether its cells are numbers (right-aligned, sorted by size), and the
    page that its words lead to.
    """

    words: Both
    is_number: bool = False
    link: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell. `sort` is the number behind the text; `verdict` its house style; `is_name` marks
    text from the data that may run either way; `link` leads to another page. `under` is a second
    line or a drawing below the text, `tip` what a pointer on the cell shows.
    """

    text: Any
    sort: float | None = None
    verdict: str = ""
    is_name: bool = False
    link: str = ""
    under: Any = None
    tip: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption. The cell in column `row_head` names its row; `can_filter` gives it
    a search box; `groups` are above the heads, each with the number of heads that it spans.
    """

    id: str
    caption: Both
    heads: list[Head]
    rows: list[list[Cell]]
    note: Both | None = None
    row_head: int = 0
    can_filter: bool = True
    total: list[Cell] = field(default_factory=list)
    groups: list[tuple[Both, int]] = field(default_factory=list)


def name_cell(text: str, link: str = "") -> Cell:
    """Return a cell for a name from the data, which may run either way."""
    return Cell(text, is_name=True, link=link)


def number_cell(text: Any, sort: Any) -> Cell:
    """Return a cell for a number as text, with the number itself to sort by."""
    return Cell(text, sort=None if sort is None else float(sort))


def text_heads(*columns: str) -> list[Head]:
    """Return heads over text, by the names of the columns in the words of the report."""
    return [Head(word(f"column.{column}")) for column in columns]


def number_heads(*columns: str) -> list[Head]:
    """Return heads over numbers, by the names of the columns in the words of the report."""
    return [Head(word(f"column.{column}"), is_number=True) for column in columns]
