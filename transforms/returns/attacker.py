"""A reader who tries to work out what a release hides, from the files alone: those of this release
and of all earlier ones to the same readers.

It shares no code with what chose the cells to hide (cell_suppression, release_figures), so that a
mistake there is seen here: every published number is written down as an equation or an inequality,
and each hidden count is asked for its least and its greatest value (Willenborg and de Waal,
Elements of Statistical Disclosure Control, 2001, chapter 6).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from data.config.return_layout import Layout
from data.config.return_parts import Column
from data.store.releases import read_rows

# What a hidden count is taken to be at most: the programs stay bounded.
LARGEST = 1e7
# The solver's own tolerance; counts are whole numbers, so a hundredth of one decides nothing.
TOLERANCE = 1e-2

Cell = tuple[str, ...]  # what is counted, the last day of the period, and the other labels of a row
Terms = dict[Cell, float]


@dataclass(frozen=True)
class Attack:
    """How an attack went: how many hidden counts it tried, and a sentence for each that it could
    work out to within less than the width that was promised.
    """

    tried: int
    findings: list[str]


@dataclass
class _Knowledge:
    """What the files say: known counts, hidden ones, and inequalities `low <= terms <= high`."""

    known: dict[Cell, float] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    limits: list[tuple[Terms, float, float]] = field(default_factory=list)

    def limit(self, terms: Terms, low: float, high: float) -> None:
        """Add an inequality, if it says something about a hidden count."""
        unknown = {cell: factor for cell, factor in terms.items() if cell in self.hidden}
        seen = [cell for cell in terms if cell not in self.hidden]
        if not unknown or any(cell not in self.known for cell in seen):
            return
        constant = sum(terms[cell] * self.known[cell] for cell in seen)
        self.limits.append((unknown, low - constant, high - constant))


def attack_release(releases: list[tuple[Path, list[Layout]]], floor: int) -> Attack:
    """Try to work out every hidden count.

    Args:
        releases: folder and layouts of every release that the same readers have, this one last.
        floor: a hidden count is promised a range of at least the floor less one.
    """
    knowledge = _Knowledge()
    tables = [
        (layout, *read_rows(folder, layout)) for folder, layouts in releases for layout in layouts
    ]
    for layout, rows, marks in tables:
        _read_counts(knowledge, layout, rows, marks)
    for layout, rows, _ in tables:
        _read_sums(knowledge, layout, rows)
        _read_ratios(knowledge, layout, rows)
    _compare_days(knowledge)
    findings = []
    for cell in sorted(knowledge.hidden):
        bounds = _solve(knowledge, cell)
        if bounds is None:
            findings.append(f"{' '.join(cell)} could not be tried")
            continue
        least, most = bounds
        if most - least < max(floor - 1, 1) - TOLERANCE:
            findings.append(f"{' '.join(cell)} lies from {least:.0f} to {most:.0f}")
    return Attack(len(knowledge.hidden), findings)


def _cell(layout: Layout, column: Column, row: dict) -> Cell:
    quantity = column.quantity or f"{layout.id}.{column.name}"
    start, _, end = str(row["time_period"]).partition("/")
    if column.covers == "twelve_months":
        start = _twelve_months_before(date.fromisoformat(end))

    others = [str(row[name]) for name in layout.key if name != "time_period"]
    return (quantity, end, start, *others)


def _twelve_months_before(last: date) -> str:
    year = last.year if last.month == 12 else last.year - 1
    month = last.month % 12 + 1
    return f"{year}-{month:02}-01"


def _read_counts(
    knowledge: _Knowledge, layout: Layout, rows: list[dict], marks: list[dict[str, str]]
) -> None:
    counts = [column for column in layout.columns if column.role == "count"]
    for row, row_marks in zip(rows, marks, strict=True):
        for column in counts:
            cell = _cell(layout, column, row)
            if row[column.name] is not None:
                knowledge.known[cell] = row[column.name]
                knowledge.hidden.discard(cell)
            elif row_marks[column.name] == "c":
                # A count that an earlier release published is hidden only where it has changed.
                knowledge.known.pop(cell, None)
                knowledge.hidden.add(cell)


def _read_sums(knowledge: _Knowledge, layout: Layout, rows: list[dict]) -> None:
    """Add what the controls of a layout say: parts of a row and its total, rows and their total."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        groups[layout.group(row)].append(row)
    for control in layout.controls:
        names = (*control.left, *control.right) or (control.column,)
        columns = [layout.column(name) for name in names if name is not None]
        if control.sum is not None or any(column.role != "count" for column in columns):
            continue
        if control.left:
            signs = dict.fromkeys(control.left, 1.0) | dict.fromkeys(control.right, -1.0)
            for row in rows:
                terms = {_cell(layout, layout.column(name), row): signs[name] for name in signs}
                knowledge.limit(terms, 0, 0)
            continue
        for group in groups.values():
            if sum(map(layout.is_total, group)) == 1:
                terms = {
                    _cell(layout, columns[0], row): -1.0 if layout.is_total(row) else 1.0
                    for row in group
                }
                knowledge.limit(terms, 0, 0)
                # Where a row has no figure, the others are at most their total.
                there = {
                    cell: sign
                    for cell, sign in terms.items()
                    if cell in knowledge.known or cell in knowledge.hidden
                }
                knowledge.limit(there, -np.inf, 0)


