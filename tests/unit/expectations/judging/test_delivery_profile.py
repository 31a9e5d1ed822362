"""With which earlier deliveries a delivery is compared."""

from datetime import date
from decimal import Decimal

import pytest

from data.config.contract import load_contracts
from data.config.policy import load_policy
from data.extracts.control_file import ExpectedTotal
from expectations.judging.batch import FileCount
from expectations.judging.delivery_profile import DeliveryHistory, measure_delivery
from transforms.engine.duckdb_engine import DuckDB

DAYS = [date(2012, 6, day) for day in (1, 2, 3, 4)]


def history(number: int, kinds: tuple[str, ...]) -> DeliveryHistory:
    limits = load_policy().delivery_limits.model_copy(update={"deliveries": number})
    days = zip(DAYS, kinds, strict=True)
    ledger = [{"extract_date": day, "delivery": kind} for day, kind in days]
    # A delivery of two files is one delivery.
    return DeliveryHistory(limits, "delta", ledger=ledger + ledger[:1])


@pytest.mark.parametrize(
    ("day", "days_before"), [(1, []), (2, [1]), (3, [1, 2]), (4, [2, 3]), (9, [3, 4])]
)
def test_the_latest_before_the_day_as_many_as_the_policy_says(day, days_before):
    before = history(2, ("delta",) * 4).before(date(2012, 6, day))
    assert [date.day for date in before] == days_before


def test_a_full_extract_is_no_measure_of_a_delta():
    before = history(9, ("delta", "full", "full", "delta")).before(date(2012, 6, 5))
    assert [date.day for date in before] == [1, 4]


def file_count(name: str, read: int, accepted: int, skipped: int) -> FileCount:
    quarantined = read - accepted - skipped
    return FileCount(name, read, accepted, quarantined, superseded=0, skipped=skipped)


def test_a_delivery_is_measured_against_the_ones_before(tmp_path):
    """Two files of nine records: four of two branches are accepted, two without a category."""
    engine = DuckDB(tmp_path, "Asia/Shanghai", threads=1)
    rows = "('P', 'x', 'a.csv'), ('P', NULL, 'a.csv'), ('P', 'x', 'a.csv'), ('Q', NULL, 'b.csv')"
    engine.create(
        "accepted",
        "SELECT *, TIMESTAMPTZ '2012-06-04 20:00:00+00' AS received_at"
        f" FROM (VALUES {rows}) AS cells(branch_code, category, _file_name)",
        "table",
    )
    former = {
        "extract_date": DAYS[2],
        "delivery": "delta",
        "file_name": "c.csv",
        "sha256": "c" * 64,
    }
    outcomes = {"read": 7, "accepted": 6, "quarantined": 1, "superseded": 0, "skipped": 0}
    former |= {f"rows_{outcome}": amount for outcome, amount in outcomes.items()}
    of_full = former | {"delivery": "full", "extract_date": DAYS[1]}
    measure = {"subject_kind": "branch", "subject": "P", "amount": 6}
    measures = [measure | {"extract_date": day} for day in DAYS[1:3]]
    history = DeliveryHistory(
        load_policy().delivery_limits,
        "delta",
        # Of one day in two files: their rows add up.
        ledger=[former, former | {"file_name": "d.csv"}, of_full],
        measures=measures,
        sha256={"a.csv": "a" * 64},
        control=[
            ExpectedTotal("a.csv", "rows", Decimal(5)),
            ExpectedTotal("elsewhere.csv", "rows", Decimal(1)),
        ],
    )
    files = [file_count("a.csv", 6, 3, 1), file_count("b.csv", 3, 1, 0)]
    contract = load_contracts()["complaints"]
    columns = {"branch_code", "category"}
    result = measure_delivery(engine, contract, DAYS[3], files, columns, history)

    amounts = {(row["subject_kind"], row["subject"]): row["amount"] for row in result}
    assert amounts == {
        ("branch", "P"): 3,
        ("branch", "Q"): 1,
        ("empty", "branch_code"): 0,
        ("empty", "category"): 2,
    }
    assert {row["extract_date"] for row in result} == {DAYS[3]}

    def read(relation: str) -> list[dict]:
        return engine.arrow(f"FROM {relation}").to_pylist()

    assert read("measure") == result
    counts = {"read": 9, "accepted": 4, "quarantined": 4, "superseded": 0, "skipped": 1}
    # The newest row is of 4 June in Greenwich, and of 5 June in China.
    assert read("delivery") == [
        {"extract_date": DAYS[3], "delivery": "delta"}
        | {f"rows_{outcome}": amount for outcome, amount in counts.items()}
        | {"newest_on": date(2012, 6, 5)}
    ]
    doubled = {f"rows_{outcome}": 2 * amount for outcome, amount in outcomes.items()}
    assert read("former_delivery") == [{"extract_date": DAYS[2]} | doubled]
    assert read("former_measure") == measures[1:]
    assert [row["file_name"] for row in read("former_file")] == ["c.csv", "d.csv", "c.csv"]
    assert read("delivered_file") == [{"file_name": "a.csv", "sha256": "a" * 64}]
    assert read("limits") == [history.limits.model_dump()]
    assert read("control") == [{"file_name": "a.csv", "measure": "rows", "expected": Decimal(5)}]
    # A record that is skipped (a footer) is none; one that is quarantined is.
    totals = {(row["file_name"], row["measure"]): row["amount"] for row in read("file_total")}
    assert totals == {("a.csv", "rows"): 5, ("b.csv", "rows"): 3}
