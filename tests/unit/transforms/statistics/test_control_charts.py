"""Control charts and their rules against published ones, by simulation of branches in which nothing
happens, and at the edges.
"""

import numpy as np
import pytest
from scipy import stats

from transforms.statistics import control_limits
from transforms.statistics.chart_rules import apply_rules
from transforms.statistics.control_limits import (
    attributes_chart,
    individuals_chart,
    mean_moving_range,
)


def everywhere(values) -> np.ndarray:
    return np.ones(np.shape(values), bool)


def test_viscosity_published():
    """Montgomery, Introduction to Statistical Quality Control, viscosity of a primer paint: centre
    33.52, limits 32.24 and 34.80.
    """
    batch = [
        33.75,
        33.05,
        34.00,
        33.81,
        33.46,
        34.02,
        33.68,
        33.27,
        33.49,
        33.20,
        33.62,
        33.00,
        33.54,
        33.12,
        33.84,
    ]
    chart = individuals_chart(np.array([batch]), everywhere([batch]), np.array([False]))
    assert (chart.centre[0, 0], chart.low[0, 0], chart.high[0, 0]) == pytest.approx(
        (33.52, 32.24, 34.80), abs=5e-3
    )
    assert not apply_rules(chart, np.array([batch]), everywhere([batch]))[0].any()
    # On the log scale the limits lie as far from the centre by factors.
    chart = individuals_chart(np.exp([batch]), everywhere([batch]), np.array([True]))
    assert np.log([chart.centre[0, 0], chart.low[0, 0], chart.high[0, 0]]) == pytest.approx(
        (33.52, 32.24, 34.80), abs=5e-3
    )


def test_defects_published():
    """Montgomery, defects of twenty samples of five computers: 1.93 each, limits 0.07 and 3.79 by
    the normal approximation, which is 0.35 and 18.95 of a sample. The exact ones lie higher, as a
    Poisson count leans that way: at most one, or 21 and more, are as unlikely.
    """
    defects = np.array(
        [[10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5]], float
    )
    chart = attributes_chart(
        defects, np.full(defects.shape, 5.0), everywhere(defects), is_share=False
    )
    assert chart.centre[0, 0] == pytest.approx(1.93) and 1 <= chart.dispersion[0] < 1.1
    assert (5 * chart.low[0, 0], 5 * chart.high[0, 0]) == (2, 20)
    assert not apply_rules(chart, defects / 5, everywhere(defects))[0].any()


def test_laney_by_his_own_formula():
    """Large samples of unequal size that differ beyond chance: the limits are p +- 3 sigma_p
    sigma_z, sigma_z = mean moving range of z / 1.128.
    """
    chance = np.random.default_rng(7)
    of = chance.integers(20_000, 60_000, 20).astype(float)
    cases = np.round(of * (0.3 + 0.01 * chance.standard_normal(20)))
    chart = attributes_chart(cases[None], of[None], everywhere(of[None]), is_share=True)
    p = cases.sum() / of.sum()
    deviation = np.sqrt(p * (1 - p) / of)
    spread = np.abs(np.diff((cases / of - p) / deviation)).mean() / 1.128
    assert chart.dispersion[0] == pytest.approx(spread) and spread > 3
    assert chart.low[0] == pytest.approx(p - 3 * deviation * spread) and chart.high[
        0
    ] == pytest.approx(p + 3 * deviation * spread)
    # Of samples of one size it is the chart of individuals.
    same, shares = np.full((1, 20), 40_000.0), np.round(cases / of * 40_000)[None]
    laney, xmr = (
        attributes_chart(shares, same, everywhere(same), is_share=True),
        individuals_chart(shares / same, everywhere(same), np.array([False])),
    )
    assert laney.low[0] == pytest.approx(xmr.low[0]) and laney.high[0] == pytest.approx(xmr.high[0])


@pytest.mark.parametrize(
    ("of", "share"), [(10, 0.9), (50, 0.98), (200, 0.98), (30, 0.5), (2000, 0.9)]
)
def test_small_counts_are_judged_as_large_ones(of, share):
    """Outside the exact limits lie about as many as outside three sigmas; the normal approximation
    tells several times as many near 100 %.
    """
    cases = np.full((1, 24), of * share)
    chart = attributes_chart(cases, np.full((1, 24), float(of)), everywhere(cases), is_share=True)
    low, high = np.rint(of * chart.low[0, 0]), np.rint(of * chart.high[0, 0])
    assert stats.binom.cdf(low - 1, of, share) < 0.0027 and stats.binom.sf(high, of, share) < 0.0027


def in_control(seed: int, draw) -> float:
    """Share of charts of 24 months of which some rule tells something."""
    values, of, is_share = draw(np.random.default_rng(seed))
    is_there = everywhere(values)
    if of is None:
        return (
            apply_rules(
                individuals_chart(values, is_there, np.zeros(len(values), bool)), values, is_there
            )[0]
            .any(axis=1)
            .mean()
        )
    return (
        apply_rules(attributes_chart(values, of, is_there, is_share), values / of, is_there)[0]
        .any(axis=1)
        .mean()
    )


