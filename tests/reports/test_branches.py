"""The pages about branches: the league's figures, the charts' last word, and drawings that stand
where the numbers are.
"""

import re

import pyarrow as pa
import pytest

from reports.elements.links import branch_page_link
from reports.figures.spine import Spread, draw_spine
from reports.pages.branch import LISTED
from reports.tables.trend_tables import Trends
from reports.text.words import both_languages
from tests.reports.reading import Page, printed
from tests.reports.test_html import VERDICTS, year_to_date

SIGNS = {"better": "▲", "worse": "▼", "as_expected": "=", "too_few": "–"}


def league(rendered, **equals) -> dict[tuple, dict]:
    return {
        (row["kpi_id"], row["branch_code"]): row
        for row in rendered.rows("mart_league", **year_to_date(rendered), **equals)
    }


def kpis(rendered) -> dict[str, dict]:
    return {row["title_zh"]: row for row in rendered.rows("dim_kpi", table_name="mart_kpi_value")}


def test_the_matrix_shows_value_and_verdict_of_every_province_and_counts_what_chance_would_do(
    rendered,
):
    page, rows, known = (
        Page(rendered.page("matrix.html")),
        league(rendered, branch_level="province"),
        kpis(rendered),
    )
    names = {
        row["name"]: row["branch_code"]
        for row in rendered.rows("dim_branch", branch_level="province")
    }
    _, heads, *lines = page.tables["matrix"]
    assert {line[0] for line in lines} == set(names)
    actual = []
    for line in lines:
        for head, cell in zip(heads[1:], line[1:], strict=True):
            kpi = known[head.split("排序")[0]]
            row = rows[kpi["kpi_id"], names[line[0]]]
            sign = SIGNS[row["verdict"]] * (2 if row["act"] else 1) + " " if row["verdict"] else ""
            assert cell == sign + printed(row["value"], kpi["unit"])
            actual.append(row["verdict"])
    tested = sum(verdict in ("better", "worse", "as_expected") for verdict in actual)
    assert (
        f"共比较 {tested} 次，{actual.count('better')} 次优于、{actual.count('worse')} 次弱于全系统平均"
        in page.text
        and actual.count("worse") > 0
    )
    assert f"约有 {(tested + 10) // 20} 次" in page.text, "one in twenty"


@pytest.mark.parametrize("code", ["01", "021"])
def test_the_profile_shows_the_league_and_what_the_latest_month_of_the_chart_says(rendered, code):
    rows, known, now = league(rendered), kpis(rendered), year_to_date(rendered)
    shown = Page(rendered.page(f"branch-{code}.html")).tables["profile"][1:]
    expected = {
        kpi for kpi, branch in rows if branch == code and rows[kpi, code]["value"] is not None
    }
    assert len(shown) == len(expected) > 20
    network = {
        row["kpi_id"]: row["value"]
        for row in rendered.rows("mart_kpi_value", branch_code="00", segment_kind="all", **now)
    }
    seen = set()
    for title, value, whole, _, verdict, rank, trend in shown:
        kpi = next(
            kpi
            for name, kpi in known.items()
            if title.startswith(name) and kpi["kpi_id"] in expected
        )
        expected.remove(kpi["kpi_id"])
        row = rows[kpi["kpi_id"], code]
        assert value.startswith(printed(row["value"], kpi["unit"]))
        if kpi["kind"] != "count":
            assert whole == printed(network[kpi["kpi_id"]], kpi["unit"])
            assert verdict.strip("▲▼=– ").startswith(
                VERDICTS[row["verdict"]] if row["verdict"] else ""
            )
            if row["rank"]:
                by_chance = row["rankability"] is not None and row["rankability"] < 0.5
                first = (
                    {"top": "第一梯队", "middle": "中间梯队", "bottom": "末位梯队"}[
                        row["rank_group"]
                    ]
                    if by_chance
                    else f"{row['rank']} "
                )
                range_text = (
                    "" if row["rank_low"] is None else f"{row['rank_low']}–{row['rank_high']}"
                )
                assert rank.removeprefix("=").startswith(first) and rank.endswith(
                    f"/ {row['ranked_of']}{range_text}"
                )
        months = rendered.rows(
            "mart_trend", kpi_id=kpi["kpi_id"], branch_code=code, is_charted=True
        )
        if months:
            last = max(months, key=lambda month: month["period_start"])["variation"]
            seen.add(last)
            assert {
                "usual": "正常",
                "improvement": "好转",
                "concern": "变差",
                "change": "有变化",
                None: "",
            }[last] in trend
    assert not expected and len(seen) > 1


