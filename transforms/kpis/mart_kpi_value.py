"""mart_kpi_value: what every KPI counted on the cube becomes published rows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pyarrow as pa

from data.config.policy import Policy
from data.store.former_parts import FormerParts
from data.store.table_files import PeriodKey
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.aggregate import FamilyRows, aggregate_kpis
from transforms.kpis.arrow_columns import (
    decimal_column,
    dictionary_column,
    number_column,
    text_column,
)
from transforms.kpis.benchmarks import BenchmarksAndTargets
from transforms.kpis.cell_keys import cell_key_columns
from transforms.kpis.cube import Cube, read_cube
from transforms.kpis.kpi_cells import KpiCells
from transforms.kpis.kpi_values import form_interval, form_value
from transforms.kpis.league_inputs import LeagueInputs, collect_league_inputs
from transforms.kpis.part_stamps import PartStamps
from transforms.kpis.value_states import NO_CASES, has_year_earlier, missing_reason, stale_reason

STATES = ["ok", "no_cases", "immature", "stale", "not_available"]
OK, EMPTY, IMMATURE, STALE, NOT_AVAILABLE = range(5)  # positions in STATES
NOT_JUDGED = "cases have come in, but none has reached its limit"


@dataclass(frozen=True)
class _Run:
    """What the tables of all KPIs share: the rows of dim_kpi_run by kpi_id, the cube, the level of
    the intervals, and what values are compared with.
    """

    kpi_runs: dict[str, dict]
    cube: Cube
    level: float
    benchmarks: BenchmarksAndTargets


@dataclass(frozen=True)
class BuiltKpi:
    """The rows of a KPI in its `new` periods, and what its leagues need of them; None where it has
    none.

    `stamps` has the stamp of every period, new or not.
    """

    stamps: dict[PeriodKey, str]
    new: set[PeriodKey]
    values: pa.Table | None = None
    league_inputs: LeagueInputs | None = None


def build_mart_kpi_value(
    engine: Engine,
    kpis: list[Model],
    kpi_runs: dict[str, dict],
    policy: Policy,
    former: FormerParts,
    progress: Callable[[str], None],
) -> dict[str, BuiltKpi]:
    """Return the new rows of the published table by KPI, each in the order of the key.

    KPIs with the same SELECT are counted together. What `former` has a part of is not computed.

    Args:
        engine: has the relations that the KPIs read.
        kpis: in the order of the table.
        kpi_runs: the rows of dim_kpi_run by kpi_id.
        policy: intervals, targets and strata.
        former: the parts of the publication before.
        progress: takes a sentence on which KPIs are begun.
    """
    cube = read_cube(engine)
    benchmarks = BenchmarksAndTargets.from_engine(engine, kpis, policy.targets)
    run = _Run(kpi_runs, cube, policy.intervals.level, benchmarks)
    tree = engine.arrow("SELECT * FROM dim_branch ORDER BY branch_code").to_pylist()
    stamps = PartStamps(cube, policy, tree, benchmarks)

    def build_family(family: list[Model]) -> dict[str, BuiltKpi]:
        progress(", ".join(kpi.name for kpi in family))
        is_available = not kpi_runs[family[0].name]["reason"]
        # A cursor of its own: a connection serves one thread at a time.
        family_rows = FamilyRows.fetch(engine.cursor(), family, cube.branches, is_available)
        family_stamps = stamps.stamp_family(family_rows, kpi_runs)
        new = _find_new_periods(family_stamps, former)
        built = {kpi.name: BuiltKpi(family_stamps[kpi.name], new) for kpi in family}
        if not new:
            return built
        new_run = replace(run, cube=cube.select_periods(new))
        return _add_rows(built, family_rows, new_run, policy.league.strata, engine.threads)

    built: dict[str, BuiltKpi] = {}
    with ThreadPoolExecutor(engine.threads) as pool:
        for built_family in pool.map(build_family, _group_families(kpis)):
            built |= built_family
    return {kpi.name: built[kpi.name] for kpi in kpis}


def _add_rows(
    built: dict[str, BuiltKpi],
    family_rows: FamilyRows,
    run: _Run,
    strata: Sequence[str],
    threads: int,
) -> dict[str, BuiltKpi]:
    """Return the KPIs of a family with their rows in the periods of the run's cube, and what their
    leagues need of them.
    """
    cells_of_kpis = aggregate_kpis(family_rows, run.cube, run.level, strata, threads)
    with_rows = {}
    for kpi, cells in zip(family_rows.kpis, cells_of_kpis, strict=True):
        values = _build_table(kpi, run, cells)
        inputs = collect_league_inputs(kpi, run.kpi_runs[kpi.name], run.cube, cells)
        with_rows[kpi.name] = replace(built[kpi.name], values=values, league_inputs=inputs)
    return with_rows


def _find_new_periods(
    stamps: dict[str, dict[PeriodKey, str]], former: FormerParts
) -> set[PeriodKey]:
    """Return the periods of which any KPI of a family has a new part."""
    return {
        period
        for kpi_id, stamps_of_kpi in stamps.items()
        for period, stamp in stamps_of_kpi.items()
        if not former.has(kpi_id, period, stamp)
    }


def _group_families(kpis: list[Model]) -> list[list[Model]]:
    """Return KPIs that share a SELECT together.

    Percentiles take longest: they begin first, so that the others are computed next to them.
    """

    def percentiles_first(kpi: Model) -> tuple:
        return kpi.header["kind"] != "quantile", kpi.sql, kpi.name

    in_order = sorted(kpis, key=percentiles_first)

    # groupby only joins neighbours: the order has the SELECT before the name.
    return [list(family) for _, family in groupby(in_order, key=lambda kpi: kpi.sql)]


def _build_table(kpi: Model, run: _Run, cells: KpiCells) -> pa.Table:
    """Return the published rows of one KPI's cells."""
    cube, kpi_run = run.cube, run.kpi_runs[kpi.name]
    missing = [missing_reason(kpi_run, period) for period in cube.periods]
    has_reason = np.array([reason is not None for reason in missing])
    is_missing = has_reason[cells.period]

    # A figure of a period that lacks an extract would be of a part of the cases: none instead.
    value = np.where(is_missing, np.nan, form_value(kpi, cells.now))

    prior, change = _compare_with_year_earlier(kpi, run, cells, value)
    benchmark, target = run.benchmarks.look_up(kpi, cube, cells)
    state, reason = _state_columns(kpi_run, cube, cells, value, missing)
    compared = {
        "value_prior_year": number_column(prior),
        "change_prior_year": number_column(change),
        "benchmark_value": number_column(benchmark),
        "target_value": number_column(target),
        "state": state,
        "reason": reason,
    }
    key = _key_columns(kpi, run, cells)
    counted = _count_columns(kpi, cells, is_missing)
    interval = _interval_columns(kpi, run, cells, value)

    return pa.table(key | counted | interval | compared)


