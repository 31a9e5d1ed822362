"""Returns to regulators: `sql/exports/reg_*.sql` with a layout beside it = one table of a
publication. A new one needs no Python.
"""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from data.config.published_tables import load_published_tables as dictionary
from data.config.return_layout import Control, Layout, parse_layout
from data.problem import Problem
from transforms import build
from transforms.engine.models import SQL_FOLDER, Model, load_model, load_models, order_models

EXPORTS = SQL_FOLDER / "exports"
EXACT = 1e-9  # shares add up to 100 within the precision of a DOUBLE


def load_templates(folder: Path = EXPORTS) -> list[tuple[Model, str]]:
    """Every return as its model and the text of its layout, by name.

    Raises Problem where a return has no layout.
    """
    found = []
    for path in sorted(folder.glob("reg_*.sql")):
        layout = path.with_suffix(".toml")
        if not layout.is_file():
            raise Problem(
                f"the return {path.stem} has no layout", f"write {layout.name} beside {path.name}"
            )
        found.append((load_model(path), layout.read_text(encoding="utf-8")))
    return found


def build_returns(engine, folder: Path = EXPORTS) -> dict[str, pa.Table]:
    """Every return as a published table `reg_*`, with their layouts (`dim_return`) and what must
    add up in them (`reg_control`).

    From the relations of a build that the engine holds. Raises Problem where a return's columns are
    not those of its layout.
    """
    returns = load_templates(folder)
    built = {model.name for model in build.load_build_models()}
    for model in order_models(load_models(), set().union(*(model.reads for model, _ in returns))):
        if model.name not in built:
            engine.create(model.name, model.sql, model.header["kind"])
    made, layouts, controls = {}, [], []
    for model, text in returns:
        layout = parse_layout(model.name, text)
        made[model.name] = _table(engine, model, layout)
        layouts.append(
            {
                "return_id": model.name,
                "title_zh": layout.title["zh"],
                "title_en": layout.title["en"],
                "layout": text,
            }
        )
        controls += [
            check_control(layout, control, made[model.name].to_pylist())
            for control in layout.controls
        ]
    told = {"dim_return": layouts, "reg_control": controls}
    return made | {
        name: pa.Table.from_pylist(rows, schema=dictionary()[name].schema)
        for name, rows in told.items()
    }


def _table(engine, model: Model, layout: Layout) -> pa.Table:
    """The rows of a return in the order of its key."""
    table = engine.arrow(model.sql)
    if table.column_names != layout.schema.names:
        wrong = sorted(set(table.column_names) ^ set(layout.schema.names)) or ["their order"]
        raise Problem(
            f"{model.name}.sql and its layout differ in {', '.join(wrong)}",
            "give the last SELECT the columns of the layout, in its order",
        )
    table = table.cast(layout.schema).sort_by([(name, "ascending") for name in layout.key])
    keys = [tuple(row[name] for name in layout.key) for row in table.to_pylist()]
    if len(set(keys)) < len(keys):
        raise Problem(
            f"{model.name} has rows of one key twice", f"its key is {', '.join(layout.key)}"
        )
    return table


def check_control(layout: Layout, control: Control, rows: list[dict]) -> dict:
    """One row of reg_control. Where a figure is not there, nothing can be checked."""
    sums = _of_rows(layout, control, rows) if control.column else _of_columns(layout, control, rows)
    wrong = [
        f"{name}: {_plain(left)} is not {_plain(right)}"
        for name, left, right in sums
        if abs(left - right) > (EXACT if control.sum else 0)
    ]
    return {
        "return_id": layout.id,
        "control_id": control.id,
        "sums_checked": len(sums),
        "sums_wrong": len(wrong),
        "examples": "; ".join(wrong[:3]) or None,
    }


def _plain(number) -> str:
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)


def _of_columns(layout: Layout, control: Control, rows: list[dict]) -> list[tuple]:
    """Per row what the left and what the right columns add up to."""
    named = [
        (
            " ".join(map(str, (row[name] for name in layout.key))),
            [[row[n] for n in side] for side in (control.left, control.right)],
        )
        for row in rows
    ]
    return [
        (name, sum(left), sum(right)) for name, (left, right) in named if None not in left + right
    ]


def _of_rows(layout: Layout, control: Control, rows: list[dict]) -> list[tuple]:
    """Per group what the rows of a column add up to, and the total row's figure or the sum that is
    asked for.
    """
    groups: dict[tuple, tuple[list, list]] = {}
    for row in rows:
        groups.setdefault(layout.group(row), ([], []))[layout.is_total(row)].append(
            row[control.column]
        )
    sums = []
    for group, (parts, totals) in sorted(groups.items()):
        wanted = [control.sum] if control.sum is not None else totals
        if parts and len(wanted) == 1 and None not in parts + wanted:
            sums.append((" ".join((control.column, *map(str, group))), sum(parts), wanted[0]))
    return sums
