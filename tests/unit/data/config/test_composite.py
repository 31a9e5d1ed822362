"""A composite league as an owner writes it, and the sentence for what is wrong with it."""

import pytest

from data.config.policy import load_policy
from data.problem import Problem


def composite_with(**changes) -> dict:
    """Return the policy's settings with the shipped composite, changed, under another id."""
    shipped = load_policy().composite["service_evaluation"].model_dump(mode="json")
    return {"composite": {"mine": shipped | changes}}


def part_with(**changes) -> dict:
    """Return the parts of a composite: one KPI that has all of the weight."""
    return {"satisfaction_pct": {"weight": 80, "zero_at": 85, "full_at": 98} | changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unmeasured": {}}, "weights that add up to 80"),
        ({"unmeasured": {"inbound": -20, "other": 40}}, "unmeasured.inbound is -20"),
        ({"parts": {}}, "0 parts"),
        ({"parts": part_with(zero_at=98)}, "no points and all points at 98"),
        ({"parts": part_with(target=90)}, "parts.satisfaction_pct.target is not a setting; use on"),
        ({"parts": {"satisfaction_pct": {"weight": 80}}}, "satisfaction_pct.full_at is missing"),
        ({"parts": {"satisfaction_pct": 80}}, "parts.satisfaction_pct is 80"),
        ({"grades": {"A": 80, "B": 85, "C": 0}}, "grades from 80, 85, 0"),
        ({"grades": {"A": 80, "B": 80, "C": 0}}, "grades from 80, 80, 0"),
        ({"grades": {"A": 80, "B": 60}}, "grades from 80, 60"),
        ({"grades": {"A": 80, "B": 60, "C": -1}}, "grades from 80, 60, -1"),
        ({"grades": {}}, "no grades"),
        ({"minimum_coverage": "most"}, "minimum_coverage is 'most'"),
        ({"period_kinds": ["year"]}, "period_kinds[1] is 'year'"),
        ({"weigths": {}}, "weigths is not a setting"),
        ({"title": "mine"}, "title is 'mine'"),
        ({"title": {"zh": "综合"}}, "title must have both languages"),
    ],
)
def test_what_an_owner_may_not_write(changes, message):
    with pytest.raises(Problem) as error:
        load_policy(composite_with(**changes))
    assert "composite.mine" in str(error.value) and message in str(error.value)


def is_allowed(**changes) -> bool:
    try:
        load_policy(composite_with(**changes))
    except Problem:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # The parts of the shipped composite weigh 80: nobody can be covered by more.
        ({"minimum_coverage": 0}, False),
        ({"minimum_coverage": 0.1}, True),
        ({"minimum_coverage": 80}, True),
        ({"minimum_coverage": 80.1}, False),
        ({"weight_change": 0}, False),
        ({"weight_change": 0.01}, True),
        ({"weight_change": 0.99}, True),
        ({"weight_change": 1}, False),
        ({"grades": {"A": 100, "B": 0}}, True),
        ({"grades": {"A": 100.1, "B": 0}}, False),
        ({"grades": {"A": 0}}, True),
        ({"parts": part_with(weight=79.9)}, False),
        ({"parts": part_with(weight=80)}, True),
        ({"parts": part_with(weight=80.1)}, False),
        ({"unmeasured": {"inbound": 20, "nothing": 0}}, False),
    ],
)
def test_the_edges_of_what_is_allowed(changes, expected):
    assert is_allowed(**changes) == expected


@pytest.mark.parametrize(("count", "expected"), [(1, True), (10, True), (11, False)])
def test_how_many_parts_a_composite_may_have(count, expected):
    part = {"weight": 80 / count, "zero_at": 0, "full_at": 100}
    assert is_allowed(parts={f"kpi_{number}": part for number in range(count)}) == expected
