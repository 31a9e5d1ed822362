"""Cell suppression: which figures to hide so that no hidden one can be worked out from the rest.

Primary: a count from 1 to just below the floor. Secondary: further counts, smallest first and
totals last, until the least and the greatest value that a hidden count could have lie at least the
floor less one apart, given all that is published and all that the mark itself says: a hidden count
is a whole number of at least 1 (integer programs; Willenborg and de Waal, Elements of Statistical
Disclosure Control, 2001, chapter 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.problem import Problem

# How far above its true value a reader may take a hidden count to be. Wider than any floor in use
# (10 to 50), so that it bounds nothing that equations do not.
WIDEST = 1000


@dataclass(frozen=True)
class ReleaseFigures:
    """Counts that one reader knows together, by position.

    Attributes:
        names: one of each count.
        values: the counts.
        equations: what adds up: {position: 1 or -1}, in sum 0.
        is_total: pooled figures, hidden last.
        is_published: published by an earlier release and still the same, so that hiding them now
            would hide nothing.
        was_hidden: hidden by an earlier release, and therefore hidden again.
        is_derived: stands in no table, but follows from others: the cases that a share leaves out,
            or what came since the period of an earlier release. It is protected by hiding others.
    """

    names: list[str]
    values: np.ndarray
    equations: list[dict[int, int]]
    is_total: np.ndarray
    is_published: np.ndarray
    was_hidden: np.ndarray
    is_derived: np.ndarray


def suppress_cells(figures: ReleaseFigures, floor: int) -> np.ndarray:
    """Return which figures to hide, as a mask. A floor of 0 hides nothing new.

    Raises Problem if a hidden figure cannot keep the width that is promised, because earlier
    releases, or figures that nobody can hide, say too much.
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
    unsafe = [
        figures.names[position]
        for position in map(int, np.flatnonzero(hidden))
        if position not in safe and _width(figures, hidden, position) < safe_width
    ]
    if unsafe:
        examples = "; ".join(unsafe[:3])
        raise Problem(
            f"{len(unsafe)} hidden figures could be worked out to within fewer than {safe_width}"
            f" from what this and earlier releases publish (floor {floor}), for example {examples}",
            "leave their return out, or make the release with a later period",
        )
    return hidden


def _next_to_hide(
    figures: ReleaseFigures, hidden: np.ndarray, safe_width: int, safe: set[int]
) -> int | None:
    """Return the next figure to hide; None if all are safe, or nothing is left that would help.

    Hiding more never makes a figure less safe, so `safe` only grows.
    """
    unknown = list_unknown(figures, hidden)
    for equation in figures.equations:
        # A sum with one unknown figure gives it away: no program is needed to see that.
        unknown_parts = [position for position in equation if unknown[position]]
        if len(unknown_parts) == 1 and hidden[unknown_parts[0]]:
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


def list_unknown(figures: ReleaseFigures, hidden: np.ndarray) -> np.ndarray:
    """Return which figures a reader does not know: hidden ones, and what follows only from them."""
    unknown = hidden.copy()
    for equation in figures.equations:
        if any(hidden[position] for position in equation):
            for position in equation:
                unknown[position] |= figures.is_derived[position]
    return unknown


def cell_bounds(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> tuple[int, int]:
    """Return the least and the greatest value that a hidden figure could have, for a reader who
    sees all figures that are not hidden.

    There always is a greatest value, WIDEST above the true one: the range is rather too narrow than
    too wide.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second, for releases only

    unknown = list_unknown(figures, hidden)
    unknowns = _tied_figures(figures, unknown, position)
    column = {tied: number for number, tied in enumerate(unknowns)}
    equations = [equation for equation in figures.equations if equation.keys() & column.keys()]
    values = figures.values[unknowns]
    # The mark says that a hidden count is not 0; what is derived may be.
    least = np.where(figures.is_derived[unknowns], 0, np.minimum(values, 1))
    most = values + WIDEST
    if not equations:
        return int(least[column[position]]), int(most[column[position]])
    coefficients = np.zeros((len(equations), len(unknowns)))
    sums = np.zeros(len(equations))
    for row, equation in enumerate(equations):
        for other, sign in equation.items():
            if other in column:
                coefficients[row, column[other]] = sign
            else:
                sums[row] -= sign * int(figures.values[other])
    goal = np.zeros(len(unknowns))
    goal[column[position]] = 1
    # SciPy's stubs know bounds that are one number only.
    range_of_each: Any = (least, most)
    constraint: Any = (coefficients, sums, sums)
    bounds = []
    for sign in (1, -1):
        solution = milp(
            sign * goal,
            integrality=np.ones(len(unknowns)),
            bounds=Bounds(*range_of_each),
            constraints=LinearConstraint(*constraint),
        )
        # The true values are a solution and all is bounded: without an optimum nobody has looked.
        assert solution.status == 0, f"{figures.names[position]}: {solution.message}"
        bounds.append(round(sign * solution.fun))
    return bounds[0], bounds[1]


def _width(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> int:
    least, most = cell_bounds(figures, hidden, position)
    return most - least


def _tied_figures(figures: ReleaseFigures, unknown: np.ndarray, position: int) -> list[int]:
    """Return the unknown figures that equations tie to one, itself among them, in order."""
    group = {position}
    waiting = [position]
    while waiting:
        current = waiting.pop()
        for equation in figures.equations:
            if current in equation:
                new = {other for other in equation if unknown[other]} - group
                group |= new
                waiting += sorted(new)
    return sorted(group)


def _partner(figures: ReleaseFigures, hidden: np.ndarray, position: int) -> int | None:
    """Return the figure to hide next to one that is not safe yet.

    It comes from the figure's own equations, else from those of the unknown figures tied to it.
    """
    unknown = list_unknown(figures, hidden)
    for group in ({position}, set(_tied_figures(figures, unknown, position))):
        equations = [equation for equation in figures.equations if equation.keys() & group]
        partner = _cheapest(figures, hidden, equations)
        if partner is not None:
            return partner
    return None


def _cheapest(
    figures: ReleaseFigures, hidden: np.ndarray, equations: Iterable[dict[int, int]]
) -> int | None:
    """Return the figure of some equations that it costs least to hide.

    One that was published before, is zero, or stands in no table protects nothing.
    """
    protects = ~figures.is_published & ~figures.is_derived & (figures.values > 0) & ~hidden
    candidates = {position for equation in equations for position in equation if protects[position]}

    def cost(position: int) -> tuple:
        return figures.is_total[position], figures.values[position], figures.names[position]

    return min(candidates, key=cost, default=None)
