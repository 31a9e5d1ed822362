"""Counts by two dates: a dense cube of interval x interval per key, cumulated over both."""

import numpy as np

from tests.bench.rival.grid import Grid


class IntervalCube:
    """How many rows of each key begin in one interval and end in another."""

    def __init__(self, grid: Grid, dtype: type):
        self.size = grid.calendar.size
        # A row and a column of nothing in front, which cumulated counts begin with.
        self.cells = np.zeros((grid.keys, self.size + 1, self.size + 1), dtype)

    def add(self, key: np.ndarray, begun: np.ndarray, ended: np.ndarray, weights=1) -> None:
        """Add rows, or their weights."""
        width = self.size + 1
        cell = key * (width * width) + (begun.astype(np.int64) + 1) * width + ended + 1
        np.add.at(self.cells.reshape(-1), cell, np.asarray(weights, self.cells.dtype))

    def add_where(
        self,
        is_chosen: np.ndarray,
        key: np.ndarray,
        begun: np.ndarray,
        ended: np.ndarray,
        weights=None,
    ) -> None:
        """Add the chosen rows, or their weights."""
        chosen = np.flatnonzero(is_chosen)
        chosen_weights = 1 if weights is None else weights[chosen]
        self.add(key[chosen], begun[chosen], ended[chosen], chosen_weights)

    def cumulate(self) -> "IntervalCube":
        """Replace counts by those of all cells before, once all rows are in."""
        np.cumsum(self.cells, axis=1, out=self.cells)
        np.cumsum(self.cells, axis=2, out=self.cells)
        return self

    def rectangle(
        self,
        begun_from: np.ndarray,
        begun_until: np.ndarray,
        ended_from: np.ndarray,
        ended_until: np.ndarray,
    ) -> np.ndarray:
        """Return how many began and ended in [from, until), for every period: (keys, periods)."""
        sums = self.cells[:, begun_until, ended_until].astype(np.int64)
        sums -= self.cells[:, begun_from, ended_until]
        sums -= self.cells[:, begun_until, ended_from]
        sums += self.cells[:, begun_from, ended_from]
        return sums
