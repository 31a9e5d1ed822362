"""Leagues of call-back agents: by productivity and by quality, with the fairness that branches
have.

An agent is held against all agents of the period, at the agent's own mix of kinds of call: one who
calls complainants is not held against those who call after a rescue. Agents are known by their
number, never by name.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.engine.models import load_models
from transforms.kpis.arrow_columns import decimal_column, number_column, rank_column
from transforms.leagues.peers import PERIOD
from transforms.statistics import intervals, ranks
from transforms.statistics.intervals import Counts

METHODS = {"share": "wilson", "mean": "t"}


@dataclass(frozen=True)
class Agents:
    """One entry per agent, in the order of the key; `league` numbers the periods. Ratios are before
    scaling.

    `network` is that of all agents together, `expected` the numerator that the agent's mix of calls
    would have at the rates of all agents, `variance` that of one observation within that mix,
    `adjusted` the ratio that the mix of all agents would have at the agent's rates.
    """

    keys: pa.Table
    league: np.ndarray
    counts: Counts
    network: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    adjusted: np.ndarray


def build_dim_agent_measure(policy: dict) -> pa.Table:
    """What a reader needs to know of each measure, from the header of the model that counts
    them.
    """
    rows = [
        {
            "measure_id": name,
            **{
                f"{what}_{language}": measure[what][language]
                for what in ("title", "numerator", "denominator")
                for language in ("zh", "en")
            },
            **{what: measure[what] for what in ("unit", "kind", "direction")},
            "scale": measure["scale"][0] / measure["scale"][1],
            "interval_method": METHODS[measure["kind"]],
            "minimum_volume": policy["agents"][measure["volume"]],
        }
        for name, measure in sorted(load_models()["fct_agent_cell"].header["measures"].items())
    ]
    return pa.Table.from_pylist(rows)


def build_mart_agent_league(engine, measures: list[dict], policy: dict) -> pa.Table:
    """The published table, in the order of its key. `measures` are the rows of
    dim_agent_measure.
    """
    counted = engine.arrow(
        "SELECT * FROM mart_agent_count ORDER BY measure_id, period_kind, period_start, period_end, agent_id, kind"
    )
    names = counted["measure_id"].cast(pa.string())
    of_each = [counted.filter(pc.equal(names, measure["measure_id"])) for measure in measures]
    return pa.concat_tables(
        rank_agents(read_agents(rows, measure["kind"] == "share"), measure, policy)
        for rows, measure in zip(of_each, measures, strict=True)
    )


def read_agents(rows: pa.Table, is_share: bool) -> Agents:
    """`rows` of mart_agent_count by period, agent and kind. Adds an agent's kinds of call up, and
    holds them against what all agents did in them (case mix as in transforms/kpis/case_mix.py).
    """
    *period, agent, kind = (
        rows[name].to_numpy(zero_copy_only=False) for name in (*PERIOD, "agent_id", "kind")
    )
    league, entry = (
        ranks.league_runs(*columns) if len(rows) else np.zeros(0, np.int64)
        for columns in (period, [*period, agent])
    )
    stratum = np.unique(
        np.stack([league, np.unique(kind, return_inverse=True)[1]]), axis=1, return_inverse=True
    )[1].ravel()
    each = Counts(
        *(
            rows[name].cast(pa.float64()).to_numpy()
            for name in ("numerator", "denominator", "squares")
        )
    )
    of_all, own, everyone = (_added(each, by) for by in (stratum, entry, league))
    there, usual, spread = of_all.of(stratum), of_all.ratio[stratum], of_all.variance[stratum]

    def added(values: np.ndarray) -> np.ndarray:
        return np.bincount(entry, values)

    first = np.flatnonzero(np.diff(entry, prepend=-1))
    whole = everyone.of(league[first])
    expected = added(each.size * usual)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(expected > 0, own.cases / expected, 1)
    adjusted = (
        added(there.size * each.ratio) + (whole.cases - added(there.cases)) * relative
    ) / whole.size
    return Agents(
        keys=rows.select(["measure_id", *PERIOD, "agent_id"]).take(pa.array(first)),
        league=league[first],
        counts=own,
        network=whole.ratio,
        expected=expected,
        variance=added(each.size * np.nan_to_num(spread)) / own.size,
        adjusted=np.minimum(adjusted, 1) if is_share else adjusted,
    )


def _added(counts: Counts, by: np.ndarray) -> Counts:
    return Counts(
        *(np.bincount(by, values) for values in (counts.cases, counts.size, counts.squares))
    )


def rank_agents(held: Agents, measure: dict, policy: dict) -> pa.Table:
    scale, method, level = (
        measure["scale"],
        measure["interval_method"],
        policy["intervals"]["level"],
    )
    sign = 1 if measure["direction"] == "down" else -1
    is_enough = held.counts.size >= measure["minimum_volume"]
    ranked = np.flatnonzero(is_enough & (measure["direction"] != "none"))
    low, high = (
        limit * scale for limit in intervals.confidence_interval(method, held.counts, level)
    )
    league, value = held.league[ranked], held.counts.ratio * scale
    joint = intervals.confidence_interval(
        method, held.counts.of(ranked), ranks.joint_level(league, level)
    )
    rank, is_tied = ranks.competition_ranks(league, sign * value[ranked])
    first, last = ranks.rank_ranges(league, *(joint if sign > 0 else (-joint[1], -joint[0])))
    is_told, is_there = np.isfinite(low), np.full(len(value), True)

    def whole(values: np.ndarray, nothing=0) -> np.ndarray:
        made = np.full(len(value), nothing)
        made[ranked] = values
        return made

    columns = {
        "value": number_column(value),
        "numerator": decimal_column(
            np.rint(held.counts.cases * 10**4).astype(np.int64), 4, is_there
        ),
        "denominator": decimal_column(held.counts.size.astype(np.int64), 0, is_there),
        "interval_low": number_column(low),
        "interval_high": number_column(high),
        "interval_level": number_column(np.where(is_told, level, np.nan)),
        "interval_method": pa.array(np.where(is_told, method, None), pa.string()),
        "rank": rank_column(whole(rank)),
        "rank_tied": pa.array(whole(is_tied, False)),
        "rank_low": rank_column(whole(first)),
        "rank_high": rank_column(whole(last)),
        "ranked_of": pa.array(
            np.bincount(league, minlength=held.league.max(initial=0) + 1)[held.league]
        ),
        "network_value": number_column(held.network * scale),
        "expected_mix": number_column(held.expected),
        "adjusted_value": number_column(held.adjusted * scale),
        "adjusted_rank": rank_column(
            whole(ranks.competition_ranks(league, sign * held.adjusted[ranked])[0])
        ),
        **_judged(held, method, sign, is_enough, measure["direction"] != "none", policy["league"]),
    }
    table = held.keys
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _judged(
    held: Agents, method: str, sign: int, is_enough: np.ndarray, has_direction: bool, policy: dict
) -> dict[str, pa.Array]:
    """`verdict` (better, as_expected, worse, too_few; null where no test is known), `watch` and
    `act`: the tails of agents who do as all do.
    """
    low, high = intervals.tail_probabilities(
        method,
        held.counts,
        np.clip(held.expected / held.counts.size, 0, 1 if method == "wilson" else None),
        held.variance,
    )
    good, bad = (low, high) if sign > 0 else (high, low)
    is_tested = is_enough & np.isfinite(low) & has_direction
    watch, act = ((1 - policy[name]) / 2 for name in ("watch", "act"))
    words = np.select(
        [~is_enough, good < watch, bad < watch], ["too_few", "better", "worse"], "as_expected"
    ).astype(object)
    nearest = np.where(is_tested, np.fmin(good, bad), 1)
    return {
        "verdict": pa.array(
            np.where(has_direction & (is_tested | ~is_enough), words, None), pa.string()
        ),
        "watch": pa.array(nearest < watch),
        "act": pa.array(nearest < act),
    }
