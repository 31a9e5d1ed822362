"""Leagues at their thresholds: the minimum volume, p-values at the level, coverage, awards."""

import math

import numpy as np
import pytest

from data.config.composite import CompositePart
from tests.leagues import kpi, league
from tests.values import share, values
from transforms.leagues import recognition
from transforms.leagues.composite_scores import earned_share
from transforms.leagues.kpi_board import read_kpi_board
from transforms.statistics import ranks

UP = {"kpi_id": "share", "direction": "up", "minimum_volume": 30}


@pytest.mark.parametrize(("size", "is_enough"), [(29, False), (30, True), (31, True)])
def test_a_branch_is_ranked_and_tested_from_its_minimum_volume_on(size, is_enough):
    table, funnel = league(kpi(minimum_volume=30), [[size - 9, 70]], [[size, 100]])
    assert np.isfinite(table["rank"][0, 0].astype(float)) == is_enough
    assert (table["verdict"][0, 0] == "too_few") == (not is_enough)
    assert table["ranked_of"][0, 0] == 1 + is_enough
    assert len(funnel["phi"]) == 1 + is_enough


@pytest.mark.parametrize(("size", "is_enough"), [(29, False), (30, True), (31, True)])
def test_a_movement_needs_the_volume_in_both_years(size, is_enough):
    before = ([[size / 2, 50]], [[size, 100]], None)
    before = tuple(None if counts is None else np.array(counts, float) for counts in before)
    table, _ = league(kpi(minimum_volume=30), [[50, 50]], [[100, 100]], before=before)
    assert (table["movement"][0, 0] == "unknown") == (not is_enough)


# None of 3 where half is usual has the probability 1 / 8, exactly; so has all of 3.
@pytest.mark.parametrize(("level", "is_flagged"), [(0.7499, True), (0.75, False), (0.7501, False)])
def test_a_tail_as_large_as_the_level_is_no_flag(level, is_flagged):
    policy = {"watch": level, "act": 0.998}
    table, funnel = league(kpi(), [[0, 3, 5]], [[3, 3, 10]], policy=policy)
    words = ["worse", "better"] if is_flagged else ["as_expected"] * 2
    assert table["verdict"][0].tolist() == [*words, "as_expected"]
    assert table["watch"][0].tolist() == [is_flagged, is_flagged, False]
    assert not table["act"].any()
    assert funnel["watch_outside"].tolist() == [2 * is_flagged] * 3
    # Three branches have no spread beyond chance: what is outside of chance is outside.
    assert funnel["watch_spread_outside"].tolist() == [2 * is_flagged] * 3
    acting, _ = league(kpi(), [[0, 3, 5]], [[3, 3, 10]], policy={"watch": 0.5, "act": level})
    assert acting["act"][0].tolist() == [is_flagged, is_flagged, False]
    assert funnel["p_value"][:2].tolist() == [0.25, 0.25]


@pytest.mark.parametrize(("level", "is_sure"), [(0.7499, True), (0.75, False), (0.7501, False)])
def test_a_full_record_as_likely_as_the_level_is_not_sure(level, is_sure):
    board = read_kpi_board(
        {"share": values("share", {"A": share(3, 3), "HQ": share(5, 10)})}, ["ytd"]
    )
    row = recognition.find_full_records(board, "share", level).to_pylist()[0]
    assert (row["chance"], row["is_sure"]) == (0.125, is_sure)


@pytest.mark.parametrize(("distance", "is_sure"), [(-1e-6, True), (1e-6, False)])
def test_a_zero_record_likelier_than_the_level_is_not_sure(distance, is_sure):
    """Two are expected: none has the probability e ^ -2."""
    level = 1 - 2 * (math.exp(-2) - distance)
    counts = values("count", {"A": {"value": 0}, "HQ": {"value": 20, "numerator": 20}})
    volumes = values("rate", {"A": {"denominator": 1}, "HQ": {"denominator": 10}})
    board = read_kpi_board({"count": counts, "rate": volumes}, ["ytd"])
    row = recognition.find_zero_records(board, "count", "rate", level).to_pylist()[0]
    assert row["chance"] == pytest.approx(math.exp(-2)) and row["expected"] == 2
    assert row["is_sure"] == is_sure


@pytest.mark.parametrize(("branches", "leaders"), [(1, 0), (2, 0), (3, 2)])
def test_awards_need_more_branches_than_there_are_awards(branches, leaders):
    rows = {f"B{number}": share(90 - number, 100, 1) for number in range(branches)}
    table = values("share", rows | {"HQ": share(90, 100, 1)}, level="central")
    board = read_kpi_board({"share": table}, ["ytd"])
    period = dict(zip(recognition.PERIOD, board.row_keys[0][:3], strict=True))
    provinces = [period | {"branch_code": code, "province_code": "P"} for code in rows]
    recognised = recognition.find_province_leaders(board, UP, provinces, 2, 0.95)
    assert len(recognised) == leaders


