"""What values are compared with: the published figures of the market (benchmarks), and what
branches aim at (targets).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.cube import Cube
from transforms.kpis.kpi_cells import KpiCells

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
        is_all_by_segment = np.array([kind == "all" for kind, _ in cells.segments])
        is_all = is_all_by_segment[cells.segment]
        benchmark = self._find_benchmarks(kpi, cube)[cells.period]
        target = self._find_targets(kpi, cube)[cells.period, cells.branch]
        return np.where(is_all, benchmark, np.nan), np.where(is_all, target, np.nan)

    def _find_benchmarks(self, kpi: Model, cube: Cube) -> np.ndarray:
        """Return the benchmark of each period."""
        benchmarks = []
        for period in cube.periods:
            key = kpi.name, period["period_kind"], period["period_start"], period["period_end"]
            benchmarks.append(self.benchmarks.get(key, np.nan))
        return np.array(benchmarks)

    def _find_targets(self, kpi: Model, cube: Cube) -> np.ndarray:
        """Return the target of each branch, at the level that it has in a period."""
        aims = self.targets.get(kpi.name, {})
        aim_of_all = aims.get("all", np.nan)
        levels, position = np.unique(cube.levels, return_inverse=True)
        by_level = np.array([aims.get(level, aim_of_all) for level in levels.tolist()], float)
        # The shape of the inverse of an array with two axes depends on the version of numpy.
        return by_level[position.reshape(cube.levels.shape)]


def _benchmark_value(row: dict, scales: dict[str, Fraction]) -> float | Fraction | None:
    if row["value"] is not None:
        return row["value"]

    numerator, denominator = row["numerator"], row["denominator"]
    scale = scales.get(row["kpi_id"])
    if scale is None or numerator is None or not denominator:
        return None

    return scale * Fraction(numerator) / Fraction(denominator)
