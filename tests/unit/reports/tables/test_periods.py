"""Which period is the latest."""

from datetime import date

from reports.tables.periods import latest_period


def test_of_periods_the_one_that_ends_last_is_the_latest():
    first = ("month", date(2012, 11, 1), date(2012, 12, 1))
    second = ("month", date(2012, 12, 1), date(2013, 1, 1))
    assert latest_period([second, first], "month") == second
    assert latest_period([second, first], "ytd") is None
