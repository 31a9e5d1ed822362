"""What changed since the publication before: which published figures, from what to what, because of
which input.
"""

from reports.elements import kpi_tables
from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.tables.publication import Publication
from reports.tables.revision_tables import Revisions
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

NOTED = 300


def changes(publication: Publication) -> dict:
    """Variables of changes.html."""
    shown = {
        "title": word("site.changes"),
        "sentences": [word("changes.first")],
        "grids": [],
        "folded": [],
    }
    if not (revisions := publication.revisions):
        return shown
    figures, kpis, levels = revisions.counted()
    said = {
        "former": publication.facts.compared_with,
        "figures": format.count(figures),
        "kpis": str(kpis),
    }
    noted = revisions.notices.num_rows
    sentences = [word("changes.lead" if figures else "changes.none", **said)]
    if figures:
        sentences.append(
            word(
                "changes.levels",
                levels=join_list(
                    [known_word("level", level) + f" {count:,}" for level, count in levels]
                ),
            )
        )
        sentences.append(
            word("changes.noted" if noted else "changes.none_noted", figures=format.count(noted))
        )
    found = [
        _causes(revisions),
        _company(publication, revisions),
        _notices(publication, revisions),
        _usual(publication, revisions),
    ]
    return shown | {"sentences": sentences, "grids": [grid for grid in found if grid.rows]}


def _causes(revisions: Revisions) -> Table:
    heads = [
        Head(word("column.cause")),
        Head(word("column.figures"), True),
        Head(word("column.kpis"), True),
    ]
    cells = [
        [
            Cell(known_word("cause", cause)),
            number_cell(format.count(figures), figures),
            number_cell(str(kpis), kpis),
        ]
        for cause, figures, kpis in revisions.causes()
    ]
    return Table(
        "causes",
        word("changes.causes"),
        heads,
        cells,
        word("changes.causes_note"),
        can_filter=False,
    )


def _company(publication: Publication, revisions: Revisions) -> Table:
    """The head office's figures that changed, the newest period first."""
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    cells = []
    for row in revisions.company():
        kpi = kpis[row["kpi_id"]]
        cells.append(
            [
                Cell(publication.title(kpi), link=kpi_page_link(kpi)),
                _period(row),
                _value(row, kpi, "before"),
                _value(row, kpi, "after"),
                number_cell(
                    difference(row["value_before"], row["value_after"], kpi["unit"]),
                    _points(row, kpi),
                ),
                Cell(_causes_of(row["causes"])),
                _value(row | {"value_first": row["first_value"]}, kpi, "first"),
                number_cell(format.count(row["revisions"]), row["revisions"]),
            ]
        )
    heads = [Head(word("column.kpi")), Head(word("column.period"))]
    heads += [Head(word(f"column.{name}"), True) for name in ("before", "after", "difference")] + [
        Head(word("column.cause"))
    ]
    heads += [Head(word("column.first_value"), True), Head(word("column.revisions"), True)]
    return Table("company", word("changes.company"), heads, cells, word("changes.company_note"))


def _value(row: dict, kpi: dict, when: str) -> Cell:
    """A value, and what it was made of."""
    parts = {name: row.get(f"{name}_{when}") for name in ("numerator", "denominator")}
    return Cell(
        kpi_tables.with_unit(row[f"value_{when}"], kpi),
        row[f"value_{when}"],
        under=kpi_tables.counts(parts, kpi) or None,
    )


def _period(row: dict) -> Cell:
    """A period on one short line: a month by its number, any other by its kind, and below it when
    it ended.
    """
    if row["period_kind"] == "month":
        return Cell(format.month(row["period_start"]))
    return Cell(
        known_word("period_kind", row["period_kind"]),
        under=word("changes.to", day=format.day(row["period_end"] - format.DAY)),
    )


def _points(row: dict, kpi: dict) -> float | None:
    before, after = row["value_before"], row["value_after"]
    if before is None or after is None:
        return None
    return after - before if kpi["unit"] == "%" else (after / before - 1) * 100 if before else None


def difference(before: float | None, after: float | None, unit: str) -> Both:
    """From one value to another as `format.change` tells it: points between two shares, else per
    cent.
    """
    if before is None or after is None or (unit != "%" and not before):
        return format.missing()
    return format.change(after - before if unit == "%" else (after / before - 1) * 100, unit)


def _causes_of(causes: list[str]) -> Both:
    return join_list([known_word("cause", cause) for cause in causes])


def _usual(publication: Publication, revisions: Revisions) -> Table:
    """By KPI, how far the company's months have moved since they were first published."""
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    found = {row["kpi_id"]: row for row in revisions.usual(kpis)}
    cells = []
    for kpi in publication.kpis:
        if not (row := found.get(kpi["kpi_id"])):
            continue
        cells.append(
            [
                Cell(publication.title(kpi), link=kpi_page_link(kpi)),
                number_cell(str(row["months"]), row["months"]),
                number_cell(format.change(row["median"], kpi["unit"]), row["median"]),
                number_cell(format.change(row["largest"], kpi["unit"]), row["largest"]),
            ]
        )
    heads = [Head(word("column.kpi"))] + [
        Head(word(f"column.{name}"), True)
        for name in ("months_revised", "usual_revision", "largest_revision")
    ]
    return Table(
        "usual", word("changes.usual"), heads, cells, word("changes.usual_note"), can_filter=False
    )


def _notices(publication: Publication, revisions: Revisions) -> Table:
    """The figures that changed by more than is let pass without a notice, those of the company
    first, then the largest changes.
    """
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    rows = revisions.noted(NOTED)
    cells = []
    for row in rows:
        kpi, code = kpis[row["kpi_id"]], row["branch_code"]
        cells.append(
            [
                name_cell(publication.name(code), branch_link(publication, code)),
                Cell(publication.title(kpi), link=kpi_page_link(kpi)),
                _period(row),
                number_cell(format.value(row["value_before"], kpi["unit"]), row["value_before"]),
                number_cell(format.value(row["value_after"], kpi["unit"]), row["value_after"]),
                number_cell(
                    both_languages("")
                    if row["change"] is None
                    else format.change(row["change"], kpi["unit"]),
                    row["change"],
                ),
                Cell(_causes_of(row["causes"].split("; "))),
            ]
        )
    heads = [Head(word(f"column.{name}")) for name in ("branch", "kpi", "period")]
    heads += [Head(word(f"column.{name}"), True) for name in ("before", "after", "difference")] + [
        Head(word("column.cause"))
    ]
    total = revisions.notices.num_rows
    note = (
        word("changes.notices_note")
        if total <= len(rows)
        else word("changes.notices_part", shown=format.count(len(rows)), all=format.count(total))
    )
    return Table("notices", word("changes.notices"), heads, cells, note)
