"""The calendar, on the days that break calendars."""

from datetime import date

import pytest

from transforms.kpis.periods import (
    Period,
    named_periods,
    one_year_earlier,
    period_tables,
    published_periods,
)


def test_a_year_end():
    periods = published_periods(date(2012, 12, 31))
    kinds = [period.kind for period in periods]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "month": 25,
        "quarter": 9,
        "ytd": 3,
        "rolling12": 13,
    }
    assert (
        Period("month", date(2012, 12, 1), date(2013, 1, 1)) in periods
        and Period("month", date(2010, 12, 1), date(2011, 1, 1)) in periods
    )
    assert (
        Period("rolling12", date(2012, 1, 1), date(2013, 1, 1)) in periods
        and Period("rolling12", date(2011, 1, 1), date(2012, 1, 1)) in periods
    )


def test_the_29th_of_february():
    periods = published_periods(date(2024, 2, 29))
    assert [period for period in periods if period.kind == "ytd"] == [
        Period("ytd", date(2022, 1, 1), date(2022, 3, 1)),
        Period("ytd", date(2023, 1, 1), date(2023, 3, 1)),
        Period("ytd", date(2024, 1, 1), date(2024, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("period", "earlier"),
    [
        (
            Period("month", date(2013, 2, 1), date(2013, 3, 1)),
            Period("month", date(2012, 2, 1), date(2012, 3, 1)),
        ),
        (
            Period("month", date(2012, 12, 1), date(2012, 12, 16)),
            Period("month", date(2011, 12, 1), date(2011, 12, 16)),
        ),
        (
            Period("ytd", date(2025, 1, 1), date(2025, 3, 1)),
            Period("ytd", date(2024, 1, 1), date(2024, 2, 29)),
        ),
        (
            Period("rolling12", date(2012, 3, 1), date(2013, 3, 1)),
            Period("rolling12", date(2011, 3, 1), date(2012, 2, 29)),
        ),
        (
            Period("quarter", date(2012, 10, 1), date(2013, 1, 1)),
            Period("quarter", date(2011, 10, 1), date(2012, 1, 1)),
        ),
    ],
    ids=str,
)
def test_the_same_period_a_year_earlier(period, earlier):
    assert one_year_earlier(period) == earlier


def test_a_period_is_its_run_of_intervals():
    tables = period_tables(date(2012, 9, 15))
    dates = tables["dim_date"].to_pydict()
    numbers = dict(zip(dates["date"], dates["interval_id"], strict=True))
    later = max(numbers)
    assert later == date(2012, 9, 16), "one day stands for all that is still to come"
    assert all(numbers[later] >= row["end_interval"] for row in tables["dim_period"].to_pylist()), (
        "and it is in no period"
    )
    for row in tables["dim_period"].to_pylist():
        inside = [
            day
            for day, number in numbers.items()
            if row["first_interval"] <= number < row["end_interval"]
        ]
        assert inside == [day for day in numbers if row["period_start"] <= day < row["period_end"]]
        year = [
            day
            for day, number in numbers.items()
            if row["year_first_interval"] <= number < row["end_interval"]
        ]
        assert (
            year == [day for day in numbers if row["year_start"] <= day < row["period_end"]]
            and 365 <= len(year) <= 366
        )


def test_every_published_period_has_a_name_of_its_own():
    for as_of in (date(2012, 12, 31), date(2012, 11, 20), date(2024, 2, 29)):
        assert sorted(named_periods(as_of).values()) == published_periods(as_of)
    assert named_periods(date(2012, 11, 20))["2012Q3"] == Period(
        "quarter", date(2012, 7, 1), date(2012, 10, 1)
    )
    assert named_periods(date(2012, 11, 20))["rolling12"] == Period(
        "rolling12", date(2011, 11, 21), date(2012, 11, 21)
    )
    assert named_periods(date(2012, 11, 20))["rolling12-2012-10"] == Period(
        "rolling12", date(2011, 11, 1), date(2012, 11, 1)
    )
