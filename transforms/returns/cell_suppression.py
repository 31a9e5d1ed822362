"""Cell suppression: which figures to hide so that no hidden one can be solved for from the rest.

Primary: a count from 1 to just below the floor. Secondary: further counts, smallest first and
totals last, until the least and the greatest value that a hidden count could have, given all that
is published and that no count is negative, lie at least the floor less one apart (linear programs;
Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, chapter 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from data.problem import Problem

SOLVED_WIDTH = 1e-6  # a range narrower than this is one value: counts are whole numbers


@dataclass(frozen=True)
class ReleaseFigures:
    """Counts that one reader sees together, by position.

    Attributes:
        names: one of each count.
        values: the counts.
        equations: what adds up: {position: 1 or -1}, in sum 0.
        is_total: pooled figures, hidden last.
        is_published: published by an earlier release and still the same, so that hiding them now
            would hide nothing.
        was_hidden: hidden by an earlier release, and therefore hidden again.
    """

    names: list[str]
    values: np.ndarray
    equations: list[dict[int, int]]
    is_total: np.ndarray
    is_published: np.ndarray
    was_hidden: np.ndarray


def suppress_cells(figures: ReleaseFigures, floor: int) -> np.ndarray:
    """Return which figures to hide, as a mask. A floor of 0 hides nothing new.

    Raises Problem if earlier releases published so much that a figure below the floor cannot be
    hidden any more.
    """
    is_small = (figures.values > 0) & (figures.values < floor)
    hidden = (is_small & ~figures.is_published) | figures.was_hidden
    safe_width = max(floor - 1, 1)
    safe: set[int] = set()
    while True:
        position = _next_to_hide(figures, hidden, safe_width, safe)
        if position is None:
            break
        hidden[position] = True
    solved = [
        figures.names[position]
        for position in map(int, np.flatnonzero(hidden))
        if position not in safe and _width(figures, hidden, position) < SOLVED_WIDTH
    ]
    if solved:
        raise Problem(
            f"{len(solved)} figures below the floor of {floor} follow from what this and earlier"
            f" releases publish, for example {solved[0]}",
            "leave their return out, or make the release with a later period",
        )
    return hidden


def _next_to_hide(
    figures: ReleaseFigures, hidden: np.ndarray, safe_width: int, safe: set[int]
) -> int | None:
    """Return the next figure to hide; None if all are safe, or nothing is left that would help.

    Hiding more never makes a figure less safe, so `safe` only grows.
    """
    for equation in figures.equations:
        # A sum with one hidden figure gives it away: no linear program is needed to see that.
        hidden_count = sum(bool(hidden[position]) for position in equation)
        if hidden_count == 1:
            partner = _cheapest(figures, hidden, [equation])
            if partner is not None:
                return partner
    for position in map(int, np.flatnonzero(hidden)):
        if position in safe:
            continue
        if _width(figures, hidden, position) >= safe_width:
            safe.add(position)
            continue
        partner = _partner(figures, hidden, position)
        if partner is not None:
            return partner
    return None


def cell_bounds(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> tuple[float, float]:
    """Return the least and the greatest value that a hidden figure could have.

    They are what a reader can infer who sees all figures that are not hidden; infinite where
    nothing bounds the figure.
    """
    from scipy.optimize import linprog  # half a second that only a release has to wait

    unknowns = _tied_figures(figures, hidden, position)
    column = {unknown: number for number, unknown in enumerate(unknowns)}
    equations = [equation for equation in figures.equations if equation.keys() & column.keys()]
    if not equations:
        return 0.0, np.inf
    coefficients = np.zeros((len(equations), len(unknowns)))
    sums = np.zeros(len(equations))
    for row, equation in enumerate(equations):
        for other, sign in equation.items():
            if other in column:
                coefficients[row, column[other]] = sign
            else:
                sums[row] -= sign * float(figures.values[other])
    goal = np.zeros(len(unknowns))
    goal[column[position]] = 1
    least = linprog(goal, A_eq=coefficients, b_eq=sums, method="highs")
    most = linprog(-goal, A_eq=coefficients, b_eq=sums, method="highs")
    # No optimum (status 2 to 4) means that nothing bounds the figure, or that the numbers are too
    # ill-conditioned to say so.
    lower = least.fun if least.status == 0 else 0.0
    upper = -most.fun if most.status == 0 else np.inf
    return lower, upper


def _width(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> float:
    least, most = cell_bounds(figures, hidden, position)
    return most - least


def _tied_figures(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> list[int]:
    """Return the hidden figures that equations tie to one, itself among them, in order."""
    group = {position}
    waiting = [position]
    while waiting:
        current = waiting.pop()
        for equation in figures.equations:
            if current in equation:
                new = {other for other in equation if hidden[other]} - group
                group |= new
                waiting += sorted(new)
    return sorted(group)


def _partner(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> int | None:
    """Return the figure to hide next to one that is not safe yet.

    It comes from the figure's own equations, else from those of the hidden figures tied to it.
    """
    for group in ({position}, set(_tied_figures(figures, hidden, position))):
        equations = [equation for equation in figures.equations if equation.keys() & group]
        partner = _cheapest(figures, hidden, equations)
        if partner is not None:
            return partner
    return None


def _cheapest(
    figures: ReleaseFigures, hidden: np.ndarray, equations: Iterable[dict[int, int]]
) -> int | None:
    """Return the figure of some equations that it costs least to hide.

    One that was published before, or is zero, protects nothing.
    """
    candidates = set()
    for equation in equations:
        for position in equation:
            is_useful = not figures.is_published[position] and figures.values[position] > 0
            if is_useful and not hidden[position]:
                candidates.add(position)

    def cost(position: int) -> tuple:
        return figures.is_total[position], figures.values[position], figures.names[position]

    return min(candidates, key=cost, default=None)
