"""What values are compared with: the published figures of the market (benchmarks), and what
branches aim at (targets).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from transforms.engine.duckdb_engine import Engine
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
    def from_engine(
        cls, engine: Engine, kpis: list[Model], targets: dict
    ) -> "BenchmarksAndTargets":
        """Return those of the relation `benchmarks`: the value as it was published, else what its
        numerator and denominator give.
        """
        scales = {kpi.name: Fraction(*kpi.header["scale"]) for kpi in kpis}
        benchmarks = {}
        rows = engine.arrow(f"SELECT * FROM benchmarks WHERE peer = '{MARKET}'").to_pylist()
        for row in rows:
            value = _benchmark_value(row, scales)
            if value is not None:
                key = row["kpi_id"], row["period_kind"], row["period_start"], row["period_end"]
                benchmarks[key] = float(value)
        return cls(benchmarks, targets)

    def look_up(self, kpi: Model, cube: Cube, cells: KpiCells) -> tuple[np.ndarray, np.ndarray]:
        """Return benchmark and target of each cell; NaN where there is none, and for segments:
        nobody publishes figures or sets aims for them.
        """
        benchmarks = []
        for period in cube.periods:
            key = kpi.name, period["period_kind"], period["period_start"], period["period_end"]
            benchmarks.append(self.benchmarks.get(key, np.nan))
        benchmark = np.array(benchmarks)[cells.period]
        aims = self.targets.get(kpi.name, {})
        levels, level = np.unique(cube.levels, return_inverse=True)
        level = level.reshape(cube.levels.shape)[cells.period, cells.branch]
        aim_of_all = aims.get("all", np.nan)
        by_level = np.array([aims.get(name, aim_of_all) for name in levels.tolist()], float)
        is_all = np.array([kind == "all" for kind, _ in cells.segments])[cells.segment]
        return np.where(is_all, benchmark, np.nan), np.where(is_all, by_level[level], np.nan)


def _benchmark_value(row: dict, scales: dict[str, Fraction]) -> float | Fraction | None:
    if row["value"] is not None:
        return row["value"]
    numerator, denominator = row["numerator"], row["denominator"]
    if numerator is None or not denominator or row["kpi_id"] not in scales:
        return None
    return scales[row["kpi_id"]] * Fraction(numerator) / Fraction(denominator)
