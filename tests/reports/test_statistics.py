"""What the statistics say on the page of a KPI: the published lines, limits and curves, drawn
without gaps being closed.
"""

from reports.figures import statistical
from reports.pages import movements
from reports.tables.publication import Publication
from tests.reports.reading import Page, printed
from tests.reports.test_html import year_to_date


def row(n: float, value: float, spread: float | None = None) -> dict:
    lines = {"watch_low": 8.0, "watch_high": 12.0, "act_low": 7.0, "act_high": 13.0}
    wide = {
        f"{kind}_spread_{side}": None if spread is None else 10 + spread * step
        for kind in ("watch", "act")
        for side, step in (("low", -1), ("high", 1))
    }
    return (
        {"name": "$\\frac{1}{2}$<b>", "n": n, "value": value, "centre": 10.0, "verdict": "worse"}
        | lines
        | wide
    )


def test_branches_are_named_by_the_lines_that_allow_for_the_usual_spread():
    chance = [row(10, 10.5), row(20, 13.5), row(30, 6.0)]
    assert statistical.outliers(chance) == [2, 1], (
        "outside the limits of chance, the farthest first"
    )
    assert statistical.outliers([row(10, 10.5, 5), row(20, 13.5, 5), row(30, 4.0, 5)]) == [2], (
        "inside of the usual spread"
    )
    first = statistical.draw_funnel(chance, "%")
    assert statistical.draw_funnel(chance, "%") == first and b"<b>" not in first


def test_the_funnel_has_its_lines_in_a_table(rendered):
    page, rows = (
        Page(rendered.page("kpi-satisfaction_pct.html"), "en"),
        rendered.rows(
            "mart_funnel",
            kpi_id="satisfaction_pct",
            branch_level="province",
            **year_to_date(rendered),
        ),
    )
    names = {row["branch_code"]: row["name"] for row in rendered.tables["dim_branch"].to_pylist()}
    table = {cells[0]: cells[1:] for cells in page.tables["funnel"][1:]}
    assert len(rows) == len(table) == 8
    for actual in rows:
        n, value, watch, act = table[names[actual["branch_code"]]][:4]
        assert (n, value) == (f"{actual['n']:,.0f}", printed(actual["value"], "%"))
        for kind, shown in (("watch", watch), ("act", act)):
            assert shown == " – ".join(
                printed(actual[f"{kind}_{side}"], "%").removesuffix("%") for side in ("low", "high")
            )
    outside = sum(actual["act_outside"] for actual in rows[:1])
    assert f"{outside} of 8 branches are outside the 99.8% limits" in page.text


def test_months_say_what_the_control_chart_says(rendered):
    page = Page(rendered.page("kpi-claim_settlement_days_mean.html"), "en")
    chart = {
        row["period_start"]: row
        for row in rendered.rows(
            "mart_trend", kpi_id="claim_settlement_days_mean", branch_code="00", period_kind="month"
        )
    }
    words = {
        "usual": "usual variation",
        "improvement": "improving",
        "concern": "getting worse",
        "change": "changing",
    }
    heads, *lines = page.tables["months"]
    seen = heads.index("Control chart")
    compared = 0
    for cells in lines:
        actual = next(row for day, row in chart.items() if f"{day:%Y-%m}" == cells[0][:7])
        assert (
            (words[actual["variation"]] in cells[seen])
            if actual["is_charted"]
            else cells[seen] == ""
        )
        compared += actual["is_charted"]
    assert compared > 5


def test_the_speed_of_claims_counts_those_still_open(rendered):
    page = Page(rendered.page("kpi-claim_settled_within_30_days_pct.html"), "en")
    period = max(row["period_end"] for row in rendered.rows("dim_period", period_kind="rolling12"))
    rows = rendered.rows(
        "mart_survival",
        kpi_id="claim_km_curve_pct",
        branch_code="00",
        segment_kind="all",
        period_kind="rolling12",
        period_end=period,
    )
    curve = {f"{row['day']} days": row for row in rows}
    for day, settled, _, closed, *_ in page.tables["speed"][1:]:
        assert (settled, closed) == (
            printed(curve[day]["value"], "%"),
            printed(curve[day]["closed_only_value"], "%", "n/a"),
        )
    assert len(page.tables["speed"]) > 10
    assert "speed" not in Page(rendered.page("kpi-satisfaction_pct.html")).tables


def test_the_overview_says_what_changed_and_how_much_of_it_chance_would_make(rendered):
    text, judged = (
        Page(rendered.page("index.html"), "en").text,
        {
            kpi["kpi_id"]
            for kpi in rendered.rows("dim_kpi", table_name="mart_kpi_value")
            if kpi["kind"] != "count"
        },
    )
    charts: dict[str, list] = {}
    for row in rendered.rows("mart_trend", branch_code="00", period_kind="month", is_charted=True):
        if row["kpi_id"] in judged and row["limit_high"] is not None:
            charts.setdefault(row["kpi_id"], []).append(row)
    last = [max(rows, key=lambda row: row["period_start"]) for rows in charts.values()]
    signs = sum(row["variation"] in ("improvement", "concern") for row in last)
    assert f"Of {len(last)} control charts, {signs} signal in their latest month" in text


def test_branches_that_moved_are_listed_the_surest_first_with_size_and_direction(rendered):
    publication = Publication(rendered.folder / "tables", rendered.facts)
    rows = [row for row in publication.league("satisfaction_pct", "province") if row["rank"]]
    assert movements.moves(publication)["alarms"] is None, "no year before, nothing tested"
    moves = (
        # movement, its p-value, size and limits, rank a year earlier
        ("real", 0.01, -2.0, -3.0, -1.0, 3),
        ("real", 0.001, 1.8, 0.9, 2.7, 7),
        ("real", 0.002, 1.5, 0.8, 2.2, 4),
        ("small", 0.0001, 0.3, 0.2, 0.4, 1),
        ("chance", 0.4, 1.0, -1.0, 3.0, 1),
        ("unknown", None, None, None, None, None),
    )
    for row, (movement, p_value, size, low, high, prior) in zip(rows, moves, strict=False):
        row |= {
            "movement": movement,
            "movement_direction": "better" if size and size > 0 else "worse",
            "movement_size": size,
            "movement_low": low,
            "movement_high": high,
            "movement_p": p_value,
            "rank": rows.index(row) + 1,
            "rank_tied": False,
            "rank_prior": prior,
            "rankability": 0.9,
        }
    rows[2]["rankability"] = 0.2
    result = movements.moves(publication)
    assert [move["branch"] for move in result["list"]] == [
        publication.name(rows[at]["branch_code"]) for at in (1, 2, 0)
    ]
    better, unranked, worse = result["list"]
    expected = "better against the network: +1.80 points (+0.90 – +2.70)"
    assert better["reading"].en == expected
    assert better["small"].en.startswith("rank 7 → 2")
    assert "rank" not in unranked["small"].en, "a league whose order is chance has no ranks"
    assert worse["reading"].zh == "相对全系统变差：−2.00 个百分点 (−3.00 – −1.00)"
    assert result["alarms"].en.startswith(
        "Of 5 comparisons with last year, 3 show a change in the distance from the network that is"
        " real and worth reporting, 1 more"
    )
