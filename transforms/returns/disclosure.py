"""What a release may publish of its returns, cell by cell.

A cell is hidden, not available, not applicable, rests on few cases, or is published as it is.
"""

from collections.abc import Iterable

import numpy as np

from data.config.return_layout import Layout, Return
from data.config.return_parts import Column
from transforms.returns.cell_suppression import suppress_cells
from transforms.returns.release_figures import ReturnRows, collect_figures, figure_name

HIDDEN, NOT_AVAILABLE, NOT_APPLICABLE, FEW_CASES, AS_IT_IS = "c", "x", "z", "u", ""


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
    return [Return(layout, rows, _mark_rows(layout, rows, hidden, few)) for layout, rows in returns]


def _mark_rows(
    layout: Layout, rows: list[dict], hidden: set[str], few: int
) -> list[dict[str, str]]:
    """Return the mark of each column, row by row."""
    all_marks = [_hide_counts(layout, row, hidden) for row in rows]
    hidden_totals = _find_hidden_totals(layout, rows, all_marks)
    for row, marks in zip(rows, all_marks, strict=True):
        _hide_ratios(layout, marks, hidden_totals.get(layout.group(row), set()))
        for column in layout.columns:
            if column.role != "rank" and column.name not in marks:
                marks[column.name] = _mark_cell(layout, column, row, few)
    for column in layout.columns:
        if column.role == "rank":
            _mark_ranks(layout, column, rows, all_marks)
    return all_marks


def _hide_counts(layout: Layout, row: dict, hidden: set[str]) -> dict[str, str]:
    """Return the mark of each hidden count of a row."""
    marks = {}
    for column in layout.columns:
        if column.role == "count" and figure_name(layout, column, row) in hidden:
            marks[column.name] = HIDDEN
    return marks


def _find_hidden_totals(
    layout: Layout, rows: list[dict], all_marks: list[dict[str, str]]
) -> dict[tuple, set[str]]:
    """Return the columns whose total is hidden, by the group of rows that it is the total of."""
    return {
        layout.group(row): set(marks)
        for row, marks in zip(rows, all_marks, strict=True)
        if layout.is_total(row)
    }


def _hide_ratios(layout: Layout, marks: dict[str, str], hidden_totals: set[str]) -> None:
    """Hide what was formed from a hidden figure, and what was formed from that, and so on: each
    would give the one before it away.
    """
    ratios = [column for column in layout.columns if column.role == "ratio"]
    hides_more = True
    while hides_more:
        hides_more = False
        for column in ratios:
            if column.name not in marks and _rests_on_hidden(column, set(marks), hidden_totals):
                marks[column.name] = HIDDEN
                hides_more = True


def _rests_on_hidden(column: Column, hidden: set[str], hidden_totals: set[str]) -> bool:
    parts = {column.numerator, column.denominator, *column.follows}
    # Without a denominator a ratio is a share of the total row.
    is_of_hidden_total = column.denominator is None and column.numerator in hidden_totals
    return is_of_hidden_total or not parts.isdisjoint(hidden)


def _mark_ranks(
    layout: Layout, column: Column, rows: list[dict], all_marks: list[dict[str, str]]
) -> None:
    """Mark the ranks of a figure: none is published where one of the figures is hidden.

    A gap in the ranks would show between which two figures a hidden one is; readers can order the
    figures that they see themselves.
    """
    ranked = column.ranked
    assert ranked is not None, f"{layout.id}: the rank {column.name} does not name what it ranks"
    has_hidden = any(marks[ranked] == HIDDEN for marks in all_marks)
    for row, marks in zip(rows, all_marks, strict=True):
        if row[column.name] is None:
            marks[column.name] = NOT_AVAILABLE if marks[ranked] == NOT_AVAILABLE else NOT_APPLICABLE
        else:
            marks[column.name] = HIDDEN if has_hidden else AS_IT_IS


def _mark_cell(layout: Layout, column: Column, row: dict, few: int) -> str:
    """Return the mark of a cell that is not hidden."""
    if row[column.name] is None:
        has_no_cases = column.denominator and row[column.denominator] == 0
        is_empty_ratio = column.role == "ratio" and has_no_cases
        has_no_total = column.total and layout.is_total(row)
        if is_empty_ratio or has_no_total:
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
