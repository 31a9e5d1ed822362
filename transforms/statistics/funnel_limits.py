"""Funnels: where chance alone would put a branch of its size, how much more branches differ than
that, and how many looks were taken.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from transforms.statistics import intervals
from transforms.statistics.intervals import Counts

MIN_BRANCHES = 10  # branches from which a spread between them is measured
WINSORISED_SHARE = 0.1  # of the branches at each end


@dataclass(frozen=True)
class Spread:
    """How much the branches of a league differ: `phi` (1: as chance makes them) and `tau_squared`
    on the scale of `statistics.stabilised`.
    """

    phi: np.ndarray
    tau_squared: np.ndarray


def estimate_spread(league: np.ndarray, far: np.ndarray, error: np.ndarray) -> Spread:
    """Measure it with the tenth of branches at either end drawn in to its neighbour, so that the
    odd ones out do not hide themselves.

    Spiegelhalter et al. (2012), Journal of the Royal Statistical Society A 175: phi = mean of u
    squared, u = far / error winsorised; tau squared by DerSimonian and Laird. 0 where phi is not
    above 1 or a league has fewer than ten branches.
    """
    if not len(league):
        return Spread(far, far)
    known = np.isfinite(far)
    count = np.bincount(league[known], minlength=league.max(initial=0) + 1)
    u = np.where(known, far / error, np.nan)
    order = np.lexsort((u, league))  # NaN last
    first = np.searchsorted(league[order], np.arange(len(count)))
    drawn = np.floor(count * WINSORISED_SHARE).astype(np.int64)
    inside = (
        order[np.minimum(first + drawn, len(order) - 1)],
        order[np.clip(first + count - 1 - drawn, 0, len(order) - 1)],
    )
    u = np.clip(u, u[inside[0]][league], u[inside[1]][league])
    weight = error**-2.0

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(league[known], values[known], minlength=len(count))

    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(count > 0, summed(u * u) / count, np.nan)
        tau = (count * phi - (count - 1)) / (
            summed(weight) - summed(weight * weight) / summed(weight)
        )
    tau = np.where((phi > 1) & (count >= MIN_BRANCHES), np.maximum(np.nan_to_num(tau), 0), 0)
    return Spread(phi[league], tau[league])


def spread_lines(
    method: str, spread: Spread, error: np.ndarray, network: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lines that allow for the usual spread between branches; NaN where there is none beyond
    chance.
    """
    half = -special.ndtri(tail) * np.sqrt(error * error + spread.tau_squared)
    made = (intervals.unstabilise(method, sign * half, network) for sign in (-1, 1))
    low, high = (np.where(spread.tau_squared > 0, line, np.nan) for line in made)
    return low, high


def adjust_p_values(page: np.ndarray, p_value: np.ndarray) -> np.ndarray:
    """p-values for as many looks as a page has (Benjamini and Hochberg 1995): of those below 0.05
    one in twenty is chance, on average.
    """
    found = np.full(len(page), np.nan)
    order = np.argsort(page, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(page[order])) + 1) if len(order) else []:
        found[members] = stats.false_discovery_control(p_value[members])
    return found


def lines_crossed(ratio: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (ratio < low) | (ratio > high)


def funnel_lines(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lines at each branch's size, and how likely chance alone puts a branch of that size
    outside of them.
    """
    low, high, below, above = intervals.chance_limits(method, counts.size, network, tail, variance)
    return low, high, below + above
