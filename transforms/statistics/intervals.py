"""Intervals, tails, lines and scales: one place decides for every number, and for every line and
flag.

A method is chosen by a KPI's kind: `wilson` for shares (Wilson 1927; tails and lines exact
binomial), `poisson` for counts and rates per exposure (Garwood 1936; exact), `t` for means (Student
1908; tails and lines from the gamma distribution with the network's own mean and variance:
durations are skewed, and a normal or t line would flag four times too many slow branches of 30
claims), `order` for medians and percentiles (order statistics: Thompson 1936). Where no honest
interval is known to us (`none`), there is none.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

METHODS = ("wilson", "poisson", "t", "order", "none")


@dataclass(frozen=True)
class Counts:
    """What was counted: `cases` of `size` (shares), events per exposure (rates), a sum over
    observations with their `squares` (means).

    Arrays of one shape. The ratio cases / size is a value before scaling.
    """

    cases: np.ndarray
    size: np.ndarray
    squares: np.ndarray | None = None

    @property
    def ratio(self) -> np.ndarray:
        """cases / size, NaN where there is nothing to divide by."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.size > 0, self.cases / self.size, np.nan)

    @property
    def variance(self) -> np.ndarray:
        """Variance of one observation of a mean; NaN below two observations. A rest of rounding is
        no variance.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            centred = self.squares - self.cases * self.cases / self.size
            noise = 1e-12 * self.squares
            return np.where(
                self.size > 1, np.where(centred > noise, centred, 0) / (self.size - 1), np.nan
            )

    def of(self, chosen) -> "Counts":
        return Counts(
            self.cases[chosen],
            self.size[chosen],
            None if self.squares is None else self.squares[chosen],
        )


def confidence_interval(method: str, counts: Counts, level) -> tuple[np.ndarray, np.ndarray]:
    """Limits of cases / size (for a count: of the cases, with size 1), before scaling; `level` a
    number or one per value.

    NaN where there is nothing to divide by, where a mean has no two different observations, or the
    method is `none`.
    """
    if method not in METHODS:
        raise ValueError(f"unknown interval method {method!r}: use one of {', '.join(METHODS)}")
    low = np.full(counts.cases.shape, np.nan)
    high = low.copy()
    usable = counts.size > 0
    if method == "wilson":
        usable &= counts.cases <= counts.size
    if method == "t":
        usable &= counts.variance > 0
    some, tail = counts.of(usable), (1 - np.broadcast_to(level, usable.shape)[usable]) / 2
    if method == "wilson":
        lower, upper = proportion_confint(some.cases, some.size, 2 * tail, "wilson")
        # None of n has 0 for its lower limit and all of n has 1 for its upper one: exactly, not up
        # to the last bit.
        low[usable], high[usable] = (
            np.where(some.cases == 0, 0, lower),
            np.where(some.cases == some.size, 1, upper),
        )
    elif method == "poisson":
        low[usable] = (
            np.where(some.cases > 0, special.gammaincinv(np.maximum(some.cases, 1), tail), 0)
            / some.size
        )
        high[usable] = special.gammainccinv(some.cases + 1, tail) / some.size
    elif method == "t":
        half = -special.stdtrit(some.size - 1, tail) * np.sqrt(some.variance / some.size)
        low[usable], high[usable] = some.ratio - half, some.ratio + half
    return low, high


def order_ranks(size: np.ndarray, share: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ranks (from 1) of the observations that are the limits of a percentile, 0 where there are too
    few observations for a limit.

    The observation of rank r lies below the percentile of all if fewer than r of n are below it: a
    binomial tail, whatever the distribution.
    """
    sizes, place = np.unique(size, return_inverse=True)
    tail = (1 - level) / 2
    low = stats.binom.ppf(tail, sizes, share)
    high = stats.binom.isf(tail, sizes, share) + 1
    usable = (low >= 1) & (high <= sizes)
    return np.where(usable, low, 0).astype(np.int64)[place], np.where(usable, high, 0).astype(
        np.int64
    )[place]


