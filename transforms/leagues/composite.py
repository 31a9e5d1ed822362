"""Composite leagues: several KPIs become one score and a grade, with what chance and the choice of
weights do to the rank.

Everything can be added up by hand from mart_composite_part: a score is 100 x the sum of a branch's
points / the sum of the weights of the parts that have points. Which parts, weights and grades:
`data/reference/composite.toml`.
"""

from itertools import product

import numpy as np
import pyarrow as pa

from data.problem import Problem
from transforms.kpis.arrow_columns import number_column, rank_column
from transforms.leagues.kpi_board import KpiBoard, rank_places, read_kpi_board
from transforms.statistics import combined_intervals, ranks

DECIMALS = 9  # of a score: the last bits of a sum decide no place and no grade


def build_composites(
    values: dict[str, pa.Table], kpis: dict[str, dict], policy: dict
) -> dict[str, pa.Table]:
    """mart_composite and mart_composite_part. `values` are the tables of mart_kpi_value, `kpis` the
    rows of dim_kpi, both by kpi_id.

    Raises Problem where the policy gives points for what is no KPI, or more points for worse
    values.
    """
    made = []
    for name, composite in sorted(policy["composite"].items()):
        _check(name, composite, kpis)
        held = read_kpi_board(
            {kpi: values[kpi] for kpi in sorted(composite["parts"])}, composite["period_kinds"]
        )
        made.append(_tables(name, composite, held, kpis, policy["intervals"]["level"]))
    return {
        table: pa.concat_tables(pair[place] for pair in made)
        for place, table in enumerate(("mart_composite", "mart_composite_part"))
    }


def _check(name: str, composite: dict, kpis: dict[str, dict]) -> None:
    unknown = sorted(set(composite["parts"]) - set(kpis))
    if unknown:
        raise Problem(
            f"composite {name} has weights for {', '.join(unknown)}",
            "use ids of KPIs; what no extract tells is `unmeasured`",
        )
    for kpi, part in composite["parts"].items():
        better = "up" if part["full_at"] > part["zero_at"] else "down"
        if kpis[kpi]["direction"] not in (better, "none"):
            raise Problem(
                f"composite {name} gives more points for worse values of {kpi}",
                "swap its zero_at and full_at",
            )


def _tables(
    name: str, composite: dict, held: KpiBoard, kpis: dict[str, dict], level: float
) -> tuple[pa.Table, pa.Table]:
    parts = [composite["parts"][kpi] for kpi in held.values]
    weights = np.array([part["weight"] for part in parts], float)
    earned = np.column_stack(
        [
            earned_share(part, held.value(kpis[kpi]))
            for kpi, part in zip(held.values, parts, strict=True)
        ]
    )
    ends = [
        [earned_share(part, limit) for limit in held.limits(kpi)]
        for kpi, part in zip(held.values, parts, strict=True)
    ]
    low, high = (
        np.column_stack([choose(*pair) for pair in ends]) for choose in (np.minimum, np.maximum)
    )
    coverage = np.where(np.isnan(earned), 0, weights).sum(axis=1)
    is_graded = coverage >= composite["minimum_coverage"]
    is_ranked = is_graded & (held.names("branch_level") != "head_office")
    score, limits = compute_scores(earned, weights), score_limits(earned, low, high, weights)
    rank, is_tied = rank_places(held.league, -score, is_ranked)

    def rank_with(others: np.ndarray) -> np.ndarray:
        return rank_places(held.league, -compute_scores(earned, others), is_ranked)[0]

    tried = np.array(
        [
            rank,
            *(
                rank_with(weights * change)
                for change in corner_scores(len(weights), composite["weight_change"])
            ),
        ]
    )
    chance_low, chance_high = rank_ranges(held.league, (score, *limits), is_ranked, level)
    grades, has_limits = composite["grades"], ~np.isnan(limits[0])
    whole = {
        "score": number_column(score),
        "score_low": number_column(limits[0]),
        "score_high": number_column(limits[1]),
        "interval_level": number_column(np.where(has_limits, level, np.nan)),
        "interval_method": pa.array(np.where(has_limits, "mover", None), pa.string()),
        "coverage": number_column(coverage),
        "grade": grade_scores(grades, score, is_graded),
        "grade_low": grade_scores(grades, limits[0], is_graded),
        "grade_high": grade_scores(grades, limits[1], is_graded),
        "rank": rank_column(rank),
        "rank_tied": pa.array(is_tied),
        "ranked_of": pa.array(
            np.bincount(held.league[is_ranked], minlength=held.league.max(initial=0) + 1)[
                held.league
            ]
        ),
        "rank_low": rank_column(chance_low),
        "rank_high": rank_column(chance_high),
        "rank_equal_weights": rank_column(rank_with(np.ones(len(weights)))),
        "rank_weights_low": rank_column(tried.min(axis=0)),
        "rank_weights_high": rank_column(tried.max(axis=0)),
    }
    without = np.column_stack(
        [
            rank_with(np.where(np.arange(len(weights)) == part, 0, weights))
            for part in range(len(weights))
        ]
    )
    each = {
        "zero_at": [part["zero_at"] for part in parts],
        "full_at": [part["full_at"] for part in parts],
        "weight": weights,
        "points": earned * weights,
        "points_low": np.where(np.isnan(earned), np.nan, low) * weights,
        "points_high": np.where(np.isnan(earned), np.nan, high) * weights,
    }
    return _keyed(held.keys, name, whole), _parts(held, name, each, without)


