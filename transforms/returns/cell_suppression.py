"""Small numbers: which figures to hide so that none of the hidden ones can be solved for from what
is told (cell suppression).

Primary: a count of 1 up to the floor. Secondary: further counts, smallest first and totals last,
until the least and the greatest value that a hidden count could have, given all that is told and
that no count is negative, are at least the floor apart (linear programs; Willenborg and de Waal,
Elements of Statistical Disclosure Control, 2001, chapter 6).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from data.problem import Problem

SOLVED = 1e-6


@dataclass(frozen=True)
class ReleaseFigures:
    """Counts that one reader sees together, by position.

    `equations` are what adds up: {position: 1 or -1}, in sum 0. `total` are pooled figures, hidden
    last. `told` were told before and are the same still, so that hiding them would hide nothing;
    `hidden` were hidden before and stay so.
    """

    names: list[str]
    values: np.ndarray
    equations: list[dict[int, int]]
    total: np.ndarray
    told: np.ndarray
    hidden: np.ndarray


def suppress_cells(figures: ReleaseFigures, floor: int) -> np.ndarray:
    """Which figures to hide, as a mask. A floor of 0 hides nothing new.

    Raises Problem where an earlier release told so much that a figure below the floor cannot be
    hidden.
    """
    is_small = (figures.values > 0) & (figures.values < floor)
    hidden = (is_small & ~figures.told) | figures.hidden
    wide = max(floor - 1, 1)
    safe: set[int] = set()
    while (chosen := _next(figures, hidden, wide, safe)) is not None:
        hidden[chosen] = True
    solved = [
        figures.names[place]
        for place in np.flatnonzero(hidden)
        if place not in safe and _width(figures, hidden, place) < SOLVED
    ]
    if solved:
        raise Problem(
            f"{len(solved)} figures below the floor of {floor} follow from what this and earlier releases tell, for example {solved[0]}",
            "leave their return out, or make the release with a later period",
        )
    return hidden


def _next(figures: ReleaseFigures, hidden: np.ndarray, wide: int, safe: set[int]) -> int | None:
    """The next figure to hide; None where all are safe, or nothing is left that would help. Hiding
    more never makes less safe, so `safe` only grows.
    """
    for equation in figures.equations:
        # A sum with one hidden figure tells it: no program is needed to see that.
        if (
            sum(hidden[place] for place in equation) == 1
            and (chosen := _choice(figures, hidden, [equation])) is not None
        ):
            return chosen
    for place in np.flatnonzero(hidden):
        if place not in safe and _width(figures, hidden, place) >= wide:
            safe.add(place)
        elif place not in safe and (chosen := _partner(figures, hidden, place)) is not None:
            return chosen
    return None


def cell_bounds(figures: ReleaseFigures, hidden: np.ndarray, place: int) -> tuple[float, float]:
    """The least and the greatest value that a hidden figure could have for a reader who sees all
    others; infinite where nothing bounds it.
    """
    group = _group(figures, hidden, place)
    column = {position: number for number, position in enumerate(group)}
    rows, sums = [], []
    for equation in figures.equations:
        if any(position in column for position in equation):
            row = np.zeros(len(group))
            for position, sign in equation.items():
                if position in column:
                    row[column[position]] = sign
            rows.append(row)
            sums.append(
                -sum(
                    sign * float(figures.values[position])
                    for position, sign in equation.items()
                    if position not in column
                )
            )
    if not rows:
        return 0.0, np.inf
    goal = np.zeros(len(group))
    goal[column[place]] = 1
    least, most = (
        linprog(sign * goal, A_eq=np.array(rows), b_eq=np.array(sums), method="highs")
        for sign in (1, -1)
    )
    return (least.fun if least.status == 0 else 0.0), (-most.fun if most.status == 0 else np.inf)


def _width(figures: ReleaseFigures, hidden: np.ndarray, place: int) -> float:
    least, most = cell_bounds(figures, hidden, place)
    return most - least


def _group(figures: ReleaseFigures, hidden: np.ndarray, place: int) -> list[int]:
    """The hidden figures that equations tie to one, itself among them, in order."""
    group, waiting = {place}, [place]
    while waiting:
        here = waiting.pop()
        for equation in figures.equations:
            if here in equation:
                new = {position for position in equation if hidden[position]} - group
                group |= new
                waiting += sorted(new)
    return sorted(group)


def _partner(figures: ReleaseFigures, hidden: np.ndarray, place: int) -> int | None:
    """The figure to hide next to one that is not safe: from its own equations, else from those of
    the hidden figures tied to it.
    """
    for near in ([place], _group(figures, hidden, place)):
        chosen = _choice(
            figures,
            hidden,
            [equation for equation in figures.equations if any(one in equation for one in near)],
        )
        if chosen is not None:
            return chosen
    return None


def _choice(
    figures: ReleaseFigures, hidden: np.ndarray, equations: list[dict[int, int]]
) -> int | None:
    """The figure of some equations that it costs least to hide; one that was told before or is zero
    protects nothing.
    """
    free = {
        place
        for equation in equations
        for place in equation
        if not hidden[place] and not figures.told[place] and figures.values[place] > 0
    }
    return min(
        free,
        key=lambda place: (figures.total[place], figures.values[place], figures.names[place]),
        default=None,
    )
