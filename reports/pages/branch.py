"""The page of one branch: what is better, what is worse, what is getting worse, and everything
behind it.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles, expected_false_alarms
from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Table
from reports.pages import branch_profile, branch_tables, branches
from reports.pages.overview import more_than
from reports.text import format
from reports.text.words import Both, both_languages, level_words, word

LISTED = 6
SIDES = ("better", "worse", "concern")


def branch(profiles: BranchProfiles, code: str) -> dict:
    """Return the variables of one branch's page."""
    publication = profiles.publication
    row, sides = publication.branches[code], profiles.sides(code)
    level = level_words(row["branch_level"])
    profile = None
    if publication.year_to_date:
        profile = branch_profile.table(profiles, code)
    variables = {
        "title": both_languages(publication.name(code)),
        "kind": word("branch.kind", level=level, code=format.text(code, 100)),
        "above": above(profiles, code),
        "lead": lead(profiles, sides),
        "profile": profile,
        "composites": branch_tables.composites(profiles, code),
        "children": _children(profiles, code),
    }

    composites = profiles.composites.get(code, [])
    tables = [
        branch_tables.issues(profiles, code),
        branch_tables.recognitions(profiles, code),
    ]
    variables["grades"] = [branch_tables.describe_grade(profiles, row) for row in composites]
    variables["sides"] = [_list_side(profiles, side, sides[side]) for side in SIDES]
    variables["grids"] = [table for table in tables if table]
    return variables


def _list_side(profiles: BranchProfiles, side: str, kpis: list) -> tuple[Both, list, Both | None]:
    """Return the title of a side, its foremost KPIs, and how many more there are."""
    title = word(f"branch.{side}")
    foremost = list_kpis(profiles, kpis)
    return title, foremost, more_than(LISTED, kpis)


def _children(profiles: BranchProfiles, code: str) -> Table | None:
    """Return the branches right below; None where there are none."""
    codes = profiles.children.get(code)
    if not codes:
        return None

    caption = both_languages("")
    if profiles.publication.year_to_date:
        caption = word("branch.children", period=profiles.publication.period_words())

    return branches.table(profiles, codes, "children", caption)


def above(profiles: BranchProfiles, code: str) -> list[tuple[str, str]]:
    """Return the branches it belongs to, the highest first: page and name."""
    publication = profiles.publication
    branches = publication.branches
    links: list[tuple[str, str]] = []

    parent = branches[code]["parent_code"]

    # As many steps as there are branches at most: nothing promises that the tree has no ring.
    while parent in branches and len(links) < len(branches):
        link = branch_link(publication, parent), publication.name(parent)
        links.insert(0, link)
        parent = branches[parent]["parent_code"]

    return links


def lead(profiles: BranchProfiles, sides: dict[str, list]) -> Both:
    """Return the page in one sentence: of how many KPIs, how many better, worse and similar, and
    how many by chance.
    """
    better, worse, similar = (len(sides[side]) for side in ("better", "worse", "as_expected"))
    judged = better + worse + similar
    if not profiles.publication.year_to_date or not judged:
        return word("branch.lead_none")

    return word(
        "branch.lead",
        period=profiles.publication.period_words(),
        judged=str(judged),
        better=str(better),
        worse=str(worse),
        similar=str(similar),
        false=expected_false_alarms(judged),
    )


def list_kpis(profiles: BranchProfiles, kpis: list[tuple[dict, dict]]) -> list[dict]:
    """Return KPIs of a branch as a list, the foremost first: title, page, sign, value, the
    network's value.
    """
    publication = profiles.publication
    entries = []
    for kpi, row in sorted(kpis, key=_foremost)[:LISTED]:
        network = publication.headline(kpi["kpi_id"])
        network_text = None
        if network and kpi["kind"] != "count":
            network_text = word("branch.network", value=format.value(network["value"], kpi["unit"]))

        entries.append(
            {
                "title": publication.title(kpi),
                "link": kpi_page_link(kpi),
                "symbol": kpi_tables.symbol(row),
                "value": kpi_tables.with_unit(row["value"], kpi),
                "network": network_text,
            }
        )

    return entries


def _foremost(entry: tuple[dict, dict]) -> tuple:
    """Order what is outside of the 99.8% limits first, then by how near to the league's end it
    is.
    """
    _, row = entry
    from_best = 0.5  # of a branch without a rank: in the middle
    if row["rank"] is not None:
        from_best = row["rank"] / row["ranked_of"]
    if row["verdict"] != "better":
        from_best = -from_best

    return not row["act"], from_best, row["kpi_id"]
