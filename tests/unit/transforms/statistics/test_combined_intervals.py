"""Limits of differences and sums by hand: right-angled triangles of the terms' own limits."""

import numpy as np
import pytest

from transforms.statistics import combined_intervals


def estimate(value: float, low: float, high: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([number], float) for number in (value, low, high))


def test_a_difference_by_hand():
    """10 (7 to 22) - 4 (-1 to 8): down it is 3 and 4, so 5; up it is 12 and 5, so 13."""
    low, high = combined_intervals.difference_interval(estimate(10, 7, 22), estimate(4, -1, 8))
    assert (low[0], high[0]) == pytest.approx((6 - 5, 6 + 13))


def test_a_difference_of_shares_is_that_of_newcombe():
    """56 of 70 and 48 of 80 (Newcombe 1998, table II, method 10): .0524 to .3339."""
    wilson = [estimate(0.8, 0.6915, 0.8771), estimate(0.6, 0.4904, 0.7000)]
    low, high = combined_intervals.difference_interval(*wilson)
    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=2e-3)


def test_a_sum_by_hand():
    """10 (7 to 15) + 20 (16 to 32): down it is 3 and 4, up it is 5 and 12."""
    terms = np.array([[10.0, 20]]), np.array([[7.0, 16]]), np.array([[15.0, 32]])
    low, high = combined_intervals.sum_interval(*terms)
    assert (low[0], high[0]) == pytest.approx((30 - 5, 30 + 13))


def test_a_term_without_limits_leaves_none():
    low, high = combined_intervals.difference_interval(
        estimate(10, np.nan, np.nan), estimate(4, 1, 8)
    )
    assert np.isnan([low, high]).all()
    terms = np.array([[10.0, 20]]), np.array([[7.0, np.nan]]), np.array([[15.0, np.nan]])
    assert np.isnan(combined_intervals.sum_interval(*terms)).all()


def test_limits_of_another_level_by_the_table_of_the_normal_distribution():
    """From 95 % (1.960) to 99 % (2.576), each side by itself; to the same level it changes none."""
    value, low, high = combined_intervals.rescale_interval(
        estimate(10, 10 - 1.959964, 10 + 2 * 1.959964), 0.95, np.array([0.99])
    )
    assert (value[0], low[0], high[0]) == pytest.approx((10, 10 - 2.575829, 10 + 2 * 2.575829))
    same = combined_intervals.rescale_interval(estimate(10, 8, 13), 0.9, np.array([0.9]))
    assert [float(limit[0]) for limit in same] == pytest.approx([10, 8, 13])
