"""Limits of a sum or a difference from the limits of its terms (MOVER, the method of variance
estimates recovery: Zou and Donner 2008, Statistics in Medicine 27:1693-1702).

Each estimate's own limits give its variance where it matters, near the limit, so that nothing is
taken to be symmetric. For two shares with Wilson limits it is Newcombe's hybrid score interval
(1998, Statistics in Medicine 17:873-890, method 10). The estimates are taken to be independent.
"""

import numpy as np
from scipy import special

from transforms.statistics.intervals import Limits

Estimate = tuple[np.ndarray, np.ndarray, np.ndarray]  # value, lower limit, upper limit


def difference_interval(minuend: Estimate, subtrahend: Estimate) -> Limits:
    """Return the limits of minuend - subtrahend, at the level of their limits; NaN where either has
    none.
    """
    value, low, high = minuend
    other, other_low, other_high = subtrahend
    difference = value - other
    below = np.hypot(value - low, other_high - other)
    above = np.hypot(high - value, other - other_low)
    return difference - below, difference + above


def sum_interval(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> Limits:
    """Return the limits of the sums over the last axis; NaN where a term has none."""
    total = value.sum(axis=-1)
    below = np.sqrt(((value - low) ** 2).sum(axis=-1))
    above = np.sqrt(((high - value) ** 2).sum(axis=-1))
    return total - below, total + above


def rescale_interval(estimate: Estimate, level: float, new_level: np.ndarray) -> Estimate:
    """Return an estimate with its limits of `level` moved to another level as those of a normal
    estimate would be, each side by itself.
    """
    value, low, high = estimate
    factor = special.ndtri((1 + new_level) / 2) / special.ndtri((1 + level) / 2)
    return value, value - factor * (value - low), value + factor * (high - value)
