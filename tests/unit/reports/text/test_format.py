"""A number becomes text in one place, once."""

from datetime import date
from decimal import Decimal

import pytest

from reports.text import format

MEAN = {"kind": "mean", "unit": "days", "scale": 1 / 86400}


SHARE = {"kind": "share", "unit": "%", "scale": 100.0}


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (91.6, "%", "91.60%"),
        (93.125, "%", "93.13%"),
        (0.005, "%", "0.01%"),
        (1.005, "%", "1.01%"),
        (27.0, "days", "27.0"),
        (0.25, "days", "0.3"),
        (0.96885, "per 100m yuan", "0.9689"),
        (1e-7, "per 100m yuan", "0.0000"),
        (1234567.0, "complaints", "1,234,567"),
        (2.5, "calls", "3"),
    ],
)
def test_value_by_unit_rounds_half_away_from_zero(number, unit, text):
    assert format.value(number, unit).zh == format.value(number, unit).en == text


@pytest.mark.parametrize(
    ("number", "unit", "zh", "en"),
    [
        (2.535, "%", "+2.54 个百分点", "+2.54 points"),
        (-2.535, "%", "−2.54 个百分点", "−2.54 points"),
        (-0.001, "%", "0.00 个百分点", "0.00 points"),
        (3.05, "days", "+3.1%", "+3.1%"),
        (-100.0, "complaints", "−100.0%", "−100.0%"),
        (None, "%", "无数据", "n/a"),
    ],
)
def test_change_is_in_points_between_shares_and_in_per_cent_otherwise(number, unit, zh, en):
    assert (format.change(number, unit).zh, format.change(number, unit).en) == (zh, en)


def test_a_missing_value_is_called_missing():
    assert (format.value(None, "%").zh, format.value(None, "%").en) == ("无数据", "n/a")


def test_numerator_and_denominator_are_plain_numbers_and_seconds_become_days():
    assert format.part(Decimal("2332800"), MEAN, "numerator").en == "27.0"
    assert format.part(Decimal("1889.0000000000"), MEAN, "denominator").en == "1,889"
    assert format.part(Decimal("2165"), SHARE, "numerator").en == "2,165"
    assert format.part(Decimal("55.60405"), SHARE, "denominator").en == "55.6041"
    assert format.part(None, SHARE, "denominator").en == ""


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        (("ytd", date(2012, 1, 1), date(2013, 1, 1)), "2012年全年", "2012, whole year"),
        (
            ("ytd", date(2012, 1, 1), date(2012, 12, 21)),
            "2012年初至今（截至 2012-12-20）",
            "2012 to date (to 2012-12-20)",
        ),
        (("month", date(2012, 11, 1), date(2012, 12, 1)), "2012年11月", "November 2012"),
        (
            ("month", date(2012, 12, 1), date(2012, 12, 21)),
            "2012年12月（截至 2012-12-20，未满期）",
            "December 2012 (to 2012-12-20, incomplete)",
        ),
        (("quarter", date(2012, 10, 1), date(2013, 1, 1)), "2012年第4季度", "2012 Q4"),
        (
            ("rolling12", date(2012, 1, 1), date(2013, 1, 1)),
            "滚动十二个月（2012-01-01 至 2012-12-31）",
            "twelve months (2012-01-01 to 2012-12-31)",
        ),
    ],
)
def test_periods_are_named_by_their_last_day(period, zh, en):
    assert (format.period(*period).zh, format.period(*period).en) == (zh, en)


def test_shared_ranks_are_marked():
    assert [format.rank(3, True), format.rank(3, False), format.rank(None, False)] == [
        "=3",
        "3",
        "",
    ]


def test_a_figure_of_the_market_is_shown_as_it_was_published():
    """The founding article: `0.9689, industry 1.34`."""
    assert (
        format.value(0.9689, "per 100m yuan").en,
        format.published(1.34, "per 100m yuan").en,
    ) == ("0.9689", "1.34")
    assert [format.published(value, "per 10k policies").en for value in (2.0, 1.23456, 10.0)] == [
        "2",
        "1.2346",
        "10",
    ]
    assert (format.published(95.5, "%").en, format.published(27.0, "days").en) == (
        "95.50%",
        "27.0",
    )


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-0.5, 0, "−1"),
        (-2.5, 0, "−3"),
        (0.49, 0, "0"),
        (-0.49, 0, "0"),
        (2.675, 2, "2.68"),
        (999.5, 0, "1,000"),
        (-1234.5, 1, "−1,234.5"),
    ],
)
def test_half_is_rounded_away_from_zero_and_zero_has_no_sign(number, decimals, text):
    assert format.plain(number, decimals) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0.05, "+0.1"), (0.049, "0.0"), (-0.05, "−0.1"), (-0.049, "0.0")]
)
def test_a_sign_belongs_to_the_rounded_number(number, text):
    assert format.signed(number, 1) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (99.9, "99.9 s"),
        (100, "1 min 40 s"),
        (99 * 60 + 59, "99 min 59 s"),
        (100 * 60, "1 h 40 min"),
    ],
)
def test_a_duration_changes_its_unit_at_a_hundred(seconds, text):
    assert format.duration(seconds) == text


@pytest.mark.parametrize(("length", "text"), [(9, "x" * 9), (10, "x" * 10), (11, "x" * 9 + "…")])
def test_a_text_of_the_limit_is_whole(length, text):
    assert format.text("x" * length, 10) == text


@pytest.mark.parametrize(
    ("kind", "end", "is_whole"),
    [
        ("month", date(2012, 12, 31), False),
        ("month", date(2013, 1, 1), True),
        ("quarter", date(2013, 1, 1), False),
        ("quarter", date(2013, 3, 1), True),
        ("ytd", date(2012, 12, 2), True),
    ],
)
def test_a_period_is_whole_with_its_last_day(kind, end, is_whole):
    assert format.is_whole(kind, date(2012, 12, 1), end) == is_whole
