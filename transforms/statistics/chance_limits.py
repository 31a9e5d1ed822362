"""What chance alone makes of a branch that does as its network does: tail probabilities, which
give the flags, and the lines of a funnel. Both come from one distribution, so that a point is
flagged exactly where it is outside its line.

Shares are binomial and rates are Poisson, exactly: near 100% and at few cases a normal
approximation flags by itself. Means follow the gamma distribution with the network's own mean and
variance: durations are skewed, and a normal or t line would flag four times too many slow branches
of 30 claims.
"""

import numpy as np
from scipy import special, stats

from transforms.statistics.intervals import Counts, Limits


def is_testable(
    method: str, size: np.ndarray, network: np.ndarray, variance: np.ndarray | None
) -> np.ndarray:
    """Return where chance has a known distribution: a mask of the shape of `size`."""
    is_known = (size > 0) & np.isfinite(network)
    if method == "wilson":
        return is_known & (network <= 1)
    if method == "poisson":
        return is_known & (network > 0)
    if method == "t" and variance is not None:
        with np.errstate(invalid="ignore"):
            return is_known & (network > 0) & (variance > 0)
    return np.zeros(size.shape, bool)


def tail_probabilities(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray | None = None
) -> Limits:
    """Return how likely a branch that does as the network does would have these cases or fewer,
    and these or more.

    `network` is the network's ratio, `variance` that of one of its observations (means only), both
    of the shape of the counts. NaN where the method knows no distribution.
    """
    low = np.full(counts.cases.shape, np.nan)
    high = low.copy()
    is_usable = is_testable(method, counts.size, network, variance)
    usable, centre = counts.select(is_usable), network[is_usable]
    if method == "wilson":
        low[is_usable] = stats.binom.cdf(usable.cases, usable.size, centre)
        high[is_usable] = stats.binom.sf(usable.cases - 1, usable.size, centre)
    elif method == "poisson":
        mean = usable.size * centre
        # At zero cases "these or more" is certain, and the gamma function has no value.
        this_or_more = special.gammainc(np.maximum(usable.cases, 1), mean)
        low[is_usable] = special.pdtr(usable.cases, mean)
        high[is_usable] = np.where(usable.cases > 0, this_or_more, 1)
    elif method == "t" and variance is not None:
        shape, unit = _gamma_of_sum(usable.size, centre, variance[is_usable])
        total = np.maximum(usable.cases, 0) / unit
        low[is_usable] = special.gammainc(shape, total)
        high[is_usable] = special.gammaincc(shape, total)
    return low, high


def chance_limits(
    method: str,
    size: np.ndarray,
    network: np.ndarray,
    tail: float,
    variance: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the lower and the upper line of a funnel at each size, and how likely chance puts a
    branch below the one and above the other.

    A branch's ratio is outside a line exactly where its tail is below `tail`. Between the last
    count that is inside and the first that is not, the line is interpolated, so that it is smooth
    over sizes (Spiegelhalter 2005, Statistics in Medicine 24, appendix A.1.1).

    Args:
        method: of the KPI; see the module's head.
        size: cases or exposure per branch.
        network: the ratio of the network, per branch.
        tail: the probability beyond a line, on each side.
        variance: of one observation, per branch; means only.
    """
    low = np.full(size.shape, np.nan)
    high, below, above = low.copy(), low.copy(), low.copy()
    is_usable = is_testable(method, size, network, variance)
    usable_size, centre = size[is_usable], network[is_usable]
    if method == "t" and variance is not None:
        shape, unit = _gamma_of_sum(usable_size, centre, variance[is_usable])
        low[is_usable] = special.gammaincinv(shape, tail) * unit / usable_size
        high[is_usable] = special.gammainccinv(shape, tail) * unit / usable_size
        below[is_usable] = above[is_usable] = tail
    elif method == "wilson":
        cases, below[is_usable] = _binomial_line(usable_size, centre, tail)
        # There are too many cases where there are too few of the others.
        others, above[is_usable] = _binomial_line(usable_size, 1 - centre, tail)
        low[is_usable] = cases / usable_size
        high[is_usable] = (usable_size - others) / usable_size
    else:
        lower, upper = _poisson_lines(usable_size * centre, tail)
        low[is_usable], below[is_usable] = lower[0] / usable_size, lower[1]
        high[is_usable], above[is_usable] = upper[0] / usable_size, upper[1]
    return low, high, below, above


def _binomial_line(size: np.ndarray, share: np.ndarray, tail: float) -> Limits:
    """Return the interpolated count below which a tail is less than `tail`, and the probability of
    the counts below it.
    """
    count = _cornish_fisher_count(size, share, tail)
    cumulated = stats.binom.cdf(count, size, share)
    step = stats.binom.pmf(count, size, share)
    # From the first guess, seldom more than one away, to the first count whose tail is large
    # enough; each probability follows from its neighbour's.
    while len(too_low := np.flatnonzero(cumulated < tail)):
        count[too_low] += 1
        step[too_low] *= (
            (size[too_low] - count[too_low] + 1)
            / count[too_low]
            * share[too_low]
            / (1 - share[too_low])
        )
        cumulated[too_low] += step[too_low]
    while len(too_high := np.flatnonzero(cumulated - step >= tail)):
        cumulated[too_high] -= step[too_high]
        step[too_high] *= (
            count[too_high]
            / (size[too_high] - count[too_high] + 1)
            * (1 - share[too_high])
            / share[too_high]
        )
        count[too_high] -= 1
    line = np.maximum(count - (cumulated - tail) / step, 0)
    return line, cumulated - step


def _cornish_fisher_count(size: np.ndarray, share: np.ndarray, tail: float) -> np.ndarray:
    """Return the binomial quantile up to about one count (Cornish and Fisher 1938): the normal one
    with a correction for skewness.
    """
    mean = size * share
    variance = size * share * (1 - share)
    z = special.ndtri(tail)
    skewness = (z * z - 1) / 6 * (1 - 2 * share) * (variance > 0)
    return np.clip(np.floor(mean + z * np.sqrt(variance) + skewness + 0.5), 0, size)


def _poisson_lines(mean: np.ndarray, tail: float) -> tuple[Limits, Limits]:
    """Return the interpolated counts below and above which a tail is less than `tail`, each with
    the probability of the counts outside of it.
    """
    first = stats.poisson.ppf(tail, mean)
    below = stats.poisson.cdf(first - 1, mean)
    at_first = stats.poisson.cdf(first, mean)
    low = np.maximum(first - (at_first - tail) / (at_first - below), 0)
    last = stats.poisson.isf(tail, mean)
    above = stats.poisson.sf(last, mean)
    at_last = stats.poisson.sf(last - 1, mean)
    high = last + (at_last - tail) / (at_last - above)
    return (low, below), (high, above)


def _gamma_of_sum(size: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> Limits:
    """Return shape and unit of the gamma distribution of a sum of `size` positive observations with
    that mean and variance.
    """
    return size * mean * mean / variance, variance / mean
