"""Thresholds of the report, each exactly on it, one more and one less."""

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from data.config.policy import load_policy
from reports.elements import league_tables, operator_digest, quality_tables, sentences
from reports.elements.branch_profile import BranchProfiles, expected_false_alarms
from reports.elements.links import branch_page_link
from reports.pages import branch, changes, movements, overview, run_history
from reports.pages.kpi_figures import funnel_figure
from reports.tables.grouping import latest_extracts
from reports.tables.periods import latest_period
from reports.tables.publication import Publication
from reports.tables.revision_tables import change_between
from reports.text import format
from reports.text.journey import stage_of
from reports.text.words import Both, join_list

DAY = timedelta(days=1)


@pytest.fixture
def publication(rendered) -> Publication:
    return Publication(rendered.folder / "tables", rendered.facts)


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


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.0, "0%"), (0.004, "<1%"), (0.005, "1%"), (0.994, "99%"), (0.995, ">99%"), (1.0, "100%")],
)
def test_a_share_that_is_not_all_or_nothing_never_looks_like_it(part, text):
    assert league_tables.share(part) == text


@pytest.mark.parametrize(
    ("rankability", "is_chance"), [(None, False), (0.4999, True), (0.5, False), (0.5001, False)]
)
def test_ranks_give_way_to_groups_below_one_half(rankability, is_chance):
    assert league_tables.is_mostly_chance([{"rankability": rankability}]) == is_chance


@pytest.mark.parametrize(("tested", "text"), [(0, "0.0"), (39, "2.0"), (40, "2"), (50, "3")])
def test_false_alarms_are_whole_from_forty_comparisons_on(tested, text):
    assert expected_false_alarms(tested) == text


@pytest.mark.parametrize(("rows", "is_capped"), [(199, False), (200, False), (201, True)])
def test_a_page_shows_two_hundred_rows(rows, is_capped):
    note = quality_tables.capped("quality_quarantine", rows)
    assert (note is not None) == is_capped
    assert note is None or note.en.startswith("201 rows in all, the newest 200 shown")


@pytest.mark.parametrize(("total", "more"), [(4, None), (5, None), (6, "1 more")])
def test_a_list_says_what_it_leaves_out(total, more):
    words = overview.more_than(5, [None] * total)
    assert (words and words.en) == more


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, ""), (1, "since"), (5, "since"), (6, "decide"), (7, "decide")],
)
def test_a_failure_asks_for_a_decision_from_the_seventh_night_on(days, text):
    row = {"extract_date": date(2012, 12, 20), "failing_since": date(2012, 12, 20) - days * DAY}
    words = operator_digest.since_text(row).en
    assert ("decide" in words, bool(words)) == (text == "decide", text != "")


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


@pytest.mark.parametrize(("room", "problems", "shown"), [(2, 2, 2), (2, 3, 1), (2, 1, 1)])
def test_the_digest_uses_its_last_line_only_for_what_is_left_out(room, problems, shown):
    lines = [""] * (operator_digest.LINES - room)
    more = [f"problem {number}" for number in range(problems)]
    digest = operator_digest._at_most(lines, more, problems)
    assert len(digest) <= operator_digest.LINES
    assert sum(line.startswith("problem") for line in digest) == shown
    assert (digest[-1] == f"{problems - shown} more: report/operator.html") == (shown < problems)


@pytest.mark.parametrize(
    ("before", "after", "unit", "change"),
    [
        (0.0, 5.0, "days", None),
        (0.0, 5.0, "%", 5.0),
        (None, 5.0, "%", None),
        (5.0, None, "%", None),
        (4.0, 5.0, "days", 25.0),
    ],
)
def test_a_change_from_nothing_has_no_per_cent(before, after, unit, change):
    assert change_between(before, after, unit) == change


