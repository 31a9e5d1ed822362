"""Intervals and tails, against published figures and at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.statistics import interval, tails


def one(method, numerator, denominator, level=0.95):
    low, high = interval(method, np.array([float(numerator)]), np.array([float(denominator)]), level)
    return low[0], high[0]


def test_wilson_published():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    for (x, n), limits in {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0, 0.1611), (1, 29): (0.0061, 0.1718)}.items():
        assert one("wilson", x, n) == pytest.approx(limits, abs=5e-5)


def test_poisson_published():
    """Exact limits for a count (Garwood 1936): 0 -> 0 to 3.69, 1 -> 0.025 to 5.57, 10 -> 4.80 to 18.39."""
    for x, limits in {0: (0, 3.689), 1: (0.0253, 5.572), 10: (4.795, 18.39)}.items():
        assert one("poisson", x, 1) == pytest.approx(limits, abs=5e-3)
    assert one("poisson", 131, 135.2)[0] < 131 / 135.2 < one("poisson", 131, 135.2)[1]


def test_no_denominator_and_no_method_give_no_interval():
    assert np.isnan(one("wilson", 0, 0)).all() and np.isnan(one("poisson", 3, 0)).all() and np.isnan(one("none", 3, 5)).all()
    with pytest.raises(ValueError, match="unknown interval method"):
        one("wald", 1, 2)


@given(st.integers(0, 500), st.integers(1, 500))
def test_twice_the_cases_never_widen_an_interval(x, extra):
    n = x + extra
    for method in ("wilson", "poisson"):
        (low, high), (narrow_low, narrow_high) = one(method, x, n), one(method, 2 * x, 2 * n)
        assert narrow_high - narrow_low <= high - low
        assert low <= x / n <= high


@given(st.floats(0.5, 500))
def test_exact_flags_never_exceed_their_nominal_level(expected):
    """Of branches that do as the network does, at most 2.5 % (0.1 %) are flagged on a side; none merely for zero events at E = 2."""
    from scipy import stats

    counts = np.arange(0, 2000.0)
    low, high = tails("poisson", counts, np.full(2000, expected), np.ones(2000))
    chance = stats.poisson.pmf(counts, expected)
    for level in (0.025, 0.001):
        assert chance[low < level].sum() <= level and chance[high < level].sum() <= level
    assert tails("poisson", np.array([0.0]), np.array([2.0]), np.ones(1))[0][0] > 0.1
