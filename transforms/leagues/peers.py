"""Who is compared with whom: the branches of one KPI are put into leagues."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.policy import Policy
from data.store.table_files import number_periods
from transforms.engine.duckdb_engine import Engine
from transforms.kpis.arrow_columns import equals_text, float_column, locate_text
from transforms.kpis.league_inputs import LeagueInputs
from transforms.leagues.leagues import (
    Leagues,
    YearBefore,
    better_sign,
    may_be_ranked,
    ranked_volume,
)
from transforms.statistics import ranks
from transforms.statistics.intervals import Counts

LEVELS = ["central", "province", "sub"]  # in the order of the key
PUBLISHED_STATES = ["ok", "stale", "no_cases", "immature"]
PERIOD = ["period_kind", "period_start", "period_end"]
COLUMNS = ["kpi_id", *PERIOD, "branch_level", "branch_code", "value", "numerator", "denominator"]
ESTIMATE = ("value", "interval_low", "interval_high")
SIZES = ["large", "middle", "small"]  # thirds of a level's branches by volume
EVERYONE = "all"
NO_REGION = "(missing)"


def read_regions(engine: Engine) -> dict[str, str]:
    """Return the region of each branch: its own, else that of the nearest branch above that has
    one.
    """
    rows = engine.arrow("SELECT branch_code, parent_code, region FROM dim_branch").to_pylist()
    row_of = {row["branch_code"]: row for row in rows}
    return {code: _nearest_region(code, row_of) for code in row_of}


def _nearest_region(code: str, row_of: dict[str, dict]) -> str:
    row = row_of[code]
    visited = {code}  # a tree that somebody has drawn as a circle must not hang the run
    while not row["region"]:
        parent = row["parent_code"]
        if parent not in row_of or parent in visited:
            break
        visited.add(parent)
        row = row_of[parent]
    return row["region"]


def number_pages(table: pa.Table) -> np.ndarray:
    """Return the number of each row's page: all KPIs of a period and a level are read together."""
    level = locate_text(table["branch_level"], LEVELS)
    period = np.unique(number_periods(table), return_inverse=True)[1]
    return period * len(LEVELS) + level


def form_leagues(
    values: pa.Table, inputs: LeagueInputs, kpi: dict, policy: Policy, regions: dict[str, str]
) -> Leagues:
    """Put a KPI's published values into leagues.

    Args:
        values: the KPI's rows of mart_kpi_value, a full cube of segment `all` among them.
        inputs: what the leagues need in addition, per row of segment `all`.
        kpi: its row of dim_kpi.
        policy: its section league.
        regions: the region of each branch.
    """
    rows = values.filter(pa.array(equals_text(values, "segment_kind", "all")))
    period = ranks.league_runs(*(_number_values(rows[name]) for name in PERIOD))
    level = locate_text(rows["branch_level"], LEVELS)
    page = period * len(LEVELS) + level
    counts = _read_counts(rows, inputs, kpi)
    peer_group = _form_peer_groups(rows, page, ranked_volume(kpi, counts), policy, regions)
    group = np.unique(peer_group, return_inverse=True)[1]
    head_office = _head_office_rows(rows, period)
    published = _select_published(rows, level, page)
    league = _number_leagues(page[published], group[published])
    now, then = counts.select(published), inputs.before.select(published)
    if policy.league.peers == "none":
        network, network_then = (
            every.select(head_office[published]) for every in (counts, inputs.before)
        )
    else:
        network, network_then = _pool(league, now), _pool(league, then)
    rank_then = _rank_before(kpi, period, group, inputs)[published]
    value, low, high = (float_column(rows, name)[published] for name in ESTIMATE)
    expected_mix, adjusted, coverage = (
        values[published] for values in (inputs.expected, inputs.adjusted, inputs.coverage)
    )
    return Leagues(
        kpi=kpi,
        policy=policy,
        table=rows.select(COLUMNS).take(published),
        league=league,
        peer_group=peer_group[published],
        value=value,
        counts=now,
        limits=(low, high),
        network=network.ratio,
        variance=_variance_of(kpi, network),
        expected_mix=expected_mix,
        adjusted=adjusted,
        coverage=coverage,
        before=YearBefore(rank_then, then, network_then.ratio, _variance_of(kpi, network_then)),
    )


