"""The spread between branches at ten branches and at phi = 1, lines at the line, looks per page."""

import numpy as np
import pytest

from transforms.statistics import funnel_limits
from transforms.statistics.funnel_limits import MIN_BRANCHES, Spread
from transforms.statistics.intervals import Counts


@pytest.mark.parametrize(
    ("branches", "is_measured"),
    [(MIN_BRANCHES - 1, False), (MIN_BRANCHES, True), (MIN_BRANCHES + 1, True)],
)
def test_a_spread_is_measured_from_ten_branches_on(branches, is_measured):
    distance = np.linspace(-5, 5, branches)
    spread = funnel_limits.estimate_spread(np.zeros(branches, int), distance, np.ones(branches))
    assert (spread.phi > 1).all() and (spread.tau_squared > 0).tolist() == [is_measured] * branches


@pytest.mark.parametrize(("scale", "is_measured"), [(1.0, False), (1.001, True), (0.999, False)])
def test_a_spread_of_chance_exactly_is_no_spread(scale, is_measured):
    """Ten branches at -1 and 1 standard errors: phi is 1 exactly."""
    distance = scale * np.array([-1.0, 1.0] * 5)
    spread = funnel_limits.estimate_spread(np.zeros(10, int), distance, np.ones(10))
    assert spread.phi[0] == pytest.approx(scale**2)
    assert (spread.tau_squared > 0).all() == is_measured


@pytest.mark.parametrize(("branches", "outer"), [(9, 0), (10, 1), (19, 1), (20, 2)])
def test_a_whole_tenth_of_the_branches_is_winsorised(branches, outer):
    distance = np.arange(branches, dtype=float) - (branches - 1) / 2
    spread = funnel_limits.estimate_spread(np.zeros(branches, int), distance, np.ones(branches))
    inner = np.clip(distance, distance[outer], distance[branches - 1 - outer])
    assert spread.phi[0] == pytest.approx((inner**2).mean())


def test_leagues_have_spreads_of_their_own():
    """DerSimonian and Laird with unequal weights, against their formula written out."""
    league = np.repeat([0, 1], [12, 11])
    distance = np.concatenate([np.linspace(-3, 3, 12), np.zeros(11)])
    error = np.concatenate([np.linspace(0.5, 1, 12), np.ones(11)])
    spread = funnel_limits.estimate_spread(league, distance, error)
    u = np.sort(distance[:12] / error[:12])
    u = np.clip(u, u[1], u[-2])
    weight = error[:12] ** -2
    excess = (u**2).sum() - 11
    tau_squared = excess / (weight.sum() - (weight**2).sum() / weight.sum())
    assert spread.tau_squared[:12] == pytest.approx([tau_squared] * 12)
    assert spread.tau_squared[12:].tolist() == [0] * 11


def test_on_a_line_is_inside():
    ratio = np.array([0.1, 0.5, 0.9, np.nan])
    is_outside = funnel_limits.lines_crossed(ratio, np.full(4, 0.1), np.full(4, 0.9))
    assert is_outside.tolist() == [False] * 4
    is_outside = funnel_limits.lines_crossed(
        np.array([0.0999, 0.9001]), np.full(2, 0.1), np.full(2, 0.9)
    )
    assert is_outside.tolist() == [True, True]


def test_without_a_spread_there_are_no_wide_lines():
    spread = Spread(np.ones(2), np.array([0, 0.01]))
    low, high = funnel_limits.spread_lines(
        "wilson", spread, np.full(2, 0.05), np.full(2, 0.5), 0.025
    )
    assert np.isnan([low[0], high[0]]).all()
    # arcsin of the root of one half is pi / 4; 1.96 roots of (.05^2 + .01) away on either side.
    half = 1.959964 * np.sqrt(0.0125)
    assert low[1] == pytest.approx(np.sin(np.pi / 4 - half) ** 2)
    assert high[1] == pytest.approx(np.sin(np.pi / 4 + half) ** 2)


def test_p_values_are_adjusted_page_by_page():
    """Benjamini and Hochberg by hand: of .01, .02, .5 the smallest are 3 / 1 x .01 and 3 / 2 x .02,
    and no adjusted value is above one that follows it.
    """
    page = np.array([7, 3, 7, 7])
    adjusted = funnel_limits.adjust_p_values(page, np.array([0.02, 0.04, 0.01, 0.5]))
    assert adjusted == pytest.approx([0.03, 0.04, 0.03, 0.5])
    assert len(funnel_limits.adjust_p_values(np.zeros(0, int), np.zeros(0))) == 0


def test_lines_of_a_funnel_say_how_likely_chance_is_outside_of_them():
    """Of three where half is usual none, and all, have 1 / 8 each: outside where a tail is more."""
    counts = Counts(np.array([1.0]), np.array([3.0]))
    for tail, outside in ((0.2, 0.25), (0.126, 0.25), (0.124, 0), (0.1, 0)):
        low, high, chance = funnel_limits.funnel_lines(
            "wilson", counts, np.array([0.5]), np.array([np.nan]), tail
        )
        assert chance[0] == pytest.approx(outside)
        assert low[0] + high[0] == pytest.approx(1) and (low[0] > 0) == (outside > 0)


def test_lines_of_means_use_the_variance_of_an_observation():
    """The mean of 25 with variance 100 has the standard error 2."""
    counts = Counts(np.array([250.0]), np.array([25.0]))
    low, high, chance = funnel_limits.funnel_lines(
        "t", counts, np.array([50.0]), np.array([100.0]), 0.025
    )
    assert (high[0] - low[0]) / 2 == pytest.approx(2 * 1.96, rel=0.06)
    assert chance[0] == pytest.approx(0.05)


def test_a_league_of_one_branch_has_a_phi_and_an_unknown_branch_none():
    spread = funnel_limits.estimate_spread(np.array([0, 1]), np.array([2.0, np.nan]), np.ones(2))
    assert spread.phi == pytest.approx([4, np.nan], nan_ok=True)
    assert spread.tau_squared.tolist() == [0, 0]
    nothing = funnel_limits.estimate_spread(np.zeros(0, int), np.zeros(0), np.zeros(0))
    assert (len(nothing.phi), len(nothing.tau_squared)) == (0, 0)


def test_a_spread_just_above_chance_is_small():
    """Ten at 1.1 standard errors on either side: (12.1 - 9) / (10 - 1) of a variance."""
    distance = 1.1 * np.array([-1.0, 1.0] * 5)
    spread = funnel_limits.estimate_spread(np.zeros(10, int), distance, np.ones(10))
    assert spread.tau_squared == pytest.approx([3.1 / 9] * 10)
