"""Exact medians and percentiles of every cell of the grid: linear interpolation between order statistics, as Excel's PERCENTILE.INC."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from transforms.grid import Grid, Rows
from transforms.statistics import order_ranks


def quantiles(rows: Rows, grid: Grid, shares: list[tuple[int, int]], level: float) -> tuple[list[np.ndarray], list[dict], np.ndarray]:
    """Per share (9, 10) the value below which nine tenths of the observations lie, times ten, its limits `low` and `high` at a level
    (times ten; NaN where there are too few observations), and how many observations there are.

    `rows` has observations with weights (how many cases have it), by the interval of their event. Shape of each: branches x periods x
    segments; whole numbers, so that the one division comes later. The observations are put in order of value once and then, stably, in
    order of cell; those of one period are picked out of that and still lie in order.
    """
    by_value = np.argsort(rows.measures["observation"], kind="stable")
    rows = _reordered(rows, by_value)
    shape = (len(grid.branches), len(grid.periods), len(rows.segments))
    found, counts = [np.zeros(shape, np.int64) for _ in shares], np.zeros(shape, np.int64)
    limits = [{"low": np.full(shape, np.nan), "high": np.full(shape, np.nan)} for _ in shares]
    for periods, above in grid.trees:
        for counts_for in _partitions(above):
            first_cell = np.where(counts_for < 0, -len(rows.segments), counts_for * len(rows.segments)).astype(np.int32)[rows.branch]
            for place in rows.places:
                arranged = _Arranged(rows, first_cell, place, shape)
                for position in periods:
                    arranged.pick(grid.periods[position], position, level, shares, found, limits, counts)
    return found, limits, counts


def _reordered(rows: Rows, order: np.ndarray) -> Rows:
    """Rows in another order, in small numbers: what is done with them is done many times."""
    measures = {name: values[order] for name, values in rows.measures.items()}
    places = [place[order].astype(np.int32) for place in rows.places]
    return Rows(rows.time[order].astype(np.int16), rows.by_interval, rows.branch[order].astype(np.int32), rows.segments, places, measures)


def _partitions(above: sparse.csr_array) -> Iterator[np.ndarray]:
    """The branches that each branch counts for, as arrays branch -> branch (-1: none): in a tree, one array per level."""
    members = sorted(((np.sort(above.indices[a:b]), row) for row, (a, b) in enumerate(zip(above.indptr, above.indptr[1:], strict=False))), key=_size)
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


class _Arranged:
    """Observations in order of cell (branch and segment) and, within it, of value."""

    def __init__(self, rows: Rows, first_cell: np.ndarray, place: np.ndarray, shape: tuple):
        nowhere = shape[0] * shape[2]
        cell = np.where((first_cell >= 0) & (place >= 0), first_cell + place, nowhere).astype(np.min_scalar_type(nowhere))
        order = np.argsort(cell, kind="stable")
        sizes = np.bincount(cell, minlength=nowhere + 1)[:-1]
        self.cells = np.flatnonzero(sizes)
        self.bounds = np.concatenate([[0], np.cumsum(sizes[self.cells])])
        self.segments, self.index = shape[2], order[: self.bounds[-1]]
        self.interval = rows.time[self.index]
        self.value, self.weight = rows.measures["observation"], rows.measures["weight"]
        self.is_weighted = bool((self.weight != 1).any())

    def pick(self, period: dict, column: int, level: float, shares: list, found: list[np.ndarray], limits: list[dict], counts: np.ndarray) -> None:
        """Fill one period's column of the cells that this arrangement has."""
        inside = np.flatnonzero((self.interval >= period["first_interval"]) & (self.interval < period["end_interval"]))
        bounds = np.searchsorted(inside, self.bounds)
        inside = self.index[inside] if self.is_weighted else inside
        heavy = np.concatenate([[0], np.cumsum(self.weight[inside])]) if self.is_weighted else np.arange(len(inside) + 1)
        before, total = heavy[bounds[:-1]], np.diff(heavy[bounds])
        some = np.flatnonzero(total)
        branch, segment = np.divmod(self.cells[some], self.segments)
        before, total = before[some], total[some]
        counts[branch, column, segment] = total

        def at(rank: np.ndarray) -> np.ndarray:
            row = inside[np.searchsorted(heavy, before + rank, side="right") - 1]
            return self.value[row if self.is_weighted else self.index[row]]

        for (up, down), into, beside in zip(shares, found, limits, strict=True):
            rank, rest = np.divmod((total - 1) * up, down)
            low = at(rank)
            into[branch, column, segment] = low * down + (at(np.minimum(rank + 1, total - 1)) - low) * rest
            for side, order in zip(("low", "high"), order_ranks(total, up / down, level), strict=True):
                known = order > 0
                beside[side][branch[known], column, segment[known]] = at(np.where(known, order - 1, 0))[known] * down