@pytest.mark.parametrize(("branches", "is_drawn"), [(2, False), (3, True)])
def test_a_funnel_needs_three_branches(publication, monkeypatch, branches, is_drawn):
    kpi = next(kpi for kpi in publication.kpis if kpi["kpi_id"] == "claim_closure_pct")
    rows = publication.statistics.funnel("claim_closure_pct")[:branches]
    monkeypatch.setattr(publication.statistics, "funnel", lambda _: rows)
    assert (funnel_figure(publication, kpi) is not None) == is_drawn


@pytest.mark.parametrize(
    ("code", "page"),
    [
        ("a" * 40, f"branch-{'a' * 40}.html"),
        ("0", "branch-0.html"),
        ("a" * 41, None),
        ("A", None),
        ("", None),
    ],
)
def test_a_code_that_could_not_name_a_file_is_hashed(code, page):
    link = branch_page_link(code)
    assert link == page if page else (link.startswith("branch-x") and len(link) == 29)


@pytest.mark.parametrize(
    ("kpi", "stage"),
    [("claim_survey_on_time_pct", "survey"), ("claim_open_count", "closure"), ("new_pct", "other")],
)
def test_a_kpi_belongs_to_the_stage_that_names_most_of_its_id(kpi, stage):
    assert stage_of(kpi) == stage


@pytest.mark.parametrize(
    ("value", "centre", "method", "distance"),
    [
        (12.0, 10.0, "xmr", 1.0),
        (8.0, 10.0, "xmr", 1.0),
        (0.0, 10.0, "xmr_log", 0.0),
        (10.0, 10.0, "xmr_log", 0.0),
        (10.0, 0.0, "xmr_log", 0.0),
    ],
)
def test_distance_from_the_centre_of_a_chart(value, centre, method, distance):
    month = {"value": value, "centre_line": centre, "sigma": 2.0, "chart_method": method}
    assert movements._distance(month) == distance
    assert movements._distance(month | {"sigma": 0}) == 0


def test_of_periods_the_one_that_ends_last_is_the_latest():
    first = ("month", date(2012, 11, 1), date(2012, 12, 1))
    second = ("month", date(2012, 12, 1), date(2013, 1, 1))
    assert latest_period([second, first], "month") == second
    assert latest_period([second, first], "ytd") is None


def test_extracts_of_the_same_day_are_all_the_latest():
    day = date(2012, 12, 20)
    rows = [
        {"extract": "claims", "extract_date": day, "file": 1},
        {"extract": "claims", "extract_date": day, "file": 2},
        {"extract": "claims", "extract_date": day - DAY, "file": 3},
        {"extract": "callbacks", "extract_date": day - DAY, "file": 4},
    ]
    assert [row["file"] for row in latest_extracts(rows)] == [1, 2, 4]


def test_empty_texts_are_no_part_of_a_list():
    texts = [Both("甲", "a"), Both("", ""), Both("乙", "b")]
    assert join_list(texts) == Both("甲、乙", "a, b")
    assert join_list([]) == Both("", "")


@pytest.mark.parametrize(("reasons", "status"), [([], "ok"), (["why"], "problems")])
def test_a_build_that_waits_is_not_complete(publication, reasons, status):
    publication.facts = replace(publication.facts, hold_reasons=reasons, problems=[])
    publication.missing = list
    publication.failed_rules = []
    publication.input_files = []
    assert publication.status == status
    assert sentences.news_sentences(publication).en.startswith("HELD") == bool(reasons)


@pytest.mark.parametrize(("seen", "is_cut"), [(199, False), (200, False), (201, True)])
def test_the_page_of_runs_lists_two_hundred_findings(seen, is_cut):
    run = {"started": None, "findings": []}
    for number in range(seen):
        run["findings"].append({"kind": "rule", "said": str(number), "rows": 1})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_history, "_local_minute", lambda *_: "")
        table = run_history.findings_table([run], run_history.ZoneInfo("UTC"))
    assert len(table.rows) == min(seen, 200) and (table.note is not None) == is_cut


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
