"""The voice of the customer: what call-backs report, of which kind, since when and where; and how
complaints are handled.
"""

from reports.elements import kpi_tables, sentences
from reports.elements.branch_profile import ISSUES, BranchProfiles
from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.figures.sparkline import draw_titled_sparkline
from reports.figures.svg import SvgDrawing
from reports.pages.cards import counted, months_of, spark_alt
from reports.pages.kpi_figures import variation
from reports.tables.publication import Publication
from reports.text import format
from reports.text.journey import stage_of
from reports.text.words import Both, both_languages, join_list, known_word, word

STAGES = ("callback", "complaint")
# Whose segments tell what customers complain of.
ABOUT = "complaint_count"


def voice(profiles: BranchProfiles) -> dict:
    """Variables of voice.html."""
    publication = profiles.publication
    kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
    if not publication.year_to_date:
        return {
            "title": word("site.voice"),
            "sentences": [word("voice.none")],
            "grids": [],
            "folded": [],
        }
    found = [
        _issues(publication, kpis[ISSUES]),
        _handling(publication),
        _provinces(profiles, kpis[ISSUES]),
    ]
    if publication.headline(ABOUT) and (segments := kpi_tables.segments(publication, kpis[ABOUT])):
        found.append(segments)
    return {
        "title": word("site.voice"),
        "sentences": _sentences(publication, kpis[ISSUES]),
        "grids": [grid for grid in found if grid and grid.rows],
        "folded": [],
    }


def _sentences(publication: Publication, kpi: dict) -> list[Both]:
    row = publication.headline(kpi["kpi_id"])
    if row is None or row["value"] is None:
        why = kpi_tables.states(row) if row else both_languages("")
        return [join_list([word("voice.none"), why], Both("", " "))]
    said = {
        "value": format.value(row["value"], kpi["unit"]),
        "counted": counted(row, kpi),
        "change": sentences.changed(row, kpi),
    }
    return [word("voice.lead", period=format.period(*publication.year_to_date), **said)]


def _issue(text: str | None) -> Both:
    return known_word("segment", format.text(text, 200))


def _issues(publication: Publication, kpi: dict) -> Table | None:
    """Each issue with its share of the call-backs, and its months."""
    rows = [
        row
        for row in publication.segments(kpi["kpi_id"])
        if row["segment_kind"] == "issue" and row["numerator"]
    ]
    months = publication.segment_months(kpi["kpi_id"], "issue")
    cells = []
    for row in sorted(rows, key=lambda row: (-row["numerator"], row["segment"])):
        line = [Cell(_issue(row["segment"]), is_name=True)] + kpi_tables.value_cells(row, kpi)
        cells.append(
            line + [Cell(_line(publication, kpi, row["segment"], months.get(row["segment"], [])))]
        )
    heads = (
        [Head(word("column.issue"))]
        + kpi_tables.value_heads(publication, kpi)
        + [Head(word("column.months"))]
    )
    caption = word("voice.issues", period=format.period(*publication.year_to_date))
    return Table("issues", caption, heads, cells, word("voice.issues_note"), can_filter=False)


def _line(publication: Publication, kpi: dict, issue: str, rows: list[dict]) -> SvgDrawing | str:
    shown = [
        {
            "label": format.month(row["period_start"]),
            "value": row["value"],
            "is_whole": format.is_whole(row["period_kind"], row["period_start"], row["period_end"])
            and row["state"] in ("ok", "no_cases"),
        }
        for row in rows
    ]
    first = next(
        (place for place, month in enumerate(shown) if month["value"] is not None), len(shown)
    )
    return _drawn(_issue(issue), shown[first:], kpi["unit"])


def _drawn(title: Both, months: list[dict], unit: str) -> SvgDrawing | str:
    return (
        draw_titled_sparkline(
            [month["value"] for month in months],
            [month["is_whole"] for month in months],
            spark_alt(title, months, unit),
        )
        or ""
    )


def _provinces(profiles: BranchProfiles, kpi: dict) -> Table | None:
    """The same issues by provincial branch, each with its counts."""
    publication = profiles.publication
    codes = [
        code
        for code in profiles.codes
        if publication.branches[code]["branch_level"] == "province" and code in profiles.issues
    ]
    issues = [row["segment"] for row in profiles.issues.get(publication.head_office, [])]
    cells = []
    for code in codes:
        rows = {row["segment"]: row for row in profiles.issues[code]}
        line = [name_cell(publication.name(code), branch_link(publication, code))]
        for issue in issues:
            row = rows.get(issue)
            text = format.value(row["value"], kpi["unit"]) if row else both_languages("")
            line.append(
                Cell(
                    text,
                    row["value"] if row else None,
                    under=kpi_tables.counts(row, kpi) if row else None,
                )
            )
        cells.append(line)
    heads = [Head(word("column.branch"))] + [Head(_issue(issue), True) for issue in issues]
    caption = word("voice.provinces", period=format.period(*publication.year_to_date))
    return Table("provinces", caption, heads, cells, word("voice.provinces_note"))


def _handling(publication: Publication) -> Table:
    """The KPIs of call-backs and complaints, each with its counts, its months and what the control
    chart says.
    """
    cells = []
    for kpi in publication.kpis:
        row = publication.headline(kpi["kpi_id"])
        if stage_of(kpi["kpi_id"]) not in STAGES or row is None:
            continue
        chart = [
            month
            for month in publication.statistics.chart(kpi["kpi_id"]).values()
            if month["is_charted"]
        ]
        told = (
            variation(max(chart, key=lambda month: month["period_start"]))
            if chart
            else both_languages("")
        )
        cells.append(
            [
                Cell(publication.title(kpi), link=kpi_page_link(kpi)),
                Cell(
                    kpi_tables.with_unit(row["value"], kpi),
                    under=sentences.against(row, kpi) if sentences.against(row, kpi).zh else None,
                ),
                number_cell(
                    format.interval(row["interval_low"], row["interval_high"], kpi["unit"]), None
                ),
                number_cell(kpi_tables.counts(row, kpi), None),
                number_cell(
                    format.change(row["change_prior_year"], kpi["unit"]), row["change_prior_year"]
                ),
                Cell(
                    _drawn(publication.title(kpi), months_of(publication, kpi), kpi["unit"]),
                    under=told,
                ),
                Cell(kpi_tables.states(row)),
            ]
        )
    if not any(line[-1].text.zh for line in cells):
        cells = [line[:-1] for line in cells]
    heads = [
        Head(word("column.kpi")),
        Head(word("column.value"), True),
        Head(word("column.interval", level=kpi_tables.level_text(publication)), True),
    ]
    heads += [
        Head(word("column.counts"), True),
        Head(word("column.change"), True),
        Head(word("column.months")),
    ]
    heads += [Head(word("column.state"))] if cells and len(cells[0]) > len(heads) else []
    return Table(
        "handling",
        word("voice.handling", period=format.period(*publication.year_to_date)),
        heads,
        cells,
        can_filter=False,
    )
