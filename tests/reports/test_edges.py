"""Thresholds of the report of a published company, each exactly on it, one more and one less."""

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from data.config.policy import load_policy
from reports.elements import operator_digest, quality_tables, sentences
from reports.elements.branch_profile import BranchProfiles
from reports.pages import branch, changes
from reports.pages.branch_figures import funnel_figure
from reports.tables.publication import Publication
from reports.text.words import Both

DAY = timedelta(days=1)


@pytest.fixture
def publication(rendered) -> Publication:
    return Publication(rendered.folder / "tables", rendered.facts)


@pytest.mark.parametrize(("missing", "more"), [(4, None), (5, None), (6, " and 1 more")])
def test_five_missing_branches_are_named(publication, missing, more):
    codes = [f"x{number}" for number in range(missing)]
    text = operator_digest.missing_text(publication, {"branches_missing": ", ".join(codes)}).en
    assert text == ", ".join(codes[:5]) + (more or "")


@pytest.mark.parametrize(("arrived", "text"), [(0, "arrived"), (1, "NOT ARRIVED"), (-1, "arrived")])
def test_an_extract_of_the_day_itself_has_arrived(publication, arrived, text):
    row = {
        "extract": "claims",
        "extract_date": publication.facts.as_of - arrived * DAY,
        "rows_read": 1,
        "deliveries_before": 0,
        "branches_missing": None,
    }
    words = operator_digest.arrival(publication, row).en
    assert text in words and ("NOT" in words) == ("NOT" in text)


@pytest.mark.parametrize(("branches", "is_drawn"), [(2, False), (3, True)])
def test_a_funnel_needs_three_branches(publication, monkeypatch, branches, is_drawn):
    kpi = next(kpi for kpi in publication.kpis if kpi["kpi_id"] == "claim_closure_pct")
    rows = publication.statistics.funnel("claim_closure_pct")[:branches]
    monkeypatch.setattr(publication.statistics, "funnel", lambda _: rows)
    assert (funnel_figure(publication, kpi) is not None) == is_drawn


@pytest.mark.parametrize(("reasons", "status"), [([], "ok"), (["why"], "problems")])
def test_a_build_that_waits_is_not_complete(publication, reasons, status):
    publication.facts = replace(publication.facts, hold_reasons=reasons, problems=[])
    publication.missing = list
    publication.failed_rules = []
    publication.input_files = []
    assert publication.status == status
    assert sentences.news_sentences(publication).en.startswith("HELD") == bool(reasons)


def test_a_branch_that_nothing_compares_says_so(publication):
    sides = {"better": [], "worse": [], "as_expected": [], "concern": []}
    lead = branch.lead(BranchProfiles(publication), sides)
    assert lead == Both("没有可与全系统比较的指标。", "No KPI can be compared with the network.")


@pytest.mark.parametrize(
    ("setting", "value", "zh", "en"),
    [
        ("small_limit_included", True, "是", "yes"),
        ("closing_point", "payment", "支付时", "when paid"),
        ("policy_denominator", "issued", "期内签单", "issued in the period"),
        ("notice.levels", ["head_office", "province"], "总公司、分公司", "head office, province"),
        ("recognition.all_on_time", ["satisfaction_pct"], "客户满意度", "Customer satisfaction"),
        ("small_limit", 3000, "3000", "3000"),
    ],
)
def test_settings_are_shown_in_words(publication, setting, value, zh, en):
    section, _, name = setting.rpartition(".")
    own = {section: {name: value}} if section else {name: value}
    publication.facts = replace(publication.facts, policy=load_policy(own))
    rows = quality_tables.policy_table(publication).rows
    (shown,) = [row[1] for row in rows if row[0].text in (setting, Both(setting, setting))]
    assert shown.text == Both(zh, en)


@pytest.mark.parametrize(("year", "is_noted"), [(39.9, True), (40.0, False), (60.0, False)])
def test_a_year_as_low_as_one_of_its_months_needs_no_note(publication, monkeypatch, year, is_noted):
    kpi = next(kpi for kpi in publication.kpis if kpi["kpi_id"] == "claim_closure_pct")
    months = [period for period in publication.months() if period[1].year == 2012]
    values = {period: {"value": 60.0} for period in months}
    values[months[0]] = {"value": 40.0}
    monkeypatch.setattr(publication, "head_values", lambda _: values)
    monkeypatch.setattr(publication, "headline", lambda _: {"value": year})
    assert (sentences.scale_note(publication, kpi) is not None) == is_noted


@pytest.mark.parametrize(("total", "is_cut"), [(299, False), (300, False), (301, True)])
def test_the_page_of_changes_lists_three_hundred_notices(publication, total, is_cut):
    row = {"kpi_id": "claim_closure_pct", "branch_code": "00", "change": 1.0, "causes": "late_rows"}
    row |= {"value_before": 40.0, "value_after": 41.0, "period_kind": "month"}
    row |= {"period_start": date(2012, 10, 1), "period_end": date(2012, 11, 1)}

    class FewRevisions:
        notices = pa.table({"row": range(total)})

        def largest_notices(self, limit: int) -> list[dict]:
            return [row] * min(limit, total)

    table = changes._notices(publication, FewRevisions())
    assert len(table.rows) == min(total, 300)
    assert ("shown" in table.note.en) == is_cut
