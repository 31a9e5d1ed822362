"""The sheets of values: the head office month by month, and all values of head office and
provinces.
"""

from collections.abc import Iterator

import pyarrow.compute as pc

from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, word
from reports.workbook.sheet import (
    EXACT,
    SHARE,
    UNIT,
    Line,
    Sheet,
    make_sheet,
    number_pattern,
    to_cell_value,
)

LATEST_MONTHS = 13
VALUE_COLUMNS = (
    *("kpi_id", "unit", "period_kind", "period_start", "period_last"),
    *("branch_code", "branch_name", "branch_level"),
    *(("value", UNIT), ("interval_low", UNIT), ("interval_high", UNIT)),
    *(("numerator_seconds", EXACT), ("denominator", EXACT)),
    *(("value_prior_year", UNIT), ("change_numeric", SHARE)),
    *(("benchmark_value", UNIT), ("target_value", UNIT)),
    *("state", "reason"),
)


def make_trend_sheet(publication: Publication) -> Sheet:
    """Return the head office's months: one row per month, one column per KPI."""
    columns: list[tuple[Both, str | None]] = [(word("column.month"), None)]
    for kpi in publication.kpis:
        title = publication.title(kpi) + both_languages(f" [{kpi['unit']}]")
        columns.append((title, number_pattern(kpi["unit"])))

    values_of_kpis = [publication.head_values(kpi["kpi_id"]) for kpi in publication.kpis]

    rows = []
    for month in publication.months():
        _, start, _ = month
        cells: list = [format.month(start)]
        for values in values_of_kpis:
            row = values.get(month)
            cells.append(row["value"] if row else None)
        rows.append(Line(cells))

    return Sheet("Trend", columns, rows)


def make_value_sheet(publication: Publication) -> Sheet:
    """Return the values of head office and provinces: year to date, rolling twelve months, and the
    latest 13 months.
    """
    units = {kpi["kpi_id"]: kpi["unit"] for kpi in publication.kpis}
    return make_sheet("Values", VALUE_COLUMNS, _value_rows(publication, units), units)


def _value_rows(publication: Publication, units: dict[str, str]) -> Iterator[dict]:
    has_no_segment = pc.field("segment_kind") == "all"
    is_shown_level = pc.field("branch_level").isin(["head_office", "province"])
    is_shown_period = pc.field("period_kind").isin(["ytd", "rolling12"])
    latest_months = publication.months()[-LATEST_MONTHS:]
    if latest_months:
        _, first_day, _ = latest_months[0]
        is_month = pc.field("period_kind") == "month"
        is_late = pc.field("period_start") >= first_day
        is_shown_period = is_shown_period | (is_month & is_late)

    # All cells of a large company are more rows than a sheet may have.
    values = publication.values.filter(has_no_segment & is_shown_level & is_shown_period)
    for row in values.to_pylist():
        unit = units.get(row["kpi_id"], "")
        yield describe_row(publication, row) | {"unit": unit}


def describe_row(publication: Publication, row: dict) -> dict:
    """Return a row of values or of a league with what sheets add to it: the branch's name, the
    period's last day, and numbers under the names of their columns.
    """
    return row | {
        "period_last": row["period_end"] - format.DAY,
        "branch_name": publication.name(row["branch_code"]),
        "numerator_seconds": to_cell_value(row["numerator"]),
        "denominator": to_cell_value(row["denominator"]),
        "change_numeric": row["change_prior_year"],
    }
