"""The stamp of a part: a hash of everything that the rows of a KPI and period are made of.

Where a former publication has a part of the same stamp, it has the same rows: they are taken over.
"""

import json
from hashlib import sha256

import numpy as np

from data.config.policy import Policy
from data.store.program import hash_code
from data.store.table_files import PeriodKey
from transforms.engine.models import Model
from transforms.kpis.aggregate import FamilyRows
from transforms.kpis.benchmarks import BenchmarksAndTargets
from transforms.kpis.cube import Cube
from transforms.kpis.fingerprints import fingerprint_periods
from transforms.kpis.value_states import has_year_earlier, missing_reason, stale_reason


class PartStamps:
    """Stamps the parts of a run: code, policy and the list of branches are the same for all, tree
    and levels for those of a period.

    `branches` are the rows of dim_branch, which say what is published of each branch.
    """

    def __init__(
        self, cube: Cube, policy: Policy, branches: list[dict], benchmarks: BenchmarksAndTargets
    ):
        self._cube = cube
        self._benchmarks = benchmarks.benchmarks
        self._of_run = _digest(
            hash_code(),
            policy.model_dump(mode="json"),
            branches,
            cube.branches,
            cube.branches[cube.head_office],
        )
        self._of_period = [self._describe_period(position) for position in range(len(cube.periods))]

    def stamp_family(
        self, family_rows: FamilyRows, kpi_runs: dict[str, dict]
    ) -> dict[str, dict[PeriodKey, str]]:
        """Return the stamp of each KPI of a family and published period."""
        counted = fingerprint_periods(family_rows.rows, self._cube)
        segments = _digest(family_rows.rows.segments)
        return {
            kpi.name: self._stamp_kpi(kpi, kpi_runs[kpi.name], counted, segments)
            for kpi in family_rows.kpis
        }

    def _stamp_kpi(
        self, kpi: Model, run: dict, counted: np.ndarray, segments: str
    ) -> dict[PeriodKey, str]:
        published = np.flatnonzero(self._cube.period_column("is_published")).tolist()
        return {
            self._cube.period_keys[position]: self._stamp(kpi, run, position, counted, segments)
            for position in published
        }

    def _stamp(
        self, kpi: Model, run: dict, position: int, counted: np.ndarray, segments: str
    ) -> str:
        period, earlier = self._cube.periods[position], self._cube.year_earlier(position)
        key = (kpi.name, *self._cube.period_keys[position])
        of_kpi = (
            missing_reason(run, period),
            stale_reason(run, period),
            has_year_earlier(run, self._cube, position),
            self._benchmarks.get(key),
            segments,
        )
        of_periods = [
            (self._of_period[each], counted[each].tolist())
            for each in (position, earlier)
            if each is not None
        ]
        return _digest(self._of_run, kpi.name, of_kpi, of_periods)

    def _describe_period(self, position: int) -> str:
        cube, period = self._cube, self._cube.periods[position]
        tree = cube.tree_of(position)
        return _digest(
            cube.period_keys[position],
            period["is_exposed"],
            period["end_interval"] == cube.later_interval,
            cube.levels[position].tolist(),
            tree.indptr.tolist(),
            tree.indices.tolist(),
        )


def _digest(*content) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()[:32]
