"""The rules over a delivery at their limits: exactly equal, one more, one less."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest

from data.config.policy import load_policy
from expectations.judging.delivery_profile import DELIVERY, FILE, MEASURE, DeliveryHistory
from expectations.judging.delivery_rules import load_rules

DAY = date(2012, 6, 10)
LIMITS = {
    "deliveries": 3,
    "fewest_share": 0.5,
    "most_share": 2.0,
    "vanished_rows": 5,
    "quarantined_share": 0.1,
    "quarantined_rows": 100,
    "newest_days": 3,
    "empty_share": 0.25,
}
SQL = {rule.id: rule.sql for rule in load_rules("batch")}


def delivery(rows: int = 0, quarantined: int = 0, skipped: int = 0, kind: str = "delta") -> dict:
    return {
        "extract_date": DAY,
        "delivery": kind,
        "rows_read": rows,
        "rows_accepted": rows - quarantined - skipped,
        "rows_quarantined": quarantined,
        "rows_superseded": 0,
        "rows_skipped": skipped,
    }


def former(*rows_read: int) -> list[dict]:
    """Deliveries of the days before, the latest last."""
    days = [DAY - timedelta(days=len(rows_read) - number) for number in range(len(rows_read))]
    return [
        delivery(rows) | {"extract_date": day} for day, rows in zip(days, rows_read, strict=True)
    ]


def measure(kind: str, subject: str, amounts: list[int], days: list[date]) -> list[dict]:
    return [
        {"extract_date": day, "subject_kind": kind, "subject": subject, "amount": amount}
        for day, amount in zip(days, amounts, strict=True)
    ]


def broken(rule: str, **relations) -> list[str]:
    """What a rule finds, over relations of which those not given are empty."""
    connection = duckdb.connect()
    empty = {
        "delivery": DELIVERY.append(pa.field("newest_on", pa.date32())),
        "former_delivery": DELIVERY,
        "measure": MEASURE,
        "former_measure": MEASURE,
        "delivered_file": FILE,
        "former_file": FILE,
    }
    for name, schema in empty.items():
        connection.register(name, pa.Table.from_pylist(relations.get(name, []), schema=schema))
    connection.register("limits", pa.Table.from_pylist([LIMITS]))
    return [row[0] for row in connection.execute(SQL[rule]).fetchall()]


def test_the_limits_here_are_all_that_the_policy_has():
    assert LIMITS.keys() == load_policy().delivery_limits.model_dump().keys()


@pytest.mark.parametrize(
    ("rows", "before", "is_refused"),
    [
        (16, (32, 40, 50), False),  # exactly half of the fewest
        (15, (32, 40, 50), True),
        (100, (32, 40, 50), False),  # exactly twice the most
        (101, (32, 40, 50), True),
        (15, (40, 50), False),  # two deliveries are no history yet
        (1000, (40, 50), False),
    ],
)
def test_the_usual_volume_includes_both_ends_of_its_band(rows, before, is_refused):
    texts = broken(
        "rows_outside_usual_volume", delivery=[delivery(rows)], former_delivery=former(*before)
    )
    assert bool(texts) == is_refused
    if is_refused:
        assert texts == [f"{rows} rows; the last 3 deliveries had 32 to 50"]


@pytest.mark.parametrize(
    ("quarantined", "rows", "skipped", "is_refused"),
    [
        (10, 100, 0, False),  # exactly a tenth
        (11, 100, 0, True),
        (99, 99, 0, False),  # one row too few for the share to apply
        (100, 100, 0, True),
        (20, 105, 6, False),  # a skipped line is no row
        (11, 106, 6, True),
    ],
)
def test_the_share_of_quarantined_rows_may_be_reached(quarantined, rows, skipped, is_refused):
    one = delivery(rows, quarantined, skipped)
    assert bool(broken("too_many_rows_quarantined", delivery=[one])) == is_refused


@pytest.mark.parametrize(
    ("amounts", "rows_now", "deliveries", "is_refused"),
    [
        ([5, 6, 7], 0, 3, True),  # exactly as many as count
        ([4, 6, 7], 0, 3, False),
        ([5, 6, 7], 1, 3, False),  # it has one row
        ([5, 6], 0, 3, False),  # it had none in one of three
        ([5, 6], 0, 2, False),  # two deliveries are no history yet
        ([5, 6, 7], 0, 4, False),  # it had none in one of four
    ],
)
def test_a_branch_vanishes_that_always_had_rows(amounts, rows_now, deliveries, is_refused):
    history = former(*[30] * deliveries)
    days = [row["extract_date"] for row in history]
    texts = broken(
        "branch_vanished",
        former_delivery=history,
        former_measure=measure("branch", "0102", amounts, days[: len(amounts)]),
        measure=measure(
            "branch", "0102", [rows_now] if rows_now else [], [DAY] if rows_now else []
        ),
    )
    assert bool(texts) == is_refused


@pytest.mark.parametrize(
    ("days_old", "is_odd"), [(2, False), (3, False), (4, True)], ids=["less", "equal", "more"]
)
def test_the_newest_row_may_be_as_old_as_the_limit(days_old, is_odd):
    one = delivery(10) | {"newest_on": DAY - timedelta(days=days_old)}
    assert bool(broken("nothing_recent", delivery=[one])) == is_odd


def test_an_extract_without_moments_has_no_newest_row():
    assert broken("nothing_recent", delivery=[delivery(10)]) == []


@pytest.mark.parametrize(
    ("empty", "is_odd"),
    [(0, False), (75, False), (76, True)],  # usual 25 to 50 %, and 25 points either way
)
def test_empty_cells_may_leave_their_usual_range_by_the_limit(empty, is_odd):
    history = former(100, 100, 100)
    days = [row["extract_date"] for row in history]
    texts = broken(
        "empty_cells_drifted",
        delivery=[delivery(100)],
        former_delivery=history,
        former_measure=measure("empty", "line", [25, 50, 50], days),
        measure=measure("empty", "line", [empty], [DAY]),
    )
    assert bool(texts) == is_odd


@pytest.mark.parametrize(("empty", "is_odd"), [(25, False), (24, True)])
def test_a_column_that_is_filled_more_often_is_odd_as_well(empty, is_odd):
    history = former(100, 100, 100)
    days = [row["extract_date"] for row in history]
    texts = broken(
        "empty_cells_drifted",
        delivery=[delivery(100)],
        former_delivery=history,
        former_measure=measure("empty", "line", [50, 60, 70], days),
        measure=measure("empty", "line", [empty], [DAY]),
    )
    assert bool(texts) == is_odd


@pytest.mark.parametrize(("kind", "is_odd"), [("delta", True), ("full", False)])
def test_only_a_delta_is_never_the_same_again(kind, is_odd):
    file = {"extract_date": DAY, "file_name": "b.csv", "sha256": "x"}
    texts = broken(
        "same_file_as_earlier",
        delivery=[delivery(10, kind=kind)],
        delivered_file=[file],
        former_file=[file | {"extract_date": DAY - timedelta(days=1), "file_name": "a.csv"}],
    )
    assert bool(texts) == is_odd


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_delivery_is_compared_with_the_latest_of_its_kind_before_it(kind):
    other = "delta" if kind == "full" else "full"
    ledger = [
        {"extract_date": DAY + timedelta(days=offset), "delivery": of_kind}
        for offset, of_kind in [
            *((offset, kind) for offset in (-9, -5, -4, -3, 0, 1)),
            *((offset, other) for offset in (-2, -1)),
        ]
    ]
    limits = load_policy({"delivery_limits": {"deliveries": 3}}).delivery_limits
    history = DeliveryHistory(limits, kind, ledger)
    assert [(DAY - day).days for day in history.before(DAY)] == [5, 4, 3]
