"""Ranks and their worth by hand, at ties and at touching intervals."""

import numpy as np
import pytest

from transforms.statistics import ranks


def test_a_joint_level_is_that_of_all_branches_of_the_league():
    """Sidak: three independent intervals hold together at .95 if each does at .95 ^ (1 / 3)."""
    level = ranks.joint_level(np.array([0, 0, 0, 1, 2, 2]), 0.95)
    assert level == pytest.approx([0.95 ** (1 / 3)] * 3 + [0.95] + [0.95**0.5] * 2, abs=1e-15)
    assert level[0] ** 3 == pytest.approx(0.95)


def test_competition_ranks_of_leagues_and_ties():
    rank, is_tied = ranks.competition_ranks(
        np.array([1, 0, 1, 0, 0, 1]), np.array([5.0, 2.0, 5.0, 1.0, 2.0, 4.0])
    )
    assert rank.tolist() == [2, 2, 2, 1, 2, 1]
    assert is_tied.tolist() == [True, True, True, False, True, False]


@pytest.mark.parametrize(
    ("gap", "ranges"),
    [
        (0.0, [(1, 2), (1, 2)]),  # intervals that touch may be of equal values
        (1e-9, [(1, 1), (2, 2)]),
        (-1e-9, [(1, 2), (1, 2)]),
    ],
)
def test_ranges_part_where_intervals_do(gap, ranges):
    first, last = ranks.rank_ranges(
        np.zeros(2, int), np.array([0.0, 1 + gap]), np.array([1.0, 2.0])
    )
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == ranges


def test_a_branch_without_limits_can_have_any_rank():
    first, last = ranks.rank_ranges(
        np.zeros(3, int), np.array([0, np.nan, 5.0]), np.array([1, np.nan, 6.0])
    )
    assert (first.tolist(), last.tolist()) == ([1, 1, 2], [2, 3, 3])


@pytest.mark.parametrize(
    ("low", "high", "group"),
    [
        (1, 1.999, "top"),
        (1, 2, "middle"),
        (2, 3, "middle"),
        (2.001, 3, "bottom"),
        (np.nan, np.nan, "middle"),
    ],
)
def test_a_group_is_clear_of_the_centre(low, high, group):
    assert ranks.rank_groups(np.array([low]), np.array([high]), np.array([2.0])) == [group]


def test_rankability_by_hand():
    """Between 3 and a median chance variance of 1: three quarters are real. One branch has none."""
    league = np.array([0, 0, 0, 1])
    rankability = ranks.rankability(league, np.full(4, 3.0), np.array([0.5, 1, 9, 99]))
    assert rankability == pytest.approx([0.75] * 3 + [np.nan], nan_ok=True)
    equal = ranks.rankability(np.zeros(2, int), np.zeros(2), np.zeros(2))
    assert np.isnan(equal).all(), "no differences, nothing to share out"


@pytest.mark.parametrize("branches", [63, 64, 65, 128, 129])
def test_expected_ranks_do_not_depend_on_the_block(branches):
    random = np.random.default_rng(3)
    mean, variance = random.normal(size=branches), random.uniform(0.1, 2, branches)
    from scipy.special import ndtr

    distance = mean[:, None] - mean[None, :]
    better = ndtr(distance / np.sqrt(variance[:, None] + variance[None, :]))
    expected = 1 + better.sum(axis=1) - 0.5
    assert ranks.expected_ranks(np.zeros(branches, int), mean, variance) == pytest.approx(expected)


def test_a_league_of_two_has_a_rankability_whatever_the_unit():
    """A quarter of the differences is real, in days as in shares of one."""
    for unit in (1, 1e-6):
        pair = ranks.rankability(np.zeros(2, int), np.full(2, unit), np.full(2, 3 * unit))
        assert pair == pytest.approx([0.25, 0.25])


def test_ranges_of_a_league_do_not_know_the_other_leagues():
    """Two of league 0 that are apart, two of league 1 that are not, one alone in league 2."""
    league = np.array([0, 1, 0, 1, 2])
    low, high = np.array([0.0, 7, 5, 8, 1]), np.array([1.0, 9, 6, 9, 2])
    first, last = ranks.rank_ranges(league, low, high)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [
        (1, 1),
        (1, 2),
        (2, 2),
        (1, 2),
        (1, 1),
    ]


def test_branches_that_are_surely_apart_expect_their_own_ranks():
    expected = ranks.expected_ranks(np.zeros(3, int), np.array([100.0, 0, 50]), np.ones(3))
    assert expected == pytest.approx([3, 1, 2])
    same = ranks.expected_ranks(np.zeros(3, int), np.zeros(3), np.zeros(3))
    assert same == pytest.approx([2, 2, 2]), "nothing differs: the middle of three ranks"


def test_leagues_without_branches_have_nothing():
    no_league, nothing = np.zeros(0, int), np.zeros(0)
    assert [len(values) for values in ranks.competition_ranks(no_league, nothing)] == [0, 0]
    assert [len(values) for values in ranks.rank_ranges(no_league, nothing, nothing)] == [0, 0]
    assert len(ranks.expected_ranks(no_league, nothing, nothing)) == 0
    assert len(ranks.joint_level(no_league, 0.95)) == 0
    assert len(ranks.rankability(no_league, nothing, nothing)) == 0
