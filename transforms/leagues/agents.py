"""Leagues of call-back agents: by productivity and by quality, with the fairness that branches
have.

An agent is compared with all agents of the period, at the agent's own mix of kinds of call: who
calls complainants is not compared with those who call after a rescue. Agents are known by their
number, never by name.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.policy import Policy
from data.config.policy_sections import LeaguePolicy
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import load_models
from transforms.kpis.arrow_columns import decimal_column, number_column, rank_column
from transforms.leagues.leagues import better_sign
from transforms.leagues.peers import PERIOD
from transforms.statistics import intervals, ranks
from transforms.statistics.chance_limits import tail_probabilities
from transforms.statistics.intervals import Counts

METHODS = {"share": "wilson", "mean": "t"}
DECIMALS = 4  # of the numerators of agents: scores have some


@dataclass(frozen=True)
class Agents:
    """One entry per agent, in the order of the key, shape (agents,); `league` numbers the periods.
    Ratios are before scaling.

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


def build_dim_agent_measure(policy: Policy) -> pa.Table:
    """Return what a reader needs to know of each measure, from the header of the model that counts
    them.
    """
    measures = load_models()["fct_agent_cell"].header["measures"]
    rows = []
    for name, measure in sorted(measures.items()):
        row = {"measure_id": name}
        for field in ("title", "numerator", "denominator"):
            for language in ("zh", "en"):
                row[f"{field}_{language}"] = measure[field][language]
        row |= {field: measure[field] for field in ("unit", "kind", "direction")}
        row["scale"] = measure["scale"][0] / measure["scale"][1]
        row["interval_method"] = METHODS[measure["kind"]]
        row["minimum_volume"] = getattr(policy.agents, measure["volume"])
        rows.append(row)
    return pa.Table.from_pylist(rows)


def build_mart_agent_league(engine: Engine, measures: list[dict], policy: Policy) -> pa.Table:
    """Return the published table, in the order of its key. `measures` are the rows of
    dim_agent_measure.
    """
    key = f"measure_id, {', '.join(PERIOD)}, agent_id, kind"
    counts = engine.arrow(f"SELECT * FROM mart_agent_count ORDER BY {key}")
    measure_ids = counts["measure_id"].cast(pa.string())
    tables = []
    for measure in measures:
        rows = counts.filter(pc.equal(measure_ids, measure["measure_id"]))
        agents = read_agents(rows, measure["kind"] == "share")
        tables.append(rank_agents(agents, measure, policy))
    return pa.concat_tables(tables)


def read_agents(rows: pa.Table, is_share: bool) -> Agents:
    """Add an agent's kinds of call up, and compare them with what all agents did in them (case mix
    as in transforms/kpis/case_mix.py). `rows` of mart_agent_count are by period, agent and kind.
    """
    *period, agent, kind = (
        rows[name].to_numpy(zero_copy_only=False) for name in (*PERIOD, "agent_id", "kind")
    )
    league = entry = np.zeros(0, np.int64)
    if len(rows):
        league, entry = ranks.league_runs(*period), ranks.league_runs(*period, agent)
    by_row = Counts(
        *(
            rows[name].cast(pa.float64()).to_numpy()
            for name in ("numerator", "denominator", "squares")
        )
    )
    # A stratum is a kind of call in a period.
    kinds = np.unique(kind, return_inverse=True)[1]
    stratum = np.unique(np.stack([league, kinds]), axis=1, return_inverse=True)[1].ravel()
    of_stratum = _sum_counts(by_row, stratum)
    stratum_of_row = of_stratum.select(stratum)
    own = _sum_counts(by_row, entry)
    first_row = np.flatnonzero(np.diff(entry, prepend=-1))
    everyone = _sum_counts(by_row, league).select(league[first_row])

    def sum_of_agent(values: np.ndarray) -> np.ndarray:
        return np.bincount(entry, values)

    expected = sum_of_agent(by_row.size * of_stratum.ratio[stratum])
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(expected > 0, own.cases / expected, 1)
    # In strata where the agent has calls, by the agent's rate; in others as all do, times how the
    # agent does in general.
    in_own_strata = sum_of_agent(stratum_of_row.size * by_row.ratio)
    in_others = (everyone.cases - sum_of_agent(stratum_of_row.cases)) * relative
    adjusted = (in_own_strata + in_others) / everyone.size
    variance = np.nan_to_num(of_stratum.variance[stratum])
    return Agents(
        keys=rows.select(["measure_id", *PERIOD, "agent_id"]).take(first_row),
        league=league[first_row],
        counts=own,
        network=everyone.ratio,
        expected=expected,
        variance=sum_of_agent(by_row.size * variance) / own.size,
        adjusted=np.minimum(adjusted, 1) if is_share else adjusted,
    )


