"""Ranks, and what they are worth: which ranks the data allow, which to expect, and whether there is
anything to rank.

All functions take one entry per branch: the number of its league, and values of which the smaller
is the better one.
"""

from collections.abc import Iterator

import numpy as np
from scipy import special

BLOCK = 64  # branches that are compared with all others at once


def competition_ranks(league: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks 1, 2, 2, 4 within each league, the smallest value first, and whether another one has
    the same.
    """
    order = np.lexsort((value, league))
    if not len(order):
        return order, order > 0
    runs_of_values, leagues = league_runs(league[order], value[order]), league_runs(league[order])
    first_of_run, first_of_league = (
        np.searchsorted(numbers, numbers) for numbers in (runs_of_values, leagues)
    )
    rank, is_tied = np.empty_like(order), np.empty(len(order), bool)
    rank[order], is_tied[order] = (
        first_of_run - first_of_league + 1,
        np.bincount(runs_of_values)[runs_of_values] > 1,
    )
    return rank, is_tied


def league_runs(*columns: np.ndarray) -> np.ndarray:
    """The number of the run of equal rows that each row is in."""
    return np.cumsum(
        np.concatenate([[0], np.any([column[1:] != column[:-1] for column in columns], axis=0)])
    )


def league_sizes(league: np.ndarray) -> np.ndarray:
    """How many branches the league of each branch has."""
    return np.bincount(league)[league] if len(league) else league


def joint_level(league: np.ndarray, level: float) -> np.ndarray:
    """The level of each interval at which all intervals of the league together hold at `level`
    (Sidak 1967: branches are independent).
    """
    return level ** (1 / np.maximum(league_sizes(league), 1))


def rank_ranges(
    league: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and last rank that each branch can have where all of these intervals hold.

    With intervals of a joint level this is a joint confidence region for the whole list: with that
    confidence no range in it misses its branch's true rank (Klein, Wright and Wieczorek 2020,
    Journal of the Royal Statistical Society A 183). Branches that cannot be told apart from any
    other have the range 1 to all.
    """
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    return 1 + _before(league, high, low), league_sizes(league) - _before(league, -low, -high)


def _before(league: np.ndarray, ends: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """How many `ends` of its league lie before each entry's own `begins`, strictly."""
    count = len(league)
    both = np.concatenate([begins, ends])
    is_end = np.repeat([0, 1], count)
    order = np.lexsort((is_end, both, np.concatenate([league, league])))
    ended = np.empty(2 * count, np.int64)
    ended[order] = np.cumsum(is_end[order])
    # Ends of the leagues before this one are not of it: as many as they have branches.
    of_league = np.bincount(league, minlength=league.max(initial=0) + 1)
    return ended[:count] - (np.cumsum(of_league) - of_league)[league]


def expected_ranks(league: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The rank to expect: 1 + how probable it is of each other branch that its true value is
    better.

    `mean` and `variance` are those of what is believed of each branch's true value, taken as normal
    (Lingsma et al. 2009, BMC Medical Research Methodology 9).
    """
    rank = np.ones(len(league))
    for members in _members(league):
        believed, spread = mean[members], variance[members]
        better = np.zeros(len(members))
        for start in range(0, len(members), BLOCK):
            rows = slice(start, start + BLOCK)
            # In place: this is where league tables spend their time. Two branches of which nothing
            # differs are a toss.
            apart = np.sqrt(spread[rows, None] + spread[None, start:] + np.finfo(float).tiny)
            chance = believed[rows, None] - believed[None, start:]
            special.ndtr(np.divide(chance, apart, out=chance), out=chance)
            height = chance.shape[0]
            # Pairs inside the block are there both ways round, those with later branches once: what
            # one has, the other lacks.
            better[rows] += chance.sum(axis=1) - 0.5
            better[start + height :] += height - chance[:, height:].sum(axis=0)
        rank[members] += np.clip(better, 0, len(members) - 1)  # but for rounding, it is
    return rank


def rankability(league: np.ndarray, between: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Share of the differences between ranked branches that is real: between / (between + median
    chance variance); NaN for fewer than two.

    Lingsma et al. 2009. 0: ranks say nothing; 1: chance has no part in them.
    """
    typical = league_medians(league, chance)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            (league_sizes(league) > 1) & (typical + between > 0),
            between / (between + typical),
            np.nan,
        )


def league_medians(league: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The median of each branch's league."""
    found = np.full(len(league), np.nan)
    for members in _members(league):
        found[members] = np.median(values[members])
    return found


def rank_groups(low: np.ndarray, high: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """top, middle or bottom by intervals of a joint level: no branch of the top can be told to
    stand behind one of the bottom.

    top: the whole interval is on the better side of the league's own value; bottom: on the worse
    one; middle: it holds that value.
    """
    with np.errstate(invalid="ignore"):
        return np.where(high < centre, "top", np.where(low > centre, "bottom", "middle"))


def _members(league: np.ndarray) -> Iterator[np.ndarray]:
    """The positions of each league's branches."""
    order = np.argsort(league, kind="stable")
    return (
        iter(np.split(order, np.flatnonzero(np.diff(league[order])) + 1))
        if len(order)
        else iter(())
    )
