"""The list of all branches, and the same list of the branches below one."""

from reports.elements.branch_profile import BranchProfiles
from reports.elements.links import branch_link
from reports.elements.sentences import LEADING
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
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
    """Return some branches: how often better and worse than the network, and the leading KPIs; with
    the branch above each if asked.
    """
    leading = profiles.publication.kpis[:LEADING]
    heads = [Head(word("column.branch"))]
    if with_parent:
        heads.append(Head(word("column.parent")))
    counts = ("judged", "better", "worse", "concern")
    heads += [Head(word(f"column.{count}"), is_number=True) for count in counts]
    heads += [Head(profiles.publication.title(kpi), is_number=True) for kpi in leading]
    lines = [_line(profiles, code, leading, with_parent) for code in codes]
    return Table(id, caption, heads, lines, word("branches.note"), can_filter=len(lines) > 12)


def _line(
    profiles: BranchProfiles, code: str, leading: list[dict], with_parent: bool
) -> list[Cell]:
    publication = profiles.publication
    branch, sides = publication.branches[code], profiles.sides(code)
    link, level = branch_link(publication, code), level_words(branch["branch_level"])
    line = [Cell(publication.name(code), is_name=True, link=link, under=level)]
    if with_parent:
        line.append(_parent_cell(profiles, branch["parent_code"]))
    judged = sum(len(sides[side]) for side in ("better", "worse", "as_expected"))
    line.append(number_cell(str(judged), judged))
    for side in ("better", "worse", "concern"):
        total = len(sides[side])
        line.append(number_cell(str(total), total))
    rows = {kpi["kpi_id"]: row for kpi, row in profiles.rows(code)}
    return line + [glance(rows.get(kpi["kpi_id"]), kpi) for kpi in leading]


def _parent_cell(profiles: BranchProfiles, parent: str | None) -> Cell:
    if not parent:
        return Cell("")
    publication = profiles.publication
    return name_cell(publication.name(parent), branch_link(publication, parent))
