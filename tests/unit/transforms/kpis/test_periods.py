"""The calendar, on the days that break calendars."""

from datetime import date

import pytest

from transforms.kpis.periods import (
    DAY,
    Period,
    named_periods,
    one_year_earlier,
    period_tables,
    published_periods,
    start_of_month,
)


def test_a_year_end():
    periods = published_periods(date(2012, 12, 31))
    kinds = [period.kind for period in periods]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "month": 25,
        "quarter": 9,
        "ytd": 14,
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


def _years_to_date(as_of: date) -> list[date]:
    """Return the last days of the published years to date."""
    periods = [period for period in published_periods(as_of) if period.kind == "ytd"]
    assert all(period.start == (period.end - DAY).replace(month=1, day=1) for period in periods)
    return [period.end - DAY for period in periods]


def test_years_to_date_of_the_month_ends_before_a_year_end():
    assert _years_to_date(date(2012, 12, 31)) == [
        date(2010, 12, 31),
        date(2011, 12, 31),  # the twelfth month end, and the same day a year earlier
        *(start_of_month(date(2012, month, 1), -1) - DAY for month in range(1, 12)),
        date(2012, 12, 31),
    ]


def test_years_to_date_within_a_month_are_three_and_twelve():
    last_days = _years_to_date(date(2012, 3, 15))
    assert len(last_days) == 15
    assert last_days[:2] == [date(2010, 3, 15), date(2011, 3, 15)]
    assert last_days[2:4] == [date(2011, 3, 31), date(2011, 4, 30)]
    assert last_days[-3:] == [date(2012, 1, 31), date(2012, 2, 29), date(2012, 3, 15)]


def test_years_to_date_on_new_years_day():
    last_days = _years_to_date(date(2013, 1, 1))
    assert last_days[-3:] == [date(2012, 11, 30), date(2012, 12, 31), date(2013, 1, 1)]


@pytest.mark.parametrize(
    ("as_of", "count", "of_february"),
    [
        (date(2024, 2, 28), 14, [date(2022, 2, 28), date(2023, 2, 28), date(2024, 2, 28)]),
        (date(2024, 2, 29), 14, [date(2022, 2, 28), date(2023, 2, 28), date(2024, 2, 29)]),
        (
            # The twelfth month end is the 29th, the same day a year earlier the 28th.
            date(2025, 2, 28),
            15,
            [date(2023, 2, 28), date(2024, 2, 28), date(2024, 2, 29), date(2025, 2, 28)],
        ),
    ],
)
def test_years_to_date_around_the_29th_of_february(as_of, count, of_february):
    last_days = _years_to_date(as_of)
    assert len(last_days) == count
    assert [day for day in last_days if day.month == 2] == of_february


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
    for as_of in (
        date(2012, 12, 31),
        date(2012, 11, 20),
        date(2013, 1, 1),
        date(2024, 2, 29),
        date(2025, 2, 28),
    ):
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


def test_names_of_years_to_date():
    names = named_periods(date(2012, 12, 31))
    assert names["ytd-2012-09"] == Period("ytd", date(2012, 1, 1), date(2012, 10, 1))
    assert names["2012"] == Period("ytd", date(2012, 1, 1), date(2013, 1, 1))
    assert names["2011"] == Period("ytd", date(2011, 1, 1), date(2012, 1, 1))
    assert "ytd-2012-12" not in names and "ytd-2011-12" not in names
    names = named_periods(date(2012, 11, 20))
    assert names["2012"] == Period("ytd", date(2012, 1, 1), date(2012, 11, 21))
    assert names["2011"] == Period("ytd", date(2011, 1, 1), date(2011, 11, 21))
    assert names["ytd-2011-12"] == Period("ytd", date(2011, 1, 1), date(2012, 1, 1))
