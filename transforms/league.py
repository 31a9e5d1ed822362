"""League tables: the branches of a level ranked KPI by KPI, and verdicts on them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms import statistics

WATCH, ACT = 0.025, 0.001  # each side: 95 % and 99.8 %
LEVELS = ["central", "province", "sub"]  # in the order of the key
SHOWN = ["ok", "stale", "no_cases", "immature"]
PERIOD = ["period_kind", "period_start", "period_end"]
KEPT = ["kpi_id", *PERIOD, "branch_level", "branch_code", "value", "numerator", "denominator"]


def mart_league(values: list[pa.Table], kpis: list[dict]) -> pa.Table:
    """The published league tables, in the order of their key. `kpis` are the rows of dim_kpi in the order of `values`."""
    return pa.concat_tables(with_verdicts(ranked(table, kpi), kpi) for table, kpi in zip(values, kpis, strict=True))


def ranked(values: pa.Table, kpi: dict) -> pa.Table:
    """A KPI's leagues (period x level of the tree): competition ranks on the unrounded value, of branches with enough cases.

    `expected` is what the branch's numerator would be if it did as the network does.
    """
    whole = values.filter(pc.equal(values["segment_kind"].cast(pa.string()), "all"))
    level, state = (whole[name].cast(pa.string()) for name in ("branch_level", "state"))
    period = _runs(*(_numbered(whole[name]) for name in PERIOD))
    head = np.flatnonzero(pc.equal(level, "head_office").to_numpy(zero_copy_only=False))
    network = np.full(period[-1] + 1, np.nan)
    network[period[head]] = _floats(whole, "value")[head]
    shown = np.flatnonzero(pc.and_(pc.is_in(level, pa.array(LEVELS)), pc.is_in(state, pa.array(SHOWN))).to_numpy(zero_copy_only=False))
    place = {name: number for number, name in enumerate(LEVELS)}
    league = period[shown] * len(LEVELS) + np.array([place[name] for name in level.take(pa.array(shown)).to_pylist()], np.int64)
    order = np.argsort(league, kind="stable")
    league, table = league[order], whole.take(pa.array(shown[order])).select(KEPT)
    value, numerator, denominator = (_floats(table, name) for name in ("value", "numerator", "denominator"))
    cases = np.where(np.isnan(denominator), numerator, denominator)
    is_ranked = np.isfinite(value) & (cases >= kpi["minimum_volume"]) & (kpi["direction"] != "none")
    rank, is_tied = np.zeros(len(table), np.int64), np.zeros(len(table), bool)
    rank[is_ranked], is_tied[is_ranked] = _competition(league[is_ranked], value[is_ranked] * (1 if kpi["direction"] == "down" else -1))
    expected = np.full(len(table), np.nan) if kpi["kind"] == "quantile" else network[league // len(LEVELS)] * (denominator / kpi["scale"])
    added = {
        "rank": pa.array(rank, pa.int64(), mask=~is_ranked),
        "rank_tied": pa.array(is_tied),
        "ranked_of": pa.array(np.bincount(league[is_ranked], minlength=league.max(initial=0) + 1)[league]),
        "expected": pa.array(expected, pa.float64(), mask=np.isnan(expected)),
        "zero_record": pa.array((numerator == 0) & (value == 0) & (kpi["direction"] == "down")),
    }
    for name, column in added.items():
        table = table.append_column(name, column)
    return table


def _numbered(column: pa.ChunkedArray) -> np.ndarray:
    whole = column.unify_dictionaries().combine_chunks()
    return (whole.indices if pa.types.is_dictionary(whole.type) else whole.cast(pa.int32())).to_numpy(zero_copy_only=False)


def _runs(*columns: np.ndarray) -> np.ndarray:
    """The number of the run of equal rows that each row is in."""
    return np.cumsum(np.concatenate([[0], np.any([column[1:] != column[:-1] for column in columns], axis=0)]))


def _competition(league: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks 1, 2, 2, 4 within each league, the smallest value first, and whether another one has the same."""
    order = np.lexsort((value, league))
    if not len(order):
        return order, order > 0
    runs, leagues = _runs(league[order], value[order]), _runs(league[order])
    first_of_run, first_of_league = (np.searchsorted(numbers, numbers) for numbers in (runs, leagues))
    rank, is_tied = np.empty_like(order), np.empty(len(order), bool)
    rank[order], is_tied[order] = first_of_run - first_of_league + 1, np.bincount(runs)[runs] > 1
    return rank, is_tied


def with_verdicts(league: pa.Table, kpi: dict) -> pa.Table:
    """A KPI's leagues with `verdict` (better, as_expected, worse, too_few; null where no test is known), `watch` and `act`.

    A branch is held against the network's own value: what share of branches that do just as the network does would look
    like this, or further out, by chance alone.
    """
    numerator, denominator, expected = (_floats(league, name) for name in ("numerator", "denominator", "expected"))
    verdict = np.full(len(league), None, dtype=object)
    watch, act = np.zeros(len(league), bool), np.zeros(len(league), bool)
    if kpi["direction"] != "none" and kpi["kind"] != "count":
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = statistics.tails(kpi["interval_method"], numerator, denominator, expected / denominator)
        good, bad = (low, high) if kpi["direction"] == "down" else (high, low)
        few = ~(denominator >= kpi["minimum_volume"])
        tested = np.isfinite(low) & ~few
        words = np.where(good < WATCH, "better", np.where(bad < WATCH, "worse", "as_expected"))
        verdict = np.where(few, "too_few", np.where(tested, words, None))
        nearest = np.where(tested, np.fmin(good, bad), 1.0)
        watch, act = nearest < WATCH, nearest < ACT
    league = league.append_column("verdict", pa.array(verdict, pa.string()).dictionary_encode())
    return league.append_column("watch", pa.array(watch)).append_column("act", pa.array(act))


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
