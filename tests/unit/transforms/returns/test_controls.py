"""What must add up in a return: exactly for counts and money, to a billionth for shares."""

from decimal import Decimal

import pytest

from data.config.return_layout import Layout, parse_layout
from data.config.return_parts import Control
from tests.layouts import HEAD
from transforms.returns.returns import check_control

LAYOUT = (
    HEAD
    + """filters = ["line"]
total = ["line", "Total"]
column = [
    { name = "line", title = { zh = "甲", en = "A" }, type = "text", role = "label" },
    { name = "figure", title = { zh = "甲", en = "A" }, type = "number", role = "amount" },
]
"""
)
SHARES = Control(id="shares", column="figure", sum=100.0)
ADDS = Control(id="adds", column="figure")


@pytest.fixture(scope="module")
def layout() -> Layout:
    return parse_layout("reg_a", LAYOUT)


def rows(**figures) -> list[dict]:
    period = {"time_period": "2012", "time_identifier": "year"}
    branch = {"geographic_level": "company", "branch_code": "00", "branch_name": "甲"}
    return [period | branch | {"line": line, "figure": figures[line]} for line in figures]


@pytest.mark.parametrize(
    ("excess", "wrong"), [(0.0, 0), (5e-10, 0), (-5e-10, 0), (2e-9, 1), (-2e-9, 1)]
)
def test_shares_add_up_to_the_precision_of_a_double(layout, excess, wrong):
    control = check_control(layout, SHARES, rows(auto=60.0, home=40.0 + excess))
    assert (control["sums_checked"], control["sums_wrong"]) == (1, wrong)


@pytest.mark.parametrize(("total", "wrong"), [("3.00", 0), ("3.01", 1), ("2.99", 1)])
def test_money_adds_up_to_the_cent(layout, total, wrong):
    figures = rows(auto=Decimal("1.00"), home=Decimal("2.00"), Total=Decimal(total))
    control = check_control(layout, ADDS, figures)
    assert (control["sums_checked"], control["sums_wrong"]) == (1, wrong)
    if wrong:
        assert control["examples"].endswith(f"3 is not {total}")


def test_a_sum_that_is_not_of_shares_has_no_tolerance(layout):
    control = check_control(layout, ADDS, rows(auto=1.0, Total=1.0 + 5e-10))
    assert control["sums_wrong"] == 1


@pytest.mark.parametrize(
    "figures",
    [
        {"auto": 1, "home": 2},  # no total row
        {"auto": 1, "home": None, "Total": 3},  # a figure is not there
        {"auto": 1, "home": 2, "Total": None},
        {"Total": 3},  # nothing to add up
    ],
)
def test_what_cannot_be_checked_is_not_wrong(layout, figures):
    control = check_control(layout, ADDS, rows(**figures))
    assert (control["sums_checked"], control["sums_wrong"], control["examples"]) == (0, 0, None)


def test_three_examples_are_enough(layout):
    both_sides = Control(id="same", left=("figure",), right=("figure",))
    assert check_control(layout, both_sides, rows(a=1, b=2))["sums_checked"] == 2
    differing = [row | {"other": row["figure"] + 1} for row in rows(a=1, b=2, c=3, d=4)]
    control = check_control(layout, Control(id="x", left=("figure",), right=("other",)), differing)
    assert control["sums_wrong"] == 4
    assert control["examples"].count("; ") == 2
