"""The page of one branch: what is better, what is worse, what is getting worse, and everything that
is behind it.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles, expected_false_alarms
from reports.elements.links import branch_link, kpi_page_link
from reports.pages import branch_profile, branch_tables, branches
from reports.text import format
from reports.text.words import Both, both_languages, level_words, word

LISTED = 6


def branch(profiles: BranchProfiles, code: str) -> dict:
    """Variables of one branch's page."""
    publication = profiles.publication
    row, sides = publication.branches[code], profiles.sides(code)
    period = publication.year_to_date
    below = profiles.children.get(code, [])
    children = (
        word("branch.children", period=format.period(*period)) if period else both_languages("")
    )
    return {
        "title": both_languages(publication.name(code)),
        "kind": word(
            "branch.kind", level=level_words(row["branch_level"]), code=format.text(code, 100)
        ),
        "above": above(profiles, code),
        "lead": lead(profiles, sides),
        "grades": [
            branch_tables.graded(profiles, row) for row in profiles.composites.get(code, [])
        ],
        "sides": [
            (word(f"branch.{side}"), places(profiles, sides[side]), more(sides[side]))
            for side in ("better", "worse", "concern")
        ],
        "profile": branch_profile.table(profiles, code) if period else None,
        "composites": branch_tables.composites(profiles, code),
        "grids": [
            grid
            for grid in (
                branch_tables.issues(profiles, code),
                branch_tables.recognitions(profiles, code),
            )
            if grid
        ],
        "children": branches.table(profiles, below, "children", children) if below else None,
    }


def above(profiles: BranchProfiles, code: str) -> list[tuple[str, str]]:
    """The branches it belongs to, the highest first: page and name."""
    found: list[tuple[str, str]] = []
    parent = profiles.publication.branches[code]["parent_code"]
    while parent in profiles.publication.branches and len(found) < len(
        profiles.publication.branches
    ):
        found.insert(
            0, (branch_link(profiles.publication, parent), profiles.publication.name(parent))
        )
        parent = profiles.publication.branches[parent]["parent_code"]
    return found


def lead(profiles: BranchProfiles, sides: dict[str, list]) -> Both:
    """The page in one sentence: of how many KPIs, how many better, worse and similar, and how many
    by chance.
    """
    period = profiles.publication.year_to_date
    judged = sum(len(sides[side]) for side in ("better", "worse", "as_expected"))
    if not period or not judged:
        return word("branch.lead_none")
    counted = {
        "better": len(sides["better"]),
        "worse": len(sides["worse"]),
        "similar": len(sides["as_expected"]),
    }
    said = {name: str(number) for name, number in counted.items()}
    return word(
        "branch.lead",
        period=format.period(*period),
        judged=str(judged),
        false=expected_false_alarms(judged),
        **said,
    )


def places(profiles: BranchProfiles, found: list[tuple[dict, dict]]) -> list[dict]:
    """KPIs of a branch in a list, the foremost first: title, page, sign, value, the network's
    value.
    """
    told = []
    for kpi, row in sorted(found, key=lambda pair: _foremost(pair[1]))[:LISTED]:
        network = profiles.publication.headline(kpi["kpi_id"])
        held = (
            word("branch.network", value=format.value(network["value"], kpi["unit"]))
            if network and kpi["kind"] != "count"
            else None
        )
        said = {
            "title": profiles.publication.title(kpi),
            "link": kpi_page_link(kpi),
            "symbol": kpi_tables.symbol(row),
            "value": kpi_tables.with_unit(row["value"], kpi),
        }
        told.append(said | {"network": held})
    return told


def more(found: list) -> Both | None:
    return word("site.more", number=str(len(found) - LISTED)) if len(found) > LISTED else None


def _foremost(row: dict) -> tuple:
    """What is outside of the 99.8 % limits first, then by how near to the league's end it
    stands.
    """
    place = 0.5 if row["rank"] is None else row["rank"] / row["ranked_of"]
    return not row["act"], place if row["verdict"] == "better" else -place, row["kpi_id"]
