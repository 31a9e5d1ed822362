"""What was counted in cells: exact sums, of which each value is one division."""

from dataclasses import dataclass, field

import numpy as np

from transforms.kpis.arrow_columns import PUBLISHED_DECIMALS
from transforms.kpis.cube import Cube


@dataclass(frozen=True)
class CellSums:
    """Numerators and denominators as whole numbers, in units of 10 ** -decimals (of the one and of
    the other).

    Of a quantile the numerator is the value times the divisor of its share, the denominator the
    number of observations. Of an index the denominator is what is expected, rounded for readers;
    the value is formed from what it was made of.

    `spread` has what else a kind needs: the sum of `squares` of a mean, the limits `low` and
    `high` of a quantile, of an index its own `exposure`, `network_cases` and `network_exposure`.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    decimals: tuple[int, int]
    spread: dict[str, np.ndarray] = field(default_factory=dict)

    def select(self, selection) -> "CellSums":
        """Return the sums of some cells, by any index of numpy's."""
        spread = {name: values[selection] for name, values in self.spread.items()}
        return CellSums(
            self.numerator[selection],
            self.denominator[selection],
            self.decimals,
            spread,
        )


def hold_against_network(sums: CellSums, cube: Cube) -> CellSums:
    """Return the sums of an index, whose denominator is the numerator that a branch would have at
    the network's own rate. Shape of all: (branches, periods, segments), segment 0 only.
    """
    numerator, denominator = sums.numerator, sums.denominator
    own_exposure = np.zeros_like(denominator)
    own_exposure[:, :, 0] = denominator[:, :, 0]
    shape = own_exposure.shape
    spread = {
        "exposure": own_exposure,
        "network_cases": np.broadcast_to(numerator[cube.head_office], shape),
        "network_exposure": np.broadcast_to(denominator[cube.head_office], shape),
    }
    expected = expected_at_network_rate(numerator, denominator, cube)
    decimals = (sums.decimals[0], PUBLISHED_DECIMALS)
    return CellSums(numerator, expected, decimals, spread)


def expected_at_network_rate(
    numerator: np.ndarray, denominator: np.ndarray, cube: Cube
) -> np.ndarray:
    """Return the numerator that a branch would have at the network's own rate, rounded to the
    published decimals and in units of them. Shape of all: (branches, periods, segments), segment 0
    only.
    """
    expected = np.zeros_like(denominator)
    for period in range(numerator.shape[1]):
        cases = int(numerator[cube.head_office, period, 0])
        exposure = int(denominator[cube.head_office, period, 0])
        if not exposure:
            continue

        # In Python's integers: the product can pass 64 bits.
        published_cases = cases * 10**PUBLISHED_DECIMALS
        own_exposures = denominator[:, period, 0].tolist()
        # x / e rounded, half a unit up, is (2 x + e) // 2 e: no float in between.
        expected[:, period, 0] = [
            (2 * own * published_cases + exposure) // (2 * exposure) for own in own_exposures
        ]
    return expected
