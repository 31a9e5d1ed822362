"""Composite leagues: several KPIs become one score and a grade, with what chance and the choice of
weights do to the rank.

Everything can be added up by hand from mart_composite_part: a score is 100 x the sum of a branch's
points / the sum of the weights of the parts that have points. Which parts, weights and grades:
`data/reference/composite.toml`.

Arrays have the shape (rows,), a row per league and branch, or (rows, parts).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from data.config.composite import Composite
from data.config.policy import Policy
from data.problem import Problem
from transforms.kpis.arrow_columns import number_column, rank_column
from transforms.leagues.composite_scores import (
    compute_scores,
    corner_factors,
    counted_weights,
    earned_share,
    grade_scores,
    score_limits,
)
from transforms.leagues.kpi_board import KpiBoard, rank_within, read_kpi_board
from transforms.statistics import combined_intervals, ranks
from transforms.statistics.combined_intervals import Estimate
from transforms.statistics.intervals import Limits


@dataclass(frozen=True)
class _Scored:
    """One composite on its board: the share of each part's weight that a branch has `earned`, with
    its limits `low` and `high`, shape (rows, parts), NaN where there is none; `weights` of shape
    (parts,).
    """

    name: str
    settings: Composite
    board: KpiBoard
    weights: np.ndarray
    earned: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float

    @cached_property
    def coverage(self) -> np.ndarray:
        """The sum of the weights of the parts that have points."""
        return counted_weights(self.earned, self.weights).sum(axis=1)

    @cached_property
    def is_graded(self) -> np.ndarray:
        return self.coverage >= self.settings.minimum_coverage

    @cached_property
    def is_ranked(self) -> np.ndarray:
        return self.is_graded & ~self.board.is_head_office

    @cached_property
    def score(self) -> np.ndarray:
        return compute_scores(self.earned, self.weights)

    @cached_property
    def limits(self) -> Limits:
        return score_limits(self.earned, self.low, self.high, self.weights)

    def rank_with(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ranks with other weights, 0 where not ranked, and where they are tied."""
        score = compute_scores(self.earned, weights)
        return rank_within(self.board.league, -score, self.is_ranked)


def build_composites(
    values: dict[str, pa.Table], kpis: dict[str, dict], policy: Policy
) -> dict[str, pa.Table]:
    """Return mart_composite and mart_composite_part. `values` are the tables of mart_kpi_value,
    `kpis` the rows of dim_kpi, both by kpi_id.

    Raises Problem where the policy gives points for an id that is not a KPI's, for a count, or more
    points for worse values.
    """
    scores, parts = [], []
    for name, settings in sorted(policy.composite.items()):
        _check_parts(name, settings, kpis)
        values_of_parts = {kpi: values[kpi] for kpi in sorted(settings.parts)}
        board = read_kpi_board(values_of_parts, settings.period_kinds)
        scored = _score_board(name, settings, board, kpis, policy.intervals.level)
        scores.append(_build_scores(scored))
        parts.append(_build_parts(scored))
    return {
        "mart_composite": pa.concat_tables(scores),
        "mart_composite_part": pa.concat_tables(parts),
    }


def _check_parts(name: str, settings: Composite, kpis: dict[str, dict]) -> None:
    unknown = sorted(set(settings.parts) - set(kpis))
    if unknown:
        raise Problem(
            f"composite {name} has weights for {', '.join(unknown)}",
            "use ids of KPIs; what no extract contains is `unmeasured`",
        )
    for kpi, part in settings.parts.items():
        if kpis[kpi]["kind"] == "count":
            raise Problem(
                f"composite {name} has a weight for {kpi}, a count: the larger a branch, the more",
                "use a rate, such as complaint_per_1000_claims",
            )
        better = "up" if part.full_at > part.zero_at else "down"
        if kpis[kpi]["direction"] not in (better, "none"):
            raise Problem(
                f"composite {name} gives more points for worse values of {kpi}",
                "swap its zero_at and full_at",
            )


def _score_board(
    name: str, settings: Composite, board: KpiBoard, kpis: dict[str, dict], level: float
) -> _Scored:
    """Return what share of its weight each part of each branch earns."""
    earned, low, high = [], [], []
    for kpi in board.values:
        part = settings.parts[kpi]
        earned.append(earned_share(part, board.rankable_value(kpis[kpi])))
        # Where fewer are better, the upper limit of the value earns the fewest points.
        ends = [earned_share(part, limit) for limit in board.limits(kpi)]
        low.append(np.minimum(*ends))
        high.append(np.maximum(*ends))
    weights = [settings.parts[kpi].weight for kpi in board.values]
    return _Scored(
        name,
        settings,
        board,
        np.array(weights, float),
        np.column_stack(earned),
        np.column_stack(low),
        np.column_stack(high),
        level,
    )


