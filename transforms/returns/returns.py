"""Returns to regulators: each `sql/exports/reg_*.sql` with its layout is a table of a publication.

A new return needs no Python.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa

from data.config.published_tables import load_published_tables
from data.config.return_layout import Layout, parse_layout, read_layout_text
from data.config.return_parts import Control
from data.problem import Problem
from transforms import build
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import SQL_FOLDER, Model, load_model, load_models, order_models

EXPORTS = SQL_FOLDER / "exports"
Number = TypeVar("Number", int, float, Decimal)
SHARE_TOLERANCE = 1e-9  # shares add up to 100 within the precision of a DOUBLE


@dataclass(frozen=True)
class CheckedSum(Generic[Number]):
    """One sum that a control asks for: what adds up, and what it should be."""

    name: str
    actual: Number
    expected: Number

    def is_wrong(self, tolerance: float) -> bool:
        """Return whether the sum differs from what it should be by more than the tolerance."""
        return abs(self.actual - self.expected) > tolerance

    def __str__(self) -> str:
        return f"{self.name}: {_format_number(self.actual)} is not {_format_number(self.expected)}"


def load_templates(folder: Path = EXPORTS) -> list[tuple[Model, str]]:
    """Return every return as its model and the text of its layout, by name.

    Raises Problem if a return has no layout.
    """
    templates = []
    for path in sorted(folder.glob("reg_*.sql")):
        layout = path.with_suffix(".toml")
        if not layout.is_file():
            raise Problem(
                f"the return {path.stem} has no layout", f"write {layout.name} next to {path.name}"
            )
        templates.append((load_model(path), read_layout_text(layout)))
    return templates


def build_returns(engine: Engine, folder: Path = EXPORTS) -> dict[str, pa.Table]:
    """Return every return as a published table, from the relations of a build in the engine.

    With the tables `reg_*` come their layouts (`dim_return`) and what must add up in them
    (`reg_control`). Raises Problem if the columns of a return are not those of its layout.
    """
    templates = load_templates(folder)
    _create_models(engine, [model for model, _ in templates])
    tables: dict[str, pa.Table] = {}
    layout_rows, control_rows = [], []
    for model, text in templates:
        layout = parse_layout(model.name, text)
        table = _build_table(engine, model, layout)
        tables[model.name] = table
        layout_rows.append(
            {
                "return_id": model.name,
                "title_zh": layout.title["zh"],
                "title_en": layout.title["en"],
                "layout": text,
            }
        )
        rows = table.to_pylist()
        control_rows += [check_control(layout, control, rows) for control in layout.controls]
    for name, rows in (("dim_return", layout_rows), ("reg_control", control_rows)):
        tables[name] = pa.Table.from_pylist(rows, schema=load_published_tables()[name].schema)
    return tables


def _create_models(engine: Engine, returns: list[Model]) -> None:
    """Create the models that returns read and a build does not."""
    relations = set().union(*(model.reads for model in returns))
    built = {model.name for model in build.load_build_models()}
    for model in order_models(load_models(), relations):
        if model.name not in built:
            engine.create(model.name, model.sql, model.header["kind"])


def _build_table(engine: Engine, model: Model, layout: Layout) -> pa.Table:
    """Return the rows of a return in the order of its key."""
    table = engine.arrow(model.sql)
    names = layout.schema.names
    if table.column_names != names:
        differing = sorted(set(table.column_names) ^ set(names)) or ["their order"]
        raise Problem(
            f"{model.name}.sql and its layout differ in {', '.join(differing)}",
            "give the last SELECT the columns of the layout, in its order",
        )
    table = table.cast(layout.schema).sort_by([(name, "ascending") for name in layout.key])
    keys = table.select(layout.key).to_pylist()
    if len({tuple(key.values()) for key in keys}) < len(keys):
        raise Problem(
            f"{model.name} has several rows with the same key",
            f"its key is {', '.join(layout.key)}",
        )
    return table


def check_control(layout: Layout, control: Control, rows: list[dict]) -> dict:
    """Return one row of reg_control. A sum with a figure that is not there cannot be checked."""
    if control.column:
        sums = list(_sums_of_rows(layout, control, control.column, rows))
    else:
        sums = list(_sums_of_columns(layout, control, rows))
    tolerance = SHARE_TOLERANCE if control.sum else 0
    wrong = [str(checked) for checked in sums if checked.is_wrong(tolerance)]
    return {
        "return_id": layout.id,
        "control_id": control.id,
        "sums_checked": len(sums),
        "sums_wrong": len(wrong),
        "examples": "; ".join(wrong[:3]) or None,
    }


def _format_number(number: int | float | Decimal) -> str:
    if isinstance(number, Decimal):
        return f"{number.normalize():f}"
    return str(number)


def _sums_of_columns(layout: Layout, control: Control, rows: list[dict]) -> Iterator[CheckedSum]:
    """Yield per row what the left columns add up to, and what the right ones do."""
    for row in rows:
        left = [row[column] for column in control.left]
        right = [row[column] for column in control.right]
        if None not in left + right:
            name = " ".join(str(row[column]) for column in layout.key)
            yield CheckedSum(name, sum(left), sum(right))


def _sums_of_rows(
    layout: Layout, control: Control, column: str, rows: list[dict]
) -> Iterator[CheckedSum]:
    """Yield per group what its rows add up to, and the figure of its total row.

    Where the control names a sum, that is expected instead.
    """
    parts: dict[tuple, list] = defaultdict(list)
    totals: dict[tuple, list] = defaultdict(list)
    for row in rows:
        side = totals if layout.is_total(row) else parts
        side[layout.group(row)].append(row[column])
    for group in sorted(parts):
        expected = totals[group] if control.sum is None else [control.sum]
        if len(expected) == 1 and None not in parts[group] + expected:
            name = " ".join((column, *map(str, group)))
            yield CheckedSum(name, sum(parts[group]), expected[0])
