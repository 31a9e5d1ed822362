"""How fast claims are settled: the share settled by a day, open claims counted, next to what the
settled ones alone would say.
"""

from reports.elements.cells import value_cell
from reports.elements.table import Cell, Head, Table, number_cell
from reports.figures import statistical
from reports.pages.kpi_figures import figure_of
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, join_list, word

# The KPIs of the time to settlement, by the beginnings of their ids.
ABOUT = ("claim_settlement_days", "claim_settled_within")
COUNTS = ("claims", "claims_open", "claims_late", "claims_settled", "claims_withdrawn")
SPOKEN_DAYS = (5, 10, 30, 90)
TABLE_DAYS = (0, 1, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 270, 365)


def speed(publication: Publication) -> dict | None:
    """Return the figure and its table; None where no claims are published."""
    rows = [row for row in publication.statistics.curve if row["value"] is not None]
    if not rows:
        return None

    median = publication.statistics.median

    # The counts are the same in each row of the curve.
    first = rows[0]
    counts = {name: format.count(first[name]) for name in COUNTS}
    period = format.period(first["period_kind"], first["period_start"], first["period_end"])
    title = _title(median)
    figure = {
        "caption": word("speed.caption", period=period, message=title),
        "image": figure_of(statistical.draw_curve(rows, median["value"] if median else None)),
        "alt": word("speed.alt", message=title, points=list_points(rows)),
        "note": word("speed.note", **counts),
    }

    return {"figure": figure, "grid": _table(rows, period)}


def _title(median: dict | None) -> Both:
    """Return within how many days half of the claims are settled, with the interval of that."""
    if median is None or median["value"] is None:
        return word("speed.not_reached")

    title = word(
        "speed.median",
        value=format.value(median["value"], "days"),
        closed_only_value=format.value(median["closed_only_value"], "days"),
    )
    interval = format.interval(median["interval_low"], median["interval_high"], "days")
    if not interval.zh:
        return title

    return title + Both("（", " (") + interval + Both("）", ")")


def list_points(rows: list[dict]) -> Both:
    """Return some points of the curve in words, for those who cannot see it."""
    points = [
        word("speed.by_day", day=str(row["day"]), value=format.value(row["value"], "%"))
        for row in rows
        if row["day"] in SPOKEN_DAYS
    ]
    return join_list(points)


def _table(rows: list[dict], period: Both) -> Table:
    lines = [_line(row) for row in rows if row["day"] in TABLE_DAYS]
    columns = {
        "day": word("column.day"),
        "settled_pct": word("column.settled_pct"),
        "interval": word("column.interval", level="95%"),
        "closed_only_pct": word("column.closed_only_pct"),
        "gap": word("column.gap"),
        "withdrawn_pct": word("column.withdrawn_pct"),
    }
    heads = [Head(words, is_number=True) for words in columns.values()]
    return Table("speed", word("speed.figures", period=period), heads, lines, can_filter=False)


def _line(row: dict) -> list[Cell]:
    interval = format.interval(row["interval_low"], row["interval_high"], "%")

    # The first days have no gap yet: an empty cell, not a dash.
    gap = "" if row["gap"] is None else format.change(row["gap"], "%")
    return [
        Cell(word("speed.day", day=str(row["day"])), row["day"]),
        value_cell(row["value"], "%"),
        number_cell(interval, row["interval_low"]),
        value_cell(row["closed_only_value"], "%"),
        number_cell(gap, row["gap"]),
        value_cell(row["withdrawn_pct"], "%"),
    ]
