"""mart_survival: how long claims take when those still open are counted as open. Curves, and the
figures that are read off them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.arrow_columns import dictionary_column, number_column, text_column
from transforms.kpis.cell_keys import cell_key_columns
from transforms.kpis.cube import Cube
from transforms.kpis.positioned_rows import ALL
from transforms.kpis.survival_counts import closed_only_means, count_by_age, fetch_age_rows
from transforms.kpis.survival_figures import (
    COUNTS,
    CUT_OFF,
    FIGURES,
    KNOWN,
    NO_CLAIMS,
    NO_DAY,
    NOT_OBSERVED,
    REASONS,
    Columns,
    SurvivalEstimate,
    estimate_survival,
)
from transforms.kpis.value_states import missing_reason, stale_reason

# Days of a published curve: each of the first month, then each week.
CURVE_DAYS = [*range(31), *range(35, 365, 7), 365]
STATES = ["ok", "no_cases", "immature", "stale", "not_available", "not_reached"]
OK, NO_CASES, IMMATURE, STALE, NOT_AVAILABLE, MEDIAN_NOT_REACHED = range(6)  # positions in STATES


@dataclass(frozen=True)
class _Block:
    """Rows of one KPI (a position among the views), period (a position in the cube) and segment."""

    kpi: int
    period: int
    segment: tuple[str, str]
    columns: Columns


def build_mart_survival(
    engine: Engine,
    cube: Cube,
    kpis: list[Model],
    runs: dict[str, dict],
    mean: Model,
    level: float,
) -> pa.Table:
    """Return the published table in the order of its key.

    Segment `all` has every published period, other segments the latest twelve months; curves are
    those of the latest twelve months: of every branch, and by segment of the head office.

    Args:
        engine: has fct_claim_age and what the mean reads.
        cube: the run's branches and periods.
        kpis: the survival views by name.
        runs: the rows of dim_kpi_run by kpi_id.
        mean: the KPI of the mean of settled claims.
        level: of the intervals.
    """
    run = runs[kpis[0].name]
    is_available = run["reason"] is None
    means = closed_only_means(engine, cube, mean) if is_available else {}
    no_mean = np.full((len(cube.branches), len(cube.periods)), np.nan)

    blocks = []
    for kind in ("all", *kpis[0].header["segments"]):
        rows = fetch_age_rows(engine, kind, cube, is_available)
        for segment_position, segment in enumerate(rows.segments):
            if segment[0] != kind:
                continue

            mean_days = means.get(segment, no_mean)
            for position in _published_periods(cube, segment):
                counts = count_by_age(rows, segment_position, position, cube)
                estimate = estimate_survival(counts, has_every_branch=segment == ALL)
                views = _views(estimate, kpis, cube, (segment, position), mean_days, level)
                blocks += [_Block(number, position, segment, view) for number, view in views]

    return _build_table(blocks, cube, kpis, run, level)


def _is_latest_year(cube: Cube, position: int) -> bool:
    period = cube.periods[position]
    if period["period_kind"] != "rolling12":
        return False
    return period["period_end"] == cube.period_column("period_end").max()


def _published_periods(cube: Cube, segment: tuple[str, str]) -> list[int]:
    """Return the positions of the periods that a segment is published for."""
    published = np.flatnonzero(cube.period_column("is_published")).tolist()
    if segment == ALL:
        return published
    return [position for position in published if _is_latest_year(cube, position)]


def _views(
    estimate: SurvivalEstimate,
    kpis: list[Model],
    cube: Cube,
    cell: tuple[tuple[str, str], int],
    mean_days: np.ndarray,
    level: float,
) -> Iterator[tuple[int, Columns]]:
    """Yield the rows of each view, with its position, of one segment and period (`cell`)."""
    segment, position = cell
    for number, kpi in enumerate(kpis):
        if "day" in kpi.header:
            yield number, estimate.shares_by_day([kpi.header["day"]], level)
        elif "share" in kpi.header:
            mean_of_branch = mean_days[estimate.columns["branch"], position]
            yield number, estimate.medians(level, mean_of_branch)
        elif _is_latest_year(cube, position):
            curve = estimate if segment == ALL else estimate.select_branch(cube.head_office)
            yield number, curve.shares_by_day(CURVE_DAYS, level)


def _build_table(
    blocks: list[_Block], cube: Cube, kpis: list[Model], run: dict, level: float
) -> pa.Table:
    """Return the blocks as the published table, in the order of its key."""
    segments = sorted({block.segment for block in blocks})
    rows = _join_blocks(blocks, segments)

    is_absent, state, reason = _state_columns(rows, cube, run)
    for name in (*FIGURES, *COUNTS):
        rows[name] = np.where(is_absent, np.nan, rows[name])

    # One limit is enough: a curve that never falls to a half has a lower limit of its median only.
    has_low, has_high = np.isfinite(rows["interval_low"]), np.isfinite(rows["interval_high"])
    has_interval = has_low | has_high
    interval_level = np.where(has_interval, level, np.nan)
    only_method = np.zeros(len(has_interval), int)
    gap = rows["value"] - rows["closed_only_value"]

    kpi_id = text_column(rows["kpi"], [kpi.name for kpi in kpis])
    key = cell_key_columns(cube, rows["period"], rows["branch"], rows["segment"], segments)
    day = pa.array(rows["day"], pa.int64(), mask=rows["day"] == NO_DAY)
    figures = {name: number_column(rows[name]) for name in FIGURES}
    counts = {name: pa.array(rows[name], pa.int64(), from_pandas=True) for name in COUNTS}
    judged = {
        "interval_level": number_column(interval_level),
        "interval_method": text_column(only_method, ["log_log"], has_interval),
        "gap": number_column(gap),
        "state": state,
        "reason": reason,
    }

    return pa.table({"kpi_id": kpi_id, **key, "day": day, **figures, **counts, **judged})


def _join_blocks(blocks: list[_Block], segments: list[tuple[str, str]]) -> Columns:
    """Return the columns of all blocks in the order of the published key, with the positions `kpi`,
    `period` and `segment`.
    """
    sizes = [len(block.columns["branch"]) for block in blocks]
    kpis = [block.kpi for block in blocks]
    periods = [block.period for block in blocks]
    positions = [segments.index(block.segment) for block in blocks]
    rows = {
        "kpi": np.repeat(kpis, sizes),
        "period": np.repeat(periods, sizes),
        "segment": np.repeat(positions, sizes),
    }

    for name in blocks[0].columns:
        rows[name] = np.concatenate([block.columns[name] for block in blocks])

    # lexsort takes the last key first.
    keys = [rows[name] for name in ("day", "segment", "branch", "period", "kpi")]
    order = np.lexsort(keys)

    return {name: column[order] for name, column in rows.items()}


def _state_columns(rows: Columns, cube: Cube, run: dict) -> tuple[np.ndarray, pa.Array, pa.Array]:
    """Return where there is no figure for want of an extract, and the columns `state` and
    `reason`.
    """
    absent = [missing_reason(run, period) or "" for period in cube.periods]
    early = [stale_reason(run, period) or "" for period in cube.periods]
    period, reason = rows["period"], rows["reason"]
    is_absent = (np.array(absent) != "")[period]
    is_early = (np.array(early) != "")[period]
    state = np.select(
        [
            is_absent,
            reason == CUT_OFF,
            reason == NO_CLAIMS,
            reason == NOT_OBSERVED,
            reason != KNOWN,
            is_early,
        ],
        [NOT_AVAILABLE, NOT_AVAILABLE, NO_CASES, IMMATURE, MEDIAN_NOT_REACHED, STALE],
        OK,
    )

    # The texts of a period follow those of every period.
    texts = [*REASONS, *absent, *early]
    first_absent = len(REASONS)
    first_early = first_absent + len(absent)
    position = np.select(
        [is_absent, reason != KNOWN], [first_absent + period, reason], first_early + period
    )
    reasons = dictionary_column(np.array(texts), position, state > OK)

    return is_absent, text_column(state, STATES), reasons
