"""mart_league and mart_funnel of all KPIs: the branches of a level compared with each other and
with the network, and what of it is chance.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from scipy import special

from data.config.policy import Policy
from transforms.kpis.arrow_columns import (
    dictionary_column,
    float_column,
    number_column,
    rank_column,
)
from transforms.kpis.league_inputs import LeagueInputs
from transforms.leagues.leagues import Leagues, is_comparable
from transforms.leagues.mart_funnel import build_funnel_table, tail_of
from transforms.leagues.movements import measure_movements
from transforms.leagues.peers import form_leagues, number_pages
from transforms.statistics import funnel_limits, intervals, ranks


def build_mart_league(
    values: Iterable[pa.Table],
    inputs: Iterable[LeagueInputs],
    kpis: list[dict],
    policy: Policy,
    regions: dict[str, str],
    threads: int = 1,
) -> tuple[pa.Table, pa.Table]:
    """Return league tables and funnels, KPI by KPI; `p_adjusted` comes later.

    Args:
        values: the tables of mart_kpi_value, KPI by KPI.
        inputs: what leagues need in addition, KPI by KPI.
        kpis: the rows of dim_kpi in the order of `values`.
        policy: its sections league and intervals.
        regions: the region of each branch.
        threads: how many KPIs are computed at once.
    """

    def build_tables(
        values: pa.Table, inputs: LeagueInputs, kpi: dict
    ) -> tuple[pa.Table, pa.Table]:
        leagues = form_leagues(values, inputs, kpi, policy, regions)
        return build_league_table(leagues), build_funnel_table(leagues)

    tables, funnels = [], []
    with ThreadPoolExecutor(threads) as pool:
        for table, funnel in pool.map(build_tables, values, inputs, kpis):
            tables.append(table)
            funnels.append(funnel)
    return pa.concat_tables(tables), pa.concat_tables(funnels)


def adjust_funnels(funnels: pa.Table) -> pa.Table:
    """Return funnels with `p_adjusted`, for as many comparisons as a page has."""
    page = number_pages(funnels)
    adjusted = funnel_limits.adjust_p_values(page, float_column(funnels, "p_value"))
    position = funnels.column_names.index("p_adjusted")
    return funnels.set_column(position, "p_adjusted", number_column(adjusted))


def build_league_table(leagues: Leagues) -> pa.Table:
    """Return mart_league of one KPI."""
    columns = _volume_columns(leagues)
    columns |= _rank_columns(leagues)
    columns |= _estimate_columns(leagues)
    columns |= _verdict_columns(leagues)
    columns |= measure_movements(leagues)
    columns |= _method_columns(leagues)
    table = leagues.table
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _volume_columns(leagues: Leagues) -> dict[str, pa.Array]:
    """Return the peer group and the number of cases; a ratio of amounts has no cases."""
    volume = leagues.volume
    if leagues.kpi["kind"] == "ratio":
        volume = np.full(len(leagues.value), np.nan)
    return {
        "peer_group": dictionary_column(leagues.peer_group, slice(None)),
        "n": number_column(volume),
    }


def _estimate_columns(leagues: Leagues) -> dict[str, pa.Array]:
    """Return what the network's rates would give, and what is believed of the true value."""
    counts, shrunken = leagues.counts, leagues.shrunken
    network = np.where(np.isfinite(counts.cases), leagues.network, np.nan)
    return {
        "adjusted_value": number_column(leagues.adjusted),
        "expected": number_column(network * counts.size),
        "expected_mix": number_column(leagues.expected_mix),
        "strata_coverage": number_column(leagues.coverage),
        "shrunken_value": number_column(shrunken.mean * leagues.kpi["scale"]),
        "shrunken_weight": number_column(shrunken.weight),
    }


def _method_columns(leagues: Leagues) -> dict[str, pa.Array]:
    """Return the record of a branch, and the method and level of the limits."""
    branches = len(leagues.value)
    has_method = leagues.method != "none"
    level = leagues.policy.intervals.level if has_method else np.nan
    is_zero = (leagues.counts.cases == 0) & (leagues.value == 0)
    return {
        "zero_record": pa.array(is_zero & (leagues.kpi["direction"] == "down")),
        "method": dictionary_column(
            np.full(branches, leagues.method), slice(None), np.full(branches, has_method)
        ),
        "level": number_column(np.full(branches, level)),
    }


