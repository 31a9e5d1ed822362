"""The mark of every cell: what a hidden count takes along, and counts exactly at a limit."""

import pytest

from data.config.return_layout import Layout, parse_layout
from tests.layouts import HEAD
from transforms.returns.disclosure import mark_hidden_cells
from transforms.returns.release_figures import collect_figures, figure_name

FLOOR, FEW = 10, 30
LAYOUT = (
    HEAD
    + """filters = ["line"]
total = ["line", "Total"]
column = [
    { name = "line", title = { zh = "甲", en = "A" }, type = "text", role = "label" },
    { name = "cases", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
    { name = "upheld", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
    { name = "others", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
    { name = "upheld_pct", title = { zh = "甲", en = "A" }, type = "number", role = "ratio",
      numerator = "upheld", denominator = "cases" },
    { name = "points", title = { zh = "甲", en = "A" }, type = "number", role = "ratio",
      follows = ["upheld"] },
    { name = "place", title = { zh = "甲", en = "A" }, type = "integer", role = "rank",
      of = "upheld_pct" },
]
control = [
    { id = "parts", left = ["upheld", "others"], right = ["cases"] },
    { id = "lines", column = "cases" },
    { id = "upheld_lines", column = "upheld" },
]
"""
)


@pytest.fixture(scope="module")
def layout() -> Layout:
    text = LAYOUT.replace("\n      ", " ")
    return parse_layout("reg_a", text)


def row(line: str, upheld: int | None, others: int | None, **cells) -> dict:
    cases = None if upheld is None or others is None else upheld + others
    figures = {"cases": cases, "upheld": upheld, "others": others}
    ratios = {"upheld_pct": None, "points": None, "place": None}
    if cases:
        ratios = {"upheld_pct": 100 * upheld / cases, "points": 5.0, "place": 1}
    period = {"time_period": "2012", "time_identifier": "year"}
    branch = {"geographic_level": "company", "branch_code": "00", "branch_name": "甲"}
    return period | branch | {"line": line} | figures | ratios | cells


def marks(layout: Layout, rows: list[dict], earlier: dict | None = None) -> list[dict[str, str]]:
    return mark_hidden_cells([(layout, rows)], FLOOR, FEW, earlier or {})[0].marks


@pytest.mark.parametrize(
    ("upheld", "mark"), [(0, ""), (1, "c"), (FLOOR - 1, "c"), (FLOOR, ""), (FLOOR + 1, "")]
)
def test_a_count_at_the_floor(layout, upheld, mark):
    assert marks(layout, [row("auto", upheld, 500)])[0]["upheld"] == mark


def test_a_hidden_count_hides_what_was_formed_from_it_and_what_follows_from_it(layout):
    (cells,) = marks(layout, [row("auto", 3, 500)])
    hidden = {name for name, mark in cells.items() if mark == "c"}
    # upheld = cases - others: one of the two has to go along, the smaller one.
    assert hidden == {"upheld", "others", "upheld_pct", "points", "place"}


def test_a_count_that_other_columns_give_away_is_hidden_with_one_of_them(layout):
    """3 of home = 203 - 200 by the total of the lines, and = 43 - 40 by the parts of its row."""
    rows = [row("auto", 200, 300), row("home", 3, 40), row("Total", 203, 340)]
    auto, home, total = marks(layout, rows)
    assert home["upheld"] == home["others"] == "c"
    assert "c" in (auto["upheld"], total["upheld"])
    assert total["upheld"] == "", "a total is hidden last"


def test_an_equation_without_one_of_its_counts_gives_nothing_away(layout):
    (cells,) = marks(layout, [row("auto", 3, None)])
    assert (cells["upheld"], cells["others"], cells["cases"]) == ("c", "x", "x")
    assert collect_figures([(layout, [row("auto", 3, None)])], {}).equations == []


def test_two_total_rows_or_none_add_up_to_nothing(layout):
    by_row = {"upheld", "others", "cases"}
    for rows in (
        [row("auto", 20, 30), row("home", 20, 30)],
        [row("auto", 20, 30), row("Total", 20, 30), row("Total", 20, 30)],
    ):
        for equation in signed_names(layout, rows):
            assert {name.split(" ")[0] for name in equation} == by_row


@pytest.mark.parametrize(("cases", "mark"), [(FEW - 1, "u"), (FEW, ""), (FEW + 1, "")])
def test_a_ratio_of_few_cases(layout, cases, mark):
    (cells,) = marks(layout, [row("auto", 12, cases - 12)])
    assert cells["upheld_pct"] == mark