def test_a_branch_page_lists_better_and_worse_and_links_to_its_parents(rendered):
    for code, above, below in (
        ("02", "index.html", "branch-021.html"),
        ("021", "branch-02.html", None),
    ):
        rows = [row for (_, branch), row in league(rendered).items() if branch == code]
        page = Page(rendered.page(f"branch-{code}.html"))
        counted = {
            side: sum(row["verdict"] == side for row in rows)
            for side in ("better", "worse", "as_expected")
        }
        assert (
            f"{sum(counted.values())} 项指标中，{counted['better']} 项优于平均，{counted['worse']} 项弱于平均，{counted['as_expected']} 项相近"
            in page.text
        )
        lists = re.search(
            r'<div class="sides">(.*?)</div>', rendered.page(f"branch-{code}.html"), re.S
        )[1].split("<h2>")[1:]
        assert [part.count("<li>") for part in lists[:2]] == [
            min(counted[side], LISTED) for side in ("better", "worse")
        ]
        links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
        assert above in links and (below is None or below in links)


def test_issues_grades_and_recognitions_are_those_of_the_tables(rendered):
    now = year_to_date(rendered)
    for code in ("01", "03"):
        page = Page(rendered.page(f"branch-{code}.html"))
        graded = rendered.rows("mart_composite", branch_code=code, **now)
        assert graded and all(
            row["grade"] is None or f"等级 {row['grade']}" in page.text for row in graded
        )
        assert len(page.tables["composite-service_evaluation"]) - 1 == len(
            rendered.rows("mart_composite_part", branch_code=code, **now)
        )
        praised = rendered.rows("mart_recognition", branch_code=code, **now)
        assert len(page.tables.get("recognitions", [None])) - 1 == len(praised)
    assert rendered.rows("mart_recognition", branch_level="province", **now)


def test_a_spine_runs_from_worst_to_best_whichever_way_the_kpi_runs():
    up, down = (
        Spread.from_values([1.0, 2.0, 3.0, 4.0, 5.0], "up"),
        Spread.from_values([1.0, 2.0, 3.0, 4.0, 5.0], "down"),
    )
    assert (up.worst, up.low, up.high, up.best) == (1, 2, 4, 5) and (
        down.worst,
        down.low,
        down.high,
        down.best,
    ) == (5, 4, 2, 1)
    assert [up.position(value) for value in (1, 4, 9)] == [0, 0.75, 1] and [
        down.position(value) for value in (1, 4, 9)
    ] == [1, 0.25, 0]
    assert (
        Spread.from_values([1.0, 2.0, 3.0], "up") is None
        and Spread.from_values([2.0] * 4, "up").position(2.0) == 0.5
    )
    drawn = draw_spine(up, 3.0, 5.0, "better", both_languages("<b>")).__html__()
    assert (
        'class="better" d="M133.0' in drawn
        and 'class="net" d="M70.0' in drawn
        and "<b>" not in drawn
    )


def test_a_chart_by_kpi_and_branch_ends_with_its_last_charted_month():
    rows = [
        ("a", "1", 1.0, True, "usual", None),
        ("a", "1", None, True, "concern", "shift"),
        ("a", "1", 9.0, False, None, None),
    ]
    rows += [("a", "2", 3.0, False, None, None), ("b", "1", 4.0, True, "improvement", "trend")]
    names = ["kpi_id", "branch_code", "value", "is_charted", "variation", "rule"]
    trends = Trends(
        pa.table(
            {
                name: list(column)
                for name, column in zip(names, zip(*rows, strict=True), strict=True)
            }
        )
    )
    first = trends.get("a", "1")
    assert (first.variation, first.rule, len(first.values), list(first.is_charted)) == (
        "concern",
        "shift",
        3,
        [True, True, False],
    )
    assert (
        trends.get("a", "2").variation is None
        and trends.get("b", "1").variation == "improvement"
        and trends.get("b", "2") is None
    )


def test_a_page_is_called_by_its_branch_where_that_can_be_a_file():
    assert branch_page_link("4401") == "branch-4401.html"
    odd = [branch_page_link(code) for code in ("../x", "A", "a", "总", "con.", "<b>")]
    assert len(set(odd)) == 6 and all(re.fullmatch(r"branch-[0-9a-z]+\.html", name) for name in odd)
