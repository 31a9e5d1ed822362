"""Small numbers: what is hidden cannot be solved for, from totals or from an earlier release."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.problem import Problem
from transforms.returns.cell_suppression import (
    ReleaseFigures,
    _partner,
    cell_bounds,
    suppress_cells,
)

FLOOR = 10


def table(counts: list[list[int]], published=(), hidden=()) -> ReleaseFigures:
    """Return rows and columns with their totals, as figures by "row|column"; -1 is a total."""
    grid = np.array(counts)
    grid = np.vstack([grid, grid.sum(axis=0)])
    grid = np.hstack([grid, grid.sum(axis=1)[:, None]])
    rows, columns = grid.shape
    position = np.arange(grid.size).reshape(grid.shape)
    equations = [add_up(position[row]) for row in range(rows)]
    equations += [add_up(position[:, column]) for column in range(columns)]
    row_labels = [*range(rows - 1), -1]
    column_labels = [*range(columns - 1), -1]
    names = [f"{row}|{column}" for row, column in product(row_labels, column_labels)]
    is_total = np.array(["-1" in name for name in names])
    return ReleaseFigures(
        names,
        grid.ravel(),
        equations,
        is_total,
        np.isin(names, published),
        np.isin(names, hidden),
        np.zeros(len(names), bool),
    )


def add_up(positions: np.ndarray) -> dict[int, int]:
    """Return the equation: the last position is the sum of the others."""
    return {int(position): 1 for position in positions[:-1]} | {int(positions[-1]): -1}


def hidden_names(figures: ReleaseFigures, floor: int = FLOOR) -> set[str]:
    is_hidden = suppress_cells(figures, floor)
    return {name for name, hidden in zip(figures.names, is_hidden, strict=True) if hidden}


def solve(
    figures: ReleaseFigures, hidden: np.ndarray, known: np.ndarray
) -> dict[int, tuple[float, float]]:
    """Return the range of each hidden figure that a reader finds by linear programs over all."""
    equal = np.zeros((len(figures.equations), len(figures.values)))
    for number, equation in enumerate(figures.equations):
        equal[number, list(equation)] = list(equation.values())
    limits = [
        (1, None) if unseen else (value, value)
        for value, unseen in zip(figures.values, hidden & ~known, strict=True)
    ]
    ranges = {}
    for position in np.flatnonzero(hidden):
        goal = np.zeros(len(limits))
        goal[position] = 1
        low, high = (
            linprog(sign * goal, A_eq=equal, b_eq=np.zeros(len(equal)), bounds=limits)
            for sign in (1, -1)
        )
        ranges[position] = (low.fun, -high.fun if high.status == 0 else np.inf)
    return ranges


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_hidden_figure_can_be_solved_for(counts):
    figures = table(counts)
    hidden = suppress_cells(figures, FLOOR)
    is_small = (figures.values > 0) & (figures.values < FLOOR)
    assert (hidden | ~is_small).all() and not hidden[figures.values == 0].any()
    ranges = solve(figures, hidden, np.zeros_like(hidden))
    assert all(high - low >= FLOOR - 1 for low, high in ranges.values())


def test_one_small_figure_takes_the_smallest_others_and_no_total():
    figures = table([[3, 20, 40], [25, 50, 60]])
    assert hidden_names(figures) == {"0|0", "0|1", "1|0", "1|1"}


@pytest.mark.parametrize(
    ("count", "is_hidden"), [(0, False), (1, True), (FLOOR - 1, True), (FLOOR, False)]
)
def test_counts_at_the_floor(count, is_hidden):
    figures = table([[count, 200, 400], [250, 500, 600]])
    assert ("0|0" in hidden_names(figures)) is is_hidden


def test_a_floor_of_zero_or_one_hides_nothing():
    figures = table([[1, 2, 3], [4, 5, 6]])
    assert hidden_names(figures, 0) == hidden_names(figures, 1) == set()


@pytest.mark.parametrize(
    ("partner", "hidden"),
    [
        # a + b = 1 + partner is published, and neither is 0: each lies from 1 to the partner.
        (FLOOR, {"a", "b"}),  # from 1 to 10, a width of 9: exactly the floor less one
        (FLOOR - 1, {"a", "b", "c"}),  # a width of 8: a third figure is hidden
    ],
)
def test_the_width_that_is_promised(partner, hidden):
    figures = ReleaseFigures(
        names=["a", "b", "c", "sum"],
        values=np.array([1, partner, 50, 51 + partner]),
        equations=[{0: 1, 1: 1, 2: 1, 3: -1}],
        is_total=np.array([False, False, False, True]),
        is_published=np.zeros(4, bool),
        was_hidden=np.zeros(4, bool),
        is_derived=np.zeros(4, bool),
    )
    assert hidden_names(figures) == hidden
    least, most = cell_bounds(figures, suppress_cells(figures, FLOOR), 0)
    assert most - least >= FLOOR - 1


def test_a_total_is_hidden_only_if_nothing_else_is_left():
    figures = ReleaseFigures(
        names=["a", "nothing", "sum"],
        values=np.array([4, 0, 4]),
        equations=[{0: 1, 1: 1, 2: -1}],
        is_total=np.array([False, False, True]),
        is_published=np.zeros(3, bool),
        was_hidden=np.zeros(3, bool),
        is_derived=np.zeros(3, bool),
    )
    assert hidden_names(figures) == {"a", "sum"}, "the 0 protects nothing"


def test_a_total_goes_after_a_larger_count_that_is_none():
    figures = ReleaseFigures(
        names=["a", "b", "other", "total", "all"],
        values=np.array([3, 5, 50, 8, 58]),
        equations=[{0: 1, 1: 1, 3: -1}, {0: 1, 1: 1, 2: 1, 4: -1}],
        is_total=np.array([False, False, False, True, False]),
        is_published=np.zeros(5, bool),
        was_hidden=np.zeros(5, bool),
        is_derived=np.zeros(5, bool),
    )
    # a + b = 8 and neither is 0: from 1 to 7, short of what is promised.
    hidden = np.array([True, True, False, False, False])
    assert _partner(figures, hidden, 0) == 2, "not the total, although it is smaller"


def test_what_was_hidden_stays_hidden_and_what_was_published_hides_nothing():
    # Last time 0|0 and 0|1 of one row were hidden; now nothing is small, yet publishing 0|1 would
    # give last time's 0|0 away.
    before = table([[12, 20, 40]], hidden=["0|0", "0|1"])
    assert {"0|0", "0|1"} <= hidden_names(before)
    # 0|1 was published last time and is the same: hiding it would not protect 0|0, so 0|2 goes.
    figures = table([[3, 20, 40], [25, 50, 60]], published=["0|1"])
    hidden = suppress_cells(figures, FLOOR)
    assert "0|1" not in hidden_names(figures) and "0|2" in hidden_names(figures)
    ranges = solve(figures, hidden, figures.is_published)
    assert all(high - low >= FLOOR - 1 for low, high in ranges.values())


def test_a_small_count_that_was_published_already_is_not_hidden():
    figures = table([[3, 20, 40], [25, 50, 60]], published=["0|0"])
    assert hidden_names(figures) == set()


def test_a_figure_that_earlier_releases_give_away_is_not_released():
    figures = table([[3, 20]], published=["0|1", "0|-1", "1|1", "-1|1", "-1|-1", "-1|0"])
    with pytest.raises(
        Problem, match=r"^1 hidden figures could be worked out .* \(floor 10\).* 0\|0"
    ):
        suppress_cells(figures, FLOOR)


def test_a_width_that_is_too_narrow_is_refused_and_not_only_a_figure_that_is_solved():
    """a + b = 9 was published with all of it: a lies from 1 to 8, and nothing else can be hidden."""
    names = ["a", "b", "sum"]
    figures = ReleaseFigures(
        names=names,
        values=np.array([4, 5, 9]),
        equations=[{0: 1, 1: 1, 2: -1}],
        is_total=np.array([False, False, True]),
        is_published=np.array([False, False, True]),
        was_hidden=np.zeros(3, bool),
        is_derived=np.zeros(3, bool),
    )
    with pytest.raises(Problem, match="within fewer than 9"):
        suppress_cells(figures, FLOOR)


def test_what_only_whole_numbers_tell_is_seen():
    """Twice a hidden count is even: 2a + b = 21 with b from 1 leaves a from 1 to 10."""
    figures = ReleaseFigures(
        names=["a", "a_again", "b", "sum"],
        values=np.array([5, 5, 11, 21]),
        equations=[{0: 1, 1: 1, 2: 1, 3: -1}, {0: 1, 1: -1}],
        is_total=np.array([False, False, False, True]),
        is_published=np.zeros(4, bool),
        was_hidden=np.zeros(4, bool),
        is_derived=np.zeros(4, bool),
    )
    hidden = np.array([True, True, True, False])
    assert cell_bounds(figures, hidden, 0) == (1, 10)
    assert cell_bounds(figures, hidden, 2) == (1, 19), "odd, and at most 21 less two"


def test_the_cases_that_a_share_leaves_out_are_protected():
    """230 of 233 on time: 3 late. One of the two counts goes, and it is not the total."""
    figures = ReleaseFigures(
        names=["late", "on_time", "due"],
        values=np.array([3, 230, 233]),
        equations=[{0: 1, 1: 1, 2: -1}],
        is_total=np.zeros(3, bool),
        is_published=np.zeros(3, bool),
        was_hidden=np.zeros(3, bool),
        is_derived=np.array([True, False, False]),
    )
    assert hidden_names(figures) == {"late", "on_time"}
    assert cell_bounds(figures, suppress_cells(figures, FLOOR), 0) == (0, 232), (
        "on_time is 1 or more"
    )
