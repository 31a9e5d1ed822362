"""mart_funnel of one KPI: the tested branches, each with the lines at its own size, and what its
league has outside of them.
"""

import numpy as np
import pyarrow as pa

from transforms.kpis.arrow_columns import dictionary_column, number_column
from transforms.leagues.leagues import Leagues
from transforms.statistics import ranks
from transforms.statistics.funnel_limits import (
    Spread,
    estimate_spread,
    funnel_lines,
    lines_crossed,
    spread_lines,
)
from transforms.statistics.intervals import Counts
from transforms.statistics.stabilised_scale import stabilise

LINES = ("watch", "act")


def tail_of(leagues: Leagues, line: str) -> float:
    """Return the probability beyond a line, on each side."""
    return (1 - getattr(leagues.policy.league, line)) / 2


def build_funnel_table(leagues: Leagues) -> pa.Table:
    """Return the funnel of one KPI; `p_adjusted`, which is of a page, comes later."""
    tested = np.flatnonzero(leagues.is_tested)
    counts = leagues.counts.select(tested)
    league, reference = leagues.league[tested], leagues.reference[tested]
    distance, error = stabilise(leagues.test_method, counts, reference, leagues.variance[tested])
    spread = estimate_spread(league, distance, error)
    smaller_tail = np.minimum(leagues.tails[0][tested], leagues.tails[1][tested])
    columns = {
        "n": number_column(leagues.volume[tested]),
        "centre": number_column(reference * leagues.kpi["scale"]),
        "phi": number_column(spread.phi),
        "tau_squared": number_column(spread.tau_squared),
        "tested": pa.array(ranks.league_sizes(league).astype(np.int64)),
    }
    columns |= {
        "p_value": number_column(np.minimum(1, 2 * smaller_tail)),
        "method": dictionary_column(np.full(len(tested), leagues.method), slice(None)),
    }
    columns["p_adjusted"] = pa.nulls(len(tested), pa.float64())
    for line in LINES:
        columns |= _line_columns(leagues, tested, counts, spread, error, line)
    table = leagues.table.take(tested).drop_columns(["numerator", "denominator"])
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _line_columns(
    leagues: Leagues,
    tested: np.ndarray,
    counts: Counts,
    spread: Spread,
    error: np.ndarray,
    line: str,
) -> dict[str, pa.Array]:
    """Return one pair of lines, by chance alone and with the usual spread, and how many branches of
    the league are outside; `counts`, `spread` and `error` are of the `tested` branches.
    """
    league, reference = leagues.league[tested], leagues.reference[tested]
    method, scale, tail = leagues.test_method, leagues.kpi["scale"], tail_of(leagues, line)
    low, high, chance = funnel_lines(method, counts, reference, leagues.variance[tested], tail)
    wide_low, wide_high = spread_lines(method, spread, error, reference, tail)
    is_outside = np.minimum(leagues.tails[0][tested], leagues.tails[1][tested]) < tail
    # Without a spread beyond chance the wide lines are those of chance.
    crosses_wide = lines_crossed(counts.ratio, wide_low, wide_high)
    is_outside_spread = np.where(spread.tau_squared > 0, crosses_wide, is_outside)
    level = np.full(len(league), getattr(leagues.policy.league, line))
    lines = {
        f"{line}_low": number_column(low * scale),
        f"{line}_high": number_column(high * scale),
        f"{line}_spread_low": number_column(wide_low * scale),
        f"{line}_spread_high": number_column(wide_high * scale),
        f"{line}_level": number_column(level),
    }
    of_league = {
        f"{line}_outside": _count_by_league(league, is_outside),
        f"{line}_spread_outside": _count_by_league(league, is_outside_spread),
        f"{line}_false_alarms": number_column(_sum_by_league(league, chance)),
    }
    return lines | of_league


def _count_by_league(league: np.ndarray, mask: np.ndarray) -> pa.Array:
    return pa.array(_sum_by_league(league, mask).astype(np.int64))


def _sum_by_league(league: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sum over each branch's league."""
    if not len(league):
        return values.astype(float)
    return np.bincount(league, values, minlength=league.max(initial=0) + 1)[league]
