"""Ranks, and what they are worth: which ranks the data allow, which to expect, and whether there is
anything to rank.

All functions take one entry per branch, shape (branches,): the number of its league, and values of
which the smaller is the better one.
"""

from collections.abc import Iterator

import numpy as np
from scipy import special

BLOCK = 64  # branches that are compared with all others at once


def competition_ranks(league: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ranks 1, 2, 2, 4 within each league, the smallest value first, and whether another
    branch has the same value.
    """
    order = np.lexsort((value, league))
    if not len(order):
        return order, order > 0
    run = league_runs(league[order], value[order])
    league_number = league_runs(league[order])
    first_of_run = np.searchsorted(run, run)
    first_of_league = np.searchsorted(league_number, league_number)
    rank = np.empty_like(order)
    is_tied = np.empty(len(order), bool)
    rank[order] = first_of_run - first_of_league + 1
    is_tied[order] = np.bincount(run)[run] > 1
    return rank, is_tied


def league_runs(*columns: np.ndarray) -> np.ndarray:
    """Return the number, from 0, of the run of equal rows that each row is in."""
    changes = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.cumsum(np.concatenate([[0], changes]))


def league_sizes(league: np.ndarray) -> np.ndarray:
    """Return how many branches the league of each branch has."""
    return np.bincount(league)[league] if len(league) else league


def joint_level(league: np.ndarray, level: float) -> np.ndarray:
    """Return the level of each interval at which all intervals of the league together hold at
    `level` (Sidak 1967, Journal of the American Statistical Association 62: branches are
    independent).
    """
    return level ** (1 / np.maximum(league_sizes(league), 1))


def rank_ranges(
    league: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last rank that each branch can have where all of these intervals
    hold.

    With intervals of a joint level this is a joint confidence region for the whole list: with that
    confidence no range in it misses its branch's true rank (Klein, Wright and Wieczorek 2020,
    Journal of the Royal Statistical Society A 183). Branches that cannot be distinguished from any
    other have the range 1 to all.
    """
    low = np.where(np.isnan(low), -np.inf, low)
    high = np.where(np.isnan(high), np.inf, high)
    surely_better = _count_before(league, high, low)
    surely_worse = _count_before(league, -low, -high)
    return 1 + surely_better, league_sizes(league) - surely_worse


def _count_before(league: np.ndarray, ends: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Return how many `ends` of its league are before each entry's own `begins`, strictly."""
    count = len(league)
    points = np.concatenate([begins, ends])
    is_end = np.repeat([0, 1], count)
    # At equal points beginnings come first, so that an end there is not before them.
    order = np.lexsort((is_end, points, np.concatenate([league, league])))
    ended = np.empty(2 * count, np.int64)
    ended[order] = np.cumsum(is_end[order])
    # Ends of the leagues before this one do not count: as many as they have branches.
    branches = np.bincount(league, minlength=league.max(initial=0) + 1)
    branches_before = np.cumsum(branches) - branches
    return ended[:count] - branches_before[league]


def expected_ranks(league: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the rank to expect: 1 + how probable it is of each other branch that its true value is
    better.

    `mean` and `variance` are those of what is believed of each branch's true value, taken as normal
    (Lingsma et al. 2009, BMC Medical Research Methodology 9).
    """
    rank = np.ones(len(league))
    for members in _league_members(league):
        better = _count_expected_better(mean[members], variance[members])
        # But for rounding the sum is within these bounds.
        rank[members] += np.clip(better, 0, len(members) - 1)
    return rank


def _count_expected_better(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return, for each branch of one league, the sum of the probabilities that another is better.

    Each pair is compared once, in blocks of rows: this is where league tables spend their time.
    """
    better = np.zeros(len(mean))
    for start in range(0, len(mean), BLOCK):
        rows = slice(start, start + BLOCK)
        # Two branches of which nothing differs are a toss, not a division by zero.
        tiny = np.finfo(float).tiny
        deviation = np.sqrt(variance[rows, None] + variance[None, start:] + tiny)
        chance = mean[rows, None] - mean[None, start:]
        special.ndtr(np.divide(chance, deviation, out=chance), out=chance)
        height = chance.shape[0]
        # Pairs inside the block are there both ways round, and each branch with itself (one half);
        # those with later branches once: what one has, the other lacks.
        better[rows] += chance.sum(axis=1) - 0.5
        better[start + height :] += height - chance[:, height:].sum(axis=0)
    return better


def rankability(league: np.ndarray, between: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the share of the differences between ranked branches that is real: between / (between
    + median chance variance); NaN for fewer than two branches.

    Lingsma et al. 2009. 0: ranks say nothing; 1: chance has no part in them.
    """
    typical = league_medians(league, chance)
    is_defined = (league_sizes(league) > 1) & (typical + between > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(is_defined, between / (between + typical), np.nan)


def league_medians(league: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the median of each branch's league."""
    medians = np.full(len(league), np.nan)
    for members in _league_members(league):
        medians[members] = np.median(values[members])
    return medians


def rank_groups(low: np.ndarray, high: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return top, middle or bottom by intervals of a joint level: no branch of the top is, for all
    that is known, behind one of the bottom.

    top: the whole interval is on the better side of the league's own value; bottom: on the worse
    one; middle: it contains that value.
    """
    with np.errstate(invalid="ignore"):
        return np.where(high < centre, "top", np.where(low > centre, "bottom", "middle"))


def _league_members(league: np.ndarray) -> Iterator[np.ndarray]:
    """Return the positions of each league's branches."""
    if not len(league):
        return iter(())
    order = np.argsort(league, kind="stable")
    starts = np.flatnonzero(np.diff(league[order])) + 1
    return iter(np.split(order, starts))
