"""What the tables about the data say of the deliveries before."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from data.store.books import BOOKS
from flows.intake.quality_tables import _describe_arrival, add_failing_since

DAY = date(2012, 6, 30)


class Lake:
    """A lake that has measures only: how many rows a branch had on a day."""

    def __init__(self, *rows: tuple[int, str]):
        self.rows = [
            {
                "extract": "claims",
                "extract_date": DAY + timedelta(days=offset),
                "subject_kind": "branch",
                "subject": branch,
                "amount": 1,
            }
            for offset, branch in rows
        ]

    def read(self, book: str, extract: str) -> pa.Table:
        assert (book, extract) == ("measure", "claims")
        return pa.Table.from_pylist(self.rows, schema=BOOKS["measure"])


def ledger(*rows: tuple[int, str, int]) -> list[dict]:
    return [
        {"extract_date": DAY + timedelta(days=offset), "delivery": kind, "rows_read": read}
        for offset, kind, read in rows
    ]


@pytest.mark.parametrize(("deliveries", "low", "high"), [(1, 30, 30), (2, 30, 40), (3, 20, 40)])
def test_an_arrival_is_compared_with_as_many_before_it_as_the_policy_says(deliveries, low, high):
    rows = ledger((-3, "delta", 20), (-2, "delta", 40), (-1, "delta", 30), (0, "delta", 7))
    arrival = _describe_arrival(Lake(), "claims", rows, deliveries)
    assert arrival["deliveries_before"] == deliveries
    assert (arrival["rows_usual_low"], arrival["rows_usual_high"]) == (low, high)
    assert arrival["rows_read"] == 7


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_an_arrival_is_compared_with_those_of_its_kind(kind):
    other = "delta" if kind == "full" else "full"
    rows = ledger((-2, kind, 20), (-1, other, 1000), (0, kind, 4), (0, kind, 3))
    arrival = _describe_arrival(Lake(), "claims", rows, 28)
    assert (arrival["delivery"], arrival["rows_read"], arrival["deliveries_before"]) == (kind, 7, 1)
    assert (arrival["rows_usual_low"], arrival["rows_usual_high"]) == (20, 20)


def test_a_first_arrival_is_compared_with_nothing():
    arrival = _describe_arrival(Lake((0, "0101")), "claims", ledger((0, "delta", 7)), 28)
    assert arrival["rows_usual_low"] is None and arrival["branches_missing"] is None
    assert (arrival["branches"], arrival["deliveries_before"]) == (1, 0)


def test_a_branch_is_missing_that_was_in_each_of_those_before():
    lake = Lake((-2, "0101"), (-2, "0102"), (-1, "0102"), (-1, "0103"), (0, "0104"))
    rows = ledger((-2, "delta", 2), (-1, "delta", 2), (0, "delta", 1))
    assert _describe_arrival(lake, "claims", rows, 2)["branches_missing"] == "0102"
    assert _describe_arrival(lake, "claims", rows, 1)["branches_missing"] == "0102, 0103"


def test_a_rule_fails_since_the_first_day_of_its_unbroken_series():
    successes = [False, True, False, False]
    results = [
        {
            "extract": "claims",
            "rule_id": rule,
            "extract_date": DAY + timedelta(days=offset),
            "success": is_success == (rule == "a"),
        }
        for offset, is_success in enumerate(successes)
        for rule in ("a", "b")
    ]
    since = {
        (row["rule_id"], (row["extract_date"] - DAY).days): row["failing_since"]
        and (row["failing_since"] - DAY).days
        for row in add_failing_since(results[::-1])
    }
    assert [since["a", day] for day in range(4)] == [0, None, 2, 2]
    assert [since["b", day] for day in range(4)] == [None, 1, None, None]
