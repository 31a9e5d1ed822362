"""The voice of the customer: what call-backs report, of which kind, since when and where; and how
complaints are handled.
"""

from reports.elements import kpi_tables, sentences
from reports.elements.branch_profile import ISSUES, BranchProfiles
from reports.elements.cells import branch_cell, change_cell
from reports.elements.links import kpi_page_link
from reports.elements.table import Cell, Head, Table, number_cell, number_heads, text_heads
from reports.pages.cards import (
    counted,
    describe_month,
    draw_months,
    from_first_value,
    months_of,
)
from reports.pages.kpi_figures import variation
from reports.tables.publication import Publication
from reports.text import format
from reports.text.journey import stage_of
from reports.text.words import Both, both_languages, join_list, known_word, word

STAGES = ("callback", "complaint")
# Its segments are what customers complain of.
ABOUT = "complaint_count"


def voice(profiles: BranchProfiles) -> dict:
    """Return the variables of voice.html."""
    publication = profiles.publication
    variables = {
        "title": word("site.voice"),
        "sentences": [word("voice.none")],
        "grids": [],
        "folded": [],
    }
    if not publication.year_to_date:
        return variables

    issues_kpi = profiles.kpis[ISSUES]
    tables: list[Table | None] = [
        _issues(publication, issues_kpi),
        _handling(publication),
        _provinces(profiles, issues_kpi),
    ]
    if publication.headline(ABOUT):
        tables.append(kpi_tables.segments(publication, profiles.kpis[ABOUT]))

    return variables | {
        "sentences": _sentences(publication, issues_kpi),
        "grids": [table for table in tables if table and table.rows],
    }


def _sentences(publication: Publication, kpi: dict) -> list[Both]:
    row = publication.headline(kpi["kpi_id"])
    if row is None or row["value"] is None:
        why = kpi_tables.states(row) if row else both_languages("")
        return [join_list([word("voice.none"), why], Both("", " "))]

    lead = word(
        "voice.lead",
        period=publication.period_words(),
        value=format.value(row["value"], kpi["unit"]),
        counted=counted(row, kpi),
        change=sentences.changed(row, kpi),
    )
    return [lead]


def _issue_words(issue: str | None) -> Both:
    return known_word("segment", format.text(issue, 200))


def _issues(publication: Publication, kpi: dict) -> Table:
    """Return each issue with its share of the call-backs, and its months."""
    segments = publication.segments(kpi["kpi_id"])
    rows = [row for row in segments if row["segment_kind"] == "issue" and row["numerator"]]
    rows.sort(key=lambda row: (-row["numerator"], row["segment"]))
    months = publication.segment_months(kpi["kpi_id"], "issue")

    lines = []
    for row in rows:
        issue, words = row["segment"], _issue_words(row["segment"])
        of_issue = [describe_month(month) for month in months.get(issue, [])]
        drawing = draw_months(words, from_first_value(of_issue), kpi["unit"])
        line = [
            Cell(words, is_name=True),
            *kpi_tables.value_cells(row, kpi),
            Cell(drawing or ""),
        ]
        lines.append(line)

    heads = [
        *text_heads("issue"),
        *kpi_tables.value_heads(publication, kpi),
        *text_heads("months"),
    ]
    caption = word("voice.issues", period=publication.period_words())
    return Table("issues", caption, heads, lines, word("voice.issues_note"), can_filter=False)


def _provinces(profiles: BranchProfiles, kpi: dict) -> Table:
    """Return the same issues by provincial branch, each with its counts."""
    publication = profiles.publication
    company = profiles.issues.get(publication.head_office or "", [])
    issues = [row["segment"] for row in company]

    lines = []
    for code in profiles.codes:
        is_province = publication.branches[code]["branch_level"] == "province"
        if not is_province or code not in profiles.issues:
            continue
        rows = {row["segment"]: row for row in profiles.issues[code]}
        cells = [_share_cell(rows.get(issue), kpi) for issue in issues]
        lines.append([branch_cell(publication, code), *cells])

    heads = text_heads("branch")
    heads += [Head(_issue_words(issue), is_number=True) for issue in issues]
    caption = word("voice.provinces", period=publication.period_words())

    return Table("provinces", caption, heads, lines, word("voice.provinces_note"))


def _share_cell(row: dict | None, kpi: dict) -> Cell:
    """Return a share, and below it its counts."""
    if row is None:
        return Cell(both_languages(""))
    text = format.value(row["value"], kpi["unit"])
    return Cell(text, row["value"], under=kpi_tables.counts(row, kpi))


def _handling(publication: Publication) -> Table:
    """Return the KPIs of call-backs and complaints, each with its counts, its months and what the
    control chart says.
    """
    rows = []
    for kpi in publication.kpis:
        row = publication.headline(kpi["kpi_id"])
        if row is not None and stage_of(kpi["kpi_id"]) in STAGES:
            rows.append((kpi, row))

    # A column of nothing but `ok` would only take room.
    has_states = any(row["state"] != "ok" for _, row in rows)

    lines = []
    for kpi, row in rows:
        line = _handling_line(publication, kpi, row)
        if has_states:
            line.append(Cell(kpi_tables.states(row)))
        lines.append(line)

    level = kpi_tables.level_text(publication)
    heads = [
        *text_heads("kpi"),
        *number_heads("value"),
        Head(word("column.interval", level=level), is_number=True),
        *number_heads("counts", "change"),
        *text_heads("months"),
    ]
    if has_states:
        heads += text_heads("state")

    caption = word("voice.handling", period=publication.period_words())
    return Table("handling", caption, heads, lines, can_filter=False)


def _handling_line(publication: Publication, kpi: dict, row: dict) -> list[Cell]:
    unit, title = kpi["unit"], publication.title(kpi)
    month = publication.statistics.latest_charted(kpi["kpi_id"])
    reading = variation(month) if month else both_languages("")
    against = sentences.against(row, kpi)
    value = kpi_tables.with_unit(row["value"], kpi)
    interval = format.interval(row["interval_low"], row["interval_high"], unit)
    counts = kpi_tables.counts(row, kpi)
    drawing = draw_months(title, months_of(publication, kpi), unit)

    return [
        Cell(title, link=kpi_page_link(kpi)),
        Cell(value, under=against if against.zh else None),
        number_cell(interval, None),
        number_cell(counts, None),
        change_cell(row["change_prior_year"], unit),
        Cell(drawing or "", under=reading),
    ]