def _build_scores(scored: _Scored) -> pa.Table:
    """Return mart_composite of one composite."""
    low, high = scored.limits
    has_limits = ~np.isnan(low)
    grades = scored.settings.grades
    columns = {
        "score": number_column(scored.score),
        "score_low": number_column(low),
        "score_high": number_column(high),
        "interval_level": number_column(np.where(has_limits, scored.level, np.nan)),
        "interval_method": pa.array(np.full(len(low), "mover"), pa.string(), mask=~has_limits),
        "coverage": number_column(scored.coverage),
    }
    columns |= {
        "grade": grade_scores(grades, scored.score, scored.is_graded),
        "grade_low": grade_scores(grades, low, scored.is_graded),
        "grade_high": grade_scores(grades, high, scored.is_graded),
    }
    columns |= _rank_columns(scored)
    return _append_columns(scored.board.keys, scored.name, columns)


def _rank_columns(scored: _Scored) -> dict[str, pa.Array]:
    """Return ranks, and what chance and the choice of weights do to them."""
    league, weights = scored.board.league, scored.weights
    rank, is_tied = scored.rank_with(weights)
    corners = corner_factors(len(weights), scored.settings.weight_change)
    ranks_tried = np.array([rank, *(scored.rank_with(weights * f)[0] for f in corners)])
    equal_weights, _ = scored.rank_with(np.ones(len(weights)))
    first, last = rank_ranges(
        league, (scored.score, *scored.limits), scored.is_ranked, scored.level
    )
    ranked_of = np.bincount(league[scored.is_ranked], minlength=league.max(initial=0) + 1)
    return {
        "rank": rank_column(rank),
        "rank_tied": pa.array(is_tied),
        "ranked_of": pa.array(ranked_of[league]),
        "rank_low": rank_column(first),
        "rank_high": rank_column(last),
        "rank_equal_weights": rank_column(equal_weights),
        "rank_weights_low": rank_column(ranks_tried.min(axis=0)),
        "rank_weights_high": rank_column(ranks_tried.max(axis=0)),
    }


def _append_columns(keys: pa.Table, name: str, columns: dict[str, pa.Array]) -> pa.Table:
    table = keys.append_column("composite_id", pa.array([name] * len(keys), pa.string()))
    for column_name, column in columns.items():
        table = table.append_column(column_name, column)
    return table


def _build_parts(scored: _Scored) -> pa.Table:
    """Return mart_composite_part of one composite: one row per branch and KPI, in that order."""
    branches, parts = scored.earned.shape
    weights, is_missing = scored.weights, np.isnan(scored.earned)
    settings = [scored.settings.parts[kpi] for kpi in scored.board.values]
    # Figures of the parts (the same for every branch) or of branches x parts.
    figures = {
        "zero_at": np.array([part.zero_at for part in settings], float),
        "full_at": np.array([part.full_at for part in settings], float),
        "weight": weights,
        "points": scored.earned * weights,
        "points_low": np.where(is_missing, np.nan, scored.low) * weights,
        "points_high": np.where(is_missing, np.nan, scored.high) * weights,
    }
    columns = {}
    for name, values in figures.items():
        columns[name] = number_column(np.broadcast_to(values, (branches, parts)).ravel())
    columns["rank_without"] = rank_column(_ranks_without(scored).ravel())
    published = [*scored.board.keys.column_names, "kpi_id", "value", "numerator", "denominator"]
    by_part = pa.concat_tables(table.select(published) for table in scored.board.values.values())
    # Part by part become branch by branch.
    rows = np.arange(parts) * branches + np.arange(branches)[:, np.newaxis]
    return _append_columns(by_part.take(rows.ravel()), scored.name, columns)


def _ranks_without(scored: _Scored) -> np.ndarray:
    """Return the ranks if one part had no weight, shape (rows, parts)."""
    parts = np.arange(len(scored.weights))
    return np.column_stack(
        [scored.rank_with(np.where(parts == part, 0, scored.weights))[0] for part in parts]
    )


def rank_ranges(
    league: np.ndarray, score: Estimate, is_ranked: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last rank that the limits of a whole league leave possible together
    (see `ranks.rank_ranges`); 0 where not ranked.
    """
    first = np.zeros(len(league), np.int64)
    last = first.copy()
    rows = np.flatnonzero(is_ranked)
    value, low, high = (values[rows] for values in score)
    joint_level = ranks.joint_level(league[rows], level)
    _, low, high = combined_intervals.rescale_interval((value, low, high), level, joint_level)
    # The greater score is the better one: turned round, the smaller is.
    first[rows], last[rows] = ranks.rank_ranges(league[rows], -high, -low)
    return first, last
