"""One number in all media: report, workbook, CSV, one-pager and digest hold the published tables'
figures, cell by cell.
"""

import csv
from datetime import datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest

from reports.onepager.page import describe_pages
from reports.tables.publication import Publication
from reports.workbook.sheet import head
from tests.reports.reading import Page, printed

SHEETS = {
    "Funnel": "mart_funnel",
    "Control_charts": "mart_trend",
    "Time_to_settlement": "mart_survival",
    "Composite": "mart_composite",
    "Composite_parts": "mart_composite_part",
    "Recognitions": "mart_recognition",
    "Agent_measures": "dim_agent_measure",
    "Arrivals": "quality_arrival",
    "Effects": "quality_effect",
}
KEYS = (
    "kpi_id",
    "composite_id",
    "recognition",
    "measure_id",
    "extract",
    "branch_code",
    "segment",
    "day",
    "period_start",
    "period_end",
)


@pytest.fixture(scope="module")
def book(rendered):
    return openpyxl.load_workbook(rendered.exports / "servicekpi.xlsx", read_only=True)


def year_to_date(rendered) -> tuple:
    return max(
        (row["period_start"], row["period_end"])
        for row in rendered.rows("dim_period", period_kind="ytd")
    )


def same(shown, published, column: str) -> bool:
    if isinstance(published, (float, Decimal)) and not isinstance(shown, str):
        return shown is not None and shown == pytest.approx(float(published), rel=1e-14, abs=1e-300)
    if column.startswith("period_"):
        return shown == datetime.combine(
            published - timedelta(days=column == "period_end"), datetime.min.time()
        )
    if hasattr(published, "isoformat"):
        return shown == datetime.combine(published, datetime.min.time())
    return shown == published or (shown is None and published in (None, ""))


@pytest.mark.parametrize("sheet", SHEETS)
def test_sheets_of_statistics_hold_the_tables_cells(rendered, book, sheet):
    """Every cell is the table's; of a league the year to date is whole, and nothing else is
    there.
    """
    heads, *rows = book[sheet].iter_rows(values_only=True)
    table = rendered.tables[SHEETS[sheet]]
    columns = {
        column: heads.index(head(column).lines())
        for column in table.column_names
        if head(column).lines() in heads
    }
    assert len(columns) > 0.7 * len(table.column_names)
    key = [column for column in KEYS if column in columns]
    published: dict[tuple, list[dict]] = {}
    for row in table.to_pylist():
        published.setdefault(tuple(row[column] for column in key), []).append(row)
    for cells in rows:
        # Periods of two kinds may have the same days: one of them is it.
        actual = published[tuple(_key(cells[columns[column]], column) for column in key)]
        assert any(
            all(same(cells[position], row[column], column) for column, position in columns.items())
            for row in actual
        ), cells
    if sheet not in ("Control_charts", "Time_to_settlement"):
        assert (
            len(rows)
            == sum(_is_shown(row, *year_to_date(rendered)) for row in table.to_pylist())
            > 0
        )


def _is_shown(row: dict, start, end) -> bool:
    period = (row.get("period_kind"), row.get("period_start"), row.get("period_end"))
    return period in ((None, None, None), ("ytd", start, end)) and row.get(
        "branch_level", "province"
    ) in ("head_office", "province", "central")


def _key(shown, column: str):
    if isinstance(shown, datetime):
        return shown.date() + timedelta(days=column == "period_end")
    return shown


def test_one_number_in_all_media(rendered, book):
    """Every value of every league of provinces: the table's, in the pages and on paper as it is
    printed, in workbook and CSV to the last digit.
    """
    start, end = year_to_date(rendered)
    heads, *rows = book["League_province"].iter_rows(values_only=True)
    kpi_at, code_at, value_at, low_at = (
        heads.index(head(column).lines())
        for column in ("kpi_id", "branch_code", "value", "rank_low")
    )
    in_workbook = {(row[kpi_at], row[code_at]): (row[value_at], row[low_at]) for row in rows}
    with (rendered.exports / "csv" / "league.csv").open(encoding="utf-8-sig", newline="") as stream:
        in_csv = {
            (row["kpi_id"], row["branch_code"]): row["value"]
            for row in csv.DictReader(stream)
            if row["period_kind"] == "ytd" and row["period_start"] == str(start)
        }
    on_paper = describe_pages(Publication(rendered.folder / "tables", rendered.facts), "province")
    compared = 0
    for kpi in rendered.rows("dim_kpi", table_name="mart_kpi_value"):
        league = rendered.rows(
            "mart_league",
            kpi_id=kpi["kpi_id"],
            branch_level="province",
            period_kind="ytd",
            period_start=start,
            period_end=end,
        )
        in_page = sorted(
            cells[2] if kpi["direction"] != "none" and kpi["kind"] != "count" else cells[1]
            for cells in Page(rendered.page(f"kpi-{kpi['kpi_id']}.html")).tables.get(
                "league-province", [[]]
            )[1:]
        )
        assert in_page == sorted(printed(row["value"], kpi["unit"]) for row in league)
        for row in league:
            position = (kpi["kpi_id"], row["branch_code"])
            value, low = in_workbook[position]
            assert same(value, row["value"], "value") and low == row["rank_low"]
            assert (in_csv[position] == "" and row["value"] is None) or float(
                in_csv[position]
            ) == row["value"]
            result = [
                line
                for line in on_paper[row["branch_code"]]["sides"][0]["rows"]
                if line[0] == kpi["title_zh"]
            ]
            assert all(
                line[1].split(" ")[0] == printed(row["value"], kpi["unit"]).split(" ")[0]
                for line in result
            )
            compared += len(result)
    assert compared > 50


def test_the_digest_holds_the_tables_figures(rendered):
    digest = (rendered.exports / "digest.txt").read_text(encoding="utf-8")
    (effect,) = rendered.rows("quality_effect")
    for name in ("value", "value_low", "value_high"):
        assert printed(effect[name], "%") in digest
    (arrival,) = rendered.rows("quality_arrival")
    for name in ("rows_read", "rows_usual_low", "rows_usual_high", "deliveries_before"):
        assert f"{arrival[name]:,}" in digest