def test_false_alarms_of_branches_in_which_nothing_happens():
    """XmR of normal values: 19 % of charts show something within 24 months. Shares and rates, their
    spread known, at most as many: also of few cases, and of events so rare that most months have
    none.
    """
    shape = (800, 24)
    assert in_control(
        1, lambda chance: (100 + chance.standard_normal(shape), None, None)
    ) == pytest.approx(0.19, abs=0.04)
    for size, share in [(10, 0.9), (50, 0.98), (200, 0.999), (1000, 0.95)]:
        of = 1 + np.random.default_rng(2).poisson(size, shape)
        assert (
            in_control(
                3,
                lambda chance, of=of, share=share: (
                    chance.binomial(of, share) * 1.0,
                    of * 1.0,
                    True,
                ),
            )
            < 0.17
        )
    for mean in (0.2, 2, 50):
        assert (
            in_control(
                4,
                lambda chance, mean=mean: (
                    chance.poisson(mean, shape) * 1.0,
                    np.ones(shape),
                    False,
                ),
            )
            < 0.17
        )


def test_a_real_change_is_seen():
    chance = np.random.default_rng(4)
    share = np.where(np.arange(24) < 14, 0.85, 0.92)
    cases, of = chance.binomial(200, share, (500, 24)) * 1.0, np.full((500, 24), 200.0)
    rule, side = apply_rules(
        attributes_chart(cases, of, everywhere(cases), is_share=True), cases / of, everywhere(cases)
    )
    assert (rule[:, 14:] > 0).any(axis=1).mean() > 0.95 and (
        side[:, -1][rule[:, -1] > 0] == 1
    ).all()


def rules_and_sides(values) -> tuple[list[int], list[int]]:
    """Rules of points on a chart with centre 0 and sigma 1, and the sides that they are on."""
    values = np.array([values], float)
    zero = np.zeros(values.shape)
    chart = individuals_chart(values, everywhere(values), np.array([False]))
    chart = type(chart)(
        zero, zero - 3, zero + 3, zero + 1, values, np.sign(values), chart.dispersion
    )
    rule, side = apply_rules(chart, values, everywhere(values))
    return rule[0].tolist(), side[0].tolist()


def by_rule(values) -> list[int]:
    return rules_and_sides(values)[0]


@pytest.mark.parametrize(
    ("values", "rule", "sides"),
    [
        ([0.5, 3.1, -0.5], 1, [0, 1, 0]),
        ([2.1, 0.3, 2.2], 3, [1, 0, 1]),
        ([-0.9, -0.6, -0.3, 0.1, 0.2, 0.4, 0.6], 2, [1] * 7),
        ([0.1, 0.3, 0.2, 0.4, 0.2, 0.3, 0.1], 4, [1] * 7),
        ([0.5, 0.5, 0.5], 0, [0] * 3),
    ],
)
def test_a_signal_is_on_the_side_that_its_points_are_on(values, rule, sides):
    """What is high mirrored is low; a point without a signal is on neither side."""
    for sign in (1, -1):
        rules, signal_sides = rules_and_sides([sign * value for value in values])
        assert set(rules) <= {0, rule}
        assert signal_sides == [sign * side for side in sides]


def test_each_rule_and_which_comes_first():
    assert by_rule([0.5, 3.1, -0.5, -3.1, 3.0]) == [0, 1, 0, 1, 0]
    assert by_rule([-3.0, 0.5]) == [0, 0]
    # Seven points are six steps; equal neighbours are no rise.
    assert by_rule([-1, -0.5, -0.1, 0.2, 0.4, 0.6, 0.9, -0.3]) == [2] * 7 + [0]
    assert by_rule([-1, -0.5, -0.1, 0.2, 0.2, 0.6, 0.9]) == [0] * 7
    assert by_rule([0.9, 0.6, 0.3, -0.1, -0.2, -0.4, -0.6]) == [2] * 7
    # Of two beyond two thirds only these are told, and only where the third is on their side.
    assert by_rule([-0.5, 2.1, 0.3, 2.2, -0.5]) == [0, 3, 0, 3, 0]
    assert by_rule([2.1, -0.3, 2.2]) == [0, 0, 0] == by_rule([2.1, 0, 2.2])
    assert by_rule([0.1, 0.3, 0.2, 0.4, 0.2, 0.3, 0.1, -0.1]) == [4] * 7 + [0]
    assert by_rule([0.1, 0.3, 0.2, 0.4, 0.2, 0.3, -0.1]) == [0] * 7
    # A point that meets several is told by the first: outside, trend, two of three, shift.
    assert by_rule([0.1, 0.5, 1, 1.5, 2.1, 2.5, 3.2]) == [2] * 6 + [1]
    assert by_rule([0.3, 2.5, 2.1, 0.2, 0.3, 0.2, 0.5]) == [4, 3, 3, 4, 4, 4, 4]


