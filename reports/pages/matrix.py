"""The matrix: every provincial branch by every KPI that has a better direction, coloured where the
difference from the network is too large to be chance.
"""

from collections import Counter

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles, expected_false_alarms
from reports.elements.cells import branch_cell
from reports.elements.links import kpi_page_link
from reports.elements.table import Cell, Head, Table, text_heads
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word


def matrix(profiles: BranchProfiles) -> dict:
    """Return the variables of matrix.html."""
    return {"title": word("site.matrix"), "grid": table(profiles)}


def table(profiles: BranchProfiles) -> Table | None:
    """Return branches by KPI for the year to date, KPIs stage by stage; None where no province has
    a value.
    """
    publication = profiles.publication
    rows = _rows_by_branch(publication)
    codes = sorted(set().union(*rows.values()))
    if not codes:
        return None

    heads, kpis = text_heads("branch"), []

    # Above the names of the branches there is no stage.
    groups = [(both_languages(""), 1)]
    for stage, stage_kpis in publication.stages():
        of_stage = [kpi for kpi in stage_kpis if kpi["kpi_id"] in rows]
        for kpi in of_stage:
            title = publication.title(kpi)
            heads.append(Head(title, is_number=True, link=kpi_page_link(kpi)))

        if of_stage:
            groups.append((stage, len(of_stage)))

        kpis += of_stage

    lines = []
    for code in codes:
        cells = [glance(rows[kpi["kpi_id"]].get(code), kpi) for kpi in kpis]
        lines.append([branch_cell(publication, code), *cells])

    caption = word("matrix.title", period=publication.period_words())
    return Table("matrix", caption, heads, lines, _note(rows), groups=groups)


def _rows_by_branch(publication: Publication) -> dict[str, dict[str, dict]]:
    """Return the provincial branches' league rows by KPI and branch, of the KPIs that branches can
    be compared by and that some branch has a value of.
    """
    rows = {}
    for kpi in publication.kpis:
        if not kpi_tables.is_comparable(kpi):
            continue
        league = publication.league(kpi["kpi_id"], "province")
        if any(row["value"] is not None for row in league):
            rows[kpi["kpi_id"]] = {row["branch_code"]: row for row in league}

    return rows


def _note(rows: dict[str, dict[str, dict]]) -> Both:
    """Return what the signs mean, and how many comparisons chance alone would put outside."""
    verdicts = Counter()
    for league in rows.values():
        verdicts.update(row["verdict"] for row in league.values())

    tested = verdicts["better"] + verdicts["worse"] + verdicts["as_expected"]
    chance = word(
        "matrix.chance",
        tested=format.count(tested),
        better=str(verdicts["better"]),
        worse=str(verdicts["worse"]),
        false=expected_false_alarms(tested),
    )
    return join_list([word("matrix.note"), chance, word("matrix.means")], Both("", " "))


def glance(row: dict | None, kpi: dict) -> Cell:
    """Return value and verdict in the house's colours; interval and counts for a pointer."""
    if row is None:
        return Cell(format.missing(), None, "uncompared")

    value, verdict = row["value"], row["verdict"]
    text, tip = format.value(value, kpi["unit"]), kpi_tables.tip(row, kpi)
    if not verdict:
        # A KPI that nobody is compared by: boxes around all of its cells would drown the others.
        return Cell(text, value, tip=tip)

    symbol = both_languages(kpi_tables.symbol(row) + " ")
    style = kpi_tables.STYLES.get(verdict, "uncompared")
    return Cell(symbol + text, value, style, tip=tip)
