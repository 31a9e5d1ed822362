"""A fingerprint of the rows of a period says whether two runs add up the same cases."""

import numpy as np
import pytest
from scipy import sparse

from transforms.kpis.cube import Cube
from transforms.kpis.fingerprints import fingerprint_periods
from transforms.kpis.positioned_rows import ALL, PositionedRows

BRANCHES = ["A", "B", "HQ"]
SEGMENTS = [ALL, ("line", "motor")]


def cube_of(periods: list[tuple[int, int]], later: int) -> Cube:
    """Return a cube of periods, each from one interval up to another."""
    rows = [
        {"period_id": number, "first_interval": first, "end_interval": end}
        for number, (first, end) in enumerate(periods, start=1)
    ]
    tree = (np.arange(len(rows)), sparse.csr_array(np.eye(3, dtype=int)))
    return Cube(rows, BRANCHES, [tree], np.full((len(rows), 3), "sub"), 2, later)


def rows_of(*rows: tuple, branches=BRANCHES, is_by_interval=True) -> PositionedRows:
    """Return rows of interval (or period_id), branch, segment of kind line or None, numerator and
    denominator.
    """
    time, branch, line, numerator, denominator = zip(*rows, strict=True)
    positions = {None: -1, "motor": 1}
    return PositionedRows(
        np.array(time),
        is_by_interval,
        np.array([branches.index(code) for code in branch]),
        SEGMENTS,
        [np.zeros(len(time), int), np.array([positions[name] for name in line])],
        {"numerator": np.array(numerator), "denominator": np.array(denominator)},
    )


CASES = [(1, "A", "motor", 3, 4), (2, "A", "motor", 1, 1), (2, "B", None, 0, 2)]


def test_rows_in_another_order_or_cut_into_other_intervals_are_the_same_cases():
    whole = fingerprint_periods(rows_of(*CASES), cube_of([(1, 3)], later=9))
    turned = fingerprint_periods(rows_of(*CASES[::-1]), cube_of([(1, 3)], later=9))
    one_interval = [(1, "A", "motor", 4, 5), (1, "B", None, 0, 2)]
    summed = fingerprint_periods(rows_of(*one_interval), cube_of([(1, 2)], later=7))
    shifted = [(4, "A", "motor", 3, 4), (5, "A", "motor", 1, 1), (8, "B", None, 0, 2)]
    later_cut = fingerprint_periods(rows_of(*shifted), cube_of([(4, 9)], later=11))
    assert whole.tolist() == turned.tolist() == summed.tolist() == later_cut.tolist()


@pytest.mark.parametrize(
    "changed",
    [
        [(1, "A", "motor", 4, 4), *CASES[1:]],
        [(1, "A", "motor", 3, 5), *CASES[1:]],
        [(1, "B", "motor", 3, 4), *CASES[1:]],
        [(1, "A", None, 3, 4), *CASES[1:]],
        [(3, "A", "motor", 3, 4), *CASES[1:]],
        CASES[1:],
        [*CASES, CASES[0]],
        [(1, "A", "motor", 4, 3), *CASES[1:]],
    ],
    ids=["numerator", "size", "branch", "segment", "date", "fewer", "twice", "swapped"],
)
def test_any_other_cases_have_another_fingerprint(changed):
    cube = cube_of([(1, 3)], later=9)
    before = fingerprint_periods(rows_of(*CASES), cube)
    assert before.tolist() != fingerprint_periods(rows_of(*changed), cube).tolist()


def test_what_waits_counts_only_in_periods_that_end_with_as_of():
    cube = cube_of([(1, 2), (1, 3)], later=3)
    waiting = [*CASES[:2], (3, "B", None, 0, 1)]
    without = fingerprint_periods(rows_of(*CASES[:2]), cube)
    with_it = fingerprint_periods(rows_of(*waiting), cube)
    assert without[0].tolist() == with_it[0].tolist()
    assert without[1].tolist() != with_it[1].tolist()


def test_rows_by_period_are_those_of_their_period():
    cube = cube_of([(1, 2), (2, 3)], later=3)
    before = fingerprint_periods(rows_of(*CASES, is_by_interval=False), cube)
    changed = [(1, "A", "motor", 3, 4), (2, "A", "motor", 0, 1), (2, "B", None, 0, 2)]
    after = fingerprint_periods(rows_of(*changed, is_by_interval=False), cube)
    assert before[0].tolist() == after[0].tolist()
    assert before[1].tolist() != after[1].tolist()


def test_observations_count_as_often_as_they_weigh():
    cube = cube_of([(1, 3)], later=9)

    def fingerprint(days: list[int], weights: list[int]) -> list:
        nothing = np.zeros(len(days), int)
        measures = {"observation": np.array(days), "weight": np.array(weights)}
        rows = PositionedRows(nothing + 1, True, nothing, [ALL], [nothing], measures)
        return fingerprint_periods(rows, cube).tolist()

    assert fingerprint([5, 7], [2, 1]) == fingerprint([5, 7, 5], [1, 1, 1])
    assert fingerprint([5, 7], [2, 1]) != fingerprint([5, 7], [1, 2])
    assert fingerprint([6], [2]) != fingerprint([5, 7], [1, 1])
