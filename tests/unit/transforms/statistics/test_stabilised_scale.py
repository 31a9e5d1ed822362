"""Distances on the scales where chance is the same everywhere, by hand, and the way back."""

import numpy as np
import pytest

from transforms.statistics.intervals import Counts
from transforms.statistics.stabilised_scale import stabilise, unstabilise


def counts_of(cases: list[float], size: list[float]) -> Counts:
    return Counts(np.array(cases, float), np.array(size, float))


def test_shares_are_averaged_over_the_case_and_one_more():
    """One of two, against one half: arcsin sqrt 1/3 and arcsin sqrt 2/3 have the middle pi / 4."""
    distance, error = stabilise("wilson", counts_of([1, 2], [2, 2]), np.array([0.5, 0.5]))
    all_of_two = (np.arcsin(np.sqrt(2 / 3)) + np.pi / 2) / 2 - np.pi / 4
    assert distance == pytest.approx([0, all_of_two])
    assert error == pytest.approx([0.5 / np.sqrt(2.5)] * 2)


def test_rates_are_roots_over_the_root_of_what_is_expected():
    """Four events where four are expected, and none; the error is 1 / (2 sqrt 4)."""
    distance, error = stabilise("poisson", counts_of([4, 0], [2, 2]), np.array([2.0, 2.0]))
    assert distance == pytest.approx([(2 + np.sqrt(5)) / 4 - 1, 1 / 4 - 1])
    assert error == pytest.approx([0.25, 0.25])


def test_means_are_logarithms():
    """A mean of 20 against 10, the variance of one of 25 observations is 100: 10 / 5 / 10."""
    counts = counts_of([500, 1, 0], [25, 25, 25])
    distance, error = stabilise("t", counts, np.full(3, 10.0), np.full(3, 100.0))
    assert distance[:2] == pytest.approx([np.log(2), np.log(0.004)])
    assert error[:2] == pytest.approx([0.2, 0.2])
    assert np.isnan([distance[2], error[2]]).all(), "zero has no logarithm"


@pytest.mark.parametrize(
    ("method", "size", "network", "variance"),
    [
        ("wilson", 0, 0.5, None),
        ("wilson", 9, np.nan, None),
        ("wilson", 9, 1.001, None),
        ("poisson", 9, 0, None),
        ("t", 9, 0, 1),
        ("t", 9, 5, 0),
        ("t", 9, 5, None),
        ("order", 9, 5, None),
    ],
)
def test_where_chance_is_unknown_there_is_no_distance(method, size, network, variance):
    variances = None if variance is None else np.array([float(variance)])
    distance, error = stabilise(method, counts_of([3], [size]), np.array([network]), variances)
    assert np.isnan(distance).all() and np.isnan(error).all()


@pytest.mark.parametrize(
    ("method", "distance", "network", "ratio"),
    [
        ("wilson", np.pi / 12, 0.25, 0.5),  # 30 degrees and 15 more: the square of sin 45 degrees
        ("wilson", 0, 1, 1),
        ("wilson", 0, 1.5, 1),
        ("wilson", 2, 0.25, 1),
        ("wilson", -2, 0.25, 0),
        ("wilson", 0, -0.1, 0),
        ("poisson", 1, 3, 12),
        ("poisson", -0.5, 4, 1),
        ("poisson", -1.5, 4, 0),
        ("t", np.log(2), 7, 14),
        ("t", -np.log(2), 7, 3.5),
    ],
)
def test_the_way_back(method, distance, network, ratio):
    back = unstabilise(method, np.array([distance]), np.array([network]))
    assert back == pytest.approx([ratio])