@pytest.mark.parametrize(
    ("last", "rule"), [(2.0, 0), (2.001, 3), (3.0, 3), (3.001, 1), (-2.001, 0)]
)
def test_two_of_three_are_beyond_two_thirds(last, rule):
    """The first is far beyond; the second is on the line or beyond it, or on the other side."""
    assert by_rule([2.5, 0.5, last])[2] == rule


@pytest.mark.parametrize(("points", "rule"), [(6, 0), (7, 4), (8, 4)])
def test_a_shift_is_seven_points(points, rule):
    values = ([0.1, 0.2] * 4)[:points]
    assert by_rule(values) == [rule] * points
    assert by_rule([-value for value in values]) == [rule] * points


@pytest.mark.parametrize(("points", "rule"), [(6, 0), (7, 2), (8, 2)])
def test_a_trend_is_seven_points(points, rule):
    values = [-0.7 + 0.2 * number for number in range(points)]
    assert by_rule(values) == [rule] * points
    assert by_rule([-value for value in values]) == [rule] * points


def test_absent_points_break_no_run_and_make_none():
    values = np.full((1, 8), 0.5)
    is_present = np.array([[True] * 6 + [False] * 2])
    zero = np.zeros(values.shape)
    chart = individuals_chart(values, is_present, np.array([False]))
    chart = type(chart)(zero, zero - 3, zero + 3, zero + 1, values, np.sign(values), zero[:, 0])
    assert not apply_rules(chart, values, is_present)[0].any()
    is_present[0, 6] = True
    assert apply_rules(chart, values, is_present)[0][0].tolist() == [4] * 7 + [0]


@pytest.mark.parametrize(("size", "is_normal"), [(399, False), (400, True), (401, True)])
def test_counts_are_judged_exactly_below_a_variance_of_a_hundred(size, is_normal):
    """Half of n: a variance of n / 4. Exact limits are whole counts, normal ones are not."""
    cases = np.array([[size / 2 - 0.5, size / 2 + 0.5] * 6])
    sizes = np.full(cases.shape, float(size))
    chart = attributes_chart(cases, sizes, everywhere(cases), is_share=True)
    normal = 0.5 - 3 * chart.dispersion[0] * np.sqrt(0.25 / size)
    assert (chart.low[0, 0] == pytest.approx(normal, abs=1e-12)) == is_normal


@pytest.mark.parametrize(
    ("outlier", "is_screened"), [(3.266, False), (3.267, False), (3.268, True)]
)
def test_a_moving_range_beyond_3_267_times_the_mean_is_screened_out(outlier, is_screened):
    """Nine equal ranges and one of `outlier` times the mean of all ten."""
    common = (10 - outlier) / 9
    ranges = np.array([common] * 9 + [outlier])
    values = np.concatenate([[0], np.cumsum(ranges)])[None]
    mean = mean_moving_range(values, everywhere(values))[0]
    assert (mean == pytest.approx(common)) == is_screened
    assert (mean == pytest.approx(1)) == (not is_screened)


def test_one_range_among_none_is_all_there_is_to_know():
    """It is beyond 3.267 times the mean, 5 against 1.25, and without it there is no spread."""
    values = np.array([[0.0, 0, 0, 0, 5]])
    assert mean_moving_range(values, everywhere(values)) == pytest.approx([1.25])


@pytest.mark.parametrize("cases", [0, 7, 50])
def test_months_that_are_all_the_same_have_no_limits_and_no_signals(cases):
    counts, sizes = np.full((1, 9), float(cases)), np.full((1, 9), 50.0)
    individuals = individuals_chart(counts, everywhere(counts), np.array([False]))
    assert np.isnan(individuals.low).all() and not individuals.score.any()
    shares = attributes_chart(counts, sizes, everywhere(counts), is_share=True)
    # Of none and of all there is no spread by chance either.
    assert np.isnan(shares.low).all() == (cases in (0, 50)) and not np.isnan(shares.score).any()


def test_a_count_as_likely_to_be_passed_as_not_is_on_its_side():
    """Of one case with a chance of one half, none and one have half of all chances each."""
    cases = np.array([[0.0, 1.0] * 6])
    chart = attributes_chart(cases, np.ones(cases.shape), everywhere(cases), is_share=True)
    assert chart.side[0].tolist() == [-1, 1] * 6


@pytest.mark.parametrize("dispersion", [1.0, 1.2])
@pytest.mark.parametrize(("size", "share"), [(30, 0.5), (50, 0.98), (12, 0.3), (200, 0.1)])
def test_exact_limits_are_those_of_the_scores(size, share, dispersion):
    counts = np.arange(size + 1.0)
    distribution = stats.binom(np.full(size + 1, size), np.full(size + 1, share))
    score, _ = control_limits._mid_p_scores(distribution, counts)
    low, high = control_limits._exact_limits(distribution, np.full(size + 1, dispersion))
    is_within = np.abs(score) <= 3 * dispersion
    assert ((counts >= low) & (counts <= high)).tolist() == is_within.tolist()
