"""Recognitions: praise that says whether luck would have done it, too."""

import math

import numpy as np
import pytest

from data.config import policy
from data.problem import Problem
from tests.values import share, values
from transforms.leagues import recognition
from transforms.leagues.kpi_board import read_kpi_board
from transforms.statistics.intervals import Counts, confidence_interval

UP, DOWN = (
    {"kpi_id": "share", "direction": direction, "minimum_volume": 30}
    for direction in ("up", "down")
)


def rows_by_branch(table) -> dict[str, dict]:
    return {row["branch_code"]: row for row in table.to_pylist()}


def test_zero_is_worth_what_the_volume_makes_it():
    """At 7.5 complaints per 1,000 claims none of 40 is luck (74 %), none of 1,000 is not (0.06 %);
    none may stand for up to 3.69 either way.
    """
    none = {"value": 0, "numerator": 0, "interval_low": 0, "interval_high": 3.6888794541139363}
    counts = values(
        "count",
        {
            "small": none,
            "large": none,
            "other": {"value": 7.5, "numerator": "7.5"},
            "idle": none,
            "HQ": {"value": 150, "numerator": 150},
        },
    )
    volumes = values(
        "rate",
        {
            "small": {"denominator": "0.04"},
            "large": {"denominator": 1},
            "other": {},
            "idle": {"denominator": 0},
            "HQ": {"denominator": 20},
        },
    )
    rows = rows_by_branch(
        recognition.find_zero_records(
            read_kpi_board({"count": counts, "rate": volumes}, ["ytd"]), "count", "rate", 0.95
        )
    )
    assert rows.keys() == {"small", "large"}, "no volume, no record"
    assert [(rows[code]["expected"], rows[code]["is_sure"]) for code in ("small", "large")] == [
        (pytest.approx(0.3), False),
        (pytest.approx(7.5), True),
    ]
    assert rows["large"]["chance"] == pytest.approx(math.exp(-7.5)) and rows["small"][
        "chance"
    ] == pytest.approx(math.exp(-0.3))
    assert float(rows["large"]["denominator"]) == 1 and rows["large"][
        "interval_high"
    ] == pytest.approx(3.689, abs=1e-3)


def test_all_on_time_of_few_is_luck():
    """The network does 95 %: all of 10 happens to six in ten branches, all of 100 to one in 170."""
    shares = values(
        "share",
        {
            "few": share(10, 10),
            "many": share(100, 100),
            "nearly": share(99, 100),
            "HQ": share(190, 200),
        },
    )
    rows = rows_by_branch(
        recognition.find_full_records(read_kpi_board({"share": shares}, ["ytd"]), "share", 0.95)
    )
    assert rows.keys() == {"few", "many"}
    assert [rows[code]["chance"] for code in ("few", "many")] == [
        pytest.approx(0.95**10),
        pytest.approx(0.95**100),
    ]
    assert [rows[code]["is_sure"] for code in ("few", "many")] == [False, True]


def test_the_first_of_a_province_are_sure_only_where_their_range_is():
    rows = {
        "A": share(99, 100, 0.1),
        "B": share(90, 100, 6),
        "C": share(89, 100, 6),
        "D": share(80, 100, 6),
        "E": share(60, 100, 2),
        "F": share(95, 100, 1),
    }
    board = read_kpi_board(
        {
            "share": values(
                "share", rows | {"few": share(29, 29, 1), "HQ": share(90, 100, 1)}, level="central"
            )
        },
        ["ytd"],
    )
    provinces = [
        dict(zip(recognition.PERIOD, board.row_keys[0][:3], strict=True))
        | {"branch_code": code, "province_code": "P"}
        for code in (*"ABCDE", "few")
    ]
    recognised = rows_by_branch(recognition.find_province_leaders(board, UP, provinces, 2, 0.95))
    # F is of no province, too few are not ranked; B may be second, and fourth.
    assert {
        code: (row["rank"], row["rank_low"], row["rank_high"], row["ranked_of"], row["is_sure"])
        for code, row in recognised.items()
    } == {
        "A": (1, 1, 1, 5, True),
        "B": (2, 2, 4, 5, False),
    }
    assert recognised["A"]["province_code"] == "P"
    worst = rows_by_branch(recognition.find_province_leaders(board, DOWN, provinces, 2, 0.95))
    assert [(row["branch_code"], row["rank"]) for row in worst.values()] == [("D", 2), ("E", 1)]
    assert not rows_by_branch(recognition.find_province_leaders(board, UP, provinces, 5, 0.95)), (
        "five of five are no distinction"
    )


def test_most_improved_only_where_the_change_is_more_than_chance():
    """Of forty branches that all did 90 of 100 one moved by 8 points, which among forty is chance;
    of 1,000 cases it is none.
    """
    for size, expected in ((100, []), (1000, ["B07"])):
        before = {f"B{number:02}": done(90 * size // 100, size) for number in range(40)}
        now = before | {"B07": done(98 * size // 100, size), "B08": done(80 * size // 100, size)}
        board = read_kpi_board({"share": values("share", now, before)}, ["ytd"])
        recognised = rows_by_branch(recognition.find_most_improved(board, UP, 3, 0.95))
        assert list(recognised) == expected
    row = recognised["B07"]
    assert (row["rank"], row["ranked_of"], row["value_prior_year"], row["difference"]) == (
        1,
        40,
        90,
        pytest.approx(8),
    )
    assert 0 < row["difference_low"] < 8


def done(cases: int, size: int) -> dict:
    """A share with its Wilson limits."""
    low, high = confidence_interval(
        "wilson", Counts(np.array([float(cases)]), np.array([float(size)])), 0.95
    )
    return share(cases, size) | {"interval_low": 100 * low[0], "interval_high": 100 * high[0]}


def test_what_may_be_praised():
    kpis = {
        "satisfaction_pct": {"kind": "share", "direction": "up"},
        "claim_zero_pct": {"kind": "share", "direction": "none"},
        "complaint_count": {"kind": "count", "direction": "down"},
    }
    for changed, what in (
        (
            {"all_on_time": ["satisfaction_percent"]},
            "recognition.all_on_time has satisfaction_percent",
        ),
        (
            {"first_of_province": ["claim_zero_pct"]},
            "recognition.first_of_province has claim_zero_pct",
        ),
        (
            {"most_improved": ["complaint_count"]},
            "recognition.most_improved has complaint_count",
        ),
        (
            {"first_of_province": ["complaint_count"]},
            "recognition.first_of_province has complaint_count",
        ),
        ({"zero_records": ["satisfaction_pct"]}, "recognition.zero_records has satisfaction_pct"),
        ({"zero_volume": "satisfaction_pct"}, "recognition.zero_volume is satisfaction_pct"),
    ):
        nothing = {
            "zero_records": [],
            "all_on_time": [],
            "first_of_province": [],
            "most_improved": [],
        }
        with pytest.raises(Problem, match=what):
            recognition.build_mart_recognition(
                {}, kpis, [], policy.load_policy({"recognition": nothing | changed})
            )
