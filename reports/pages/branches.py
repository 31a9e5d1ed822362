"""The list of all branches, and the same list of the branches below one."""

from reports.elements.branch_profile import BranchProfiles
from reports.elements.cells import branch_cell
from reports.elements.links import branch_link
from reports.elements.sentences import LEADING
from reports.elements.table import Cell, Head, Table, number_cell, number_heads, text_heads
from reports.pages.matrix import glance
from reports.text.words import Both, level_words, word


def branches(profiles: BranchProfiles) -> dict:
    """Return the variables of branches.html."""
    caption = word("site.branches")
    if profiles.publication.year_to_date:
        caption = word("branches.title", period=profiles.publication.period_words())

    return {
        "title": word("site.branches"),
        "grid": table(profiles, profiles.codes, "branches", caption, with_parent=True),
    }


def table(
    profiles: BranchProfiles, codes: list[str], id: str, caption: Both, with_parent: bool = False
) -> Table:
    """Return some branches: how often better and worse than the network, and the leading KPIs.

    Args:
        profiles: what is known of each branch.
        codes: the branches, in the order of the table.
        id: of the table on its page.
        caption: of the table.
        with_parent: whether each is followed by the branch above it.
    """
    leading = profiles.publication.kpis[:LEADING]
    titles = [profiles.publication.title(kpi) for kpi in leading]
    heads = text_heads("branch")
    if with_parent:
        heads += text_heads("parent")

    heads += number_heads("judged", "better", "worse", "concern")
    heads += [Head(title, is_number=True) for title in titles]
    lines = [_line(profiles, code, leading, with_parent) for code in codes]

    # A dozen branches fit on a screen: nobody has to search them.
    can_filter = len(lines) > 12

    return Table(id, caption, heads, lines, word("branches.note"), can_filter=can_filter)


def _line(
    profiles: BranchProfiles, code: str, leading: list[dict], with_parent: bool
) -> list[Cell]:
    publication = profiles.publication
    branch, sides = publication.branches[code], profiles.sides(code)
    name, level = publication.name(code), level_words(branch["branch_level"])
    line = [Cell(name, is_name=True, link=branch_link(publication, code), under=level)]
    if with_parent:
        line.append(_parent_cell(profiles, branch["parent_code"]))

    judged = sum(len(sides[side]) for side in ("better", "worse", "as_expected"))
    totals = [judged, len(sides["better"]), len(sides["worse"]), len(sides["concern"])]
    line += [number_cell(str(total), total) for total in totals]
    rows = {kpi["kpi_id"]: row for kpi, row in profiles.rows(code)}
    line += [glance(rows.get(kpi["kpi_id"]), kpi) for kpi in leading]

    return line


def _parent_cell(profiles: BranchProfiles, parent: str | None) -> Cell:
    if not parent:
        return Cell("")
    publication = profiles.publication
    return branch_cell(publication, parent)
