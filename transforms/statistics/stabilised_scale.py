"""Scales on which chance is the same at every value, so that distances from the network can be
compared, averaged and added over branches and years.

Shares: arcsin of the root, standard error 1 / (2 sqrt n). Rates: root of observed over expected,
standard error 1 / (2 sqrt E). Both are averaged over x and x + 1 as Freeman and Tukey (1950, Annals
of Mathematical Statistics 21) do it, so that few cases do not weigh too much. Means: log of
observed over expected.
"""

import numpy as np
from scipy import special

from transforms.statistics.chance_limits import is_testable
from transforms.statistics.intervals import Counts, Limits


def stabilise(
    method: str, counts: Counts, network: np.ndarray, variance: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each branch is from the network on the method's scale, and the standard error
    of that distance; NaN where the method knows no chance.
    """
    distance = np.full(counts.cases.shape, np.nan)
    error = distance.copy()
    is_usable = is_testable(method, counts.size, network, variance)
    if method == "t":
        is_usable &= counts.cases > 0  # zero has no logarithm
    usable, centre = counts.select(is_usable), network[is_usable]
    if method == "wilson":
        below = np.arcsin(np.sqrt(usable.cases / (usable.size + 1)))
        above = np.arcsin(np.sqrt((usable.cases + 1) / (usable.size + 1)))
        distance[is_usable] = (below + above) / 2 - np.arcsin(np.sqrt(centre))
        error[is_usable] = 0.5 / np.sqrt(usable.size + 0.5)
    elif method == "poisson":
        expected = usable.size * centre
        root = (np.sqrt(usable.cases) + np.sqrt(usable.cases + 1)) / 2
        distance[is_usable] = root / np.sqrt(expected) - 1
        error[is_usable] = 0.5 / np.sqrt(expected)
    elif method == "t" and variance is not None:
        distance[is_usable] = np.log(usable.ratio / centre)
        error[is_usable] = np.sqrt(variance[is_usable] / usable.size) / centre
    return distance, error


def compare_distances(now: Limits, then: Limits) -> np.ndarray:
    """Return how likely chance alone makes two distances, each with its standard error, at least so
    different: the p-value of a two-sample z test.
    """
    (distance, error), (distance_then, error_then) = now, then
    with np.errstate(invalid="ignore"):
        return 2 * special.ndtr(-np.abs(distance - distance_then) / np.hypot(error, error_then))


def unstabilise(method: str, distance: np.ndarray, network: np.ndarray) -> np.ndarray:
    """Return the ratio at a distance from the network: the way back from `stabilise`."""
    if method == "wilson":
        angle = np.arcsin(np.sqrt(np.clip(network, 0, 1))) + distance
        return np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
    if method == "poisson":
        return network * np.maximum(1 + distance, 0) ** 2
    return network * np.exp(distance)
