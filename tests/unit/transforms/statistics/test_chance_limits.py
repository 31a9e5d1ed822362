"""Lines of a funnel against sums over the distribution written out, wherever the search begins."""

import numpy as np
import pytest
from scipy import stats

from transforms.statistics import chance_limits
from transforms.statistics.intervals import Counts


def interpolated_line(probabilities: np.ndarray, tail: float) -> tuple[float, float]:
    """Return the line of a list of probabilities by count, and the sum of those below it."""
    below = 0.0
    for count, probability in enumerate(probabilities):
        if below + probability >= tail:
            return max(count - (below + probability - tail) / probability, 0), below
        below += probability
    raise AssertionError("the tail is larger than all there is")


@pytest.mark.parametrize("begin", [None, "none", "all"])
@pytest.mark.parametrize(
    ("size", "share", "tail"),
    [(20, 0.3, 0.025), (50, 0.9, 0.001), (200, 0.5, 0.025), (7, 0.02, 0.1), (40, 0.97, 0.001)],
)
def test_lines_of_shares(monkeypatch, begin, size, share, tail):
    if begin:
        begins = np.zeros(1) if begin == "none" else np.full(1, float(size))
        guess = lambda *_: begins.copy()  # noqa: E731
        monkeypatch.setattr(chance_limits, "_cornish_fisher_count", guess)
    low, high, below, above = chance_limits.chance_limits(
        "wilson", np.array([float(size)]), np.array([share]), tail
    )
    probabilities = stats.binom.pmf(np.arange(size + 1), size, share)
    line, outside = interpolated_line(probabilities, tail)
    assert (size * low[0], below[0]) == pytest.approx((line, outside), rel=1e-6, abs=1e-9)
    line, outside = interpolated_line(probabilities[::-1], tail)
    assert (size - size * high[0], above[0]) == pytest.approx((line, outside), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("begin", [20, 50, 200, 1000])
def test_the_first_guess_is_seldom_more_than_one_away(begin):
    shares, size = np.linspace(0.05, 0.95, 19), np.full(19, float(begin))
    guess = chance_limits._cornish_fisher_count(size, shares, 0.025)
    assert np.abs(guess - stats.binom.ppf(0.025, begin, shares)).max() <= 1
    nothing = chance_limits._cornish_fisher_count(np.full(2, 5.0), np.array([0.0, 1.0]), 0.025)
    assert nothing.tolist() == [0, 5]


@pytest.mark.parametrize(("mean", "tail"), [(0.5, 0.025), (4, 0.025), (30, 0.001), (9, 0.1)])
def test_lines_of_rates(mean, tail):
    """Exposure 2, so that lines are half of counts."""
    low, high, below, above = chance_limits.chance_limits(
        "poisson", np.array([2.0]), np.array([mean / 2]), tail
    )
    probabilities = stats.poisson.pmf(np.arange(200), mean)
    line, outside = interpolated_line(probabilities, tail)
    assert (2 * low[0], below[0]) == pytest.approx((line, outside))
    line, outside = interpolated_line(probabilities[::-1], tail)
    assert (199 - 2 * high[0], above[0]) == pytest.approx((line, outside))


def test_lines_of_means_have_the_tail_outside():
    """A sum of 4 exponential waits of mean 5 (variance 25) is a gamma of shape 4, unit 5."""
    low, high, below, above = chance_limits.chance_limits(
        "t", np.array([4.0]), np.array([5.0]), 0.1, np.array([25.0])
    )
    waits = stats.gamma(4, scale=5)
    assert (4 * low[0], 4 * high[0]) == pytest.approx((waits.ppf(0.1), waits.ppf(0.9)))
    assert (below[0], above[0]) == (0.1, 0.1)


def test_none_is_certainly_reached():
    """Two are expected: none has the probability e ^ -2, none or more has all."""
    low, high = chance_limits.tail_probabilities(
        "poisson", Counts(np.array([0.0, 1.0]), np.array([1.0, 1.0])), np.array([2.0, 2.0])
    )
    assert low == pytest.approx([np.exp(-2), 3 * np.exp(-2)])
    assert high == pytest.approx([1, 1 - np.exp(-2)])
    nothing = Counts(np.array([0.0]), np.array([4.0]))
    low, high = chance_limits.tail_probabilities("t", nothing, np.array([5.0]), np.array([25.0]))
    assert (low[0], high[0]) == (0, 1), "a sum of waits is not nothing"


@pytest.mark.parametrize(
    ("method", "size", "network", "variance", "is_known"),
    [
        ("wilson", 1, 1.0, None, True),
        ("wilson", 1, 1.01, None, False),
        ("wilson", 0, 0.5, None, False),
        ("poisson", 1, 0.0, None, False),
        ("poisson", 1, 0.01, None, True),
        ("t", 1, 0.0, 1.0, False),
        ("t", 1, 0.01, 0.0, False),
        ("t", 1, 0.01, 0.01, True),
        ("t", 0, 0.01, 0.01, False),
        ("t", 1, 0.01, None, False),
        ("order", 1, 0.5, 1.0, False),
    ],
)
def test_where_chance_is_known(method, size, network, variance, is_known):
    variances = None if variance is None else np.array([variance])
    known = chance_limits.is_testable(method, np.array([size]), np.array([network]), variances)
    assert known.tolist() == [is_known]
