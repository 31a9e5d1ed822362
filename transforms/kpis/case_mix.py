"""Case mix: what a branch would have at the network's rates, and what the network's mix of cases
would have at the branch's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from transforms.kpis.cube import Cube, PositionedRows, sum_by_cell

# of the network's cases: below it, a standardised value would tell of the network more than of the
# branch
COVERED = 0.5


@dataclass(frozen=True)
class CaseMix:
    """Per branch and period. Shape of each: branches x periods, NaN where nothing was counted.

    `expected` is the numerator that the branch's own mix would have at the network's rates
    (indirect standardisation), `ratio` is numerator / denominator of the network's mix at the
    branch's rates (direct standardisation; NaN too where under half of it is covered), `coverage`
    the share of the network's cases that lie in strata in which the branch has cases.
    """

    expected: np.ndarray
    ratio: np.ndarray
    coverage: np.ndarray


def standardise_case_mix(portions: Iterable[PositionedRows], grid: Cube) -> CaseMix:
    """Standardise over strata, given as rows in portions of them that fit into memory.

    In a stratum where a branch has no case, nothing is known of it, and it is taken to do there as
    the network does. Keiding and Clayton (2014), Statistical Science 29: the two standardisations,
    and why only the direct one compares branches with each other.
    """
    shape = (len(grid.branches), len(grid.periods))
    size, expected, direct, covered, weight = (np.zeros(shape) for _ in range(5))
    for rows in portions:
        numerator, denominator = (
            sum_by_cell(rows, name, grid)[0].astype(float) for name in ("numerator", "denominator")
        )
        network, own = denominator[grid.head_office], denominator > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(network > 0, numerator[grid.head_office] / network, 0)
            rate = np.where(own, numerator / denominator, usual)
        size += denominator.sum(axis=2)
        expected += (denominator * usual).sum(axis=2)
        direct += (network * rate).sum(axis=2)
        covered += (network * own).sum(axis=2)
        weight += network.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = covered / weight
        made = (expected, np.where(coverage >= COVERED, direct / weight, np.nan), coverage)
    return CaseMix(*(np.where(size > 0, values, np.nan) for values in made))
