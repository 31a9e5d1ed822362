"""Intervals and tails, against published figures and at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.statistics.chance_limits import chance_limits, tail_probabilities
from transforms.statistics.intervals import Counts, confidence_interval, order_ranks
from transforms.statistics.stabilised_scale import stabilise, unstabilise


def one(method, cases, size, level=0.95, squares=None):
    low, high = confidence_interval(
        method, counts([cases], [size], None if squares is None else [squares]), level
    )
    return low[0], high[0]


def counts(cases, size, squares=None):
    squares = None if squares is None else np.array(squares, float)
    return Counts(np.array(cases, float), np.array(size, float), squares)


def test_wilson_published():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    for (x, n), published in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert one("wilson", x, n) == pytest.approx(published, abs=5e-5)


def test_poisson_published():
    """Exact limits for a count (Garwood 1936): 0 -> 0 to 3.69, 1 -> 0.025 to 5.57, 10 -> 4.80 to
    18.39.
    """
    for x, published in {0: (0, 3.689), 1: (0.0253, 5.572), 10: (4.795, 18.39)}.items():
        assert one("poisson", x, 1) == pytest.approx(published, abs=5e-3)
    assert one("poisson", 131, 135.2)[0] < 131 / 135.2 < one("poisson", 131, 135.2)[1]


def test_no_denominator_and_no_method_give_no_interval():
    assert (
        np.isnan(one("wilson", 0, 0)).all()
        and np.isnan(one("poisson", 3, 0)).all()
        and np.isnan(one("none", 3, 5)).all()
    )
    with pytest.raises(ValueError, match="unknown interval method"):
        one("wald", 1, 2)


def test_t_published():
    """Student's own example (1908, section IX, ten patients, hours of sleep gained with the second
    drug): mean 2.33, s = 2.0022 (n - 1).

    The interval is that of any table of t with 9 degrees of freedom: 2.33 -+ 2.2622 x 2.0022 / sqrt
    10.
    """
    hours = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    assert one("t", hours.sum(), 10, squares=(hours**2).sum()) == pytest.approx(
        (0.8977, 3.7623), abs=5e-4
    )


def test_a_mean_of_one_or_of_equal_observations_has_no_interval():
    assert (
        np.isnan(one("t", 7, 1, squares=49)).all()
        and np.isnan(one("t", 3 * 0.1, 3, squares=3 * 0.01)).all()
    )


def test_limits_of_a_median_are_published_ranks():
    """Order statistics that enclose the median with 95 %: for 10 observations the 2nd and 9th, for
    20 the 6th and 15th, for 30 the 10th and 21st (sign-test tables, e.g. Conover, Practical
    Nonparametric Statistics, table A3 at p = 1/2). Five have none.
    """
    low, high = order_ranks(np.array([5, 10, 20, 30]), 0.5, 0.95)
    assert low.tolist() == [0, 2, 6, 10] and high.tolist() == [0, 9, 15, 21]


@given(st.integers(0, 500), st.integers(1, 500))
def test_twice_the_cases_never_widen_an_interval(x, extra):
    n = x + extra
    for method in ("wilson", "poisson"):
        (low, high), (narrow_low, narrow_high) = one(method, x, n), one(method, 2 * x, 2 * n)
        assert one(method, x, n, 0.998)[0] <= low and high <= one(method, x, n, 0.998)[1]
        assert narrow_high - narrow_low <= high - low
        assert low <= x / n <= high


@given(st.floats(0.5, 500))
def test_exact_flags_never_exceed_their_nominal_level(expected):
    """Of branches that do as the network does, at most 2.5 % (0.1 %) are flagged on a side; none
    merely for zero events at E = 2.
    """
    from scipy import stats

    events = np.arange(0, 2000.0)
    low, high = tail_probabilities(
        "poisson", counts(events, np.full(2000, expected)), np.ones(2000)
    )
    chance = stats.poisson.pmf(events, expected)
    for level in (0.025, 0.001):
        assert chance[low < level].sum() <= level and chance[high < level].sum() <= level
    assert tail_probabilities("poisson", counts([0], [2]), np.ones(1))[0][0] > 0.1


@given(st.integers(1, 400), st.floats(0.001, 0.999), st.sampled_from([0.025, 0.001]))
def test_a_branch_lies_outside_the_line_exactly_where_its_tail_says_so(n, network, tail):
    """Line and flag are one computation, for every count that a share or a rate can have; the line
    never enters impossible values.
    """
    cases = np.arange(n + 1.0)
    size, centre = np.full(n + 1, float(n)), np.full(n + 1, network)
    for method in ("wilson", "poisson"):
        low, high = tail_probabilities(method, counts(cases, size), centre)
        lower, upper, below, above = chance_limits(method, size, centre, tail)
        assert ((cases / n < lower) == (low < tail)).all() and (
            (cases / n > upper) == (high < tail)
        ).all()
        assert below[0] < tail and above[0] < tail and lower[0] >= 0
        assert method == "poisson" or upper[0] <= 1


def test_shares_near_all_do_not_flag_by_themselves():
    """Of average branches with 20 cases at 95 % the normal line flags 7.6 % as low and none as high
    (as PHEindicatormethods draws it); the exact one flags at most 2.5 %.
    """
    from scipy import stats

    below = chance_limits("wilson", np.array([20.0]), np.array([0.95]), 0.025)[2][0]
    normal = 0.95 - 1.96 * np.sqrt(0.95 * 0.05 / 20)
    assert stats.binom.cdf(np.ceil(normal * 20) - 1, 20, 0.95) == pytest.approx(0.0755, abs=5e-4)
    assert below == pytest.approx(stats.binom.cdf(16, 20, 0.95)) and below < 0.025


def test_means_of_skewed_times_are_not_flagged_by_themselves():
    """20,000 branches of 30 claims whose times are log-normal: a gamma line flags about as many as
    it says, on the slow side too.
    """
    random = np.random.default_rng(20251122)
    times = random.lognormal(0, 0.7, (20_000, 30))
    mean, variance = np.exp(0.245), (np.exp(0.49) - 1) * np.exp(0.49)
    sums = counts(times.sum(axis=1), np.full(20_000, 30), (times**2).sum(axis=1))
    low, high = tail_probabilities("t", sums, np.full(20_000, mean), np.full(20_000, variance))
    assert (
        np.mean(low < 0.025) < 0.03
        and np.mean(high < 0.025) < 0.035
        and np.mean(high < 0.001) < 0.004
    )
    lower, upper, _, _ = chance_limits(
        "t", sums.size, np.full(20_000, mean), 0.025, np.full(20_000, variance)
    )
    assert ((sums.ratio < lower) == (low < 0.025)).all() and (
        (sums.ratio > upper) == (high < 0.025)
    ).all()


@pytest.mark.parametrize("method", ["wilson", "poisson"])
def test_on_the_stabilised_scale_chance_is_the_same_everywhere(method):
    random = np.random.default_rng(20251122)
    for network in (0.1, 0.5, 0.9):
        size, centre = np.full(20_000, 200.0), np.full(20_000, network)
        cases = (
            random.binomial(200, network, 20_000)
            if method == "wilson"
            else random.poisson(200 * network, 20_000)
        )
        far, error = stabilise(method, counts(cases, size), centre)
        assert np.std(far / error) == pytest.approx(1, abs=0.05) and np.mean(
            far / error
        ) == pytest.approx(0, abs=0.1)
        assert unstabilise(method, np.zeros(1), centre[:1])[0] == pytest.approx(network)


@pytest.mark.parametrize(("observations", "ranks"), [(5, (0, 0)), (6, (1, 6)), (7, (1, 7))])
def test_a_median_has_limits_from_six_observations_on(observations, ranks):
    """All of five on one side of the median: 1 / 32 on each, more than 2.5 %; of six, 1 / 64."""
    low, high = order_ranks(np.array([observations]), 0.5, 0.95)
    assert (low[0], high[0]) == ranks


@pytest.mark.parametrize(("cases", "has_interval"), [(9, True), (10, True), (11, False)])
def test_a_share_is_at_most_all(cases, has_interval):
    assert np.isfinite(one("wilson", cases, 10)).all() == has_interval


@pytest.mark.parametrize(("size", "has_variance"), [(1, False), (2, True)])
def test_a_variance_needs_two_observations(size, has_variance):
    variance = counts([3], [size], [5]).variance
    assert np.isfinite(variance).tolist() == [has_variance]
    # 1 and 2: mean 1.5, squared distances .25 + .25, over one.
    assert not has_variance or variance == pytest.approx(0.5)


def test_as_the_library_for_wilson():
    """The same bits as statsmodels: limits are those of a library that others can run."""
    from statsmodels.stats.proportion import proportion_confint

    random = np.random.default_rng(5)
    size = random.integers(1, 100_000, 5_000).astype(float)
    cases = np.floor(random.random(5_000) * (size - 1)) + 1
    for level in (0.95, 0.998):
        low, high = confidence_interval("wilson", counts(cases, size), level)
        library = proportion_confint(cases, size, 1 - level, "wilson")
        assert low == pytest.approx(library[0], rel=1e-14)
        assert high == pytest.approx(library[1], rel=1e-14)


@pytest.mark.parametrize(
    ("method", "network", "variance", "is_known"),
    [
        ("wilson", 1.0, None, True),
        ("wilson", 1.001, None, False),
        ("poisson", 0.0, None, False),
        ("poisson", 0.001, None, True),
        ("t", 1.0, 0.0, False),
        ("t", 1.0, 0.001, True),
        ("t", 0.0, 1.0, False),
        ("t", 1.0, None, False),
        ("order", 1.0, 1.0, False),
    ],
)
def test_where_chance_has_a_distribution(method, network, variance, is_known):
    variance = None if variance is None else np.array([variance])
    low, _ = tail_probabilities(method, counts([1], [2]), np.array([network]), variance)
    assert np.isfinite(low).tolist() == [is_known]
    low, _ = tail_probabilities(method, counts([0], [0]), np.array([network]), variance)
    assert np.isnan(low).all(), "no cases, no test"
