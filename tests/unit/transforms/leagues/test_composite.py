"""Composite leagues: small enough to add up by hand, fair where nothing differs, and an owner's
mistakes told.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.config.composite import Composite
from data.config.policy import Policy, load_policy
from data.problem import Problem
from tests.values import values
from transforms.leagues.composite import build_composites, rank_ranges
from transforms.leagues.composite_scores import compute_scores, grade_scores
from transforms.statistics import combined_intervals
from transforms.statistics.intervals import Counts, confidence_interval

UP = {"kind": "share", "direction": "up", "minimum_volume": 30}
DOWN = {"direction": "down", "minimum_volume": 30}
KPIS = {
    "closed": {"kpi_id": "closed", **UP},
    "days": {"kpi_id": "days", "kind": "mean", **DOWN},
    "complaints": {"kpi_id": "complaints", "kind": "count", **DOWN},
}
COMPOSITE = {
    "title": {"zh": "综合", "en": "Composite"},
    "source": "by hand",
    "period_kinds": ["ytd"],
    "minimum_coverage": 50,
    "weight_change": 0.25,
    "grades": {"A": 80, "B": 60, "C": 0},
    "unmeasured": {"inbound": 20},
    "parts": {
        "closed": {"weight": 50, "zero_at": 80, "full_at": 100},
        "days": {"weight": 30, "zero_at": 50, "full_at": 10},
    },
}


def policy_with(composite: dict) -> Policy:
    """Return the shipped policy with one composite, and no other."""
    only = {"mine": Composite.model_validate(composite)}
    return load_policy().model_copy(update={"composite": only})


def estimate(value: float, low: float, high: float, cases: int) -> dict:
    return {"value": value, "interval_low": low, "interval_high": high, "denominator": cases}


def test_a_score_can_be_added_up_by_hand():
    closed = values(
        "closed",
        {
            "A": estimate(95, 92, 97, 100),
            "B": estimate(90, 86, 93, 100),
            "C": estimate(96, 70, 99, 29),
            "HQ": estimate(92, 91, 93, 300),
        },
    )
    days = values(
        "days",
        {
            "A": estimate(40, 38, 42, 90),
            "B": estimate(20, 19, 21, 90),
            "C": estimate(30, 25, 35, 40),
            "HQ": estimate(30, 29, 31, 220),
        },
    )
    tables = build_composites(
        {"closed": closed, "days": days},
        KPIS,
        policy_with(COMPOSITE),
    )
    parts = {
        (row["branch_code"], row["kpi_id"]): row
        for row in tables["mart_composite_part"].to_pylist()
    }
    # (95 - 80) / (100 - 80) of 50; (50 - 40) / (50 - 10) of 30; of C's 29 claims there is a value
    # and no points.
    assert [parts["A", "closed"]["points"], parts["A", "days"]["points"]] == [37.5, 7.5]
    assert [parts["B", "closed"]["points"], parts["B", "days"]["points"]] == [25, 22.5]
    assert (
        parts["C", "closed"]["value"],
        parts["C", "closed"]["points"],
        parts["C", "days"]["points"],
    ) == (96, None, 15)
    # Fewer days are better: the points at the worse end are those of the upper limit.
    assert (parts["A", "days"]["points_low"], parts["A", "days"]["points_high"]) == (6, 9)
    # Without the days A is first, without the closing rate B is.
    assert [parts[code, kpi]["rank_without"] for code in "AB" for kpi in ("closed", "days")] == [
        2,
        1,
        1,
        2,
    ]
    whole = {row["branch_code"]: row for row in tables["mart_composite"].to_pylist()}
    assert [
        (whole[code]["score"], whole[code]["coverage"], whole[code]["grade"]) for code in "AB"
    ] == [(56.25, 80, "C"), (59.375, 80, "C")]
    assert (
        whole["C"]["score"],
        whole["C"]["coverage"],
        whole["C"]["grade"],
        whole["C"]["rank"],
    ) == (50, 30, None, None)
    assert (whole["HQ"]["score"], whole["HQ"]["grade"], whole["HQ"]["rank"]) == (56.25, "C", None)
    assert [
        (whole[code]["rank"], whole[code]["ranked_of"], whole[code]["rank_equal_weights"])
        for code in "AB"
    ] == [(2, 2, 2), (1, 2, 1)]
    # With weights of 62.5 and 22.5 A is first, 46.875 + 5.625 against 31.25 + 16.875; chance may
    # put it there, too.
    assert [
        (whole[code]["rank_weights_low"], whole[code]["rank_weights_high"]) for code in "AB"
    ] == [(1, 2), (1, 2)]
    assert [(whole[code]["rank_low"], whole[code]["rank_high"]) for code in "AB"] == [
        (1, 2),
        (1, 2),
    ]
    # 100 / 80 of the points; 3 points of closing are 7.5, 2 days are 1.5: the root of the sum of
    # their squares, on either side.
    assert whole["A"]["score_low"] == pytest.approx(56.25 - 100 / 80 * np.hypot(7.5, 1.5))
    assert (whole["B"]["grade_low"], whole["B"]["grade_high"]) == ("C", "B")


SHARES = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=12
)


@given(SHARES, st.permutations(range(3)), st.randoms(use_true_random=False))
def test_scores_depend_on_nothing_but_the_branch(rows, columns, random):
    earned, weights = np.array(rows), np.array([20.0, 30.0, 30.0])
    score = compute_scores(earned, weights)
    order = random.sample(range(len(rows)), len(rows))
    assert (compute_scores(earned[order], weights) == score[order]).all()
    assert np.abs(compute_scores(earned[:, columns], weights[list(columns)]) - score).max() <= 1e-9
    assert (compute_scores(np.vstack([earned, earned]), weights) == np.tile(score, 2)).all()
    assert ((score >= 0) & (score <= 100)).all()
    # All weight on one KPI: its order.
    only = compute_scores(earned, np.array([0.0, 80.0, 0.0]))
    assert (np.diff(only[np.argsort(earned[:, 1])]) >= 0).all()


def test_a_grade_begins_at_its_lower_end():
    graded = grade_scores(
        {"AA": 90, "A": 85, "D": 0},
        np.array([90, 89.999999999, 85, 0, np.nan, 95]),
        np.array([True] * 5 + [False]),
    )
    assert graded.to_pylist() == ["AA", "A", "A", "D", None, None]


def test_branches_that_chance_does_not_tell_apart_share_their_range():
    """Forty branches of one score may each be anywhere; one that is clear of all others is first,
    and the others follow.
    """
    league, same = np.zeros(41, np.int64), np.full(41, 70.0)
    same[0] = 90
    low, high = rank_ranges(league, (same, same - 3, same + 3), np.ones(41, bool), 0.95)
    assert (low[0], high[0]) == (1, 1) and (low[1:] == 2).all() and (high[1:] == 41).all()


def test_limits_of_a_difference_published():
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10."""
    for (x, n), (y, m), limits in (
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ):
        one, other = (
            (
                np.array([a / b]),
                *confidence_interval(
                    "wilson", Counts(np.array([float(a)]), np.array([float(b)])), 0.95
                ),
            )
            for a, b in ((x, n), (y, m))
        )
        assert np.concatenate(combined_intervals.difference_interval(one, other)) == pytest.approx(
            limits, abs=5e-5
        )


def test_parts_are_kpis_and_point_the_way_they_do():
    for parts, message in (
        ({"closed_percent": {"weight": 80, "zero_at": 80, "full_at": 100}}, "closed_percent"),
        ({"days": {"weight": 80, "zero_at": 10, "full_at": 50}}, "worse values of days"),
        ({"complaints": {"weight": 80, "zero_at": 9, "full_at": 0}}, "complaints, a count"),
    ):
        with pytest.raises(Problem, match=message):
            build_composites({}, KPIS, policy_with(COMPOSITE | {"parts": parts}))
