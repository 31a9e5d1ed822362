"""Days as numbers of intervals: the time line is cut at every boundary of a period."""

from datetime import date

import numpy as np

from transforms.kpis.periods import period_tables

EPOCH = date(1970, 1, 1)
NO_DAY = 2**30  # in days since 1970: never


class Calendar:
    """The periods of a run, and which interval each day is in.

    `periods` are the rows of dim_period by period_id; `later` is the interval of all that is still
    to come, `never` that of what did not happen, `size` how many there are with both.
    """

    def __init__(self, as_of: date):
        tables = period_tables(as_of)
        self.periods = tables["dim_period"].to_pylist()
        days = tables["dim_date"]
        self.first_day = (days["date"][0].as_py() - EPOCH).days
        self.later = days["interval_id"][-1].as_py()
        self.never = self.later + 1
        self.size = self.later + 2
        assert self.size <= 256, "an interval is one byte"
        intervals = [*days["interval_id"].to_pylist(), self.never]
        self._interval_of_day = np.array(intervals, np.uint8)
        self.first = self._column("first_interval")
        self.end = self._column("end_interval")
        self.year_first = self._column("year_first_interval")
        position = {row["period_id"]: number for number, row in enumerate(self.periods)}
        self.year_earlier = np.array(
            [position.get(row["year_earlier_id"], -1) for row in self.periods]
        )
        self.published = np.flatnonzero([row["is_published"] for row in self.periods])

    def _column(self, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.periods])

    def interval(self, day: np.ndarray) -> np.ndarray:
        """Return the interval of each day (days since 1970, NO_DAY: none)."""
        offset = np.clip(day - self.first_day, 0, len(self._interval_of_day) - 1)
        return self._interval_of_day[offset]

    def limit(self, day: np.ndarray, known_until: date) -> np.ndarray:
        """Return the interval of each limit; one after the last known day is still to come."""
        interval = self.interval(day)
        is_to_come = (day > day_number(known_until)) & (day < NO_DAY)
        interval[is_to_come] = self.later
        return interval

    def sum_periods(self, counts: np.ndarray, first: np.ndarray | None = None) -> np.ndarray:
        """Return sums over the intervals of each period, which are the last axis of `counts`."""
        before = np.zeros((*counts.shape[:-1], counts.shape[-1] + 1), np.int64)
        np.cumsum(counts, axis=-1, out=before[..., 1:])
        return before[..., self.end] - before[..., self.first if first is None else first]


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - EPOCH).days