def test_a_ratio_of_no_cases_is_not_applicable_and_one_without_a_count_not_available(layout):
    empty, absent = marks(layout, [row("auto", 0, 0), row("home", None, None)])
    assert (empty["upheld_pct"], empty["place"]) == ("z", "z")
    assert (absent["upheld_pct"], absent["place"]) == ("x", "x")


def test_what_an_earlier_release_hid_stays_hidden_and_what_it_published_stays_published(layout):
    rows = [row("auto", 50, 500)]
    name = "reg_a.upheld|2012|company|00|auto"
    assert marks(layout, rows, {name: None})[0]["upheld"] == "c"
    assert marks(layout, [row("auto", 3, 500)], {name: 3})[0]["upheld"] == ""
    assert marks(layout, [row("auto", 3, 500)], {name: 4})[0]["upheld"] == "c", "it changed"


def test_counts_of_the_total_row_are_totals(layout):
    figures = collect_figures([(layout, [row("auto", 20, 30), row("Total", 20, 30)])], {})
    totals = {name for name, total in zip(figures.names, figures.is_total, strict=True) if total}
    assert totals == {name for name in figures.names if name.endswith("|Total")}
    assert len(totals) == 3


def test_a_column_without_a_figure_in_the_total_row_is_not_applicable_there():
    text = LAYOUT.replace("\n      ", " ").replace(
        'name = "others",', 'name = "others", total = { zh = "无", en = "none" },'
    )
    layout = parse_layout("reg_a", text)
    auto, total = marks(layout, [row("auto", 20, None), row("Total", 20, None)])
    assert (auto["others"], total["others"]) == ("x", "z")


def signed_names(layout: Layout, rows: list[dict]) -> list[dict[str, int]]:
    """Return what the counts of the table add up to, by their short names: column and line."""
    figures = collect_figures([(layout, rows)], {})
    equations = []
    for equation in figures.equations:
        if any(figures.is_derived[number] for number in equation):
            continue
        parts = {}
        for number, sign in equation.items():
            name = figures.names[number].split("|")
            parts[f"{name[0].removeprefix('reg_a.')} {name[-1]}"] = sign
        equations.append(parts)
    return equations


def test_what_adds_up_has_signs_that_make_nothing_of_it(layout):
    """upheld + others - cases = 0 in each row; auto + home - Total = 0 in each column."""
    rows = [row("auto", 20, 30), row("home", 40, 50), row("Total", 60, 80)]
    equations = signed_names(layout, rows)
    for line in ("auto", "home", "Total"):
        assert {f"upheld {line}": 1, f"others {line}": 1, f"cases {line}": -1} in equations
    for column in ("cases", "upheld"):
        assert {f"{column} auto": 1, f"{column} home": 1, f"{column} Total": -1} in equations
    assert len(equations) == 5


def test_a_ratio_that_divides_by_no_count_is_of_no_few_cases(layout):
    """Points follow from what was upheld; there is no number of cases to be few."""
    counts = {"upheld": 11, "others": 1, "cases": 12}
    published = {f"reg_a.{name}|2012|company|00|auto": count for name, count in counts.items()}
    (cells,) = marks(layout, [row("auto", 11, 1)], published)
    assert (cells["upheld_pct"], cells["points"]) == ("u", "")


def test_the_few_cases_that_a_share_leaves_out_hide_it(layout):
    """497 of 500 upheld, and nothing says how many were not: 3 follow from the two counts."""
    (cells,) = marks(layout, [row("auto", 497, None, cases=500, upheld_pct=99.4)])
    assert (cells["upheld"], cells["upheld_pct"], cells["cases"]) == ("c", "c", "")
    (cells,) = marks(layout, [row("auto", 490, None, cases=500, upheld_pct=98.0)])
    assert (cells["upheld"], cells["upheld_pct"], cells["cases"]) == ("", "", "")


@pytest.mark.parametrize(("came", "mark"), [(0, ""), (1, "c"), (FLOOR - 1, "c"), (FLOOR, "")])
def test_what_came_since_the_last_release_of_the_year_is_a_count_too(layout, came, mark):
    """November's table said 50 from January on; December's less November's is December."""
    november = "2012-01-01/2012-11-30"
    earlier = {f"reg_a.upheld|{november}|company|00|auto": 50}
    december = row("auto", 50 + came, 500, time_period="2012-01-01/2012-12-31")
    (cells,) = marks(layout, [december], earlier)
    assert cells["upheld"] == mark


