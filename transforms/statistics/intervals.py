"""Confidence intervals: one function decides the limits of every published number.

A KPI's kind names the method:

- `wilson` for shares (Wilson 1927, Journal of the American Statistical Association 22);
- `poisson` for counts and rates per exposure (Garwood 1936, Biometrika 28; exact);
- `t` for means (Student 1908, Biometrika 6);
- `order` for medians and percentiles (order statistics: Thompson 1936, Annals of Mathematical
  Statistics 7);
- `none` where no honest interval is known to us.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

METHODS = ("wilson", "poisson", "t", "order", "none")
# Relative to the sum of squares: a difference below it is what rounding leaves, not a variance.
ROUNDING = 1e-12

Limits = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Counts:
    """Hold what was counted: `cases` of `size` (shares), events per exposure (rates), a sum over
    observations with the sum of their `squares` (means).

    Arrays of one shape. The ratio cases / size is a value before scaling.
    """

    cases: np.ndarray
    size: np.ndarray
    squares: np.ndarray | None = None

    @property
    def ratio(self) -> np.ndarray:
        """Return cases / size, NaN where there is nothing to divide by."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.size > 0, self.cases / self.size, np.nan)

    @property
    def variance(self) -> np.ndarray:
        """Return the variance of one observation of a mean; NaN below two observations."""
        assert self.squares is not None, "only the observations of a mean have squares"
        with np.errstate(divide="ignore", invalid="ignore"):
            centred = self.squares - self.cases * self.cases / self.size
            is_real = centred > ROUNDING * self.squares
            variance = np.where(is_real, centred, 0) / (self.size - 1)
            return np.where(self.size > 1, variance, np.nan)

    def select(self, selection: np.ndarray) -> "Counts":
        """Return the counts at some positions, or where a mask is true."""
        squares = None if self.squares is None else self.squares[selection]
        return Counts(self.cases[selection], self.size[selection], squares)


def confidence_interval(method: str, counts: Counts, level: float | np.ndarray) -> Limits:
    """Return the limits of cases / size (of a count: of the cases, with size 1), before scaling.

    `level` is a number or one per value. NaN where there is nothing to divide by, where a mean has
    no two different observations, or where the method is `none`. Raises ValueError for a method
    that is not in METHODS.
    """
    if method not in METHODS:
        raise ValueError(f"unknown interval method {method!r}: use one of {', '.join(METHODS)}")
    low = np.full(counts.cases.shape, np.nan)
    high = low.copy()
    if method not in _FORMULAS:
        return low, high
    is_usable = counts.size > 0
    if method == "wilson":
        is_usable &= counts.cases <= counts.size
    if method == "t":
        is_usable &= counts.variance > 0
    tail = (1 - np.broadcast_to(level, is_usable.shape)[is_usable]) / 2
    low[is_usable], high[is_usable] = _FORMULAS[method](counts.select(is_usable), tail)
    return low, high


def _wilson_interval(counts: Counts, tail: np.ndarray) -> Limits:
    """Return the score interval of a share: it has width at 0 of n and at n of n, where the normal
    approximation has none.
    """
    z = -special.ndtri(tail)
    z_squared = z**2
    share, size = counts.ratio, counts.size
    divisor = 1 + z_squared / size
    centre = (share + z_squared / (2 * size)) / divisor
    half = z * np.sqrt(share * (1.0 - share) / size + z_squared / (4.0 * size**2))
    half /= divisor
    low = np.clip(centre - half, 0, 1)
    high = np.clip(centre + half, 0, 1)
    # None of n has 0 for its lower limit and all of n has 1 for its upper one: exactly, not up to
    # the last bit.
    low = np.where(counts.cases == 0, 0, low)
    high = np.where(counts.cases == size, 1, high)
    return low, high


def _poisson_interval(counts: Counts, tail: np.ndarray) -> Limits:
    """Return Garwood's exact limits of a count, over the exposure."""
    # The gamma quantile has no value at zero cases, whose lower limit is zero.
    lowest = special.gammaincinv(np.maximum(counts.cases, 1), tail)
    low = np.where(counts.cases > 0, lowest, 0) / counts.size
    high = special.gammainccinv(counts.cases + 1, tail) / counts.size
    return low, high


def _t_interval(counts: Counts, tail: np.ndarray) -> Limits:
    """Return Student's limits of a mean."""
    quantile = -special.stdtrit(counts.size - 1, tail)
    half = quantile * np.sqrt(counts.variance / counts.size)
    return counts.ratio - half, counts.ratio + half


_FORMULAS = {"wilson": _wilson_interval, "poisson": _poisson_interval, "t": _t_interval}


def order_ranks(size: np.ndarray, share: float, level: float) -> Limits:
    """Return the ranks (from 1) of the observations that are the limits of a percentile.

    `size` is how many observations each cell has; 0 where they are too few for a limit. The
    observation of rank r is below the percentile of all if fewer than r of n are below it: a
    binomial tail, whatever the distribution.
    """
    # Many cells have few different sizes: each is looked up once.
    sizes, position = np.unique(size, return_inverse=True)
    tail = (1 - level) / 2
    low = stats.binom.ppf(tail, sizes, share)
    high = stats.binom.isf(tail, sizes, share) + 1
    has_limits = (low >= 1) & (high <= sizes)
    low = np.where(has_limits, low, 0).astype(np.int64)
    high = np.where(has_limits, high, 0).astype(np.int64)
    return low[position], high[position]
