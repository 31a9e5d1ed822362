"""Every figure of the founding article (Dadi P&C, 2012) is in one publication of the sample company:
those of nine months, of eleven, and of the year.
"""

import csv
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.synthetic import FAULTS
from flows.cli.main import app
from tests.golden import recount
from transforms.kpis.periods import named_periods

PERIODS = named_periods(date(2012, 12, 31))
NINE_MONTHS, ELEVEN_MONTHS, YEAR = "ytd-2012-09", "ytd-2012-11", "2012"
HEAD_OFFICE, JIANGXI, JINHUA = "00", "14", "1105"


def printed(value: float, digits: int) -> str:
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def period_filters(name: str) -> dict:
    """Return the columns of a period by its name."""
    period = PERIODS[name]
    return {
        "period_kind": period.kind,
        "period_start": period.start,
        "period_end": period.end,
    }


@pytest.fixture(scope="session")
def figure(published):
    def read(period: str, kpi: str, branch: str) -> dict:
        rows = published(
            "mart_kpi_value",
            kpi_id=kpi,
            branch_code=branch,
            segment_kind="all",
            **period_filters(period),
        ).to_pylist()
        assert len(rows) == 1
        return rows[0]

    return read


def test_closure_rate_of_the_year_and_its_rise(figure):
    row = figure(YEAR, "claim_closure_pct", HEAD_OFFICE)
    assert printed(row["value"], 2) == "91.60"
    assert printed(row["value_prior_year"], 2) == "89.06"
    assert printed(row["change_prior_year"], 2) == "2.54"


def test_why_91_60(outcome, figure, tmp_path):
    """The claims behind the figure, as an analyst gets them: each once, and they add up to it."""
    store = Path(outcome.folder).parent.parent
    result = CliRunner().invoke(
        app,
        [
            "explain",
            "claim_closure_pct",
            "--store",
            str(store),
            "--csv",
            str(tmp_path / "rows.csv"),
        ],
    )
    assert result.exit_code == 0, result.output
    row = figure(YEAR, "claim_closure_pct", HEAD_OFFICE)
    assert (
        "open_at_start + begun" in result.output
        and f"{row['denominator'].normalize():,f}" in result.output
    )
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {line["extract"] for line in rows} == {"claims"}
    assert len({line["key"] for line in rows}) == len(rows)
    assert sum(int(line["numerator"]) for line in rows) == row["numerator"]
    assert sum(int(line["denominator"]) for line in rows) == row["denominator"]


def test_satisfaction_of_the_year(figure):
    assert printed(figure(YEAR, "satisfaction_pct", HEAD_OFFICE)["value"], 2) == "95.68"


def test_complaints_to_the_regulator_in_three_quarters(figure):
    row = figure(NINE_MONTHS, "complaint_per_100m_premium", HEAD_OFFICE)
    assert row["numerator"] == 131
    assert printed(row["value"], 4) == "0.9689"
    assert printed(row["benchmark_value"], 2) == "1.34", "the article: below the industry's average"


def test_more_than_130000_call_backs_in_every_month(figure):
    for month in range(1, 13):
        assert figure(f"2012-{month:02}", "callback_count", HEAD_OFFICE)["value"] > 130_000


@pytest.mark.parametrize(
    ("kpi", "digits", "expected"),
    [
        ("complaint_on_time_pct", 0, "100"),
        ("complaint_handling_satisfaction_pct", 2, "96.38"),
        ("claim_settlement_days_mean", 0, "27"),
        ("claim_small_settlement_days_mean", 1, "4.7"),
        ("claim_closure_pct", 0, "92"),
    ],
)
def test_jiangxi(figure, kpi, digits, expected):
    assert printed(figure(ELEVEN_MONTHS, kpi, JIANGXI)["value"], digits) == expected


def test_jinhua_had_no_valid_complaint(figure, published):
    assert figure(NINE_MONTHS, "complaint_valid_count", JINHUA)["value"] == 0
    league = published(
        "mart_league",
        kpi_id="complaint_valid_count",
        branch_code=JINHUA,
        **period_filters(NINE_MONTHS),
    )
    assert league["zero_record"].to_pylist() == [True]
    assert figure(NINE_MONTHS, "complaint_count", JINHUA)["value"] > 0, (
        "there were complaints, none of them valid"
    )


def test_the_rows_counted_a_second_time_agree(figure, landing):
    """Plain Python over the landed files, which shares nothing with the pipeline, agrees."""
    claims = recount.current(recount.read(landing, "claims"))["claims"]
    closure = figure(YEAR, "claim_closure_pct", HEAD_OFFICE)
    before = figure("2011", "claim_closure_pct", HEAD_OFFICE)
    assert recount.closure(claims, recount.YEAR_2012) == (
        closure["numerator"],
        closure["denominator"],
    )
    assert recount.closure(claims, recount.YEAR_2011) == (
        before["numerator"],
        before["denominator"],
    )


def test_nine_and_eleven_months_counted_a_second_time_agree(figure, landing):
    """A figure of a month end before as_of is counted from rows that know what came later."""
    rows = recount.current(recount.read(landing))
    of_company, of_jiangxi = recount.head_office(rows), recount.jiangxi(rows)
    complaints = figure(NINE_MONTHS, "complaint_per_100m_premium", HEAD_OFFICE)
    assert complaints["numerator"] == of_company["regulator"]
    assert complaints["value"] == pytest.approx(of_company["per_100m"], rel=1e-12)
    for kpi, part in (
        ("claim_closure_pct", "closure"),
        ("complaint_on_time_pct", "on_time"),
        ("complaint_handling_satisfaction_pct", "handling"),
    ):
        row = figure(ELEVEN_MONTHS, kpi, JIANGXI)
        assert (row["numerator"], row["denominator"]) == of_jiangxi[part]
    days = figure(ELEVEN_MONTHS, "claim_settlement_days_mean", JIANGXI)["value"]
    assert days == pytest.approx(of_jiangxi["days"], rel=1e-9)
    days = figure(ELEVEN_MONTHS, "claim_small_settlement_days_mean", JIANGXI)["value"]
    assert days == pytest.approx(of_jiangxi["small_days"], rel=1e-9)


def test_every_planted_fault_is_caught_and_counted(published):
    files = {row["extract"]: row for row in published("quality_input_file").to_pylist()}
    for extract, planted in FAULTS.items():
        row = files[extract]
        again = planted.get("same_row_twice", 0)
        stray = planted.get("header_repeated", 0) + planted.get("totals_line", 0)
        # Both rows of a key that comes with two contents are quarantined.
        second_rows = planted.get("same_key_different_content", 0)
        bad = sum(planted.values()) + second_rows - again - stray
        assert (row["rows_quarantined"], row["rows_superseded"], row["rows_skipped"]) == (
            bad,
            again,
            stray,
        ), extract
        assert row["rows_read"] == row["rows_accepted"] + bad + again + stray


def test_no_personal_data_behind_the_landing_area(published):
    (row,) = published("quality_input_file", extract="complaints").to_pylist()
    assert row["columns_ignored"] == "投诉人, 联系电话"
