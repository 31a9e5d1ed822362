"""What changed since the publication before: which published figures, from what to what, and
because of which input.
"""

from reports.elements import kpi_tables
from reports.elements.cells import branch_cell, change_cell, count_cell, kpi_cell, value_cell
from reports.elements.table import Cell, Table, number_cell, number_heads, text_heads
from reports.tables.publication import Publication
from reports.tables.revision_tables import Revisions, change_between
from reports.text import format
from reports.text.words import Both, join_list, known_word, word

LISTED = 300  # notices on the page; diff/notice.csv has all


def changes(publication: Publication) -> dict:
    """Return the variables of changes.html."""
    variables = {
        "title": word("site.changes"),
        "sentences": [word("changes.first")],
        "grids": [],
        "folded": [],
    }
    revisions = publication.revisions
    if not revisions:
        return variables

    tables = [
        _causes(revisions),
        _company(publication, revisions),
        _notices(publication, revisions),
        _usual(publication, revisions),
    ]
    return variables | {
        "sentences": _sentences(publication, revisions),
        "grids": [table for table in tables if table.rows],
    }


def _sentences(publication: Publication, revisions: Revisions) -> list[Both]:
    """Return how many figures changed, at which levels, and of how many a notice is due."""
    figures, kpis, levels = revisions.count_figures()
    former = publication.facts.compared_with
    if not figures:
        return [word("changes.none", former=former)]

    noted = revisions.notices.num_rows
    notice = "changes.noted" if noted else "changes.none_noted"
    by_level = [known_word("level", level) + f" {count:,}" for level, count in levels]

    return [
        word("changes.lead", former=former, figures=format.count(figures), kpis=str(kpis)),
        word("changes.levels", levels=join_list(by_level)),
        word(notice, figures=format.count(noted)),
    ]


def _causes(revisions: Revisions) -> Table:
    cells = [
        [
            Cell(known_word("cause", cause)),
            count_cell(figures),
            number_cell(str(kpis), kpis),
        ]
        for cause, figures, kpis in revisions.count_causes()
    ]
    heads = [*text_heads("cause"), *number_heads("figures", "kpis")]
    note = word("changes.causes_note")
    return Table("causes", word("changes.causes"), heads, cells, note, can_filter=False)


def _company(publication: Publication, revisions: Revisions) -> Table:
    """Return the head office's figures that changed, the newest period first."""
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    cells = []
    for row in revisions.company():
        kpi = kpis[row["kpi_id"]]
        change = change_between(row["value_before"], row["value_after"], kpi["unit"])
        first = row | {"value_first": row["first_value"]}
        line = [
            kpi_cell(publication, kpi),
            _period(row),
            _value(row, kpi, "before"),
            _value(row, kpi, "after"),
            change_cell(change, kpi["unit"]),
            Cell(_causes_of(row["causes"])),
            _value(first, kpi, "first"),
            count_cell(row["revisions"]),
        ]
        cells.append(line)

    heads = [
        *text_heads("kpi", "period"),
        *number_heads("before", "after", "difference"),
        *text_heads("cause"),
        *number_heads("first_value", "revisions"),
    ]
    return Table("company", word("changes.company"), heads, cells, word("changes.company_note"))


def _value(row: dict, kpi: dict, when: str) -> Cell:
    """Return a value, and below it its numerator and denominator."""
    value = row[f"value_{when}"]
    parts = {name: row.get(f"{name}_{when}") for name in ("numerator", "denominator")}
    counts = kpi_tables.counts(parts, kpi)
    return Cell(kpi_tables.with_unit(value, kpi), value, under=counts or None)


def _period(row: dict) -> Cell:
    """Return a period on one short line: a month by its number, any other by its kind, and below it
    when it ended.
    """
    if row["period_kind"] == "month":
        return Cell(format.month(row["period_start"]))

    return Cell(
        known_word("period_kind", row["period_kind"]),
        under=word("changes.to", day=format.day(row["period_end"] - format.DAY)),
    )


def _causes_of(causes: list[str]) -> Both:
    return join_list([known_word("cause", cause) for cause in causes])


def _usual(publication: Publication, revisions: Revisions) -> Table:
    """Return, by KPI, how far the company's months have moved since they were first published."""
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    usual = revisions.usual_revisions(kpis)

    cells = []
    for kpi in publication.kpis:
        revision = usual.get(kpi["kpi_id"])
        if not revision:
            continue

        line = [
            kpi_cell(publication, kpi),
            number_cell(str(revision.months), revision.months),
            change_cell(revision.median, kpi["unit"]),
            change_cell(revision.largest, kpi["unit"]),
        ]
        cells.append(line)

    heads = text_heads("kpi")
    heads += number_heads("months_revised", "usual_revision", "largest_revision")
    note = word("changes.usual_note")

    return Table("usual", word("changes.usual"), heads, cells, note, can_filter=False)


def _notices(publication: Publication, revisions: Revisions) -> Table:
    """Return the figures that changed by more than the notice threshold, those of the company
    first, then the largest changes.
    """
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    rows = revisions.largest_notices(LISTED)

    cells = []
    for row in rows:
        kpi, change = kpis[row["kpi_id"]], row["change"]

        # A figure that is new, or gone, has no difference: an empty cell, not a dash.
        change_text = "" if change is None else format.change(change, kpi["unit"])
        line = [
            branch_cell(publication, row["branch_code"]),
            kpi_cell(publication, kpi),
            _period(row),
            value_cell(row["value_before"], kpi["unit"]),
            value_cell(row["value_after"], kpi["unit"]),
            number_cell(change_text, change),
            Cell(_causes_of(row["causes"].split("; "))),
        ]
        cells.append(line)

    heads = [
        *text_heads("branch", "kpi", "period"),
        *number_heads("before", "after", "difference"),
        *text_heads("cause"),
    ]
    note = word("changes.notices_note")
    total = revisions.notices.num_rows
    if total > len(rows):
        shown = format.count(len(rows))
        note = word("changes.notices_part", shown=shown, all=format.count(total))

    return Table("notices", word("changes.notices"), heads, cells, note)
