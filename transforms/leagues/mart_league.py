"""League tables and funnels: the branches of a level held against each other and against the
network, with what of it is chance.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from scipy import special

from transforms.kpis.arrow_columns import dictionary_column, number_column
from transforms.kpis.mart_kpi_value import LeagueInputs
from transforms.leagues.peers import Leagues, float_column, form_leagues
from transforms.statistics import funnel_limits, intervals, ranks

MOVED = 1.959964  # standard errors beyond which a movement is real: chance makes one in twenty


def build_mart_league(
    values: Iterable[pa.Table],
    grounds: Iterable[LeagueInputs],
    kpis: list[dict],
    policy: dict,
    regions: dict[str, str],
    threads: int = 1,
) -> tuple[pa.Table, pa.Table]:
    """The published league tables and funnels, in the order of their keys.

    `kpis` are the rows of dim_kpi in the order of `values`, `policy` is the section league with the
    `level` of intervals.
    """

    def one(values: pa.Table, grounds: LeagueInputs, kpi: dict) -> tuple[pa.Table, pa.Table]:
        held = form_leagues(values, grounds, kpi, policy, regions)
        return build_league_table(held), build_funnel_table(held)

    with ThreadPoolExecutor(threads) as pool:
        tables, funnels = zip(*pool.map(one, values, grounds, kpis), strict=True)
    drawn = pa.concat_tables(funnels)
    # A page is what is read together: all KPIs of a period and a level.
    corrected = funnel_limits.adjust_p_values(
        drawn["_page"].to_numpy(), float_column(drawn, "p_value")
    )
    return pa.concat_tables(tables), drawn.drop_columns("_page").append_column(
        "p_adjusted", number_column(corrected)
    )


def build_league_table(held: Leagues) -> pa.Table:
    """mart_league of one KPI."""
    scale, counts = held.kpi["scale"], held.counts
    columns = {
        "peer_group": dictionary_column(held.peers, slice(None)),
        "n": number_column(
            np.full(len(held.value), np.nan) if held.kpi["kind"] == "ratio" else held.volume
        ),
        **_ranked(held),
        "adjusted_value": number_column(held.adjusted),
        "expected": number_column(
            np.where(np.isfinite(held.counts.cases), held.network, np.nan) * counts.size
        ),
        "expected_mix": number_column(held.expected_mix),
        "strata_coverage": number_column(held.coverage),
        "shrunken_value": number_column(held.shrunken.mean * scale),
        "shrunken_weight": number_column(held.shrunken.weight),
        **_judged(held),
        "movement": dictionary_column(_movement(held), slice(None)),
        "zero_record": pa.array(
            (counts.cases == 0) & (held.value == 0) & (held.kpi["direction"] == "down")
        ),
        "method": dictionary_column(
            np.full(len(held.value), held.method),
            slice(None),
            np.full(len(held.value), held.method != "none"),
        ),
        "level": number_column(
            np.full(len(held.value), held.policy["level"] if held.method != "none" else np.nan)
        ),
    }
    table = held.table
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _ranked(held: Leagues) -> dict[str, pa.Array]:
    """Competition ranks on unrounded values of branches with enough cases, and what they are
    worth.
    """
    ranked = np.flatnonzero(held.is_ranked)
    league, believed = held.league[ranked], held.shrunken
    mean, variance, between, chance, centre = (
        values[ranked]
        for values in (
            believed.mean,
            believed.variance,
            believed.between,
            believed.chance,
            believed.centre,
        )
    )

    def whole(values: np.ndarray, nothing) -> np.ndarray:
        made = np.full(len(held.league), nothing)
        made[ranked] = values
        return made

    rank, is_tied = ranks.competition_ranks(league, held.sign * held.value[ranked])
    low, high = _joint_limits(held, ranked)
    first, last = ranks.rank_ranges(league, low, high)
    is_known = np.isfinite(mean).any()
    nothing = np.full(len(ranked), np.nan)
    return {
        "rank": _place(whole(rank, 0)),
        "rank_tied": pa.array(whole(is_tied, False)),
        "rank_low": _place(whole(first if held.method != "none" else 0, 0)),
        "rank_high": _place(whole(last if held.method != "none" else 0, 0)),
        "rank_expected": number_column(
            whole(
                ranks.expected_ranks(league, held.sign * mean, variance) if is_known else nothing,
                np.nan,
            )
        ),
        "rankability": number_column(
            whole(ranks.rankability(league, between, chance) if is_known else nothing, np.nan)
        ),
        "rank_group": dictionary_column(
            whole(ranks.rank_groups(low, high, held.sign * centre), "middle"),
            slice(None),
            whole(np.isfinite(centre), False),
        ),
        "ranked_of": pa.array(
            np.bincount(league, minlength=held.league.max(initial=0) + 1)[held.league]
        ),
        "adjusted_rank": _place(_adjusted_rank(held)),
        "rank_prior": _place(held.rank_before),
    }


def _place(rank: np.ndarray) -> pa.Array:
    """Ranks; 0 is none."""
    return pa.array(rank, pa.int64(), mask=rank == 0)


def _adjusted_rank(held: Leagues) -> np.ndarray:
    rank = np.zeros(len(held.league), np.int64)
    known = np.flatnonzero(held.is_ranked & np.isfinite(held.adjusted))
    rank[known] = ranks.competition_ranks(held.league[known], held.sign * held.adjusted[known])[0]
    return rank


def _joint_limits(held: Leagues, ranked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the ratios at a level at which those of a whole league hold together, turned so
    that the smaller is the better one.
    """
    level = ranks.joint_level(held.league[ranked], held.policy["level"])
    if held.method == "order":
        # Those of a percentile at another level would need the observations again: the published
        # ones are drawn out as normal ones would be.
        further = special.ndtri((1 - level) / 2) / special.ndtri((1 - held.policy["level"]) / 2)
        low, high = (
            held.value[ranked] + further * (limit[ranked] - held.value[ranked])
            for limit in held.limits
        )
    else:
        low, high = intervals.confidence_interval(held.method, held.counts.of(ranked), level)
    return (low, high) if held.sign > 0 else (-high, -low)


