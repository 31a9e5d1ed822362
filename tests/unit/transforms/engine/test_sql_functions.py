"""Elapsed time to the second, and the calendar at its first, last and later days."""

from datetime import date

import pyarrow as pa
import pytest

from transforms.engine.duckdb_engine import DuckDB
from transforms.engine.sql_functions import quote_list, quote_text


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = DuckDB(tmp_path_factory.mktemp("engine"), "Asia/Shanghai", threads=1)
    days = [date(2012, 1, day) for day in (1, 2, 3, 4)]
    engine.define_calendar(pa.table({"date": days, "interval_id": [7, 7, 8, 9]}))
    yield engine
    engine.close()


def evaluate(engine: DuckDB, expression: str):
    return engine.arrow(f"SELECT {expression} AS result")["result"][0].as_py()


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2012-01-01 00:00:00", "2012-01-01 00:00:00", 0),
        ("2012-01-01 00:00:00", "2012-01-01 00:30:00", 1_800),
        ("2012-01-01 00:00:00", "2012-01-01 00:29:59.999999", 1_799),
        ("2012-01-01 00:00:00.999999", "2012-01-01 00:00:01", 1),
        ("2012-01-01 00:00:01", "2012-01-01 00:00:00", -1),
        ("2012-02-28 23:59:59", "2012-03-01 00:00:00", 86_401),
    ],
)
def test_seconds_between_counts_whole_seconds(engine, start, end, seconds):
    expression = f"seconds_between(TIMESTAMP '{start}', TIMESTAMP '{end}')"
    assert evaluate(engine, expression) == seconds


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2012-02-28", "2012-03-01", 2),
        ("2012-03-01", "2012-03-01", 0),
        ("2012-03-02", "2012-03-01", -1),
    ],
)
def test_days_between_counts_civil_days(engine, start, end, days):
    assert evaluate(engine, f"days_between(DATE '{start}', DATE '{end}')") == days


@pytest.mark.parametrize(
    ("day", "interval"),
    [
        ("2011-12-31", 7),  # before the first day: counts as the first
        ("2012-01-01", 7),
        ("2012-01-02", 7),
        ("2012-01-03", 8),
        ("2012-01-04", 9),
        ("2012-01-05", None),  # after the last day: in no interval
    ],
)
def test_interval_of_a_day(engine, day, interval):
    assert evaluate(engine, f"interval_of(DATE '{day}')") == interval


@pytest.mark.parametrize(
    ("limit", "known_until", "interval"),
    [
        ("2012-01-02", "2012-01-03", 7),
        ("2012-01-03", "2012-01-03", 8),  # on the last day that the extract reports on
        ("2012-01-04", "2012-01-03", 9),  # one day later: still to come
        ("2030-01-01", "2012-01-03", 9),
        ("2012-01-03", "2012-01-02", 9),
    ],
)
def test_interval_of_a_limit(engine, limit, known_until, interval):
    expression = f"limit_interval_of(DATE '{limit}', DATE '{known_until}')"
    assert evaluate(engine, expression) == interval


def test_texts_become_literals():
    assert quote_text("d'Or") == "'d''Or'"
    assert quote_list(["a", "b'"]) == "['a', 'b''']"