def _rank_columns(leagues: Leagues) -> dict[str, pa.Array]:
    """Return competition ranks on unrounded values of branches with enough cases, and what they are
    worth.
    """
    ranked = np.flatnonzero(leagues.is_ranked)
    league, sign = leagues.league[ranked], leagues.sign

    def spread_out(values: np.ndarray, nothing) -> np.ndarray:
        """Return values of the ranked branches for all of them."""
        column = np.full(len(leagues.league), nothing)
        column[ranked] = values
        return column

    rank, is_tied = ranks.competition_ranks(league, sign * leagues.value[ranked])
    low, high = _joint_limits(leagues, ranked)
    first, last = ranks.rank_ranges(league, low, high)
    if leagues.method == "none":
        first = last = np.zeros(len(ranked), np.int64)
    expected, rankability = _rank_quality(leagues, ranked)
    centre = leagues.shrunken.centre[ranked]
    groups = spread_out(ranks.rank_groups(low, high, sign * centre), "middle")
    has_group = spread_out(np.isfinite(centre), False)
    ranked_of = np.bincount(league, minlength=leagues.league.max(initial=0) + 1)
    competition = {
        "rank": rank_column(spread_out(rank, 0)),
        "rank_tied": pa.array(spread_out(is_tied, False)),
        "rank_low": rank_column(spread_out(first, 0)),
        "rank_high": rank_column(spread_out(last, 0)),
        "ranked_of": pa.array(ranked_of[leagues.league]),
    }
    worth = {
        "rank_expected": number_column(spread_out(expected, np.nan)),
        "rankability": number_column(spread_out(rankability, np.nan)),
        "rank_group": dictionary_column(groups, slice(None), has_group),
        "adjusted_rank": rank_column(_adjusted_rank(leagues)),
        "rank_prior": rank_column(leagues.before.rank),
    }
    return competition | worth


def _rank_quality(leagues: Leagues, ranked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return expected ranks and rankability of the ranked branches; NaN where nothing is believed
    of any of them.
    """
    league, shrunken = leagues.league[ranked], leagues.shrunken
    mean = shrunken.mean[ranked]
    if not np.isfinite(mean).any():
        unknown = np.full(len(ranked), np.nan)
        return unknown, unknown
    expected = ranks.expected_ranks(league, leagues.sign * mean, shrunken.variance[ranked])
    rankability = ranks.rankability(league, shrunken.between[ranked], shrunken.chance[ranked])
    return expected, rankability


def _adjusted_rank(leagues: Leagues) -> np.ndarray:
    """Return ranks by adjusted values, 0 where there is none."""
    rank = np.zeros(len(leagues.league), np.int64)
    rows = np.flatnonzero(leagues.is_ranked & np.isfinite(leagues.adjusted))
    adjusted = leagues.sign * leagues.adjusted[rows]
    rank[rows] = ranks.competition_ranks(leagues.league[rows], adjusted)[0]
    return rank


def _joint_limits(leagues: Leagues, ranked: np.ndarray) -> intervals.Limits:
    """Return limits of the ratios at a level at which those of a whole league hold together, turned
    so that the smaller is the better one.
    """
    level = ranks.joint_level(leagues.league[ranked], leagues.policy.intervals.level)
    if leagues.method == "order":
        # Those of a percentile at another level would need the observations again: the published
        # ones are moved as normal ones would be.
        own = special.ndtri((1 - leagues.policy.intervals.level) / 2)
        factor = special.ndtri((1 - level) / 2) / own
        value = leagues.value[ranked]
        low, high = (value + factor * (limit[ranked] - value) for limit in leagues.limits)
    else:
        counts = leagues.counts.select(ranked)
        low, high = intervals.confidence_interval(leagues.method, counts, level)
    return (low, high) if leagues.sign > 0 else (-high, -low)


def _verdict_columns(leagues: Leagues) -> dict[str, pa.Array]:
    """Return `verdict` (better, as_expected, worse, too_few; null where no test is known), `watch`
    and `act`.

    A branch is compared with the network: what share of branches that do just as the network does
    would look like this, or further out, by chance alone.
    """
    low, high = leagues.tails
    good, bad = (low, high) if leagues.sign > 0 else (high, low)
    watch, act = tail_of(leagues, "watch"), tail_of(leagues, "act")
    has_verdict = is_comparable(leagues.kpi)
    is_few = ~(leagues.volume >= leagues.kpi["minimum_volume"]) & has_verdict
    with np.errstate(invalid="ignore"):
        verdict = np.select(
            [is_few, good < watch, bad < watch], ["too_few", "better", "worse"], "as_expected"
        )
        nearest = np.where(leagues.is_tested, np.fmin(good, bad), 1)
    return {
        "verdict": dictionary_column(verdict, slice(None), is_few | leagues.is_tested),
        "watch": pa.array(nearest < watch),
        "act": pa.array(nearest < act),
    }
