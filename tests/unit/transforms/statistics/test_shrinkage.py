"""Shrunken values by hand: the moments of Buehlmann and Straub, with and without spread."""

import numpy as np
import pytest

from transforms.statistics.intervals import Counts
from transforms.statistics.shrinkage import shrink


def shrink_league(method: str, cases, size, squares=None):
    squares = None if squares is None else np.array(squares, float)
    counts = Counts(np.array(cases, float), np.array(size, float), squares)
    return shrink(method, np.zeros(len(cases), int), counts)


def test_shares_by_hand():
    """Two branches with 20 and 60 of 100, centre .4, chance .4 x .6 = .24.

    Spread 100 (.2^2 + .2^2) = 8; of it chance makes .24 once (two branches less one for the
    centre). Evenness 200 - 100 = 100, less 1 for the same reason: between = 7.76 / 99.
    """
    shrunk = shrink_league("wilson", [20, 60], [100, 100])
    between = 7.76 / 99
    within = 0.24 - between
    weight = 100 * between / (100 * between + within)
    assert shrunk.between == pytest.approx([between] * 2)
    assert shrunk.weight == pytest.approx([weight] * 2)
    assert shrunk.mean == pytest.approx([0.4 - weight * 0.2, 0.4 + weight * 0.2])
    assert shrunk.chance == pytest.approx([within / 100] * 2)
    # The beta posterior: mean (1 - mean) / (its two parameters + 1).
    mean = shrunk.mean
    parameters = 100 + within / between
    assert shrunk.variance == pytest.approx(mean * (1 - mean) / (parameters + 1))


def test_rates_by_hand():
    """Three branches with 0, 10 and 20 of 10 each, centre 1, chance 1.

    Spread 10 (1 + 0 + 1) = 20, chance makes 2 of it (three branches less one); evenness 30 - 10 =
    20: between = 18 / 20.
    """
    shrunk = shrink_league("poisson", [0, 10, 20], [10, 10, 10])
    assert shrunk.between == pytest.approx([0.9] * 3)
    assert shrunk.weight == pytest.approx([9 / 10] * 3)
    assert shrunk.mean == pytest.approx([0.1, 1, 1.9])
    # The gamma posterior: mean / (exposure + centre / between).
    assert shrunk.variance == pytest.approx(shrunk.mean / (10 + 1 / 0.9))


def test_means_by_hand():
    """Two branches with observations 1, 3 and 5, 7: centre 4, variance inside each 2.

    Spread 2 (4 + 4) = 16, chance makes 2 of it; evenness 4 - 8 / 4 = 2: between = 14 / 2.
    """
    shrunk = shrink_league("t", [4, 12], [2, 2], [1 + 9, 25 + 49])
    assert shrunk.between == pytest.approx([7, 7])
    assert shrunk.weight == pytest.approx([14 / 16] * 2)
    assert shrunk.mean == pytest.approx([4 - 2 * 14 / 16, 4 + 2 * 14 / 16])
    assert shrunk.variance == pytest.approx([2 / 16 * 7] * 2)
    assert shrunk.chance == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("cases", "is_spread"),
    # Centre 1 and size 2: the spread is 2 (d^2 + d^2) for a distance d, chance makes 1 of it.
    [((2 - 1, 2 + 1), False), ((2 - 1.001, 2 + 1.001), True), ((2 - 0.999, 2 + 0.999), False)],
)
def test_a_spread_of_chance_exactly_is_no_spread(cases, is_spread):
    shrunk = shrink_league("poisson", cases, [2, 2])
    assert (shrunk.between > 0).tolist() == [is_spread] * 2
    assert (shrunk.weight > 0).tolist() == [is_spread] * 2


def test_branches_without_cases_and_methods_without_moments_are_unknown():
    shrunk = shrink_league("wilson", [20, 60, 0], [100, 100, 0])
    assert np.isfinite(shrunk.mean).tolist() == [True, True, False]
    assert shrunk.between[:2] == pytest.approx([7.76 / 99] * 2), "it changes nothing for others"
    assert np.isnan(shrink_league("order", [1, 2], [3, 4]).mean).all()


def test_a_league_of_one_is_its_own_centre():
    shrunk = shrink_league("wilson", [9], [10])
    assert (shrunk.mean[0], shrunk.between[0], shrunk.weight[0]) == (0.9, 0, 0)


def test_branches_of_all_and_of_none_leave_chance_a_billionth():
    """Shares of 0 and 1: the branches differ by all there is, and chance must not be negative."""
    shrunk = shrink_league("wilson", [0, 100], [100, 100])
    assert shrunk.between == pytest.approx([0.25 * (1 - 1e-9)] * 2, rel=1e-12)
    assert (shrunk.chance > 0).all() and (shrunk.variance >= 0).all()
    assert shrunk.mean == pytest.approx([0, 1], abs=1e-9)


def test_one_case_is_known_too():
    shrunk = shrink_league("wilson", [1, 60], [1, 100])
    assert np.isfinite(shrunk.mean).all()
    assert (shrunk.between == 0).all() and shrunk.mean == pytest.approx([61 / 101] * 2)
    assert (shrunk.variance == 0).all()


def test_observations_that_are_all_the_same_leave_no_chance():
    """1, 1 and 3, 3: all of the spread, 4, is between the branches; evenness is 4 - 8 / 4 = 2."""
    shrunk = shrink_league("t", [2, 6], [2, 2], [2, 18])
    assert shrunk.between == pytest.approx([2, 2]) and shrunk.weight == pytest.approx([1, 1])


def test_no_estimate_at_all_of_a_method_without_moments():
    shrunk = shrink_league("order", [1, 2], [3, 4])
    for name in ("mean", "variance", "weight", "centre", "between", "chance"):
        assert np.isnan(getattr(shrunk, name)).tolist() == [True, True], name
