"""How fast claims are settled: the share settled by a day, open claims counted, beside what the
settled ones alone would say.
"""

from reports.elements.table import Cell, Head, Table, number_cell
from reports.figures import statistical
from reports.pages.kpi_figures import figure_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word

# The KPIs of the time to settlement, by the beginnings of their ids.
ABOUT = ("claim_settlement_days", "claim_settled_within")
SHOWN = (0, 1, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 270, 365)


def speed(publication: Publication) -> dict | None:
    """The figure and its table; None where no claims are published."""
    rows, median = publication.statistics.curve, publication.statistics.median
    rows = [row for row in rows if row["value"] is not None]
    if not rows:
        return None
    row, middle = rows[0], median["value"] if median else None
    period = format.period(row["period_kind"], row["period_start"], row["period_end"])
    counted = {
        name: format.count(row[name])
        for name in ("claims", "claims_open", "claims_late", "claims_settled", "claims_withdrawn")
    }
    title = _title(median)
    alt = word("speed.alt", message=title, points=listed(rows))
    figure = {
        "caption": word("speed.caption", period=period, message=title),
        "image": figure_of(statistical.draw_curve(rows, middle)),
        "alt": alt,
        "note": word("speed.note", **counted),
    }
    return {"figure": figure, "grid": _grid(rows, period)}


def _title(median: dict | None) -> Both:
    if median is None or median["value"] is None:
        return word("speed.not_reached")
    said = {name: format.value(median[name], "days") for name in ("value", "closed_only_value")}
    told = word("speed.median", **said)
    ends = format.interval(median["interval_low"], median["interval_high"], "days")
    return told + Both("（", " (") + ends + Both("）", ")") if ends.zh else told


def listed(rows: list[dict]) -> Both:
    by_day = {row["day"]: row for row in rows}
    told = [
        word("speed.by_day", day=str(day), value=format.value(by_day[day]["value"], "%"))
        for day in (5, 10, 30, 90)
        if day in by_day
    ]
    return join_list(told)


def _grid(rows: list[dict], period: Both) -> Table:
    cells = [
        [
            Cell(word("speed.day", day=str(row["day"])), row["day"]),
            number_cell(format.value(row["value"], "%"), row["value"]),
            number_cell(
                format.interval(row["interval_low"], row["interval_high"], "%"), row["interval_low"]
            ),
            number_cell(format.value(row["closed_only_value"], "%"), row["closed_only_value"]),
            number_cell(
                both_languages("") if row["gap"] is None else format.change(row["gap"], "%"),
                row["gap"],
            ),
            number_cell(format.value(row["withdrawn_pct"], "%"), row["withdrawn_pct"]),
        ]
        for row in rows
        if row["day"] in SHOWN
    ]
    heads = [
        Head(word("column.day"), True),
        Head(word("column.settled_pct"), True),
        Head(word("column.interval", level="95%"), True),
    ]
    heads += [
        Head(word(f"column.{name}"), True) for name in ("closed_only_pct", "gap", "withdrawn_pct")
    ]
    return Table("speed", word("speed.figures", period=period), heads, cells, can_filter=False)
