"""Funnels: where chance alone would put a branch of its size, how much more branches differ than
that, and how many comparisons were made.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from transforms.statistics.chance_limits import chance_limits
from transforms.statistics.intervals import Counts, Limits
from transforms.statistics.stabilised_scale import unstabilise

# Branches from which a spread between them is measured: of fewer, phi is mostly noise.
MIN_BRANCHES = 10
WINSORISED_SHARE = 0.1  # of the branches at each end


@dataclass(frozen=True)
class Spread:
    """How much the branches of a league differ, shape (branches,): `phi` (1: as chance makes them)
    and `tau_squared`, the variance between branches on the scale of `stabilise`.
    """

    phi: np.ndarray
    tau_squared: np.ndarray


def estimate_spread(league: np.ndarray, distance: np.ndarray, error: np.ndarray) -> Spread:
    """Measure the spread with the tenth of branches at either end winsorised (drawn in to its
    neighbour), so that the odd ones out do not hide themselves.

    Spiegelhalter et al. (2012), Journal of the Royal Statistical Society A 175: phi = mean of u
    squared, u = distance / error winsorised; tau squared by DerSimonian and Laird (1986, Controlled
    Clinical Trials 7). tau squared is 0 where phi is not above 1 or a league has fewer than
    MIN_BRANCHES branches. All arrays have the shape (branches,).
    """
    if not len(league):
        return Spread(distance, distance)
    is_known = np.isfinite(distance)
    leagues = league.max(initial=0) + 1

    def sum_by_league(values: np.ndarray) -> np.ndarray:
        return np.bincount(league[is_known], values[is_known], minlength=leagues)

    count = np.bincount(league[is_known], minlength=leagues)
    u = _winsorise(league, np.where(is_known, distance / error, np.nan), count)
    weight = error**-2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(count > 0, sum_by_league(u * u) / count, np.nan)
        total = sum_by_league(weight)
        excess = count * phi - (count - 1)
        tau_squared = excess / (total - sum_by_league(weight * weight) / total)
    is_measured = (phi > 1) & (count >= MIN_BRANCHES)
    tau_squared = np.where(is_measured, np.maximum(np.nan_to_num(tau_squared), 0), 0)
    return Spread(phi[league], tau_squared[league])


def _winsorise(league: np.ndarray, u: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the scores with the outer tenth of each league drawn in to the next score inside.

    `u` has the shape (branches,), NaN for what does not count; `count` is how many of each league
    do, shape (leagues,).
    """
    order = np.lexsort((u, league))  # NaN last
    first = np.searchsorted(league[order], np.arange(len(count)))
    outer = np.floor(count * WINSORISED_SHARE).astype(np.int64)
    # A league without a score has no position of its own; what it is clipped to is NaN anyway.
    lowest = order[np.minimum(first + outer, len(order) - 1)]
    highest = order[np.clip(first + count - 1 - outer, 0, len(order) - 1)]
    return np.clip(u, u[lowest][league], u[highest][league])


def spread_lines(
    method: str, spread: Spread, error: np.ndarray, network: np.ndarray, tail: float
) -> Limits:
    """Return the lines that allow for the usual spread between branches; NaN where there is none
    beyond chance.
    """
    half = -special.ndtri(tail) * np.sqrt(error * error + spread.tau_squared)
    has_spread = spread.tau_squared > 0
    low = np.where(has_spread, unstabilise(method, -half, network), np.nan)
    high = np.where(has_spread, unstabilise(method, half, network), np.nan)
    return low, high


def adjust_p_values(page: np.ndarray, p_value: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for as many comparisons as a page has (Benjamini and Hochberg 1995,
    Journal of the Royal Statistical Society B 57): of those below 0.05 one in twenty is chance, on
    average.
    """
    adjusted = np.full(len(page), np.nan)
    if not len(page):
        return adjusted
    order = np.argsort(page, kind="stable")
    starts = np.flatnonzero(np.diff(page[order])) + 1
    for members in np.split(order, starts):
        adjusted[members] = stats.false_discovery_control(p_value[members])
    return adjusted


def lines_crossed(ratio: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return where a ratio is outside of its lines; on a line is inside."""
    with np.errstate(invalid="ignore"):
        return (ratio < low) | (ratio > high)


def funnel_lines(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lines at each branch's size, and how likely chance alone puts a branch of that
    size outside of them.
    """
    low, high, below, above = chance_limits(method, counts.size, network, tail, variance)
    return low, high, below + above
