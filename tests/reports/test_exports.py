"""Workbook and CSV: the same figures as the tables, nothing live in a cell, the same bytes each
time.
"""

import csv
import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from data.config.published_tables import load_published_tables
from reports.csv import kpi_csv
from tests.reports.conftest import HOSTILE, render


def read_csv(rendered, name: str) -> list[dict]:
    raw = (rendered.exports / "csv" / name).read_bytes()
    assert (
        not raw.startswith(b"\xef\xbb\xbf")
        and raw.endswith(b"\r\n")
        and raw.count(b"\n") == raw.count(b"\r\n")
    )
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline="")))


def shown(rendered, rows: list[dict]) -> list[dict]:
    """The rows of periods that end with the publication's day, and all of the head office."""
    ends = max(row["period_end"] for row in rendered.rows("dim_period"))
    return [
        row for row in rows if row["period_end"] == ends or row["branch_level"] == "head_office"
    ]


def in_key_order(table: str, rows: list[dict]) -> list[dict]:
    """Return the rows of a table as its key orders them: parts come period by period."""
    key = load_published_tables()[table].key
    return sorted(rows, key=lambda row: [row[name] for name in key])


def test_kpi_value_csv_equals_the_table(rendered):
    table = shown(rendered, rendered.rows("mart_kpi_value", segment_kind="all"))
    table = in_key_order("mart_kpi_value", table)
    rows = read_csv(rendered, "kpi_value.csv")
    assert len(rows) == len(table)
    for row, published in zip(rows, table, strict=True):
        assert (row["kpi_id"], row["branch_code"], row["period_start"]) == (
            published["kpi_id"],
            published["branch_code"],
            published["period_start"].isoformat(),
        )
        for name in ("value", "interval_low", "value_prior_year"):
            assert (float(row[name]) if row[name] else None) == published[name]
        for name in ("numerator", "denominator"):
            assert (Decimal(row[name]) if row[name] else None) == published[name]
        assert row["state"] == published["state"] and (row["value"] or row["state"] != "ok")


def test_league_csv_equals_the_table_and_says_why_a_value_is_missing(rendered):
    table = in_key_order("mart_league", shown(rendered, rendered.rows("mart_league")))
    rows = read_csv(rendered, "league.csv")
    assert len(rows) == len(table)
    for row, published in zip(rows, table, strict=True):
        assert (row["kpi_id"], row["branch_code"], row["rank"]) == (
            published["kpi_id"],
            published["branch_code"],
            "" if published["rank"] is None else str(published["rank"]),
        )
        assert (float(row["value"]) if row["value"] else None) == published["value"]
        assert row["act"] == str(published["act"]).lower()
        assert row["value"] or row["state"] in ("no_cases", "immature")


def test_text_that_a_spreadsheet_would_run_is_neutralised(rendered):
    names = {row["branch_name"] for row in read_csv(rendered, "league.csv")}
    assert '\'=HYPERLINK("x","y")' in names and "'-1+1|'甲'" in names
    assert read_csv(rendered, "input_file.csv")[0]["file_name"] == "'=claims_20121220.csv"
    assert [
        kpi_csv.neutralise(text) for text in ("=1", "+1", "-1", "@a", "\t=1", "\r1", "a=1", "甲")
    ] == [
        "'=1",
        "'+1",
        "'-1",
        "'@a",
        "'=1",
        "'1",
        "a=1",
        "甲",
    ]


@pytest.fixture(scope="module")
def book(rendered):
    return openpyxl.load_workbook(rendered.exports / "servicekpi.xlsx")


def column(sheet, words: str) -> int:
    return next(
        position for position, cell in enumerate(sheet[1]) if str(cell.value).endswith(f"\n{words}")
    )


@pytest.mark.parametrize("level", ["province", "central"])
def test_workbook_league_equals_the_table(rendered, book, level):
    now = max(
        (row["period_start"], row["period_end"])
        for row in rendered.rows("dim_period", period_kind="ytd")
    )
    table = rendered.rows(
        "mart_league", branch_level=level, period_kind="ytd", period_start=now[0], period_end=now[1]
    )
    published = {(row["kpi_id"], row["branch_code"]): row for row in table}
    sheet = book[f"League_{level}"]
    kpi, code, value, rank = (
        column(sheet, words) for words in ("KPI identifier", "Branch code", "Value", "Rank")
    )
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == len(published)
    for cells in rows:
        row = published[cells[kpi].value, cells[code].value]
        shown = cells[value].value
        # openpyxl reads 15 or more digits back; the file holds 16.
        assert (shown is None and row["value"] is None) or shown == pytest.approx(
            row["value"], rel=1e-15, abs=1e-300
        )
        assert cells[rank].value == row["rank"]


def test_workbook_values_keep_units_and_nothing_is_a_formula(rendered, book):
    sheet = book["Values"]
    units = {row["kpi_id"]: row["unit"] for row in rendered.rows("dim_kpi")}
    formats = {
        "%": '#,##0.00"%"',
        "days": "#,##0.0",
        "1 = as the network": "#,##0.00",
    } | dict.fromkeys(("complaints", "calls", "claims"), "#,##0")
    formats |= dict.fromkeys(
        ("per 100m yuan", "per 10k policies", "per 1,000 claims"), "#,##0.0000"
    )
    kpi, value = column(sheet, "KPI identifier"), column(sheet, "Value")
    for cells in sheet.iter_rows(min_row=2):
        if cells[value].value is not None:
            assert cells[value].number_format == formats[units[cells[kpi].value]]
    for page in book:
        assert not [
            cell
            for row in page.iter_rows()
            for cell in row
            if cell.data_type == "f" or cell.hyperlink
        ]
    names = {
        cells[column(book["League_province"], "Branch name")].value
        for cells in book["League_province"].iter_rows(min_row=2)
    }
    assert set(HOSTILE) <= names


def test_workbook_has_benchmark_and_target_next_to_the_value(book):
    head, *rows = book["Values"].iter_rows(values_only=True)
    column = {name.split("\n")[-1]: number for number, name in enumerate(head) if name}
    values = {
        (row[column["Industry"]], row[column["Target"]])
        for row in rows
        if row[0] == "satisfaction_pct" and row[2] == "ytd"
    }
    assert (95.5, 92.25) in values and (95.5, 90) in values and (None, 92.25) in values


def test_workbook_tells_what_it_is(rendered, book):
    assert book.sheetnames[0] == "Cover" and book.active.title == "Cover"
    text = "\n".join(
        str(cell.value) for row in book["Cover"].iter_rows() for cell in row if cell.value
    )
    for part in (
        "2012-12-20",
        "2012-12-20-0123456789ab",
        "there is a problem",
        "<i>a note</i>",
        "Incomplete",
    ):
        assert part in text
    assert book.properties.created == datetime(2012, 12, 20)
    assert len(book["Charts"]._charts) == 5
    assert all(
        book[name].auto_filter.ref and book[name].freeze_panes
        for name in ("Trend", "Values", "League_province", "Funnel", "Input_files")
    )


def test_same_input_gives_the_same_bytes(rendered, tmp_path):
    first, second = (
        {
            path.relative_to(one.folder): path.read_bytes()
            for path in one.folder.rglob("*")
            if path.is_file()
        }
        for one in (rendered, render(rendered.tables, tmp_path / "again"))
    )
    assert first.keys() == second.keys()
    assert [str(path) for path in first if first[path] != second[path]] == []
