"""Counts per branch and two segments, rolled up the tree and written as rows of the table."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.rival.branches import Branches
from tests.bench.rival.calendar import Calendar

ALL = ("all", "all")


@dataclass(frozen=True)
class Grid:
    """The axes: branches, periods, and the names of two kinds of segment."""

    branches: Branches
    calendar: Calendar
    kinds: tuple[str, str]
    names: tuple[list[str], list[str]]

    @property
    def keys(self) -> int:
        """How many combinations there are of a branch and a segment of either kind."""
        return len(self.branches.codes) * len(self.names[0]) * len(self.names[1])

    @property
    def segments(self) -> list[tuple[str, str]]:
        """The segments in order of `roll_up`, which is not that of the table."""
        named = [
            (kind, name)
            for kind, names in zip(self.kinds, self.names, strict=True)
            for name in names
        ]
        return [ALL, *named]

    def roll_up(self, own: np.ndarray) -> np.ndarray:
        """Return sums for every branch and segment of what branches did themselves.

        Args:
            own: of shape (keys, periods).

        Returns the shape (periods, branches, segments).
        """
        first, second = map(len, self.names)
        branches, periods = len(self.branches.codes), own.shape[1]
        by_period = own.reshape(branches, first, second, periods).transpose(0, 3, 1, 2)
        sums = np.empty((periods, branches, first, second), np.int64)
        for positions, ancestors in self.branches.trees:
            flat = by_period[:, positions].reshape(branches, -1)
            rolled = (ancestors @ flat).reshape(branches, len(positions), first, second)
            sums[positions] = rolled.transpose(1, 0, 2, 3)
        by_first = sums.sum(axis=3)
        everything = by_first.sum(axis=2, keepdims=True)
        return np.concatenate([everything, by_first, sums.sum(axis=2)], axis=2)


@dataclass(frozen=True)
class Kpi:
    """How numerators and denominators become a value; `decimals` of both."""

    name: str
    kind: str = "share"
    scale: Fraction = Fraction(100)
    decimals: tuple[int, int] = (0, 0)
    of_all: str = ""


class Writer:
    """Writes the rows of each KPI as soon as they are formed, one Parquet file each.

    `runs` are the rows of dim_kpi_run by kpi_id: from where on a KPI has its data.
    """

    def __init__(self, folder: Path, runs: dict[str, dict], exposed: set[int]):
        self.folder, self.runs, self.exposed = folder, runs, exposed

    def find_missing(self, kpi: str, calendar: Calendar) -> np.ndarray:
        """Return in which periods the KPI is not available."""
        run = self.runs[kpi]
        begins = "year_start" if run["looks_back"] else "period_start"
        return np.array(
            [
                bool(run["reason"])
                or period[begins] < run["history_from"]
                or (run["divides_by_exposure"] and period["period_id"] not in self.exposed)
                for period in calendar.periods
            ]
        )

    def write(self, kpi: Kpi, grid: Grid, numerator: np.ndarray, denominator: np.ndarray) -> None:
        """Write a KPI whose counts have the shape (periods, branches, segments)."""
        self.write_segments(kpi, grid, grid.segments, numerator, denominator)

    def write_segments(
        self,
        kpi: Kpi,
        grid: Grid,
        segments: list[tuple[str, str]],
        numerator: np.ndarray,
        denominator: np.ndarray,
    ) -> None:
        """Write a KPI on other segments than those of the grid."""
        if self.runs[kpi.name]["reason"]:
            numerator, denominator = np.zeros_like(numerator), np.zeros_like(denominator)
        present = (numerator != 0) | (denominator != 0)
        for position, (kind, _) in enumerate(segments):
            if kind == kpi.of_all:
                present[:, :, position] = numerator[:, :, position] != 0
                denominator[:, :, position] = denominator[:, :, 0]
        present[:, :, 0] = True
        calendar = grid.calendar
        order = sorted(range(len(segments)), key=lambda position: segments[position])
        number, branch, segment = np.nonzero(present[calendar.published][:, :, order])
        period, segment = calendar.published[number], np.array(order)[segment]
        missing = self.find_missing(kpi.name, calendar)
        now = numerator[period, branch, segment], denominator[period, branch, segment]
        earlier = calendar.year_earlier[period]
        before = numerator[earlier, branch, segment], denominator[earlier, branch, segment]
        value = np.where(missing[period], np.nan, form_value(kpi, *now))
        has_prior = (earlier >= 0) & ~missing[earlier]
        prior = np.where(has_prior, form_value(kpi, *before), np.nan)
        names = [f"{kind}/{name}" for kind, name in segments]
        table = pa.table(
            {
                "kpi_id": encode(np.zeros(len(period)), [kpi.name]),
                "period": pa.array(period.astype(np.uint8)),
                "branch": encode(branch, grid.branches.codes),
                "segment": encode(segment, names),
                "numerator": pa.array(now[0], mask=missing[period] | (kpi.kind == "quantile")),
                "denominator": pa.array(now[1], mask=missing[period] | (kpi.kind == "count")),
                "value": pa.array(value, mask=np.isnan(value)),
                "prior": pa.array(prior, mask=np.isnan(prior)),
            }
        )
        table = table.replace_schema_metadata({"decimals": " ".join(map(str, kpi.decimals))})
        pq.write_table(table, self.folder / f"{kpi.name}.parquet", compression="zstd")


def form_value(kpi: Kpi, numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return scale x numerator / denominator, NaN where there is nothing to divide by."""
    top_decimals, bottom_decimals = kpi.decimals
    factor = kpi.scale / Fraction(10) ** top_decimals
    if kpi.kind == "count":
        return numerator * float(factor)
    if kpi.kind == "quantile":
        bottom = np.where(denominator > 0, 1.0, np.nan)
    else:
        factor *= 10**bottom_decimals
        bottom = np.where(denominator != 0, denominator.astype(float), np.nan)
    return numerator.astype(float) * factor.numerator / (bottom * factor.denominator)


def encode(positions: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    """Return text by its position in a list."""
    return pa.DictionaryArray.from_arrays(pa.array(positions.astype(np.int32)), pa.array(names))