def _key_columns(kpi: Model, run: _Run, cells: KpiCells) -> dict[str, pa.Array]:
    # One dictionary for every KPI: tables of several are joined without being encoded again.
    kpi_names = list(run.kpi_runs)
    position = np.full(len(cells.period), kpi_names.index(kpi.name))
    key = {"kpi_id": text_column(position, kpi_names)}
    key |= cell_key_columns(
        run.cube,
        cells.period,
        cells.branch,
        cells.segment,
        cells.segments,
    )

    return key


def _count_columns(kpi: Model, cells: KpiCells, is_missing: np.ndarray) -> dict[str, pa.Array]:
    """Return numerator and denominator; a quantile has no numerator, a count no denominator."""
    kind, sums = kpi.header["kind"], cells.now
    numerator_decimals, denominator_decimals = sums.decimals
    has_numerator = ~is_missing & (kind != "quantile")
    has_denominator = ~is_missing & (kind != "count")

    return {
        "numerator": decimal_column(sums.numerator, numerator_decimals, has_numerator),
        "denominator": decimal_column(sums.denominator, denominator_decimals, has_denominator),
    }


def _interval_columns(
    kpi: Model, run: _Run, cells: KpiCells, value: np.ndarray
) -> dict[str, pa.Array]:
    """Return the value with its interval."""
    low, high = form_interval(kpi, cells.now, value, run.level)
    has_interval = np.isfinite(low)
    level = np.where(has_interval, run.level, np.nan)
    only_method = np.zeros(len(value), int)
    method = text_column(only_method, [kpi.header["interval"]], has_interval)

    return {
        "value": number_column(value),
        "interval_low": number_column(low),
        "interval_high": number_column(high),
        "interval_level": number_column(level),
        "interval_method": method,
    }


def _compare_with_year_earlier(
    kpi: Model, run: _Run, cells: KpiCells, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the value of the same period a year earlier, and the change since."""
    kpi_run, cube = run.kpi_runs[kpi.name], run.cube
    positions = range(len(cube.periods))
    periods_with_prior = np.array(
        [has_year_earlier(kpi_run, cube, position) for position in positions]
    )
    has_prior = periods_with_prior[cells.period]
    prior = np.where(has_prior, form_value(kpi, cells.before), np.nan)
    difference = value - prior
    if kpi.header["unit"] == "%":
        # Two shares differ by percentage points, anything else in per cent (kpi-spec, section 2).
        return prior, difference

    with np.errstate(divide="ignore", invalid="ignore"):
        return prior, 100 * difference / prior


def _state_columns(
    kpi_run: dict, cube: Cube, cells: KpiCells, value: np.ndarray, missing: list[str | None]
) -> tuple[pa.Array, pa.Array]:
    """Return the columns `state` and `reason`; `missing` has a reason or None per period."""
    missing_texts = [reason or "" for reason in missing]
    stale_texts = [stale_reason(kpi_run, period) or "" for period in cube.periods]
    is_missing = (np.array(missing_texts) != "")[cells.period]
    is_stale = (np.array(stale_texts) != "")[cells.period]
    is_empty = np.isnan(value)
    is_immature = is_empty & (cells.waiting > 0)

    # The first that is true: a period without its extract says so, whatever else is wrong with it.
    state = np.select(
        [is_missing, is_immature, is_empty, is_stale],
        [NOT_AVAILABLE, IMMATURE, EMPTY, STALE],
        OK,
    )

    # The texts of a period follow those of every period.
    texts = [NO_CASES, NOT_JUDGED, *stale_texts, *missing_texts]
    first_stale = 2
    first_missing = first_stale + len(stale_texts)
    position = np.select(
        [state == IMMATURE, state == STALE, state == NOT_AVAILABLE],
        [1, first_stale + cells.period, first_missing + cells.period],
        0,
    )
    reason = dictionary_column(np.array(texts), position, state > OK)

    return text_column(state, STATES), reason
