"""From how many rows on, all of them closed, an extract is taken to hold closed cases only."""

from datetime import date
from types import SimpleNamespace

import pytest

from data.config.contract import load_contracts
from expectations.judging.judge import Judge
from transforms.engine.duckdb_engine import DuckDB


@pytest.fixture
def judge(tmp_path):
    """Return a judge of an extract with so many closed and open cases, received on 2 June."""
    engine = DuckDB(tmp_path, "Asia/Shanghai", threads=1)

    def with_cases(extract: str, closed: int, still_open: int, columns: set[str]) -> Judge:
        engine.create(
            "accepted",
            "SELECT TIMESTAMPTZ '2012-06-02 04:00:00+00' AS received_at,"
            " TIMESTAMPTZ '2012-06-02 04:00:00+00' AS reported_at,"
            f" CASE WHEN number >= {still_open} THEN now() END AS closed_at"
            f" FROM range({closed + still_open}) AS numbers(number)",
            "table",
        )
        contract = load_contracts()[extract]
        batch = SimpleNamespace(
            engine=engine,
            contract=contract,
            files=[],
            corrections=[],
            malformed=[],
            columns=columns,
        )
        return Judge(batch, SimpleNamespace())

    return with_cases


@pytest.mark.parametrize(
    ("closed", "still_open", "is_closed_only"),
    [(99, 0, False), (100, 0, True), (101, 0, True), (99, 1, False), (500, 1, False)],
)
@pytest.mark.parametrize("extract", ["claims", "complaints"])
def test_a_hundred_closed_cases_and_no_open_one(judge, extract, closed, still_open, is_closed_only):
    columns = {"received_at", "closed_at"}
    _, closed_only, warnings = judge(extract, closed, still_open, columns)._look_at_whole()
    assert (closed_only, len(warnings)) == (is_closed_only, int(is_closed_only))


def test_without_a_closing_date_it_is_not_known(judge):
    _, closed_only, warnings = judge("complaints", 500, 0, {"received_at"})._look_at_whole()
    assert not closed_only and "no closing date" in warnings[0]


def test_what_has_no_end_is_not_looked_at(judge):
    _, closed_only, warnings = judge("branches", 500, 0, set())._look_at_whole()
    assert (closed_only, warnings) == (False, [])


def test_history_begins_on_the_civil_day_of_the_earliest_row(judge):
    """Noon in China; nothing is known of a column that the extract does not have."""
    begins, _, _ = judge("complaints", 3, 0, {"received_at", "closed_at"})._look_at_whole()
    assert begins == date(2012, 6, 2)
    assert judge("complaints", 3, 0, {"closed_at"})._look_at_whole()[0] is None
