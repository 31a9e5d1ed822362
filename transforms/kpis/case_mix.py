"""Case mix: what a branch would have at the network's rates, and what the network's mix of cases
would have at the branch's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from transforms.kpis.cube import Cube, sum_by_cell
from transforms.kpis.positioned_rows import PositionedRows

# Share of the network's cases below which a standardised value would say more of the network than
# of the branch.
MIN_COVERAGE = 0.5


@dataclass(frozen=True)
class CaseMix:
    """Per branch and period, shape (branches, periods), NaN where nothing was counted.

    `expected` is the numerator that the branch's own mix would have at the network's rates
    (indirect standardisation), `ratio` is numerator / denominator of the network's mix at the
    branch's rates (direct standardisation; NaN too where under half of it is covered), `coverage`
    the share of the network's cases that are in strata in which the branch has cases.
    """

    expected: np.ndarray
    ratio: np.ndarray
    coverage: np.ndarray


def standardise_case_mix(blocks: Iterable[PositionedRows], cube: Cube) -> CaseMix:
    """Standardise over strata, given in blocks of them that fit into memory.

    In a stratum where a branch has no case, nothing is known of it, and it is taken to do there as
    the network does. Keiding and Clayton (2014), Statistical Science 29: the two standardisations,
    and why only the direct one compares branches with each other.
    """
    shape = (len(cube.branches), len(cube.periods))
    size, expected, direct, covered, network_size = (np.zeros(shape) for _ in range(5))
    for rows in blocks:
        # Shape (branches, periods, strata) of these, (periods, strata) of the network's.
        numerator = sum_by_cell(rows, "numerator", cube)[0].astype(float)
        denominator = sum_by_cell(rows, "denominator", cube)[0].astype(float)
        network_cases = numerator[cube.head_office]
        network = denominator[cube.head_office]

        has_cases = denominator > 0

        with np.errstate(divide="ignore", invalid="ignore"):
            network_rate = np.where(network > 0, network_cases / network, 0)
            rate = np.where(has_cases, numerator / denominator, network_rate)

        # Indirect: own cases at the network's rates. Direct: the network's cases at own rates.
        size += denominator.sum(axis=2)
        expected += (denominator * network_rate).sum(axis=2)
        direct += (network * rate).sum(axis=2)
        covered += (network * has_cases).sum(axis=2)
        network_size += network.sum(axis=1)

    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = covered / network_size
        ratio = direct / network_size

    # Below it too much of an adjusted value would be the network's own.
    ratio = np.where(coverage >= MIN_COVERAGE, ratio, np.nan)
    is_counted = size > 0

    return CaseMix(
        expected=np.where(is_counted, expected, np.nan),
        ratio=np.where(is_counted, ratio, np.nan),
        coverage=np.where(is_counted, coverage, np.nan),
    )
