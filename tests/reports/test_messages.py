"""The sentences at the top of pages say what the tables say."""

from datetime import date

import pytest

from reports.elements import sentences
from reports.tables.publication import Publication
from tests.reports.reading import Page, printed


@pytest.fixture
def publication(rendered) -> Publication:
    return Publication(rendered.folder / "tables", rendered.facts)


def test_the_overview_begins_with_the_news_and_the_year(rendered):
    lead = " ".join(Page(rendered.page("index.html"), "en").text.split())
    assert "New data published, up to 2012-12-20: claims." in lead
    now = max(
        (row["period_start"], row["period_end"])
        for row in rendered.rows("dim_period", period_kind="ytd")
    )
    for kpi in ("claim_closure_pct", "satisfaction_pct"):
        (row,) = rendered.rows(
            "mart_kpi_value",
            kpi_id=kpi,
            branch_code="00",
            segment_kind="all",
            period_kind="ytd",
            period_start=now[0],
            period_end=now[1],
        )
        result = printed(row["value"], "%")
        assert (
            lead.index("New data published")
            < lead.index(result)
            < lead.index("Reporting and survey · 2012")
        )
    assert "2012 to date (to 2012-12-20)" in lead


def file(extract: str, day: date) -> dict:
    return {"extract": extract, "extract_date": day}


@pytest.mark.parametrize(
    ("files", "result"),
    [
        (
            [file("claims", date(2012, 12, 20)), file("branches", date(2012, 11, 30))],
            "New data published, up to 2012-12-20: claims. Older: branches (2012-11-30).",
        ),
        (
            [file("claims", date(2012, 12, 19))],
            "No new data for 2012-12-20: the newest published data are of 2012-12-19 (claims).",
        ),
        ([], "No data up to 2012-12-20."),
    ],
)
def test_news_tell_new_data_from_old(publication, files, result):
    publication.input_files = files
    assert sentences.news_sentences(publication).en == result


def test_there_is_always_a_reason_why_a_kpi_is_not_compared(publication):
    for kpi in publication.kpis:
        rows = publication.league(kpi["kpi_id"], "province")
        assert sentences.is_tested(rows) or sentences.untested(kpi, rows).en
    medians = publication.league("claim_settlement_days_p50", "province")
    assert (
        sentences.untested({"kind": "quantile", "direction": "down"}, medians).en
        == "no test for medians and percentiles yet"
    )
    assert sentences.is_tested(publication.league("claim_settlement_days_mean", "province"))


def test_a_year_outside_of_its_months_is_explained(publication):
    notes = {
        kpi["kpi_id"]: sentences.scale_note(publication, kpi)
        for kpi in publication.kpis
        if publication.headline(kpi["kpi_id"])
    }
    assert "Compare months with months" in notes["claim_closure_pct"].en
    assert notes["satisfaction_pct"] is None
