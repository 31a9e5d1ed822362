"""The layout of a return: the regulator's columns in the regulator's order, and what must add up.
One TOML file next to the return's SQL.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import pyarrow as pa
from pydantic import ConfigDict, Field, Strict, model_validator

from data.config.fields import BilingualText, Model, Texts, check_column_names
from data.config.published_tables import TYPES
from data.config.return_parts import ROW_COLUMNS, Column, Control, Note
from data.config.validation import parse_model, parse_toml

REMEDY = "correct the layout; docs/reference/return-layout.md describes every key"


class LayoutFile(Model):
    """What a layout's TOML says of a return."""

    model_config = ConfigDict(title="Layout of a return")

    title: BilingualText = Field(
        description="Name of the return.",
        examples=[{"zh": "结案情况统计表", "en": "Closed claims by line"}],
    )
    regulator: BilingualText = Field(description="Who asks for it.")
    period: BilingualText = Field(description="Which period a row is of.")
    rank_rule: BilingualText = Field(
        default={}, description="How equal figures are ranked, where a column is a rank."
    )
    source: str = Field(description="Regulation and article.")
    version: Annotated[int, Field(ge=1)] = Field(
        description="One more with each change of the layout."
    )
    filters: Texts = Field(
        default=(),
        description="Label columns that, with period and branch, tell the rows apart.",
        examples=[["line"]],
    )
    order: Texts = Field(
        description="Columns that order the rows in the workbook.", examples=[["line"]]
    )
    total: Annotated[tuple[str, str], Strict(False)] | None = Field(
        default=None,
        description="Column and value of the row that is the total of the others; left out: there "
        "is none.",
        examples=[["line", "Total"]],
    )
    own_columns: Annotated[tuple[Column, ...], Strict(False)] = Field(
        validation_alias="column", description="The columns, in the regulator's order."
    )
    controls: Annotated[tuple[Control, ...], Strict(False)] = Field(
        default=(), validation_alias="control", description="What must add up."
    )
    notes: Annotated[tuple[Note, ...], Strict(False)] = Field(
        default=(), validation_alias="note", description="Footnotes."
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        check_column_names(self._columns_named(), [column.name for column in self.columns])
        return self

    def _columns_named(self) -> set[str]:
        """Return every column that something in the layout refers to."""
        named = {*self.filters, *self.order}
        if self.total:
            named.add(self.total[0])
        for column in self.own_columns:
            named |= column.columns_named
        for control in self.controls:
            named |= {*control.left, *control.right}
            if control.column:
                named.add(control.column)
        for note in self.notes:
            named |= {*note.columns, *(note.rows or ())[:1]}
        return named

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: those of period and branch, and its own."""
        return ROW_COLUMNS + self.own_columns


class Layout(LayoutFile):
    """One return: what its file says, and its id, which is the file's name."""

    id: str

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell the rows apart."""
        return ("time_period", "geographic_level", "branch_code", *self.filters)

    @property
    def schema(self) -> pa.Schema:
        """The columns as they are published."""
        return pa.schema([(column.name, TYPES[column.type]) for column in self.columns])

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    def is_total(self, row: dict) -> bool:
        """Return whether a row is the pooled total of the others."""
        return self.total is not None and row[self.total[0]] == self.total[1]

    def group(self, row: dict) -> tuple:
        """Return what rows that add up to one total have in common."""
        summed = set()
        if self.total:
            summed.add(self.total[0])
        if "geographic_level" in summed:
            summed.add("branch_code")
        return tuple(row[name] for name in self.key if name not in summed)


@dataclass(frozen=True)
class Return:
    """A return as a release publishes it: its rows, and per row the mark of each column; empty
    where the value is published as it is.
    """

    layout: Layout
    rows: list[dict]
    marks: list[dict[str, str]]


def read_layout_text(path: Path) -> str:
    """Return the text of a layout as publications hold it: without the line by which an editor
    finds the JSON Schema, which is a path in this repository.
    """
    text = path.read_text(encoding="utf-8")
    first_line, _, rest = text.partition("\n")
    return rest if first_line.startswith("#:schema") else text


def parse_layout(return_id: str, text: str) -> Layout:
    """Return the layout that a TOML text declares.

    Raises Problem where it is not valid TOML, lacks a key, has one that does not exist, or names a
    column that it does not have.
    """
    name = f"{return_id}.toml"
    content = parse_toml(text, name, "write it like the other layouts in transforms/sql/exports")
    declared = parse_model(LayoutFile, content, name, REMEDY)
    return Layout.model_construct(id=return_id, **dict(declared))
