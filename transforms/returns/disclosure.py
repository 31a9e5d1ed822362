"""What a release may publish of its returns, cell by cell.

A cell is hidden, not available, not applicable, rests on few cases, or is published as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from data.config.return_layout import Layout, Return
from data.config.return_parts import Column, Control
from transforms.returns.cell_suppression import ReleaseFigures, suppress_cells

HIDDEN, NOT_AVAILABLE, NOT_APPLICABLE, FEW_CASES, AS_IT_IS = "c", "x", "z", "u", ""

ReturnRows = tuple[Layout, list[dict]]


def figure_name(layout: Layout, column: Column, row: dict) -> str:
    """Return the name of a count: what it counts, and of which row.

    The same count in two returns has one name, where both layouts give it the same `quantity`.
    """
    quantity = column.quantity or f"{layout.id}.{column.name}"
    return "|".join((quantity, *(str(row[name]) for name in layout.key)))


def mark_hidden_cells(
    returns: Iterable[ReturnRows], floor: int, few: int, earlier: dict[str, int | None]
) -> list[Return]:
    """Return the returns with a mark for every cell.

    Args:
        returns: the layout and the rows of each.
        floor: counts from 1 to just below it are hidden.
        few: ratios of fewer cases are marked `u`, but published.
        earlier: the counts of earlier releases to the same readers, by name; None where hidden.

    Returns:
        per cell `c` hidden, `x` not available, `z` not applicable, `u` published but of few cases;
        empty where the value is published as it is.

    Raises:
        Problem: as `suppress_cells` does.
    """
    returns = list(returns)
    figures = collect_figures(returns, earlier)
    is_hidden = suppress_cells(figures, floor)
    hidden = {figures.names[position] for position in np.flatnonzero(is_hidden)}
    marked = []
    for layout, rows in returns:
        marks = [_mark_row(layout, row, hidden, few) for row in rows]
        marked.append(Return(layout, rows, marks))
    return marked


def collect_figures(returns: list[ReturnRows], earlier: dict[str, int | None]) -> ReleaseFigures:
    """Return every count of the returns once, and what adds up among them."""
    values: dict[str, int] = {}
    totals: set[str] = set()
    equations: list[dict[str, int]] = []
    for layout, rows in returns:
        for row in rows:
            counts = _counts_of_row(layout, row)
            values |= counts
            if layout.is_total(row):
                totals |= counts.keys()
        equations += _equations(layout, rows)
    names = sorted(values)
    position = {name: number for number, name in enumerate(names)}
    is_published = [earlier.get(name) == values[name] for name in names]
    was_hidden = [name in earlier and earlier[name] is None for name in names]
    return ReleaseFigures(
        names=names,
        values=np.array([values[name] for name in names], np.int64),
        equations=[_number_names(equation, position) for equation in equations],
        is_total=np.array([name in totals for name in names], bool),
        is_published=np.array(is_published, bool),
        was_hidden=np.array(was_hidden, bool),
    )


def _number_names(equation: dict[str, int], position: dict[str, int]) -> dict[int, int]:
    numbered = {}
    for name, sign in equation.items():
        numbered[position[name]] = sign
    return numbered


def _count_columns(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.role == "count"]


def _counts_of_row(layout: Layout, row: dict) -> dict[str, int]:
    """Return the counts of a row that are there, by name."""
    return {
        figure_name(layout, column, row): row[column.name]
        for column in _count_columns(layout)
        if row[column.name] is not None
    }


def _equations(layout: Layout, rows: list[dict]) -> Iterator[dict[str, int]]:
    """Yield what a return's controls say about its counts: names with their signs.

    A count that is not there is in no equation.
    """
    counts = {column.name for column in _count_columns(layout)}
    for control in layout.controls:
        if control.left and counts >= {*control.left, *control.right}:
            yield from _equations_of_columns(layout, control, rows)
        elif control.column in counts and control.sum is None:
            yield from _equations_of_rows(layout, layout.column(control.column), rows)


def _equations_of_columns(
    layout: Layout, control: Control, rows: list[dict]
) -> Iterator[dict[str, int]]:
    """Yield for each row that its left columns are its right ones in sum."""
    signs = dict.fromkeys(control.left, 1) | dict.fromkeys(control.right, -1)
    for row in rows:
        if all(row[name] is not None for name in signs):
            yield {
                figure_name(layout, layout.column(name), row): sign for name, sign in signs.items()
            }


def _equations_of_rows(
    layout: Layout, column: Column, rows: list[dict]
) -> Iterator[dict[str, int]]:
    """Yield for each group of rows with a total row that the others add up to it."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        groups[layout.group(row)].append(row)
    for group in groups.values():
        total_rows = sum(layout.is_total(row) for row in group)
        if total_rows == 1 and all(row[column.name] is not None for row in group):
            yield {
                figure_name(layout, column, row): -1 if layout.is_total(row) else 1 for row in group
            }


def _mark_row(layout: Layout, row: dict, hidden: set[str], few: int) -> dict[str, str]:
    """Return the mark of each column of a row."""
    marks: dict[str, str] = {}
    for column in _count_columns(layout):
        if figure_name(layout, column, row) in hidden:
            marks[column.name] = HIDDEN
    # What was formed from a hidden count would give it away, and so would the share that a hidden
    # number of cases had.
    ratios = [column for column in layout.columns if column.role == "ratio"]
    hidden_ratios = [column.name for column in ratios if _rests_on_hidden(column, marks)]
    marks |= dict.fromkeys(hidden_ratios, HIDDEN)
    for column in layout.columns:
        if column.role != "rank" and column.name not in marks:
            marks[column.name] = _mark_cell(layout, column, row, few)
    for column in layout.columns:
        if column.role == "rank":
            marks[column.name] = _mark_rank(layout, column, row, marks, few)
    return marks


def _rests_on_hidden(column: Column, marks: dict[str, str]) -> bool:
    parts = {column.numerator, column.denominator, *column.follows}
    hidden = {name for name, mark in marks.items() if mark == HIDDEN}
    return not parts.isdisjoint(hidden)


def _mark_rank(layout: Layout, column: Column, row: dict, marks: dict[str, str], few: int) -> str:
    """Return the mark of a rank: a rank without its figure would say where the figure lies."""
    ranked = column.ranked
    assert ranked is not None, f"{layout.id}: the rank {column.name} does not name what it ranks"
    if row[ranked] is None or marks[ranked] == HIDDEN:
        return marks[ranked]
    return _mark_cell(layout, column, row, few)


def _mark_cell(layout: Layout, column: Column, row: dict, few: int) -> str:
    """Return the mark of a cell that is not hidden."""
    if row[column.name] is None:
        has_no_cases = column.denominator and row[column.denominator] == 0
        is_empty_ratio = column.role == "ratio" and has_no_cases
        has_no_total = column.total and layout.is_total(row)
        if is_empty_ratio or column.role == "rank" or has_no_total:
            return NOT_APPLICABLE
        return NOT_AVAILABLE
    if column.role == "ratio" and _is_of_few_cases(layout, column, row, few):
        return FEW_CASES
    return AS_IT_IS


def _is_of_few_cases(layout: Layout, column: Column, row: dict, few: int) -> bool:
    if not column.denominator or layout.column(column.denominator).role != "count":
        return False
    cases = row[column.denominator]
    return bool(cases) and cases < few