def _variance_of(kpi: dict, counts: Counts) -> np.ndarray:
    """Return the variance of one observation of a mean; NaN for other kinds."""
    if kpi["kind"] == "mean":
        return counts.variance
    return np.full(counts.cases.shape, np.nan)


def _number_leagues(page: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return a number, from 0, for each page and peer group, in that order."""
    groups = group.max(initial=0) + 1
    return np.unique(page * groups + group, return_inverse=True)[1]


def _head_office_rows(rows: pa.Table, period: np.ndarray) -> np.ndarray:
    """Return the row of the head office in each row's period."""
    of_period = np.full(period[-1] + 1, -1)
    head_offices = np.flatnonzero(equals_text(rows, "branch_level", "head_office"))
    of_period[period[head_offices]] = head_offices
    return of_period[period]


def _read_counts(rows: pa.Table, inputs: LeagueInputs, kpi: dict) -> Counts:
    cases = float_column(rows, "numerator")
    if kpi["kind"] == "count":
        return Counts(cases, np.ones(len(rows)))
    squares = inputs.squares if kpi["kind"] == "mean" else None
    return Counts(cases, float_column(rows, "denominator"), squares)


def _select_published(rows: pa.Table, level: np.ndarray, page: np.ndarray) -> np.ndarray:
    """Return the rows of the network's own branches that have a figure or lack cases, in the order
    of the key: periods, then levels, then codes.
    """
    state = rows["state"].cast(pa.string())
    is_published = pc.is_in(state, pa.array(PUBLISHED_STATES)).to_numpy(zero_copy_only=False)
    published = np.flatnonzero((level >= 0) & is_published)
    return published[np.argsort(page[published], kind="stable")]


def _form_peer_groups(
    rows: pa.Table,
    page: np.ndarray,
    volume: np.ndarray,
    policy: Policy,
    regions: dict[str, str],
) -> np.ndarray:
    """Return the peer group of each branch: everyone of its level, those of its region, or those of
    its third by volume.
    """
    if policy.league.peers == "region":
        codes = rows["branch_code"].cast(pa.string()).to_pylist()
        return np.array([regions.get(str(code)) or NO_REGION for code in codes])
    if policy.league.peers == "size":
        page = page - page.min(initial=0)
        rank, _ = ranks.competition_ranks(page, -np.nan_to_num(volume))
        branches = np.maximum(ranks.league_sizes(page), 1)
        return np.array(SIZES)[(rank - 1) * len(SIZES) // branches]
    return np.full(len(page), EVERYONE)


def _pool(league: np.ndarray, counts: Counts) -> Counts:
    """Return the counts of all branches of each branch's league together."""

    def sum_of_league(values: np.ndarray) -> np.ndarray:
        return np.bincount(league, np.nan_to_num(values))[league]

    squares = None if counts.squares is None else sum_of_league(counts.squares)
    return Counts(sum_of_league(counts.cases), sum_of_league(counts.size), squares)


def _rank_before(
    kpi: dict, period: np.ndarray, group: np.ndarray, inputs: LeagueInputs
) -> np.ndarray:
    """Return the rank a year earlier among the branches that had the level then; 0 where there was
    none.
    """
    level = locate_text(pa.chunked_array([pa.array(inputs.level_before, pa.string())]), LEVELS)
    was_ranked = may_be_ranked(kpi, inputs.value_before, inputs.before) & (level >= 0)
    rows = np.flatnonzero(was_ranked)
    page = period * len(LEVELS) + level
    league = _number_leagues(page[rows], group[rows])
    rank = np.zeros(len(period), np.int64)
    value = inputs.value_before[rows] * better_sign(kpi)
    rank[rows] = ranks.competition_ranks(league, value)[0]
    return rank


def _number_values(column: pa.ChunkedArray) -> np.ndarray:
    """Return numbers that differ where the values of a column do."""
    combined = column.unify_dictionaries().combine_chunks()
    if isinstance(combined, pa.DictionaryArray):
        return combined.indices.to_numpy(zero_copy_only=False)
    return combined.cast(pa.int32()).to_numpy(zero_copy_only=False)
