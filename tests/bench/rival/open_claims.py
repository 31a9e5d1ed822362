"""Open claims by age: only those that are open at the end of some period are looked at."""

from fractions import Fraction

import numpy as np

from tests.bench.rival.calendar import Calendar, day_number
from tests.bench.rival.grid import Grid, Kpi, Writer

AGES = ["0-30", "31-60", "61-90", "91-180", "181-365", ">365"]
BOUNDS = np.array([30, 60, 90, 180, 365])
KPI = Kpi("claim_open_count", "count", Fraction(1))


class OpenClaims:
    """Spells that are open at the end of a period."""

    def __init__(self, calendar: Calendar):
        self.calendar = calendar
        self.parts: list[tuple[np.ndarray, ...]] = []
        ends = np.unique(calendar.end)
        # The first end after each interval.
        position = np.searchsorted(ends, np.arange(calendar.size), side="right")
        self.next_end = np.array([*ends, 255], np.uint8)[position]

    def add(
        self, key: np.ndarray, begun: np.ndarray, ended: np.ndarray, reported: np.ndarray
    ) -> None:
        """Keep what is open at an end."""
        chosen = np.flatnonzero(self.next_end[begun] <= ended)
        self.parts.append(
            (key[chosen].astype(np.int32), begun[chosen], ended[chosen], reported[chosen])
        )

    def count(self, keys: int) -> np.ndarray:
        """Return how many are open at the end of each period: (keys, ages, periods)."""
        key, begun, ended, reported = map(np.concatenate, zip(*self.parts, strict=True))
        counts = np.zeros((keys, len(AGES), len(self.calendar.periods)), np.int64)
        for end in np.unique(self.calendar.end):
            periods = np.flatnonzero(self.calendar.end == end)
            last_day = day_number(self.calendar.periods[periods[0]]["period_end"]) - 1
            chosen = np.flatnonzero((begun < end) & (ended >= end))
            age = np.searchsorted(BOUNDS, last_day - reported[chosen])
            cells = np.bincount(key[chosen] * len(AGES) + age, minlength=keys * len(AGES))
            counts[:, :, periods] = cells.reshape(keys, -1, 1)
        return counts


def write_open_claims(claims: OpenClaims, grid: Grid, writer: Writer) -> None:
    """Write the KPI: by line and claim group, and by age."""
    counts = claims.count(grid.keys)
    by_segment = grid.roll_up(counts.sum(axis=1))
    branches = len(grid.branches.codes)
    by_age = counts.reshape(branches, -1, len(AGES), counts.shape[2]).sum(axis=1)
    aged = Grid(grid.branches, grid.calendar, ("age", ""), (AGES, ["-"]))
    of_age = aged.roll_up(by_age.reshape(branches * len(AGES), -1))
    names = [*grid.segments, *aged.segments[1 : 1 + len(AGES)]]
    cells = np.concatenate([by_segment, of_age[:, :, 1 : 1 + len(AGES)]], axis=2)
    writer.write_segments(KPI, grid, names, cells, np.zeros_like(cells))
