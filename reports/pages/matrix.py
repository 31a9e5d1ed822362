"""The matrix: every provincial branch by every KPI that has a better direction, coloured by what
chance does not explain.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles, expected_false_alarms
from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Cell, Head, Table, name_cell
from reports.text import format
from reports.text.words import Both, both_languages, word


def matrix(profiles: BranchProfiles) -> dict:
    """Variables of matrix.html."""
    return {"title": word("site.matrix"), "grid": table(profiles)}


def table(profiles: BranchProfiles) -> Table | None:
    """Branches by KPI for the year to date, KPIs stage by stage; None where no province has a
    value.
    """
    publication = profiles.publication
    kpis = [
        kpi
        for _, found in publication.stages()
        for kpi in found
        if kpi["direction"] != "none" and kpi["kind"] != "count"
    ]
    leagues = {
        kpi["kpi_id"]: {
            row["branch_code"]: row for row in publication.league(kpi["kpi_id"], "province")
        }
        for kpi in kpis
    }
    kpis = [
        kpi
        for kpi in kpis
        if any(row["value"] is not None for row in leagues[kpi["kpi_id"]].values())
    ]
    codes = sorted({code for kpi in kpis for code in leagues[kpi["kpi_id"]]})
    if not codes:
        return None
    heads = [Head(word("column.branch"))] + [
        Head(publication.title(kpi), True, kpi_page_link(kpi)) for kpi in kpis
    ]
    lines = [
        [name_cell(publication.name(code), branch_link(publication, code))]
        + [glance(leagues[kpi["kpi_id"]].get(code), kpi) for kpi in kpis]
        for code in codes
    ]
    verdicts = [row["verdict"] for kpi in kpis for row in leagues[kpi["kpi_id"]].values()]
    tested = sum(verdict in ("better", "worse", "as_expected") for verdict in verdicts)
    told = {side: str(verdicts.count(side)) for side in ("better", "worse")}
    chance = word(
        "matrix.chance", tested=format.count(tested), false=expected_false_alarms(tested), **told
    )
    note = word("matrix.note") + Both("", " ") + chance + Both("", " ") + word("matrix.means")
    caption = word("matrix.title", period=format.period(*publication.year_to_date))
    stages = [(title, sum(kpi in kpis for kpi in found)) for title, found in publication.stages()]
    return Table(
        "matrix",
        caption,
        heads,
        lines,
        note,
        groups=[(both_languages(""), 1)] + [stage for stage in stages if stage[1]],
    )


def glance(row: dict | None, kpi: dict) -> Cell:
    """Value and verdict in the house's colours; interval and counts for a pointer."""
    if row is None:
        return Cell(format.missing(), None, "uncompared")
    text = format.value(row["value"], kpi["unit"])
    if not row["verdict"]:
        # A KPI that nobody is compared by: boxes around all of its cells would drown the others.
        return Cell(text, row["value"], tip=kpi_tables.tip(row, kpi))
    return Cell(
        both_languages(kpi_tables.symbol(row) + " ") + text,
        row["value"],
        kpi_tables.STYLES.get(row["verdict"], "uncompared"),
        tip=kpi_tables.tip(row, kpi),
    )