def tail_probabilities(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """How likely a branch that does as the network does would have these cases or fewer, and these
    or more.

    `network` is the network's ratio, `variance` that of one of its observations (means only). NaN
    where the method knows no distribution. Exact for shares and rates: near 100 % and at few cases
    a normal approximation flags by itself.
    """
    low = np.full(counts.cases.shape, np.nan)
    high = low.copy()
    usable = _is_known(method, counts.size, network, variance)
    some, centre = counts.of(usable), network[usable]
    if method == "wilson":
        low[usable], high[usable] = (
            stats.binom.cdf(some.cases, some.size, centre),
            stats.binom.sf(some.cases - 1, some.size, centre),
        )
    elif method == "poisson":
        mean = some.size * centre
        low[usable] = special.pdtr(some.cases, mean)
        high[usable] = np.where(
            some.cases > 0, special.gammainc(np.maximum(some.cases, 1), mean), 1
        )
    elif method == "t":
        shape, unit = _gamma(some.size, centre, variance[usable])
        low[usable], high[usable] = (
            special.gammainc(shape, np.maximum(some.cases, 0) / unit),
            special.gammaincc(shape, np.maximum(some.cases, 0) / unit),
        )
    return low, high


def chance_limits(
    method: str,
    size: np.ndarray,
    network: np.ndarray,
    tail: float,
    variance: np.ndarray | None = None,
) -> tuple[np.ndarray, ...]:
    """Lower and upper line of a funnel at each size, and how likely chance puts a branch below the
    one and above the other.

    A branch's ratio lies outside a line exactly where its tail is below `tail`. Between the last
    count that is inside and the first that is not, the line is interpolated, so that it is smooth
    over sizes (Spiegelhalter 2005, appendix A.1.1).
    """
    made = [np.full(size.shape, np.nan) for _ in range(4)]
    usable = _is_known(method, size, network, variance)
    of, centre = size[usable], network[usable]
    if method == "t":
        shape, unit = _gamma(of, centre, variance[usable])
        same = np.full(of.shape, tail)
        found = (
            special.gammaincinv(shape, tail) * unit / of,
            special.gammainccinv(shape, tail) * unit / of,
            same,
            same,
        )
    elif method == "wilson":
        low, below = _binomial_line(of, centre, tail)
        # Of those that are no case, as many as there are too many of those that are.
        high, above = _binomial_line(of, 1 - centre, tail)
        found = (low / of, (of - high) / of, below, above)
    else:
        (low, below), (high, above) = _poisson_lines(of * centre, tail)
        found = (low / of, high / of, below, above)
    for array, values in zip(made, found, strict=True):
        array[usable] = values
    return tuple(made)


def _binomial_line(
    size: np.ndarray, share: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """The interpolated count below which a tail is less than `tail`, and the probability of what
    lies below it.
    """
    mean, variance, z = size * share, size * share * (1 - share), special.ndtri(tail)
    # The count is looked for from where a Cornish-Fisher expansion puts it: seldom more than one
    # away.
    count = np.clip(
        np.floor(
            mean + z * np.sqrt(variance) + (z * z - 1) / 6 * (1 - 2 * share) * (variance > 0) + 0.5
        ),
        0,
        size,
    )
    at, step = stats.binom.cdf(count, size, share), stats.binom.pmf(count, size, share)
    while len(up := np.flatnonzero(at < tail)):
        count[up] += 1
        step[up] *= (size[up] - count[up] + 1) / count[up] * share[up] / (1 - share[up])
        at[up] += step[up]
    while len(down := np.flatnonzero(at - step >= tail)):
        at[down] -= step[down]
        step[down] *= count[down] / (size[down] - count[down] + 1) * (1 - share[down]) / share[down]
        count[down] -= 1
    return np.maximum(count - (at - tail) / step, 0), at - step


def _poisson_lines(mean: np.ndarray, tail: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """The interpolated counts below and above which a tail is less than `tail`, and the probability
    of what lies outside of each.
    """
    first, last = stats.poisson.ppf(tail, mean), stats.poisson.isf(tail, mean)
    below, above = stats.poisson.cdf(first - 1, mean), stats.poisson.sf(last, mean)
    at_first, at_last = stats.poisson.cdf(first, mean), stats.poisson.sf(last - 1, mean)
    low = np.maximum(first - (at_first - tail) / (at_first - below), 0)
    return [(low, below), (last + (at_last - tail) / (at_last - above), above)]


def stabilise(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """How far each branch is from the network on a scale where chance is the same at every value,
    and its standard error there.

    Shares: arcsin of the root (se 1/2 sqrt n); rates: root of observed over expected (se 1/2 sqrt
    E), both as Freeman and Tukey (1950) form them, so that few cases do not weigh too much; means:
    log of observed over expected.
    """
    far, error = np.full(counts.cases.shape, np.nan), np.full(counts.cases.shape, np.nan)
    usable = _is_known(method, counts.size, network, variance) & (
        (method != "t") | (counts.cases > 0)
    )
    some, centre = counts.of(usable), network[usable]
    if method == "wilson":
        own = (np.arcsin(np.sqrt((some.cases + more) / (some.size + 1))) for more in (0, 1))
        far[usable] = sum(own) / 2 - np.arcsin(np.sqrt(centre))
        error[usable] = 0.5 / np.sqrt(some.size + 0.5)
    elif method == "poisson":
        mean = some.size * centre
        far[usable] = (np.sqrt(some.cases) + np.sqrt(some.cases + 1)) / 2 / np.sqrt(mean) - 1
        error[usable] = 0.5 / np.sqrt(mean)
    elif method == "t":
        far[usable] = np.log(some.ratio / centre)
        error[usable] = np.sqrt(variance[usable] / some.size) / centre
    return far, error


def unstabilise(method: str, far: np.ndarray, network: np.ndarray) -> np.ndarray:
    """The ratio that is so far from the network: the way back from `stabilised`."""
    if method == "wilson":
        return np.sin(np.clip(np.arcsin(np.sqrt(np.clip(network, 0, 1))) + far, 0, np.pi / 2)) ** 2
    return network * (np.maximum(1 + far, 0) ** 2 if method == "poisson" else np.exp(far))


def _is_known(
    method: str, size: np.ndarray, network: np.ndarray, variance: np.ndarray | None
) -> np.ndarray:
    known = (size > 0) & np.isfinite(network)
    if method == "wilson":
        return known & (network <= 1)
    if method == "poisson":
        return known & (network > 0)
    if method == "t" and variance is not None:
        with np.errstate(invalid="ignore"):
            return known & (network > 0) & (variance > 0)
    return np.zeros(size.shape, bool)


def _gamma(
    size: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shape and unit of the gamma distribution of a sum of positive observations with that mean and
    variance.
    """
    return size * mean * mean / variance, variance / mean
