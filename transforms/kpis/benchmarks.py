"""What values are held against: the published figures of the market (benchmarks), and what branches
aim at (targets).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from transforms.engine.models import Model
from transforms.kpis.aggregate import KpiCells
from transforms.kpis.cube import Cube

MARKET = "industry"


@dataclass(frozen=True)
class BenchmarksAndTargets:
    """`benchmarks` are the market's values by KPI and period (kind, start, end), `targets` the
    policy's by KPI and level of the tree.
    """

    benchmarks: dict[tuple, float]
    targets: dict[str, dict[str, float]]

    @classmethod
    def of(cls, engine, kpis: list[Model], targets: dict) -> "BenchmarksAndTargets":
        """From the relation `benchmarks`: the value as it was published, else what its numerator
        and denominator give.
        """
        scales = {kpi.name: Fraction(*kpi.header["scale"]) for kpi in kpis}
        rows = engine.arrow(f"SELECT * FROM benchmarks WHERE peer = '{MARKET}'").to_pylist()
        found = {}
        for row in rows:
            value = row["value"]
            if (
                value is None
                and row["numerator"] is not None
                and row["denominator"]
                and row["kpi_id"] in scales
            ):
                value = (
                    scales[row["kpi_id"]]
                    * Fraction(row["numerator"])
                    / Fraction(row["denominator"])
                )
            if value is not None:
                found[row["kpi_id"], row["period_kind"], row["period_start"], row["period_end"]] = (
                    float(value)
                )
        return cls(found, targets)

    def beside(self, kpi: Model, grid: Cube, cells: KpiCells) -> tuple[np.ndarray, np.ndarray]:
        """Benchmark and target of each cell; NaN where there is none, and for segments: nobody
        publishes figures or sets aims for them.
        """
        periods = [
            (kpi.name, period["period_kind"], period["period_start"], period["period_end"])
            for period in grid.periods
        ]
        benchmark = np.array([self.benchmarks.get(period, np.nan) for period in periods])[
            cells.period
        ]
        aims = self.targets.get(kpi.name, {})
        levels, place = np.unique(grid.levels, return_inverse=True)
        by_level = np.array(
            [aims.get(level, aims.get("all", np.nan)) for level in levels.tolist()], float
        )
        target = by_level[place.reshape(grid.levels.shape)[cells.period, cells.branch]]
        is_whole = np.array([kind == "all" for kind, _ in cells.segments])[cells.segment]
        return np.where(is_whole, benchmark, np.nan), np.where(is_whole, target, np.nan)
