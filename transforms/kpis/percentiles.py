"""Exact medians and percentiles of every cell of the cube: linear interpolation between order
statistics, as Excel's PERCENTILE.INC (Hyndman and Fan 1996, The American Statistician 50, type 7).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from scipy import sparse

from transforms.kpis.cube import LARGEST, Cube
from transforms.kpis.positioned_rows import PositionedRows
from transforms.statistics.intervals import order_ranks


@dataclass(frozen=True)
class Percentile:
    """One percentile of every cell, shape (branches, periods, segments).

    All are times the divisor of its share, so that `value` is a whole number and the one division
    comes later; `low` and `high` are its limits, NaN where there are too few observations.
    """

    divisor: int
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def compute_percentiles(
    rows: PositionedRows, cube: Cube, shares: list[tuple[int, int]], level: float, threads: int
) -> tuple[list[Percentile], np.ndarray]:
    """Return a percentile per share, (9, 10) the value below which nine tenths of the observations
    are, and how many observations each cell has.

    Args:
        rows: observations with weights (how many cases have it), by the interval of their event.
        cube: the cells.
        shares: numerator and denominator of each share.
        level: of the limits.
        threads: how many periods are computed at once.
    """
    shape = (len(cube.branches), len(cube.periods), len(rows.segments))
    counts = np.zeros(shape, np.int64)
    percentiles = [
        Percentile(
            divisor, np.zeros(shape, np.int64), np.full(shape, np.nan), np.full(shape, np.nan)
        )
        for _, divisor in shares
    ]

    def fill_period(keyed: _KeyedObservations, position: int) -> None:
        cells = keyed.select_period(cube.periods[position])
        counts[cells.branch, position, cells.segment] = cells.count
        for (numerator, _), percentile in zip(shares, percentiles, strict=True):
            _fill_percentile(percentile, numerator, level, position, cells)

    observations = _Observations(rows)
    with ThreadPoolExecutor(threads) as pool:
        for positions, ancestors in cube.trees:
            periods = [cube.periods[position] for position in positions]
            for keyed in observations.by_cell(periods, _list_partitions(ancestors)):
                # Each period fills cells of its own: no two threads write to the same place.
                list(pool.map(partial(fill_period, keyed), positions))

    return percentiles, counts


def _fill_percentile(
    percentile: Percentile, numerator: int, level: float, position: int, cells: "_Cells"
) -> None:
    """Write one percentile and its limits into the cells of one period."""
    divisor = percentile.divisor
    branch, segment, count = cells.branch, cells.segment, cells.count

    # Type 7: the share falls between two ranks, and the rest says how far.
    rank, rest = np.divmod((count - 1) * numerator, divisor)
    below = cells.observation_at(rank)
    above = cells.observation_at(np.minimum(rank + 1, count - 1))
    value = below * divisor + (above - below) * rest
    percentile.value[branch, position, segment] = value

    low_rank, high_rank = order_ranks(count, numerator / divisor, level)
    for limit, limit_rank in ((percentile.low, low_rank), (percentile.high, high_rank)):
        # Ranks begin at 1; 0 says that there are too few observations for a limit.
        has_limit = limit_rank > 0
        position_of_limit = np.where(has_limit, limit_rank - 1, 0)
        observation = cells.observation_at(position_of_limit)
        cell = branch[has_limit], position, segment[has_limit]
        limit[cell] = observation[has_limit] * divisor


def _list_partitions(ancestors: sparse.csr_array) -> list[np.ndarray]:
    """Return the branches that each branch counts for, as arrays branch -> branch (-1: none): in a
    tree, one array per level.
    """

    def largest_first(entry: tuple[np.ndarray, int]) -> tuple[int, int]:
        below, branch = entry
        return -len(below), branch

    # A row of the matrix, an ancestor, has its branches between two entries of `indptr`.
    branches = len(ancestors.indptr) - 1

    subtrees = []
    for branch in range(branches):
        start, end = ancestors.indptr[branch : branch + 2]
        below = np.sort(ancestors.indices[start:end])
        subtrees.append((below, branch))

    partitions: list[np.ndarray] = []
    for below, branch in sorted(subtrees, key=largest_first):
        free = next((partition for partition in partitions if (partition[below] < 0).all()), None)
        if free is None:
            free = np.full(branches, -1)
            partitions.append(free)
        free[below] = branch

    return partitions


class _Observations:
    """Observations in order of their interval, so that those of a period are a slice; each as often
    as its weight says.
    """

    def __init__(self, rows: PositionedRows):
        observations, weights = rows.measures["observation"], rows.measures["weight"]
        order = np.argsort(rows.time, kind="stable")
        if not (weights == 1).all():
            order = np.repeat(order, weights[order])

        self.least, self.span = 0, 1
        if len(observations):
            self.least = int(observations.min())
            self.span = int(observations.max()) - self.least + 1

        self.time = rows.time[order]
        self.branch = rows.branch[order]
        self.segment_positions = [positions[order] for positions in rows.segment_positions]

        # As small as they can be: a percentile has a row per claim.
        smallest_type = np.min_scalar_type(self.span)
        above_least = (observations - self.least).astype(smallest_type)
        self.above_least = above_least[order]
        self.segments = len(rows.segments)

    def by_cell(
        self, periods: list[dict], partitions: list[np.ndarray]
    ) -> Iterator["_KeyedObservations"]:
        """Yield the observations of some periods, once per way of counting them for a branch and
        kind of segment.

        Raises OverflowError where cell and observation do not fit into 64 bits together.
        """
        branches = len(partitions[0])
        if branches * self.segments * self.span > LARGEST:
            raise OverflowError(
                "the observations are too far apart for this many branches and segments"
            )

        first = min(period["first_interval"] for period in periods)
        end = max(period["end_interval"] for period in periods)

        inside = slice(*np.searchsorted(self.time, [first, end]))
        for counts_for, segment in product(partitions, self.segment_positions):
            keys = counts_for[self.branch[inside]]
            has_cell = (keys >= 0) & (segment[inside] >= 0)

            # In place: this is the largest array of a run.
            keys *= self.segments
            keys += segment[inside]
            keys *= self.span
            keys += self.above_least[inside].astype(np.int64)
            time = self.time[inside][has_cell]
            yield _KeyedObservations(
                time, keys[has_cell], branches, self.segments, self.span, self.least
            )


@dataclass(frozen=True)
class _KeyedObservations:
    """Observations in order of their `time`, each as one number with its cell (branch and segment):
    cell x span + what it is above the least. Sorting these numbers sorts within cells.
    """

    time: np.ndarray
    keys: np.ndarray
    branches: int
    segments: int
    span: int
    least: int

    def select_period(self, period: dict) -> "_Cells":
        """Return the observations of a period by cell."""
        bounds = [period["first_interval"], period["end_interval"]]
        inside = slice(*np.searchsorted(self.time, bounds))
        return _Cells(np.sort(self.keys[inside]), self)


class _Cells:
    """Observations in order of cell and, within it, of value; `branch`, `segment` and `count` of
    the cells that have any.
    """

    def __init__(self, keys: np.ndarray, keyed: _KeyedObservations):
        cells = keyed.branches * keyed.segments
        least_keys = np.arange(cells + 1) * keyed.span
        bounds = np.searchsorted(keys, least_keys)
        counts = np.diff(bounds)
        cell = np.flatnonzero(counts)
        self.branch, self.segment = np.divmod(cell, keyed.segments)
        self.count = counts[cell]
        self._first = bounds[cell]
        self._keys = keys

        # What a key of the cell would be for an observation of zero.
        self._zero = cell * keyed.span - keyed.least

    def observation_at(self, rank: np.ndarray) -> np.ndarray:
        """Return the observation of a rank (from 0) in each of the cells."""
        return self._keys[self._first + rank] - self._zero
