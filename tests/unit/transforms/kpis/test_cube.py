"""Sums in the cube: exact to the last one that fits, and over the tree of each period."""

import numpy as np
import pytest
from scipy import sparse

from transforms.kpis.cube import LARGEST, Cube, sum_by_cell
from transforms.kpis.positioned_rows import ALL, PositionedRows


def one_branch(periods: int = 1) -> Cube:
    tree = (np.arange(periods), sparse.csr_array(np.ones((1, 1), int)))
    return Cube([{"period_id": 1}] * periods, ["HQ"], [tree], np.full((periods, 1), "x"), 0, 0)


def rows_of(values: list[int]) -> PositionedRows:
    nothing = np.zeros(len(values), int)
    measures = {"numerator": np.array(values)}
    return PositionedRows(nothing + 1, False, nothing, [ALL], [nothing], measures)


@pytest.mark.parametrize(
    ("values", "fits"),
    [([LARGEST], True), ([LARGEST, 1024], False), ([-LARGEST], True), ([-LARGEST, -1024], False)],
)
def test_a_sum_that_does_not_fit_is_an_error(values, fits):
    if fits:
        assert sum_by_cell(rows_of(values), "numerator", one_branch())[0].item() == sum(values)
    else:
        with pytest.raises(OverflowError, match="numerator"):
            sum_by_cell(rows_of(values), "numerator", one_branch())


def test_a_period_is_the_sum_of_its_intervals_and_waiting_is_what_comes_after():
    periods = [
        {
            "period_id": 1,
            "first_interval": 1,
            "end_interval": 3,
            "year_earlier_id": None,
        },
        {"period_id": 2, "first_interval": 2, "end_interval": 4, "year_earlier_id": 1},
    ]
    tree = (np.arange(2), sparse.csr_array(np.array([[1, 1], [0, 1]])))
    cube = Cube(periods, ["B", "HQ"], [tree], np.full((2, 2), "x"), 0, 4)
    interval = np.array([0, 1, 2, 3, 4])
    branch, all_segments = np.ones(5, int), np.zeros(5, int)
    measures = {"numerator": np.array([10_000, 1_000, 100, 10, 1])}
    rows = PositionedRows(interval, True, branch, [ALL], [all_segments], measures)
    sums, waiting = sum_by_cell(rows, "numerator", cube)
    assert sums[:, :, 0].tolist() == [[1_100, 110], [1_100, 110]]
    # Only the second period ends with as_of: of it, interval 4 is still to come.
    assert waiting[:, :, 0].tolist() == [[0, 1], [0, 1]]
    assert (cube.later_interval, cube.year_earlier(0), cube.year_earlier(1)) == (4, None, 0)