def _keyed(keys: pa.Table, name: str, columns: dict) -> pa.Table:
    table = keys.append_column("composite_id", pa.array([name] * len(keys), pa.string()))
    for column, values in columns.items():
        table = table.append_column(column, values)
    return table


def _parts(held: KpiBoard, name: str, each: dict, without: np.ndarray) -> pa.Table:
    """One row per branch and KPI, from arrays of branches x KPIs (or of KPIs, the same for every
    branch).
    """
    branches, parts = without.shape
    rows = np.arange(parts) * branches + np.arange(branches)[:, np.newaxis]
    columns = [*held.keys.column_names, "kpi_id", "value", "numerator", "denominator"]
    told = pa.concat_tables(held.values[kpi].select(columns) for kpi in held.values).take(
        pa.array(rows.ravel())
    )
    added = {
        column: number_column(np.broadcast_to(np.asarray(values, float), without.shape).ravel())
        for column, values in each.items()
    }
    return _keyed(told, name, added | {"rank_without": rank_column(without.ravel())})


def earned_share(part: dict, value: np.ndarray) -> np.ndarray:
    """What share of a part's weight a value earns: 0 at `zero_at`, 1 at `full_at`, on the straight
    line between.
    """
    return np.clip((value - part["zero_at"]) / (part["full_at"] - part["zero_at"]), 0, 1)


def compute_scores(earned: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scores of 0 to 100 from earned shares, branches x parts, NaN where a part is left out; NaN
    where all are, or weigh nothing.
    """
    of = np.where(np.isnan(earned), 0, weights).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.round(
            100 * np.where(np.isnan(earned), 0, earned * weights).sum(axis=1) / of, DECIMALS
        )


def score_limits(
    earned: np.ndarray, low: np.ndarray, high: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the scores from those of the shares earned (transforms/statistics/combined_intervals.py); NaN where a part
    that counts has none.
    """
    of = np.where(np.isnan(earned), 0, weights).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = combined_intervals.sum_interval(
            *(
                np.where(np.isnan(earned), 0, 100 * shares * weights / of)
                for shares in (earned, low, high)
            )
        )
    is_told = of[:, 0] > 0
    return np.where(is_told, np.maximum(below, 0), np.nan), np.where(
        is_told, np.minimum(above, 100), np.nan
    )


def corner_scores(parts: int, change: float) -> np.ndarray:
    """Every combination of weights that are each smaller or greater by that share: what the weights
    are multiplied with.

    Two branches with the same parts change places within these bounds only if they do at a corner:
    their difference is linear in the weights.
    """
    return 1 + change * np.array(list(product((-1, 1), repeat=parts)))


def rank_ranges(
    league: np.ndarray, score: combined_intervals.Estimate, is_ranked: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """First and last rank that the limits of a whole league leave possible together (ranks.ranges);
    0 where not ranked.
    """
    low, high = np.zeros(len(league), np.int64), np.zeros(len(league), np.int64)
    rows = np.flatnonzero(is_ranked)
    _, below, above = combined_intervals.rescale_interval(
        tuple(values[rows] for values in score), level, ranks.joint_level(league[rows], level)
    )
    low[rows], high[rows] = ranks.rank_ranges(league[rows], -above, -below)
    return low, high


def grade_scores(grades: dict[str, float], score: np.ndarray, is_graded: np.ndarray) -> pa.Array:
    """The grade whose band a score is in; a band begins with its lower end. Null where there is
    none.
    """
    names, ends = list(grades)[::-1], list(grades.values())[::-1]
    known = is_graded & ~np.isnan(score)
    return pa.array(
        np.where(
            known,
            np.array(names, object)[np.searchsorted(ends, score, "right").clip(1, len(names)) - 1],
            None,
        ),
        pa.string(),
    )
