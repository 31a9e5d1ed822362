"""Exact medians and percentiles of every cell of the grid: linear interpolation between order
statistics, as Excel's PERCENTILE.INC.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse

from transforms.kpis.cube import LARGEST, Cube, PositionedRows
from transforms.statistics.intervals import order_ranks


def compute_percentiles(
    rows: PositionedRows, grid: Cube, shares: list[tuple[int, int]], level: float, threads: int
) -> tuple[list[np.ndarray], list[dict], np.ndarray]:
    """Per share (9, 10) the value below which nine tenths of the observations lie, times ten, its
    limits `low` and `high` at a level (times ten; NaN where there are too few observations), and
    how many observations there are.

    `rows` has observations with weights (how many cases have it), by the interval of their event.
    Shape of each: branches x periods x segments; whole numbers, so that the one division comes
    later.
    """
    shape = (len(grid.branches), len(grid.periods), len(rows.segments))
    found, counts = [np.zeros(shape, np.int64) for _ in shares], np.zeros(shape, np.int64)
    limits = [{"low": np.full(shape, np.nan), "high": np.full(shape, np.nan)} for _ in shares]

    def fill(position: int, cells: "_Cells") -> None:
        branch, segment, total = cells.branch, cells.segment, cells.total
        counts[branch, position, segment] = total
        for (up, down), into, beside in zip(shares, found, limits, strict=True):
            rank, rest = np.divmod((total - 1) * up, down)
            low = cells.at(rank)
            into[branch, position, segment] = (
                low * down + (cells.at(np.minimum(rank + 1, total - 1)) - low) * rest
            )
            for side, order in zip(
                ("low", "high"), order_ranks(total, up / down, level), strict=True
            ):
                known = order > 0
                beside[side][branch[known], position, segment[known]] = (
                    cells.at(np.where(known, order - 1, 0))[known] * down
                )

    observed = _Observed(rows)
    with ThreadPoolExecutor(threads) as pool:
        for positions, above in grid.trees:
            periods = [grid.periods[position] for position in positions]
            for arranged in observed.arranged(periods, list(_partitions(above))):
                # Each period fills cells of its own.
                list(
                    pool.map(
                        lambda position: fill(position, arranged.cells(grid.periods[position])),
                        positions,
                    )
                )
    return found, limits, counts


def _partitions(above: sparse.csr_array) -> Iterator[np.ndarray]:
    """The branches that each branch counts for, as arrays branch -> branch (-1: none): in a tree,
    one array per level.
    """
    members = sorted(
        (
            (np.sort(above.indices[a:b]), row)
            for row, (a, b) in enumerate(zip(above.indptr, above.indptr[1:], strict=False))
        ),
        key=_size,
    )
    partitions: list[np.ndarray] = []
    for below, branch in members:
        free = next((partition for partition in partitions if (partition[below] < 0).all()), None)
        if free is None:
            free = np.full(above.shape[0], -1)
            partitions.append(free)
        free[below] = branch
    yield from partitions


def _size(entry: tuple[np.ndarray, int]) -> tuple[int, int]:
    return -len(entry[0]), entry[1]


class _Observed:
    """Observations in order of their interval, so that those of a period are a slice; each as often
    as its weight says.
    """

    def __init__(self, rows: PositionedRows):
        observations, weights = rows.measures["observation"], rows.measures["weight"]
        order = np.argsort(rows.time, kind="stable")
        order = order if (weights == 1).all() else np.repeat(order, weights[order])
        self.least = int(observations.min()) if len(observations) else 0
        self.span = int(observations.max()) - self.least + 1 if len(observations) else 1
        self.time, self.branch = rows.time[order], rows.branch[order]
        self.places = [place[order] for place in rows.places]
        self.above_least = (observations - self.least).astype(np.min_scalar_type(self.span))[order]
        self.segments = len(rows.segments)

    def arranged(self, periods: list[dict], partitions: list[np.ndarray]) -> Iterator["_Arranged"]:
        """The observations of some periods, once per way of counting them for a branch and kind of
        segment.

        Raises OverflowError where cell and observation do not fit into 64 bits together.
        """
        first, end = (
            min(period["first_interval"] for period in periods),
            max(period["end_interval"] for period in periods),
        )
        inside = slice(*np.searchsorted(self.time, [first, end]))
        if len(partitions[0]) * self.segments * self.span > LARGEST:
            raise OverflowError(
                "the observations lie too far apart for this many branches and segments"
            )
        for counts_for, place in product(partitions, self.places):
            keys = counts_for[self.branch[inside]]
            placed = (keys >= 0) & (place[inside] >= 0)
            # In place: this is the largest array of a run.
            keys *= self.segments
            keys += place[inside]
            keys *= self.span
            keys += self.above_least[inside].astype(np.int64)
            yield _Arranged(
                self.time[inside][placed],
                keys[placed],
                len(counts_for),
                self.segments,
                self.span,
                self.least,
            )


@dataclass(frozen=True)
class _Arranged:
    """Observations in order of their `time`, each as one number with its cell (branch and segment):
    cell x span + what it is above the least.
    """

    time: np.ndarray
    keys: np.ndarray
    branches: int
    segments: int
    span: int
    least: int

    def cells(self, period: dict) -> "_Cells":
        """The observations of a period."""
        inside = slice(
            *np.searchsorted(self.time, [period["first_interval"], period["end_interval"]])
        )
        return _Cells(np.sort(self.keys[inside]), self)


class _Cells:
    """Observations in order of cell and, within it, of value; the cells that have any."""

    def __init__(self, keys: np.ndarray, of: _Arranged):
        bounds = np.searchsorted(keys, np.arange(of.branches * of.segments + 1) * of.span)
        sizes = np.diff(bounds)
        cell = np.flatnonzero(sizes)
        self.branch, self.segment = np.divmod(cell, of.segments)
        self.first, self.total = bounds[cell], sizes[cell]
        self.keys, self.zero = keys, cell * of.span - of.least

    def at(self, rank: np.ndarray) -> np.ndarray:
        """The observation of a rank (from 0) in each of the cells."""
        return self.keys[self.first + rank] - self.zero
