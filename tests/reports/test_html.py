"""The pages: the table's figures at the printed precision, safe, complete, and in need of nothing
else.
"""

import re
from itertools import product

from tests.reports.conftest import HOSTILE
from tests.reports.reading import Page, printed

GROUPS = {"top": "第一梯队", "middle": "中间梯队", "bottom": "末位梯队", None: ""}
VERDICTS = {
    "better": "优于平均",
    "worse": "弱于平均",
    "as_expected": "相近",
    "too_few": "件数不足",
    None: "未比较",
}


def pages(rendered) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8") for path in sorted(rendered.report.iterdir())
    }


def year_to_date(rendered) -> dict:
    kind, start, end = max(
        (row["period_kind"], row["period_start"], row["period_end"])
        for row in rendered.rows("dim_period", period_kind="ytd")
    )
    return {"period_kind": kind, "period_start": start, "period_end": end}


def test_league_tables_show_the_published_values(rendered):
    now = year_to_date(rendered)
    names = {row["branch_code"]: row["name"] for row in rendered.tables["dim_branch"].to_pylist()}
    seen = {True: 0, False: 0}
    kpis = rendered.rows("dim_kpi", table_name="mart_kpi_value")
    for kpi, level in product(kpis, ("province", "central")):
        league = rendered.rows("mart_league", kpi_id=kpi["kpi_id"], branch_level=level, **now)
        shown = Page(rendered.page(f"kpi-{kpi['kpi_id']}.html")).tables.get(
            f"league-{level}", [[]]
        )[1:]
        is_ranked = kpi["direction"] != "none" and kpi["kind"] != "count"
        if not is_ranked:
            shown = [["", *row, ""] for row in shown]
        assert len(shown) == len(league)
        is_compared = any(row["verdict"] for row in league)
        expected = {}
        for row in league:
            is_chance = row["rankability"] is not None and row["rankability"] < 0.5
            position = (
                GROUPS[row["rank_group"]]
                if is_chance
                else ""
                if row["rank"] is None
                else f"{'=' if row['rank_tied'] else ''}{row['rank']}"
            )
            span = "" if row["rank_low"] is None else f"{row['rank_low']}–{row['rank_high']}"
            result = (
                position + span if is_ranked else "",
                printed(row["value"], kpi["unit"]),
                VERDICTS[row["verdict"]] if is_ranked else "",
            )
            expected[names[row["branch_code"]]] = result
            seen[is_chance] += is_ranked
        for cells in shown:
            rank, value, verdict = expected[cells[1]]
            assert (cells[0], cells[2]) == (rank, value)
            assert not is_compared or verdict in cells[-1]
    assert min(seen.values()) > 20, "leagues by rank, and leagues by group"


def test_headlines_show_the_published_values(rendered):
    now = year_to_date(rendered)
    text = Page(rendered.page("index.html")).text
    units = {
        kpi["kpi_id"]: kpi["unit"] for kpi in rendered.rows("dim_kpi", table_name="mart_kpi_value")
    }
    rows = rendered.rows("mart_kpi_value", branch_code="00", segment_kind="all", **now)
    assert len(rows) == len(units)
    for row in rows:
        if row["state"] == "ok":
            assert printed(row["value"], units[row["kpi_id"]]) in text


def test_values_are_next_to_the_industry_and_the_target(rendered):
    card = next(
        card
        for card in rendered.page("index.html").split("<article")[1:]
        if "kpi-satisfaction_pct.html" in card
    )
    assert (
        "industry 95.50%, target 90.00%" in Page(f"<p{card}", "en").text
        and "行业 95.50%、目标 90.00%" in Page(f"<p{card}").text
    )
    page = Page(rendered.page("kpi-satisfaction_pct.html"), "en")
    assert ", industry 95.50%, target 90.00% (" in page.text, "the page's first line"
    assert "industry 95.50%, target 92.25%." in page.text, "the league of provincial branches"
    assert "Dotted line: the industry, 95.50%." in page.text
    assert "industry" not in Page(rendered.page("kpi-claim_closure_pct.html"), "en").text, (
        "where there is no benchmark, nothing is said"
    )


def test_unavailable_kpi_shows_its_reason_and_no_number(rendered):
    page = Page(rendered.page("kpi-complaint_per_100m_premium.html"))
    assert "未收到业务量数据" in page.text
    assert (
        "no extract of exposure has been delivered"
        in Page(rendered.page("kpi-complaint_per_100m_premium.html"), "en").text
    )
    assert not page.tables and not [tag for tag, _ in page.tags if tag in ("img", "svg")]
    card = re.search(
        r"<article.*?</article>", rendered.page("kpi-complaint_per_100m_premium.html"), re.S
    )[0]
    assert not re.search(r"\d", Page(card).text.replace("亿元", ""))


def test_hostile_names_are_text(rendered):
    for text in pages(rendered).values():
        assert text.count("<script") == 1
        assert "<b>车牌" not in text and "<i>a note" not in text
    seen = Page(rendered.page("kpi-satisfaction_pct.html")).tables["league-province"]
    assert set(HOSTILE) <= {row[1] for row in seen}


def test_pages_need_nothing_but_themselves(rendered):
    actual = pages(rendered)
    for name, text in actual.items():
        assert not re.search(r"https?:|url\((?!data:font/)|@import|[\"']//", text), name
        for tag, attributes in Page(text).tags:
            if "src" in attributes:
                assert tag == "img" and attributes["src"].startswith("data:image/")
            href = attributes.get("href")
            if href and not href.startswith("#"):
                assert href in actual, (name, href)


def test_every_page_says_as_of_when_and_whether_the_checks_passed(rendered):
    for name, text in pages(rendered).items():
        for lang, status in (("zh", "不完整"), ("en", "Incomplete")):
            seen = Page(text, lang).text
            assert seen.count("2012-12-20-0123456789ab") >= 2 and seen.count(status) >= 2, name


def test_tables_have_captions_scopes_and_labelled_filters_and_pictures_have_words(rendered):
    for name, text in pages(rendered).items():
        tags = Page(text).tags
        ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
        assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags), (
            name
        )
        assert all(
            attributes.get("scope") in ("col", "colgroup", "row")
            for tag, attributes in tags
            if tag == "th"
        ), name
        labelled = {attributes["for"] for tag, attributes in tags if tag == "label"}
        for tag, attributes in tags:
            if tag == "input":
                assert attributes["id"] in labelled and attributes["data-table"] in ids
            if tag == "img":
                assert len(attributes["alt"]) > 20 and len(attributes["data-alt-en"]) > 20
            if tag == "svg":
                assert attributes["role"] == "img" and len(attributes["aria-label"]) > 5


def test_charts_are_described_in_words_from_their_numbers(rendered):
    now = year_to_date(rendered)
    rows = rendered.rows("mart_league", kpi_id="satisfaction_pct", branch_level="province", **now)
    worse = sum(row["verdict"] == "worse" for row in rows)
    (alt,) = [
        attributes["data-alt-en"]
        for tag, attributes in Page(rendered.page("kpi-satisfaction_pct.html")).tags
        if tag == "img" and "Dot" in attributes["data-alt-en"]
    ]
    assert worse > 0 and f"{worse} worse than the network" in alt


def test_quarantine_is_capped_and_says_how_many_there_are(rendered):
    page = Page(rendered.page("quality.html"))
    assert len(page.tables["quarantine"]) == 201
    assert "310" in page.text
    assert page.tables["files"][1][6:11] == ["1,215", "900", "310", "3", "2"]
