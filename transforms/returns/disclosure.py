"""What a release may tell of its returns: which cells are hidden, not available, not applicable, or
rest on few cases.
"""

from collections.abc import Iterable

import numpy as np

from data.config.return_layout import Column, Layout, Return
from transforms.returns.cell_suppression import ReleaseFigures, suppress_cells


def figure_name(layout: Layout, column: Column, row: dict) -> str:
    """A count by what it counts, not by the return that it stands in: the same count in two returns
    has one name.
    """
    return "|".join(
        (column.quantity or f"{layout.id}.{column.name}", *(str(row[name]) for name in layout.key))
    )


def mark_hidden_cells(
    returns: Iterable[tuple[Layout, list[dict]]],
    floor: int,
    few: int,
    earlier: dict[str, int | None],
) -> list[Return]:
    """The returns with the mark of every cell: `c` hidden, `x` not available, `z` not applicable,
    `u` told but resting on fewer than `few` cases.

    `earlier` are the counts of earlier releases to the same readers, by name; None where hidden.
    Raises Problem as `suppressed` does.
    """
    returns = list(returns)
    figures = collect_figures(returns, earlier)
    hidden = {figures.names[place] for place in np.flatnonzero(suppress_cells(figures, floor))}
    return [
        Return(layout, rows, [_marks(layout, row, hidden, few) for row in rows])
        for layout, rows in returns
    ]


def collect_figures(
    returns: list[tuple[Layout, list[dict]]], earlier: dict[str, int | None]
) -> ReleaseFigures:
    """Every count of the returns once, and what adds up among them."""
    values: dict[str, int] = {}
    totals: set[str] = set()
    for layout, rows in returns:
        for row in rows:
            for column in _counts(layout):
                if row[column.name] is not None:
                    values[figure_name(layout, column, row)] = row[column.name]
                    totals |= {figure_name(layout, column, row)} if layout.is_total(row) else set()
    names = sorted(values)
    place = {name: position for position, name in enumerate(names)}
    equations = [
        {place[name]: sign for name, sign in equation.items()}
        for layout, rows in returns
        for equation in _equations(layout, rows)
    ]
    return ReleaseFigures(
        names=names,
        values=np.array([values[name] for name in names], np.int64),
        equations=equations,
        total=np.array([name in totals for name in names], bool),
        told=np.array(
            [earlier.get(name) is not None and earlier[name] == values[name] for name in names],
            bool,
        ),
        hidden=np.array([name in earlier and earlier[name] is None for name in names], bool),
    )


def _counts(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.role == "count"]


def _equations(layout: Layout, rows: list[dict]) -> Iterable[dict[str, int]]:
    """What the control totals of a return say about its counts: names with their signs. What is not
    there is in no equation.
    """
    counts = {column.name for column in _counts(layout)}
    for control in layout.controls:
        if control.left and counts >= {*control.left, *control.right}:
            for row in rows:
                signs = dict.fromkeys(control.left, 1) | dict.fromkeys(control.right, -1)
                if all(row[name] is not None for name in signs):
                    yield {
                        figure_name(layout, layout.column(name), row): sign
                        for name, sign in signs.items()
                    }
        elif control.column in counts and control.sum is None:
            groups: dict[tuple, list[dict]] = {}
            for row in rows:
                groups.setdefault(layout.group(row), []).append(row)
            for group in groups.values():
                if sum(map(layout.is_total, group)) == 1 and all(
                    row[control.column] is not None for row in group
                ):
                    column = layout.column(control.column)
                    yield {
                        figure_name(layout, column, row): -1 if layout.is_total(row) else 1
                        for row in group
                    }


def _marks(layout: Layout, row: dict, hidden: set[str], few: int) -> dict[str, str]:
    marks = {}
    for column in layout.columns:
        if column.role == "count" and figure_name(layout, column, row) in hidden:
            marks[column.name] = "c"
    for column in layout.columns:
        # What was formed from a hidden count would give it away, and so would the share of cases
        # that a hidden number of cases had.
        if column.role == "ratio" and any(
            marks.get(name) == "c"
            for name in (column.numerator, column.denominator, *column.follows)
        ):
            marks[column.name] = "c"
    for column in sorted(layout.columns, key=lambda column: column.role == "rank"):
        if column.role == "rank" and (row[column.of] is None or marks[column.of] == "c"):
            # A place without a figure would say where the figure lies.
            marks[column.name] = marks[column.of]
        elif column.name not in marks:
            marks[column.name] = _mark(layout, column, row, few)
    return marks


def _mark(layout: Layout, column: Column, row: dict, few: int) -> str:
    if row[column.name] is None:
        is_empty = column.role == "ratio" and column.denominator and row[column.denominator] == 0
        return (
            "z"
            if is_empty or column.role == "rank" or (column.total and layout.is_total(row))
            else "x"
        )
    cases = (
        column.denominator
        and layout.column(column.denominator).role == "count"
        and row[column.denominator]
    )
    return "u" if column.role == "ratio" and cases and cases < few else ""