def _sum_counts(counts: Counts, group: np.ndarray) -> Counts:
    """Return the counts of each group, shape (groups,)."""
    return Counts(
        np.bincount(group, counts.cases),
        np.bincount(group, counts.size),
        np.bincount(group, counts.squares),
    )


def rank_agents(agents: Agents, measure: dict, policy: Policy) -> pa.Table:
    """Return the published rows of one measure; `measure` is its row of dim_agent_measure."""
    has_direction = measure["direction"] != "none"
    is_enough = agents.counts.size >= measure["minimum_volume"]
    ranked = np.flatnonzero(is_enough & has_direction)
    columns = _value_columns(agents, measure, policy.intervals.level)
    columns |= _rank_columns(agents, measure, ranked, policy.intervals.level)
    columns |= _verdict_columns(agents, measure, is_enough, policy.league)
    table = agents.keys
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _value_columns(agents: Agents, measure: dict, level: float) -> dict[str, pa.Array]:
    """Return the value with its interval, and what others do."""
    scale, method = measure["scale"], measure["interval_method"]
    value = agents.counts.ratio * scale
    low, high = intervals.confidence_interval(method, agents.counts, level)
    low, high = low * scale, high * scale
    has_interval = np.isfinite(low)
    is_known = np.full(len(value), True)
    numerator = np.rint(agents.counts.cases * 10**DECIMALS).astype(np.int64)
    denominator = agents.counts.size.astype(np.int64)
    own = {
        "value": number_column(value),
        "numerator": decimal_column(numerator, DECIMALS, is_known),
        "denominator": decimal_column(denominator, 0, is_known),
        "interval_low": number_column(low),
        "interval_high": number_column(high),
        "interval_level": number_column(np.where(has_interval, level, np.nan)),
        "interval_method": pa.array(np.full(len(value), method), pa.string(), mask=~has_interval),
    }
    of_others = {
        "network_value": number_column(agents.network * scale),
        "expected_mix": number_column(agents.expected),
        "adjusted_value": number_column(agents.adjusted * scale),
    }
    return own | of_others


def _rank_columns(
    agents: Agents, measure: dict, ranked: np.ndarray, level: float
) -> dict[str, pa.Array]:
    """Return the ranks of the agents with enough cases, and which ranks the data allow."""
    sign = better_sign(measure)
    league = agents.league[ranked]
    value = (agents.counts.ratio * measure["scale"])[ranked]
    low, high = intervals.confidence_interval(
        measure["interval_method"], agents.counts.select(ranked), ranks.joint_level(league, level)
    )
    if sign < 0:
        low, high = -high, -low
    rank, is_tied = ranks.competition_ranks(league, sign * value)
    first, last = ranks.rank_ranges(league, low, high)
    adjusted_rank, _ = ranks.competition_ranks(league, sign * agents.adjusted[ranked])
    ranked_of = np.bincount(league, minlength=agents.league.max(initial=0) + 1)

    def spread_out(values: np.ndarray, nothing=0) -> np.ndarray:
        """Return values of the ranked agents for all of them."""
        column = np.full(len(agents.league), nothing)
        column[ranked] = values
        return column

    return {
        "rank": rank_column(spread_out(rank)),
        "rank_tied": pa.array(spread_out(is_tied, False)),
        "rank_low": rank_column(spread_out(first)),
        "rank_high": rank_column(spread_out(last)),
        "ranked_of": pa.array(ranked_of[agents.league]),
        "adjusted_rank": rank_column(spread_out(adjusted_rank)),
    }


def _verdict_columns(
    agents: Agents, measure: dict, is_enough: np.ndarray, settings: LeaguePolicy
) -> dict[str, pa.Array]:
    """Return `verdict` (better, as_expected, worse, too_few; null where no test is known), `watch`
    and `act`: the tails of agents who do as all do.
    """
    method, has_direction = measure["interval_method"], measure["direction"] != "none"
    largest = 1 if method == "wilson" else None
    reference = np.clip(agents.expected / agents.counts.size, 0, largest)
    low, high = tail_probabilities(method, agents.counts, reference, agents.variance)
    good, bad = (low, high) if better_sign(measure) > 0 else (high, low)
    is_tested = is_enough & np.isfinite(low) & has_direction
    watch, act = (1 - settings.watch) / 2, (1 - settings.act) / 2
    verdict = np.select(
        [~is_enough, good < watch, bad < watch], ["too_few", "better", "worse"], "as_expected"
    )
    has_verdict = has_direction & (is_tested | ~is_enough)
    nearest = np.where(is_tested, np.fmin(good, bad), 1)
    return {
        "verdict": pa.array(verdict, pa.string(), mask=~has_verdict),
        "watch": pa.array(nearest < watch),
        "act": pa.array(nearest < act),
    }
