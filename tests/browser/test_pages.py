"""What a reader does with a page: open it, switch its language, sort and filter its tables, read it
on a small screen.
"""

import pytest

CLOSURE = "kpi-claim_closure_pct.html"
SHOWN = "#league-province tbody tr"


def test_pages_open_without_an_error_and_without_a_request(reader, page_names):
    for name in page_names:
        for lang in ("zh", "en"):
            page = reader.open(name, lang)
            timing = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            print(f"{name} {lang}: load event after {timing:.0f} ms")
    assert reader.errors == []
    assert {url.split(":")[0] for url in reader.requests} <= {"file", "data"}
    assert len([url for url in reader.requests if url.startswith("file:")]) == 2 * len(page_names)


def test_language_switches_and_stays_from_page_to_page(reader):
    page = reader.open("index.html")
    assert page.inner_text("h1") == "总览"
    page.click("#language")
    assert page.inner_text("h1") == "Overview" and page.get_attribute("html", "lang") == "en"
    assert page.title().startswith("Overview")
    page.click("nav summary >> text=Claims closure")
    page.click("nav a >> text=Claim closure rate")
    page.wait_for_url("**/kpi-claim_closure_pct.html*")
    assert (
        page.inner_text("h1") == "Claim closure rate" and page.get_attribute("html", "lang") == "en"
    )
    assert page.get_attribute("figure img >> nth=0", "alt").startswith("Line chart")
    page.click("#language")
    page.click("nav a >> text=数据质量")
    page.wait_for_url("**/quality.html*")
    assert page.inner_text("h1") == "数据质量"


def column(page, words: str) -> int:
    heads = page.eval_on_selector_all(
        "#league-province thead th", "cells => cells.map(cell => cell.innerText)"
    )
    return next(position for position, text in enumerate(heads) if text.startswith(words))


def numbers(page, position: int) -> list[float | None]:
    script = "(rows, place) => rows.map(row => row.cells[place].dataset.v === undefined ? null : Number(row.cells[place].dataset.v))"
    return page.eval_on_selector_all(SHOWN, script, position)


@pytest.mark.parametrize("by", ["click", "keyboard"])
def test_tables_sort_by_number(reader, by):
    page = reader.open(CLOSURE)
    position = column(page, "数值")
    head = page.locator("#league-province thead th").nth(position)
    button = head.locator("button")

    def press():
        if by == "click":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")

    known = sorted(value for value in numbers(page, position) if value is not None)
    assert len(known) > 5 and head.get_attribute("aria-sort") is None
    press()
    assert head.get_attribute("aria-sort") == "ascending"
    assert [value for value in numbers(page, position) if value is not None] == known
    press()
    assert head.get_attribute("aria-sort") == "descending"
    ordered = numbers(page, position)
    assert ordered[: len(known)] == known[::-1] and set(ordered[len(known) :]) <= {None}
    page.locator("#league-province thead button").first.click()
    assert head.get_attribute("aria-sort") is None


def test_filter_narrows_the_rows(reader):
    page = reader.open(CLOSURE, "en")
    rows = page.locator("#league-central tbody tr:visible")
    before = rows.count()
    page.fill("#league-central-filter", "中支1-")
    assert 0 < rows.count() == 2 < before
    assert page.inner_text("output[for=league-central-filter]") == f"2 of {before} rows shown"
    page.fill("#league-central-filter", "")
    assert rows.count() == before


def test_the_matrix_leads_to_branches_and_kpis_and_sorts_by_its_own_button(reader):
    page = reader.open("matrix.html", "en")
    head = page.locator("#matrix thead th[scope=col]").nth(1)
    title, position = (
        head.locator("a").inner_text(),
        "rows => rows.map(row => row.cells[1].dataset.v)",
    )
    head.locator("button").click()
    values = [
        float(value)
        for value in page.eval_on_selector_all("#matrix tbody tr", position)
        if value is not None
    ]
    assert values == sorted(values) and len(values) > 5
    page.click("#matrix tbody a >> text=第8分公司")
    page.wait_for_url("**/branch-08.html*")
    assert page.inner_text("h1") == "第8分公司" and page.locator("#profile svg.spine").count() > 10
    page.click("#children a >> text=中支8-1")
    page.wait_for_url("**/branch-081.html*")
    page.click(f"#profile a >> text='{title}'")
    page.wait_for_url("**/kpi-*.html*")
    assert page.inner_text("h1") == title and page.get_attribute("html", "lang") == "en"


@pytest.mark.parametrize("width", [360, 1024, 1920])
def test_no_page_is_wider_than_the_screen(reader, page_names, width):
    wide = []
    for name in page_names:
        for lang in ("zh", "en"):
            page = reader.open(name, lang, width)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((name, lang))
    assert wide == []


def test_hostile_names_are_text(reader, page_names):
    reader.page.on("dialog", lambda dialog: reader.errors.append(dialog.message))
    for name in page_names:
        page = reader.open(name)
        assert page.locator("script").count() == 1
    assert reader.errors == []
