"""The list of all branches, and the same list of the branches below one."""

from reports.elements.branch_profile import BranchProfiles
from reports.elements.links import branch_link
from reports.elements.sentences import LEADING
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.pages.matrix import glance
from reports.text import format
from reports.text.words import Both, level_words, word


def branches(profiles: BranchProfiles) -> dict:
    """Variables of branches.html."""
    period = profiles.publication.year_to_date
    caption = (
        word("branches.title", period=format.period(*period)) if period else word("site.branches")
    )
    above = [Head(word("column.parent"))]
    return {
        "title": word("site.branches"),
        "grid": table(profiles, profiles.codes, "branches", caption, above),
    }


def table(
    profiles: BranchProfiles,
    codes: list[str],
    id: str,
    caption: Both,
    above: list[Head] | None = None,
) -> Table:
    """Some branches: how often better and worse than the network, and the leading KPIs; with a head
    for it the branch above each.
    """
    publication = profiles.publication
    leading = publication.kpis[:LEADING]
    heads = [Head(word("column.branch")), *(above or [])]
    heads += [
        Head(word(f"column.{side}"), True) for side in ("judged", "better", "worse", "concern")
    ]
    heads += [Head(publication.title(kpi), True) for kpi in leading]
    lines = []
    for code in codes:
        branch, sides = publication.branches[code], profiles.sides(code)
        found = {kpi["kpi_id"]: row for kpi, row in profiles.rows(code)}
        judged = sum(len(sides[side]) for side in ("better", "worse", "as_expected"))
        line = [
            Cell(
                publication.name(code),
                is_name=True,
                link=branch_link(publication, code),
                under=level_words(branch["branch_level"]),
            )
        ]
        line += [_above(profiles, branch["parent_code"])] if above else []
        line += [
            number_cell(str(total), total)
            for total in (judged, *(len(sides[side]) for side in ("better", "worse", "concern")))
        ]
        lines.append(line + [glance(found.get(kpi["kpi_id"]), kpi) for kpi in leading])
    return Table(id, caption, heads, lines, word("branches.note"), can_filter=len(lines) > 12)


def _above(profiles: BranchProfiles, parent: str | None) -> Cell:
    return (
        name_cell(profiles.publication.name(parent), branch_link(profiles.publication, parent))
        if parent
        else Cell("")
    )