def test_the_last_award_may_be_shared():
    """Two branches are second: both are praised, and a third rank is not."""
    done = {"A": 95, "B": 90, "C": 90, "D": 80}
    rows = {code: share(cases, 100, 0.1) for code, cases in done.items()}
    table = values("share", rows | {"HQ": share(90, 100, 1)}, level="central")
    board = read_kpi_board({"share": table}, ["ytd"])
    period = dict(zip(recognition.PERIOD, board.row_keys[0][:3], strict=True))
    provinces = [period | {"branch_code": code, "province_code": "P"} for code in rows]
    recognised = recognition.find_province_leaders(board, UP, provinces, 2, 0.95).to_pylist()
    assert {row["branch_code"]: (row["rank"], row["is_sure"]) for row in recognised} == {
        "A": (1, True),
        "B": (2, False),
        "C": (2, False),
    }


@pytest.mark.parametrize(("size", "is_enough"), [(29, False), (30, True), (31, True)])
def test_a_value_can_be_ranked_from_the_minimum_volume_on(size, is_enough):
    board = read_kpi_board({"share": values("share", {"A": share(20, size)})}, ["ytd"])
    assert np.isfinite(board.rankable_value(UP)).tolist() == [is_enough]


@pytest.mark.parametrize(
    ("value", "earned"),
    [(79.9, 0), (80, 0), (81, 0.05), (99, 0.95), (100, 1), (100.1, 1)],
)
def test_points_begin_at_zero_at_and_end_at_full_at(value, earned):
    part = CompositePart(weight=1, zero_at=80, full_at=100)
    assert earned_share(part, np.array([value])) == pytest.approx([earned])
    assert earned_share(
        CompositePart(weight=1, zero_at=100, full_at=80), np.array([value])
    ) == pytest.approx([1 - earned])


def test_limits_of_ranks_are_those_of_the_whole_league():
    """Ranges of two branches at the joint level of two, not of one (Sidak with n - 1)."""
    of = kpi("mean", direction="down", minimum_volume=2)
    # Means 0 and d of 20 observations with variance 1: apart at the joint level of one branch
    # (t = 2.093 for 95 %), not at that of two (t = 2.433 for sqrt .95).
    size = np.full((1, 2), 20.0)
    for quantile, is_apart in ((2.093, False), (2.40, False), (2.47, True)):
        means = np.array([[10, 10 + 2 * quantile / math.sqrt(20)]])
        squares = 19 + 20 * means**2
        table, _ = league(of, 20 * means, size, squares)
        assert (table["rank_high"][0, 0] == 1) == is_apart, quantile
    assert ranks.joint_level(np.zeros(2, int), 0.95)[0] == pytest.approx(0.95**0.5)


def test_no_cases_are_no_record():
    """None where four were insured is a record; without policies there is nothing to praise."""
    table, _ = league(kpi("rate", direction="down"), [[0, 0, 8]], [[4, 0, 4]])
    assert table["zero_record"][0].tolist() == [True, False, False]


def test_too_few_cases_have_no_adjusted_rank_either():
    mix = (np.array([[20.0, 75, 75]]), np.array([[0.9, 0.8, 0.7]]), np.ones((1, 3)))
    table, _ = league(kpi(minimum_volume=30), [[25, 75, 75]], [[29, 100, 100]], mix=mix)
    adjusted_rank = table["adjusted_rank"][0].astype(float)
    assert np.isnan(adjusted_rank[0]) and adjusted_rank[1:].tolist() == [1, 2]


def test_a_leader_is_sure_where_its_last_possible_rank_has_an_award():
    rows = {"A": share(95, 100, 0.1), "B": share(90, 100, 0.1), "C": share(80, 100, 0.1)}
    table = values("share", rows | {"HQ": share(90, 100, 1)}, level="central")
    board = read_kpi_board({"share": table}, ["ytd"])
    period = dict(zip(recognition.PERIOD, board.row_keys[0][:3], strict=True))
    provinces = [period | {"branch_code": code, "province_code": "P"} for code in rows]
    leaders = recognition.find_province_leaders(board, UP, provinces, 2, 0.95).to_pylist()
    assert [(row["branch_code"], row["rank_high"], row["is_sure"]) for row in leaders] == [
        ("A", 1, True),
        ("B", 2, True),
    ]


@pytest.mark.parametrize(
    ("awards", "improved"), [(1, ["A"]), (2, ["A", "B"]), (3, ["A", "B", "C"])]
)
def test_as_many_changes_are_praised_as_there_are_awards(awards, improved):
    """The head office has changed most, and is everybody; a new branch has no change."""
    before = {code: share(50, 100, 1) for code in ("A", "B", "C", "D", "HQ")}
    now = {"A": 90, "B": 80, "C": 70, "D": 50, "HQ": 99, "new": 99}
    now = {code: share(done, 100, 1) for code, done in now.items()}
    board = read_kpi_board({"share": values("share", now, before)}, ["ytd"])
    rows = recognition.find_most_improved(board, UP, awards, 0.95).to_pylist()
    assert [(row["branch_code"], row["ranked_of"]) for row in rows] == [
        (code, 4) for code in improved
    ]
