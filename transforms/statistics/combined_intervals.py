"""Limits of a sum or a difference from the limits of what it is made of (MOVER: Zou and Donner
2008, Statistics in Medicine 27:1693-1702).

Each estimate's own limits tell its variance where it matters, near the limit, so that nothing is
taken to be symmetric. For two shares with Wilson limits it is Newcombe's hybrid score interval
(1998, Statistics in Medicine 17:873-890, method 10). The estimates are taken to be independent.
"""

import numpy as np
from scipy import special

Estimate = tuple[np.ndarray, np.ndarray, np.ndarray]  # value, lower limit, upper limit


def difference_interval(one: Estimate, other: Estimate) -> tuple[np.ndarray, np.ndarray]:
    """Limits of one - other, at the level of their limits; NaN where either has none."""
    (value, low, high), (less, less_low, less_high) = one, other
    between = value - less
    return between - np.hypot(value - low, less_high - less), between + np.hypot(
        high - value, less - less_low
    )


def sum_interval(
    value: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the sums over the last axis; NaN where a term has none."""
    whole = value.sum(axis=-1)
    return whole - np.sqrt(((value - low) ** 2).sum(axis=-1)), whole + np.sqrt(
        ((high - value) ** 2).sum(axis=-1)
    )


def rescale_interval(estimate: Estimate, level: float, other: np.ndarray) -> Estimate:
    """An estimate with the limits of `level` drawn out, or in, to another level as those of a
    normal one would be, each side by itself.
    """
    value, low, high = estimate
    further = special.ndtri((1 + other) / 2) / special.ndtri((1 + level) / 2)
    return value, value - further * (value - low), value + further * (high - value)
