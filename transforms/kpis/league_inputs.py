"""What leagues need in addition to the published values."""

from dataclasses import dataclass

import numpy as np

from transforms.engine.models import Model
from transforms.kpis.cube import Cube
from transforms.kpis.kpi_cells import KpiCells
from transforms.kpis.kpi_values import form_counts, form_value
from transforms.kpis.positioned_rows import ALL
from transforms.kpis.value_states import has_year_earlier
from transforms.statistics.intervals import Counts


@dataclass(frozen=True)
class LeagueInputs:
    """One entry per row of segment `all`, in the order of the published table, shape (rows,).

    `squares` of the observations of a mean; what was counted a year `before`, and the level of the
    branch at that time (empty: nothing to compare with); of the case mix `expected` (in units of
    the numerator), `adjusted` (of the value) and `coverage`. NaN where there is none.
    """

    squares: np.ndarray
    before: Counts
    value_before: np.ndarray
    level_before: np.ndarray
    expected: np.ndarray
    adjusted: np.ndarray
    coverage: np.ndarray


def collect_league_inputs(kpi: Model, run: dict, cube: Cube, cells: KpiCells) -> LeagueInputs:
    """Return the inputs of a KPI's leagues.

    Args:
        kpi: its header names scale and kind.
        run: its row of dim_kpi_run.
        cube: the cells.
        cells: what was counted in them.
    """
    # Leagues rank branches by all of their cases.
    is_all = cells.segment == cells.segments.index(ALL)
    rows = np.flatnonzero(is_all)
    period, branch = cells.period[rows], cells.branch[rows]
    earlier = _positions_a_year_earlier(run, cube)[period]
    has_earlier = earlier >= 0
    before = cells.before.select(rows)
    value_before = form_value(kpi, before)

    unknown = np.full(len(rows), np.nan)
    squares = expected = adjusted = coverage = unknown
    if kpi.header["kind"] == "mean":
        squares = cells.now.spread["squares"][rows]

    if cells.mix is not None:
        up, down = kpi.header["scale"]
        numerator_unit, denominator_unit = (10.0**decimals for decimals in cells.now.decimals)
        expected = cells.mix.expected[branch, period] / numerator_unit
        ratio = cells.mix.ratio[branch, period]
        adjusted = ratio * (denominator_unit / numerator_unit) * (up / down)
        coverage = cells.mix.coverage[branch, period]

    return LeagueInputs(
        squares=squares,
        before=form_counts(kpi, before),
        value_before=np.where(has_earlier, value_before, np.nan),
        level_before=np.where(has_earlier, cube.levels[earlier, branch], ""),
        expected=expected,
        adjusted=adjusted,
        coverage=coverage,
    )


def _positions_a_year_earlier(run: dict, cube: Cube) -> np.ndarray:
    """Return, by period, the position of the same period a year earlier; -1 where there is none."""
    positions = []
    for position in range(len(cube.periods)):
        has_one = has_year_earlier(run, cube, position)
        positions.append(cube.year_earlier(position) if has_one else -1)
    return np.array(positions)
