"""mart_kpi_value: what every KPI counted on the grid becomes published rows. The value is formed
here, once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby

import numpy as np
import pyarrow as pa

from transforms.engine.models import Model
from transforms.kpis.aggregate import CellSums, KpiCells, aggregate_kpis
from transforms.kpis.arrow_columns import (
    decimal_column,
    dictionary_column,
    number_column,
    text_column,
)
from transforms.kpis.benchmarks import BenchmarksAndTargets
from transforms.kpis.cube import ALL, Cube, read_cube
from transforms.statistics.intervals import Counts, confidence_interval

STATES = ["ok", "no_cases", "immature", "stale", "not_available"]
NO_CASES = "no cases in the period"
IMMATURE = "cases have come in, but none has reached its limit"


@dataclass(frozen=True)
class LeagueInputs:
    """What a league needs beside the published values: one entry per row of segment `all`, in the
    order of the table.

    `squares` of the observations of a mean; what was counted a year `before`, and the level of the
    branch then (empty: nothing to compare with); of the case mix `expected` (in units of the
    numerator), `adjusted` (of the value) and `coverage`. NaN where there is none.
    """

    squares: np.ndarray
    before: Counts
    value_before: np.ndarray
    level_before: np.ndarray
    expected: np.ndarray
    adjusted: np.ndarray
    coverage: np.ndarray


def build_mart_kpi_value(
    engine, kpis: list[Model], runs: dict[str, dict], policy: dict, progress: Callable[[str], None]
) -> tuple[list[pa.Table], list[LeagueInputs]]:
    """The published table in the order of its key, KPI by KPI, and what its leagues need. `runs`
    are the rows of dim_kpi_run by kpi_id.

    KPIs that say the same SELECT (percentiles of the same observations) are counted together.
    """
    whole, level = read_cube(engine), policy["intervals"]["level"]
    yardsticks = BenchmarksAndTargets.of(engine, kpis, policy["targets"])
    # Percentiles take longest: they begin first, so that the others go on beside them.
    in_order = sorted(kpis, key=lambda kpi: (kpi.header["kind"] != "quantile", kpi.sql, kpi.name))
    families = [list(family) for _, family in groupby(in_order, key=lambda kpi: kpi.sql)]

    def tables(family: list[Model]) -> list[tuple[str, tuple[pa.Table, LeagueInputs]]]:
        progress(", ".join(kpi.name for kpi in family))
        cells = aggregate_kpis(
            engine.cursor(),
            family,
            whole,
            runs[family[0].name]["reason"] is None,
            level,
            policy["league"]["strata"],
        )
        return [
            (
                kpi.name,
                (
                    _table(kpi, runs, whole, held, level, yardsticks),
                    _grounds(kpi, runs[kpi.name], whole, held),
                ),
            )
            for kpi, held in zip(family, cells, strict=True)
        ]

    with ThreadPoolExecutor(engine.threads) as pool:
        made = dict(pair for pairs in pool.map(tables, families) for pair in pairs)
    return [made[kpi.name][0] for kpi in kpis], [made[kpi.name][1] for kpi in kpis]


def _table(
    kpi: Model,
    runs: dict[str, dict],
    grid: Cube,
    cells: KpiCells,
    level: float,
    yardsticks: BenchmarksAndTargets,
) -> pa.Table:
    """The published rows of some cells."""
    run = runs[kpi.name]
    missing, stale = [
        [reason(run, period) for period in grid.periods]
        for reason in (missing_reason, stale_reason)
    ]
    is_missing, is_stale = (
        np.array([reason is not None for reason in reasons])[cells.period]
        for reasons in (missing, stale)
    )
    has_prior = np.array(
        [_has_prior(run, grid, position) for position in range(len(grid.periods))]
    )[cells.period]
    value = np.where(is_missing, np.nan, form_value(kpi, cells.now))
    prior = np.where(has_prior, form_value(kpi, cells.before), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Two shares differ by percentage points, anything else in per cent (kpi-spec, section 2).
        change = value - prior if kpi.header["unit"] == "%" else 100 * (value - prior) / prior
    low, high = _interval(kpi, cells.now, value, level)
    benchmark, target = yardsticks.beside(kpi, grid, cells)
    is_empty, has_interval = np.isnan(value), np.isfinite(low)
    state = np.select(
        [is_missing, is_empty & (cells.waiting > 0), is_empty, is_stale], [4, 2, 1, 3], 0
    )
    texts = [
        NO_CASES,
        IMMATURE,
        *(reason or "" for reason in stale),
        *(reason or "" for reason in missing),
    ]
    said = np.choose(state, [0, 0, 1, 2 + cells.period, 2 + len(stale) + cells.period])
    periods = {
        name: np.array([period[name] for period in grid.periods])
        for name in ("period_kind", "period_start", "period_end")
    }
    is_count, has_numerator = kpi.header["kind"] == "count", kpi.header["kind"] != "quantile"
    return pa.table(
        {
            "kpi_id": text_column(np.full(len(value), list(runs).index(kpi.name)), list(runs)),
            "period_kind": dictionary_column(periods["period_kind"], cells.period),
            "period_start": pa.array(periods["period_start"].astype("datetime64[D]")[cells.period]),
            "period_end": pa.array(periods["period_end"].astype("datetime64[D]")[cells.period]),
            "branch_code": text_column(cells.branch, grid.branches),
            "branch_level": dictionary_column(grid.levels, (cells.period, cells.branch)),
            "segment_kind": dictionary_column(
                np.array([kind for kind, _ in cells.segments]), cells.segment
            ),
            "segment": dictionary_column(
                np.array([segment for _, segment in cells.segments]), cells.segment
            ),
            "numerator": decimal_column(
                cells.now.numerator, cells.now.places[0], ~is_missing & has_numerator
            ),
            "denominator": decimal_column(
                cells.now.denominator, cells.now.places[1], ~is_missing & (not is_count)
            ),
            "value": number_column(value),
            "interval_low": number_column(low),
            "interval_high": number_column(high),
            "interval_level": number_column(np.where(has_interval, level, np.nan)),
            "interval_method": text_column(
                np.zeros(len(value), int), [kpi.header["interval"]], has_interval
            ),
            "value_prior_year": number_column(prior),
            "change_prior_year": number_column(change),
            "benchmark_value": number_column(benchmark),
            "target_value": number_column(target),
            "state": text_column(state, STATES),
            "reason": dictionary_column(np.array(texts), said, state > 0),
        }
    )


def _grounds(kpi: Model, run: dict, grid: Cube, cells: KpiCells) -> LeagueInputs:
    """The same cells of segment `all`, for leagues."""
    everything = np.flatnonzero(cells.segment == cells.segments.index(ALL))
    period, branch = cells.period[everything], cells.branch[everything]
    prior = np.array(
        [
            grid.prior(position) if _has_prior(run, grid, position) else -1
            for position in range(len(grid.periods))
        ]
    )[period]
    before = cells.before.where(everything)
    nothing = np.full(len(everything), np.nan)
    mix = (
        [nothing] * 3
        if cells.mix is None
        else [
            values[branch, period]
            for values in (cells.mix.expected, cells.mix.ratio, cells.mix.coverage)
        ]
    )
    up, down = (10.0**places for places in cells.now.places)
    scale = kpi.header["scale"][0] / kpi.header["scale"][1]
    return LeagueInputs(
        squares=cells.now.spread["squares"][everything]
        if kpi.header["kind"] == "mean"
        else nothing,
        before=_counts(kpi, before),
        value_before=np.where(prior >= 0, form_value(kpi, before), np.nan),
        level_before=np.where(prior >= 0, grid.levels[prior, branch], ""),
        expected=mix[0] / up,
        adjusted=mix[1] * (down / up) * scale,
        coverage=mix[2],
    )


def missing_reason(run: dict, period: dict) -> str | None:
    """Why there is no value in a period."""
    if run["reason"]:
        return run["reason"]
    if (period["year_start"] if run["looks_back"] else period["period_start"]) < run[
        "history_from"
    ]:
        return f"the period begins before the extract does ({run['history_from']})"
    return (
        "no whole month of the period has exposure"
        if run["divides_by_exposure"] and not period["is_exposed"]
        else None
    )


def stale_reason(run: dict, period: dict) -> str | None:
    """Why a value may change yet: the period ends after the last day that the extract tells of."""
    is_over = period["period_end"] <= run["extract_as_of"] + timedelta(1)
    return None if is_over else f"the latest extract is of {run['extract_as_of']}"


def _has_prior(run: dict, grid: Cube, position: int) -> bool:
    before = grid.prior(position)
    return before is not None and missing_reason(run, grid.periods[before]) is None


def form_value(kpi: Model, counted: CellSums) -> np.ndarray:
    """scale x numerator / denominator, from whole numbers: one division, NaN where there is nothing
    to divide by.
    """
    up, down = kpi.header["scale"]
    top, bottom = counted.numerator, counted.denominator
    ratio = Fraction(up * 10 ** counted.places[1], down * 10 ** counted.places[0])
    if kpi.header["kind"] == "count":
        ratio, bottom = Fraction(up, down * 10 ** counted.places[0]), np.ones_like(bottom)
    if kpi.header["kind"] == "quantile":
        ratio, bottom = (
            Fraction(up, down * kpi.header["percentile"][1]),
            (bottom > 0).astype(np.int64),
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (top.astype(float) * ratio.numerator) / (bottom.astype(float) * ratio.denominator)
    return np.where(bottom != 0, value, np.nan)


def _interval(
    kpi: Model, counted: CellSums, value: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the value, NaN where there is none."""
    low, high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    known = np.isfinite(value)
    scale = kpi.header["scale"][0] / kpi.header["scale"][1]
    if kpi.header["interval"] == "order":
        scale = scale / kpi.header["percentile"][1]
        below, above = (counted.spread[side][known] for side in ("low", "high"))
    else:
        below, above = confidence_interval(
            kpi.header["interval"], _counts(kpi, counted.where(known)), level
        )
    low[known], high[known] = below * scale, above * scale
    return low, high


def _counts(kpi: Model, counted: CellSums) -> Counts:
    """What was counted in published units; a count is of one."""
    top, bottom = (
        counted.numerator / 10 ** counted.places[0],
        counted.denominator / 10 ** counted.places[1],
    )
    return Counts(
        top,
        np.ones(len(top)) if kpi.header["kind"] == "count" else bottom,
        counted.spread.get("squares"),
    )
