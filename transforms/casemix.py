"""Case mix: what a branch would have at the network's rates, and what the network's mix of cases would have at the branch's."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from transforms.grid import Grid, Rows, added_up


@dataclass(frozen=True)
class CaseMix:
    """Per branch and period. Shape of each: branches x periods, NaN where nothing was counted.

    `expected` is the numerator that the branch's own mix would have at the network's rates (indirect standardisation), `ratio` is numerator /
    denominator of the network's mix at the branch's rates (direct standardisation), `coverage` the share of the network's cases that lie
    in strata in which the branch has cases.
    """

    expected: np.ndarray
    ratio: np.ndarray
    coverage: np.ndarray


def case_mix(portions: Iterable[Rows], grid: Grid, is_share: bool) -> CaseMix:
    """Standardise over strata, given as rows in portions of them that fit into memory.

    In a stratum where a branch has no case, it is taken to do there as everywhere: its own observed / expected times the network's rate.
    Keiding and Clayton (2014), Statistical Science 29: the two standardisations, and why only the direct one compares branches with each other.
    """
    shape = (len(grid.branches), len(grid.periods))
    observed, size, expected, direct, elsewhere, covered, weight = (np.zeros(shape) for _ in range(7))
    for rows in portions:
        numerator, denominator = (added_up(rows, name, grid)[0].astype(float) for name in ("numerator", "denominator"))
        network, own = denominator[grid.head_office], denominator > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(network > 0, numerator[grid.head_office] / network, 0)
            rate = np.where(own, numerator / denominator, 0)
        observed += numerator.sum(axis=2)
        size += denominator.sum(axis=2)
        expected += (denominator * usual).sum(axis=2)
        direct += (network * rate).sum(axis=2)
        elsewhere += np.where(own, 0, network * usual).sum(axis=2)
        covered += (network * own).sum(axis=2)
        weight += network.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(expected > 0, observed / expected, 1)
        ratio = (direct + elsewhere * relative) / weight
        ratio = np.minimum(ratio, 1) if is_share else ratio
        made = (expected, ratio, covered / weight)
    return CaseMix(*(np.where(size > 0, values, np.nan) for values in made))