def _read_ratios(knowledge: _Knowledge, layout: Layout, rows: list[dict]) -> None:
    """Add what a published ratio says of its counts, to the precision of its decimals; and that the
    part of a share is at most the whole.
    """
    totals = {layout.group(row): row for row in rows if layout.is_total(row)}
    for column in layout.columns:
        if column.role != "ratio" or column.numerator is None:
            continue
        above = layout.column(column.numerator)
        below = layout.column(column.denominator or column.numerator)
        if above.role != "count":
            continue
        figures = [row[column.name] for row in rows if row[column.name] is not None]
        is_share = column.scale == 100 and all(figure <= 100 for figure in figures)
        for row in rows:
            whole = row if column.denominator else totals.get(layout.group(row))
            if whole is None:
                continue
            numerator, denominator = _cell(layout, above, row), _cell(layout, below, whole)
            if below.role != "count" and whole[below.name] is not None:
                knowledge.known[denominator] = float(whole[below.name])
            if is_share and below.role == "count" and numerator != denominator:
                knowledge.limit({numerator: 1.0, denominator: -1.0}, -np.inf, 0)
            figure = row[column.name]
            is_formed_from_published = None not in (row[above.name], whole[below.name])
            if figure is None or is_formed_from_published or numerator == denominator:
                continue
            rounding = 0.5 * 10**-column.decimals
            knowledge.limit(
                {numerator: column.scale, denominator: -(figure + rounding)}, -np.inf, 0
            )
            knowledge.limit({numerator: column.scale, denominator: -(figure - rounding)}, 0, np.inf)


def _compare_days(knowledge: _Knowledge) -> None:
    """Add that a count from the same first day to a later last day is not smaller, where all counts
    that are published of both days say so.
    """
    days: dict[tuple, dict[str, Cell]] = defaultdict(dict)
    for cell in (*knowledge.known, *knowledge.hidden):
        quantity, end, *others = cell
        days[(quantity, *others)][end] = cell
    falling = set()
    for series in days.values():
        ordered = [series[end] for end in sorted(series) if series[end] in knowledge.known]
        values = [knowledge.known[cell] for cell in ordered]
        if values != sorted(values):
            falling.add(ordered[0][0])
    for series in days.values():
        ordered = [series[end] for end in sorted(series)]
        for earlier, later in pairwise(ordered):
            if later[0] not in falling:
                knowledge.limit({later: 1.0, earlier: -1.0}, 0, np.inf)


def _solve(knowledge: _Knowledge, wanted: Cell) -> tuple[float, float] | None:
    """Return the least and the greatest value of a hidden count: a whole number of at least 1.

    None where the files contradict each other, so that nobody could look.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # only where something is hidden

    limits = _tied_limits(knowledge, wanted)
    cells = sorted({wanted, *(cell for terms, _, _ in limits for cell in terms)})
    column = {cell: number for number, cell in enumerate(cells)}
    matrix = np.zeros((max(1, len(limits)), len(cells)))
    low, high = np.full(len(matrix), -np.inf), np.full(len(matrix), np.inf)
    for number, (terms, least, most) in enumerate(limits):
        for cell, factor in terms.items():
            matrix[number, column[cell]] += factor
        low[number], high[number] = least, most
    constraint: Any = (matrix, low, high)  # SciPy's stubs know bounds that are one number only
    goal = np.zeros(len(cells))
    goal[column[wanted]] = 1
    bounds = []
    for sign in (1, -1):
        solution = milp(
            sign * goal,
            integrality=np.ones(len(cells)),
            bounds=Bounds(1, LARGEST),
            constraints=LinearConstraint(*constraint),
        )
        if solution.status != 0:
            return None
        bounds.append(sign * solution.fun)
    return bounds[0], bounds[1]


def _tied_limits(knowledge: _Knowledge, wanted: Cell) -> list[tuple[Terms, float, float]]:
    """Return the inequalities that say something about a count, directly or by way of others."""
    reached, limits = {wanted}, []
    remaining = list(knowledge.limits)
    grows = True
    while grows:
        touching = [limit for limit in remaining if reached & limit[0].keys()]
        remaining = [limit for limit in remaining if not reached & limit[0].keys()]
        limits += touching
        for terms, _, _ in touching:
            reached |= terms.keys()
        grows = bool(touching)
    return limits
