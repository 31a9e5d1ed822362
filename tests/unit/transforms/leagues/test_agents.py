"""Agents by hand, and held against what others do in the same calls."""

from datetime import date

import pyarrow as pa
import pytest

from data.config.policy import load_policy
from tests.company import compute
from transforms.leagues.agents import rank_agents, read_agents

DAY = "2012-11-{:02} {}:00"


def call(
    number: int,
    agent: str | None,
    dialled: int,
    completed: int | None,
    rating: int | None = 5,
    kind: str = "closed_claim",
    **more,
) -> dict:
    done = {"completed_at": DAY.format(completed, 11), "rating": rating} if completed else {}
    row = {
        "callback_id": f"{agent}{number}",
        "branch_code": "01",
        "kind": kind,
        "agent_id": agent,
        "due_at": DAY.format(dialled, 12),
    }
    return row | {"first_dialled_at": DAY.format(dialled, 10)} | done | more


@pytest.fixture(scope="module")
def november() -> dict[tuple, dict]:
    rows = [
        call(1, "A1", 5, 5, 5, talk_seconds=60, qa_score="90.5"),
        call(2, "A1", 5, 5, 3, talk_seconds=120, qa_score="95.5"),
        # Dialled on the 5th, reached on the 8th: the 8th is a day worked.
        call(3, "A1", 5, 8, None, talk_seconds=20000, qa_score="99999"),
        call(4, "A1", 6, None),
        call(1, "A2", 7, 7, 5),
        call(2, "A2", 7, 7, 5),
        # Not completed yet at as_of.
        call(3, "A2", 7, 30, 5),
        call(1, None, 9, 9, 1),
    ]
    tables = compute("2012-11-29", {"agents": {"days": 1, "cases": 2}}, callbacks=rows)
    november_rows = [
        row
        for row in tables["mart_agent_league"].to_pylist()
        if (row["period_kind"], row["period_start"]) == ("month", date(2012, 11, 1))
    ]
    assert {row["measure_id"] for row in november_rows} == {
        row["measure_id"] for row in tables["dim_agent_measure"].to_pylist()
    }
    return {(row["agent_id"], row["measure_id"]): row for row in november_rows}


def test_by_hand(november):
    def figures_of(agent: str, measure: str) -> tuple:
        row = november[agent, measure]
        return row["value"], float(row["numerator"]), float(row["denominator"])

    assert figures_of("A1", "agent_cases_per_day") == (1, 3, 3) and figures_of(
        "A2", "agent_cases_per_day"
    ) == (
        2,
        2,
        1,
    )
    assert figures_of("A1", "agent_completion_pct") == (75, 3, 4) and figures_of(
        "A2", "agent_completion_pct"
    ) == (pytest.approx(200 / 3), 2, 3)
    assert figures_of("A1", "agent_satisfaction_pct") == (50, 1, 2) and figures_of(
        "A2", "agent_satisfaction_pct"
    ) == (100, 2, 2)
    # A call of over four hours and a score beyond any scale are no measurements.
    assert figures_of("A1", "agent_talk_seconds_mean") == (90, 180, 2) and figures_of(
        "A1", "agent_qa_score_mean"
    ) == (93, 186, 2)
    assert ("A2", "agent_qa_score_mean") not in november
    row = november["A2", "agent_satisfaction_pct"]
    assert (row["rank"], row["rank_low"], row["rank_high"], row["ranked_of"], row["verdict"]) == (
        1,
        1,
        2,
        2,
        "as_expected",
    )
    # Neither way of talk time is the better one; one day of work has no interval.
    assert (
        november["A1", "agent_talk_seconds_mean"]["rank"],
        november["A1", "agent_talk_seconds_mean"]["verdict"],
    ) == (None, None)
    assert november["A2", "agent_cases_per_day"]["interval_low"] is None
    assert (
        november["A1", "agent_cases_per_day"]["network_value"],
        november["A1", "agent_cases_per_day"]["rank"],
    ) == (1.25, 2)


def test_who_calls_complainants_is_compared_with_calls_to_complainants():
    """Nine in ten are satisfied after a claim, half after a complaint. C does as all do in its
    calls; D does worse in its own.
    """
    calls = {
        "A": {"closed_claim": (900, 1000)},
        "B": {"closed_claim": (900, 1000), "complaint": (260, 500)},
        "C": {"complaint": (250, 500)},
        "D": {"closed_claim": (840, 1000), "complaint": (8, 20)},
    }
    rows = [
        {
            "measure_id": "m",
            "period_kind": "month",
            "period_start": date(2012, 11, 1),
            "period_end": date(2012, 12, 1),
            "agent_id": agent,
            "kind": kind,
        }
        | {"numerator": good, "denominator": of, "squares": 0}
        for agent, kinds in calls.items()
        for kind, (good, of) in kinds.items()
    ]
    measure = {"scale": 100, "interval_method": "wilson", "direction": "up", "minimum_volume": 30}
    policy = load_policy({"league": {"watch": 0.95, "act": 0.998}})
    row_of = {
        row["agent_id"]: row
        for row in rank_agents(
            read_agents(pa.Table.from_pylist(rows), True), measure, policy
        ).to_pylist()
    }
    # Of C's 500 calls 518 / 1,020 would be satisfied; at its rate, all 3,000 claims at the rate of
    # all.
    claims, complaints = 2640 / 3000, 518 / 1020
    assert row_of["C"]["expected_mix"] == pytest.approx(500 * complaints)
    assert row_of["C"]["adjusted_value"] == pytest.approx(
        100 * (1020 * 0.5 + 2640 * 250 / (500 * complaints)) / 4020
    )
    assert row_of["A"]["adjusted_value"] == pytest.approx(
        100 * (3000 * 0.9 + 518 * 900 / (1000 * claims)) / 4020
    )
    assert {agent: row["verdict"] for agent, row in row_of.items()} == {
        "A": "as_expected",
        "B": "as_expected",
        "C": "as_expected",
        "D": "worse",
    }
    # Crude, C is the last by 27 points; adjusted, D is.
    assert (row_of["C"]["rank"], row_of["C"]["adjusted_rank"], row_of["D"]["adjusted_rank"]) == (
        4,
        3,
        4,
    )
    assert row_of["C"]["network_value"] == pytest.approx(100 * 3158 / 4020)
