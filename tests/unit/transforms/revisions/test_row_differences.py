"""Why a row differs between two publications: late, reopened, happened since, or corrected."""

from datetime import date

import pytest

from data.config.contract import load_contracts
from tests.company import make_extract
from transforms.engine.duckdb_engine import DuckDB
from transforms.revisions.row_differences import classify_differences, part_sql

CLAIM = {
    "claim_id": "C1",
    "branch_code": "01",
    "reported_at": "2012-09-01 09:00",
    "closed_at": None,
    "reopened_at": None,
}
COVERED_UNTIL = date(2012, 9, 30)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = DuckDB(tmp_path_factory.mktemp("engine"), "Asia/Shanghai", threads=1)
    yield engine
    engine.close()


def load_sides(engine, was: list[dict], now: list[dict]) -> None:
    claims = load_contracts()["claims"]
    for side, rows in (("was", was), ("is", now)):
        engine.create_table_from(f"{side}_part_claims", make_extract(claims, rows, "Asia/Shanghai"))
    engine.create_table_from("is_claims", make_extract(claims, now, "Asia/Shanghai"))


def causes(engine, was: list[dict], now: list[dict]) -> set[str]:
    load_sides(engine, was, now)
    return classify_differences(engine, load_contracts()["claims"], COVERED_UNTIL)


@pytest.mark.parametrize(
    ("closed_at", "cause"),
    [
        ("2012-09-30 23:59:59", "corrected_rows"),  # it should have been known
        ("2012-10-01 00:00:00", "later_events"),
        ("2012-10-01 00:00:01", "later_events"),
    ],
)
def test_what_happened_after_the_last_day_covered_is_news(engine, closed_at, cause):
    assert causes(engine, [CLAIM], [CLAIM | {"closed_at": closed_at}]) == {cause}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"branch_code": "02"}, "corrected_rows"),
        ({"reported_at": "2012-09-02 09:00"}, "corrected_rows"),
        ({"reopened_at": "2012-09-20 09:00"}, "reopened"),
        ({"reopened_at": "2012-10-20 09:00"}, "reopened"),
        # One new event next to a correction of another instant is a correction.
        (
            {"closed_at": "2012-10-02 09:00", "reported_at": "2012-09-02 09:00"},
            "corrected_rows",
        ),
        ({}, None),
    ],
)
def test_a_change_has_one_cause(engine, change, cause):
    assert causes(engine, [CLAIM], [CLAIM | change]) == ({cause} if cause else set())


def test_rows_that_came_or_went(engine):
    assert causes(engine, [], [CLAIM]) == {"late_rows"}
    assert causes(engine, [CLAIM], []) == {"corrected_rows"}


def test_each_step_takes_the_rows_of_its_causes_as_they_are_now(engine):
    late, closed = CLAIM | {"claim_id": "C2"}, CLAIM | {"closed_at": "2012-10-02 09:00"}
    load_sides(engine, [CLAIM], [closed, late])
    claims = load_contracts()["claims"]
    assert classify_differences(engine, claims, COVERED_UNTIL) == {"late_rows", "later_events"}
    counts = []
    for step in range(5):
        rows = engine.arrow(part_sql(claims, step))
        counts.append((len(rows), rows["closed_at"].null_count))
    # Nothing new; the late row (step 1); nothing reopened; the closing (step 3); no correction.
    assert counts == [(1, 1), (2, 2), (2, 2), (2, 1), (2, 1)]