def test_a_count_that_fell_is_none_that_adds_up_over_time(layout):
    november = "2012-01-01/2012-11-30"
    earlier = {f"reg_a.upheld|{november}|company|00|auto": 53}
    december = row("auto", 50, 500, time_period="2012-01-01/2012-12-31")
    assert marks(layout, [december], earlier)[0]["upheld"] == ""


def test_no_rank_is_published_where_a_ranked_figure_is_hidden(layout):
    """Places 1 and 3 would say that the hidden figure lies between theirs."""
    rows = [
        row("auto", 100, 500, place=1),
        row("home", 3, 40, place=2),
        row("sea", 20, 90, place=3),
    ]
    assert [cells["place"] for cells in marks(layout, rows)] == ["c", "c", "c"]
    rows = [row("auto", 100, 500, place=1), row("sea", 20, 90, place=2)]
    assert [cells["place"] for cells in marks(layout, rows)] == ["", ""]


SHARES = (
    HEAD
    + """total = ["geographic_level", "company"]
column = [
    { name = "index", title = { zh = "甲", en = "A" }, type = "number", role = "ratio",
      numerator = "share", denominator = "premium_share" },
    { name = "share", title = { zh = "甲", en = "A" }, type = "number", role = "ratio",
      numerator = "cases" },
    { name = "premium_share", title = { zh = "甲", en = "A" }, type = "number", role = "ratio",
      numerator = "premium" },
    { name = "cases", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
    { name = "premium", title = { zh = "甲", en = "A" }, type = "number", role = "amount" },
]
control = [{ id = "cases", column = "cases" }]
"""
)


def shares_of(cases: list[int]) -> list[dict[str, str]]:
    layout = parse_layout("reg_b", SHARES.replace("\n      ", " "))
    rows = []
    for number, count in enumerate([*cases, sum(cases)]):
        level = "region" if number < len(cases) else "company"
        period = {"time_period": "2012", "time_identifier": "year"}
        branch = {"geographic_level": level, "branch_code": str(number), "branch_name": "甲"}
        figures = {"index": 1.0, "share": 1.0, "premium_share": 1.0, "cases": count, "premium": 2.0}
        rows.append(period | branch | figures)
    return mark_hidden_cells([(layout, rows)], FLOOR, FEW, {})[0].marks


def test_a_ratio_of_a_hidden_ratio_is_hidden_wherever_it_stands():
    """The index stands before the share that it is formed from."""
    small, other, large, total = shares_of([3, 30, 400])
    assert [cells["index"] for cells in (small, other, large, total)] == ["c", "c", "", ""]
    assert [cells["premium_share"] for cells in (small, other, large, total)] == ["", "", "", ""]


def test_a_share_of_a_hidden_total_is_hidden():
    """A total of 7 is hidden, too: the share of the branch without cases, 0, tells nothing, but a
    share of 30 % next to a published count of 12 would.
    """
    small, nothing, large, total = shares_of([3, 0, 4])
    assert total["cases"] == small["cases"] == large["cases"] == "c"
    assert {cells["share"] for cells in (small, nothing, large, total)} == {"c"}
    assert nothing["cases"] == ""


def test_what_a_total_has_beyond_its_rows_is_protected(layout):
    """One line has no figure: 300 in all less 293 says that it had 7."""
    rows = [row("auto", 293, 500), row("sea", None, None), row("Total", 300, 510)]
    auto, sea, total = marks(layout, rows)
    assert sea["upheld"] == "x"
    assert "c" in (auto["upheld"], total["upheld"])


@pytest.mark.parametrize(
    ("period", "twelve_months"),
    [
        ("2012-01-01/2012-12-31", "2012-01-01/2012-12-31"),
        ("2012-01-01/2012-09-30", "2011-10-01/2012-09-30"),
        ("2012-01-01/2012-02-29", "2011-03-01/2012-02-29"),
        ("2012-01-01/2012-02-28", "2011-03-01/2012-02-28"),
    ],
)
def test_a_count_of_twelve_months_has_the_name_of_its_months(period, twelve_months):
    """The same count in a table of the year and in one of twelve months is one number."""
    covers = 'role = "count", quantity = "claims", covers = "twelve_months" }'
    text = LAYOUT.replace("\n      ", " ").replace('role = "count" }', covers, 1)
    year = parse_layout("reg_a", text)
    name = figure_name(year, year.column("cases"), row("auto", 1, 1, time_period=period))
    assert name == f"claims|{twelve_months}|company|00|auto"
