"""What a cell must be to be read as an extract date."""

from datetime import date

import pytest

from data.extracts.extract_date import _parse_day


@pytest.mark.parametrize(
    "text",
    [
        "2012-12-31",
        "20121231",
        "2012/12/31",
        "2012.12.31 23:59:59",
        "20121231 235959",
        "20121231T00:00",
        "2012年12月31日",
    ],
)
def test_a_day_has_four_digits_of_a_year(text):
    assert _parse_day(text) == date(2012, 12, 31)


@pytest.mark.parametrize(
    ("text", "day"), [("2012-1-2", 2), ("2012-01-02", 2), ("2012年1月12日", 12)]
)
def test_month_and_day_may_have_one_digit_where_they_are_apart(text, day):
    assert _parse_day(text) == date(2012, 1, day)


@pytest.mark.parametrize(
    "text",
    [
        "121231",  # read as a year, a month and a day it would be 1212-03-01
        "201231",
        "2012123",
        "201212310",
        "12-12-31",
        "31/12/2012",
        "2012-12",
        "2012-13-01",
        "2012-02-30",
        "20120230",
        "",
    ],
)
def test_what_is_not_a_whole_day_is_none(text):
    assert _parse_day(text) is None
