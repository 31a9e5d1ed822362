"""mart_trend: what is charted, on trial, left out, and what a signal means."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from transforms.build import conform
from transforms.kpis.mart_trend import build_mart_trend

MONTHS = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(25)]


def table(
    branches: dict, kind="share", direction="up", states=None, target=None
) -> tuple[list[pa.Table], list[dict]]:
    """mart_kpi_value of one KPI: per branch 25 pairs of numerator and denominator; the last month
    is not over.
    """
    rows = []
    for month, start in enumerate(MONTHS):
        end = date(2024, 1, 20) if month == 24 else MONTHS[month + 1]
        for code, pairs in sorted(branches.items()):
            top, bottom = pairs[month]
            value = None if not bottom else top / bottom * (100 if kind == "share" else 1)
            state = (states or {}).get((code, month), "ok" if bottom else "no_cases")
            key = {
                "kpi_id": "k",
                "period_kind": "month",
                "period_start": start,
                "period_end": end,
                "branch_level": "province",
                "branch_code": code,
            }
            figures = {
                "numerator": top,
                "denominator": bottom,
                "value": value,
                "target_value": target,
            }
            rows.append(
                key
                | {"segment_kind": "all"}
                | figures
                | {"state": state, "reason": None if state == "ok" else state}
            )
    schema = {
        "numerator": pa.int64(),
        "denominator": pa.int64(),
        "value": pa.float64(),
        "target_value": pa.float64(),
    }
    columns = {name: pa.array([row[name] for row in rows], schema.get(name)) for name in rows[0]}
    return [pa.table(columns)], [
        {
            "kpi_id": "k",
            "kind": kind,
            "direction": direction,
            "scale": 100.0 if kind == "share" else 1.0,
        }
    ]


def charted(*args, **kwargs) -> dict[tuple[str, int], dict]:
    rows = conform("mart_trend", build_mart_trend(*table(*args, **kwargs))).to_pylist()
    return {(row["branch_code"], MONTHS.index(row["period_start"])): row for row in rows}


def usual(seed: int) -> list[tuple[int, int]]:
    return [(int(cases), 100) for cases in np.random.default_rng(seed).binomial(100, 0.9, 25)]


def test_what_is_left_out_and_what_is_on_trial():
    some = usual(1)
    gaps = [(0, 0) if month in (3, 4) else pair for month, pair in enumerate(some)]
    rows = charted(
        {
            "A": some,
            "B": gaps,
            "C": [(0, 0)] * 25,
            "D": [(0, 0)] * 20 + some[20:],
            "E": [(50, 50)] * 25,
            "F": [(0, 0)] * 12 + some[12:],
        },
        states={("A", 7): "immature"},
        target=80.0,
    )
    assert {code for code, _ in rows} == {"A", "B", "D", "E", "F"} and len(rows) == 125
    assert (rows["A", 24]["is_charted"], rows["A", 24]["reason"]) == (
        False,
        "the month is not over",
    )
    assert (rows["A", 7]["is_charted"], rows["A", 7]["reason"], rows["A", 7]["limit_low"]) == (
        False,
        "immature",
        None,
    )
    assert [rows[code, 23]["chart_points"] for code in "ABDEF"] == [23, 22, 4, 24, 12]
    assert [rows[code, 23]["is_trial"] for code in "ABDEF"] == [False, False, True, False, True]
    # Too few months, or months that are all the same: a centre, but neither limits nor a verdict.
    for code, reason in {
        "D": "fewer than 5 months to draw limits from",
        "E": "all months are the same",
    }.items():
        row = rows[code, 23]
        assert (
            row["reason"],
            row["limit_low"],
            row["limit_high"],
            row["variation"],
            row["assurance"],
        ) == (reason, None, None, None, None)
        assert row["centre_line"] is not None
    assert rows["F", 23]["assurance"] == "met" or rows["F", 23]["limit_low"] < 80
    # A month without cases is no gap in a run and no branch changes another's chart.
    alone = charted({"B": gaps}, target=80.0)
    assert all(alone["B", month] == rows["B", month] for month in range(25))


def test_directions_and_targets_decide_what_is_good():
    better = [(80 + month % 3, 100) for month in range(16)] + [
        (95 + month % 2, 100) for month in range(9)
    ]
    for direction, word in {"up": "improvement", "down": "concern", "none": "change"}.items():
        row = charted({"A": better}, direction=direction)["A", 23]
        assert (row["variation"], row["rule"], row["assurance"]) == (word, "outside", None)
    steady = [(900 + 5 * (-1) ** month, 1000) for month in range(25)]
    assurances = {
        target: charted({"A": steady}, target=target)["A", 23]["assurance"]
        for target in (80.0, 90.0, 99.0)
    }
    assert assurances == {80.0: "met", 90.0: "hit_and_miss", 99.0: "missed"}
    assert charted({"A": steady}, direction="down", target=99.0)["A", 23]["assurance"] == "met"
    assert charted({"A": steady}, direction="none", target=99.0)["A", 23]["assurance"] is None


def test_times_are_charted_by_logarithms_unless_one_is_zero():
    days = [(10 + month % 4, 1) for month in range(25)]
    zero = [(0, 1), *days[1:]]
    rows = charted({"A": days, "B": zero}, kind="mean", direction="down")
    assert (rows["A", 0]["chart_method"], rows["B", 0]["chart_method"]) == ("xmr_log", "xmr")
    assert rows["A", 5]["centre_line"] == pytest.approx(
        np.exp(np.mean([np.log(top) for top, _ in days[:24]]))
    )
    assert rows["B", 5]["limit_low"] >= 0


@pytest.mark.parametrize(("months", "has_limits"), [(4, False), (5, True), (6, True)])
def test_limits_are_drawn_from_five_months_on(months, has_limits):
    pairs = [(0, 0)] * (24 - months) + usual(3)[:months] + [(0, 0)]
    row = charted({"A": pairs})["A", 23]
    assert row["chart_points"] == months and row["centre_line"] is not None
    assert (row["limit_low"] is not None) == has_limits
    assert (row["variation"] is not None) == has_limits
    assert (row["reason"] == "fewer than 5 months to draw limits from") == (not has_limits)


@pytest.mark.parametrize(("months", "is_trial"), [(12, True), (13, False), (14, False)])
def test_limits_are_on_trial_below_thirteen_months(months, is_trial):
    pairs = [(0, 0)] * (24 - months) + usual(3)[:months] + [(0, 0)]
    assert charted({"A": pairs})["A", 23]["is_trial"] == is_trial


@pytest.mark.parametrize(
    ("direction", "distance", "assurance"),
    [
        ("up", -1e-6, "met"),  # the target is below the lower limit
        ("up", 0, "met"),
        ("up", 1e-6, "hit_and_miss"),
        ("down", -1e-6, "missed"),
        ("down", 0, "hit_and_miss"),
        ("down", 1e-6, "hit_and_miss"),
    ],
)
def test_a_target_on_the_lower_limit(direction, distance, assurance):
    steady = [(900 + 5 * (-1) ** month, 1000) for month in range(25)]
    low = charted({"A": steady})["A", 23]["limit_low"]
    row = charted({"A": steady}, direction=direction, target=low + distance)["A", 23]
    assert row["assurance"] == assurance


@pytest.mark.parametrize(
    ("direction", "distance", "assurance"),
    [
        ("down", 1e-6, "met"),
        ("down", 0, "met"),
        ("down", -1e-6, "hit_and_miss"),
        ("up", 1e-6, "missed"),
        ("up", 0, "hit_and_miss"),
        ("up", -1e-6, "hit_and_miss"),
    ],
)
def test_a_target_on_the_upper_limit(direction, distance, assurance):
    steady = [(900 + 5 * (-1) ** month, 1000) for month in range(25)]
    high = charted({"A": steady})["A", 23]["limit_high"]
    row = charted({"A": steady}, direction=direction, target=high + distance)["A", 23]
    assert row["assurance"] == assurance