def _judged(held: Leagues) -> dict[str, pa.Array]:
    """`verdict` (better, as_expected, worse, too_few; null where no test is known), `watch` and
    `act`.

    A branch is held against the network: what share of branches that do just as the network does
    would look like this, or further out, by chance alone.
    """
    low, high = held.tails
    good, bad = (low, high) if held.sign > 0 else (high, low)
    watch, act = _tail(held, "watch"), _tail(held, "act")
    few = (
        ~(held.volume >= held.kpi["minimum_volume"])
        & (held.kpi["direction"] != "none")
        & (held.kpi["kind"] != "count")
    )
    with np.errstate(invalid="ignore"):
        words = np.select(
            [few, good < watch, bad < watch], ["too_few", "better", "worse"], "as_expected"
        )
        nearest = np.where(held.is_tested, np.fmin(good, bad), 1)
    return {
        "verdict": dictionary_column(words, slice(None), few | held.is_tested),
        "watch": pa.array(nearest < watch),
        "act": pa.array(nearest < act),
    }


def _movement(held: Leagues) -> np.ndarray:
    """Whether a branch has moved against its network since a year ago: real, chance, or unknown.

    A two-sample z test of its distances from the network then and now, on the scale where chance is
    the same at every value; both with the volume that a rank needs.
    """
    far, error = intervals.stabilise(held.test, held.counts, held.network, held.variance)
    with np.errstate(invalid="ignore"):
        moved = np.abs(far - held.far_before) > MOVED * np.sqrt(error**2 + held.error_before**2)
    known = (
        np.isfinite(far) & np.isfinite(held.far_before) & held.is_ranked & (held.rank_before > 0)
    )
    return np.where(known, np.where(moved, "real", "chance"), "unknown")


def build_funnel_table(held: Leagues) -> pa.Table:
    """mart_funnel of one KPI: the tested branches, each with the lines at its own size, and what
    its league has outside of them.
    """
    tested = np.flatnonzero(held.is_tested)
    league, counts, target, variance = (
        held.league[tested],
        held.counts.of(tested),
        held.held_against[tested],
        held.variance[tested],
    )
    far, error = intervals.stabilise(held.test, counts, target, variance)
    spread = funnel_limits.estimate_spread(league, far, error)
    scale, ratio = held.kpi["scale"], counts.ratio
    columns = {"n": number_column(held.volume[tested]), "centre": number_column(target * scale)}
    told = {
        "phi": spread.phi,
        "tau_squared": spread.tau_squared,
        "tested": ranks.league_sizes(league),
    }
    for name in ("watch", "act"):
        tail = _tail(held, name)
        low, high, chance = funnel_limits.funnel_lines(held.test, counts, target, variance, tail)
        wide_low, wide_high = funnel_limits.spread_lines(held.test, spread, error, target, tail)
        columns |= {
            f"{name}_low": number_column(low * scale),
            f"{name}_high": number_column(high * scale),
        }
        columns |= {
            f"{name}_spread_low": number_column(wide_low * scale),
            f"{name}_spread_high": number_column(wide_high * scale),
        }
        is_outside = np.minimum(*(tails[tested] for tails in held.tails)) < tail
        is_beyond = np.where(
            spread.tau_squared > 0,
            funnel_limits.lines_crossed(ratio, wide_low, wide_high),
            is_outside,
        )
        told |= {
            f"{name}_outside": _summed(league, is_outside),
            f"{name}_spread_outside": _summed(league, is_beyond),
        }
        told |= {
            f"{name}_false_alarms": _summed(league, chance),
            f"{name}_level": np.full(len(league), held.policy[name]),
        }
    p_value = np.minimum(1, 2 * np.minimum(*(tails[tested] for tails in held.tails)))
    table = held.table.take(pa.array(tested)).drop_columns(["numerator", "denominator"])
    columns |= {
        name: pa.array(values.astype(np.int64))
        if name.endswith(("outside", "tested"))
        else number_column(values)
        for name, values in told.items()
    }
    columns |= {
        "p_value": number_column(p_value),
        "method": dictionary_column(np.full(len(tested), held.method), slice(None)),
        "_page": pa.array(held.page[tested]),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _tail(held: Leagues, name: str) -> float:
    """The probability beyond a line, on each side."""
    return (1 - held.policy[name]) / 2


def _summed(league: np.ndarray, values: np.ndarray) -> np.ndarray:
    return (
        np.bincount(league, values, minlength=league.max(initial=0) + 1)[league]
        if len(league)
        else values.astype(float)
    )
