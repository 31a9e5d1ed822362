"""What else is told of a branch: the issues of its customers, its composite grade part by part,
what it is praised for.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import ISSUES, BranchProfiles
from reports.elements.links import kpi_page_link
from reports.elements.table import Cell, Head, Table, number_cell
from reports.pages.branch_profile import network_cell
from reports.text import format
from reports.text.words import Both, both_languages, known_word, word


def issues(profiles: BranchProfiles, code: str) -> Table | None:
    """What a branch's customers report in call-backs, beside the network's; None where there is
    nothing.
    """
    publication = profiles.publication
    rows = profiles.issues.get(code)
    kpi = profiles.kpis.get(ISSUES)
    if not rows or not kpi:
        return None
    whole = {row["segment"]: row for row in profiles.issues.get(publication.head_office, [])}
    heads = (
        [Head(word("column.issue"))]
        + kpi_tables.value_heads(publication, kpi)
        + [Head(word("column.network"), True)]
    )
    lines = []
    for row in rows:
        line = [
            Cell(known_word("segment", format.text(row["segment"], 500)), is_name=True)
        ] + kpi_tables.value_cells(row, kpi)
        lines.append(line + [network_cell(whole.get(row["segment"]), kpi)])
    return Table(
        "issues",
        word("branch.issues", period=format.period(*publication.year_to_date)),
        heads,
        lines,
        can_filter=False,
    )


def recognitions(profiles: BranchProfiles, code: str) -> Table | None:
    """What a branch is praised for, and whether chance explains it; None where it is not."""
    publication = profiles.publication
    rows = [row for row in profiles.recognitions.get(code, []) if row["kpi_id"] in profiles.kpis]
    if not rows:
        return None
    heads = [
        Head(word("column.recognition")),
        Head(word("column.kpi")),
        Head(word("column.value"), True),
        Head(word("column.is_sure")),
    ]
    lines = []
    for row in rows:
        kpi = profiles.kpis[row["kpi_id"]]
        line = [
            Cell(known_word("recognition", row["recognition"])),
            Cell(publication.title(kpi), link=kpi_page_link(kpi)),
        ]
        line += [
            Cell(
                kpi_tables.with_unit(row["value"], kpi),
                row["value"],
                under=kpi_tables.counts(row, kpi),
            )
        ]
        lines.append(line + [Cell(word("sure.yes" if row["is_sure"] else "sure.no"))])
    caption = word("branch.recognitions", period=format.period(*publication.year_to_date))
    return Table("recognitions", caption, heads, lines, can_filter=False)


def composites(profiles: BranchProfiles, code: str) -> list[Table]:
    """What each composite of the year to date is made of."""
    found = []
    for row in profiles.composites.get(code, []):
        parts = [
            part
            for part in profiles.parts.get(code, [])
            if part["composite_id"] == row["composite_id"] and part["kpi_id"] in profiles.kpis
        ]
        heads = [
            Head(word("column.kpi")),
            Head(word("column.value"), True),
            Head(word("column.points"), True),
            Head(word("column.weight"), True),
        ]
        lines = []
        for part in parts:
            kpi = profiles.kpis[part["kpi_id"]]
            line = [Cell(profiles.publication.title(kpi), link=kpi_page_link(kpi))]
            line += [
                Cell(
                    kpi_tables.with_unit(part["value"], kpi),
                    part["value"],
                    under=kpi_tables.counts(part, kpi),
                )
            ]
            points = (
                format.missing()
                if part["points"] is None
                else both_languages(format.plain(part["points"], 1))
            )
            lines.append(
                line
                + [
                    number_cell(points, part["points"]),
                    number_cell(f"{part['weight']:g}", part["weight"]),
                ]
            )
        caption = word(
            "branch.composite_parts",
            name=composite_title(profiles, row),
            period=format.period(*profiles.publication.year_to_date),
        )
        found.append(
            Table(
                f"composite-{row['composite_id']}",
                caption,
                heads,
                lines,
                word("branch.composite_note"),
                can_filter=False,
            )
        )
    return found


def composite_title(profiles: BranchProfiles, row: dict) -> Both:
    title = profiles.publication.facts.policy["composite"][row["composite_id"]]["title"]
    return Both(title["zh"], title["en"])


def graded(profiles: BranchProfiles, row: dict) -> Both:
    """`Service evaluation: 87.2 points (interval 84.0 – 90.1), grade A (BBB to AA possible), rank 3
    (1–9) of 36`, or why there is no grade.
    """
    name = composite_title(profiles, row)
    if row["grade"] is None:
        return word("branch.composite_none", name=name, coverage=f"{row['coverage']:g}")
    grade = both_languages(row["grade"])
    if row["grade_low"] != row["grade_high"]:
        grade = grade + word("branch.composite_range", low=row["grade_low"], high=row["grade_high"])
    interval = f"{format.plain(row['score_low'], 1)} – {format.plain(row['score_high'], 1)}"
    told = word(
        "branch.composite",
        name=name,
        score=format.plain(row["score"], 1),
        interval=interval,
        grade=grade,
    )
    if row["rank"] is None:
        return told
    held = "" if row["rank_low"] is None else f" ({row['rank_low']}–{row['rank_high']})"
    return told + word(
        "branch.composite_ranked",
        rank=format.rank(row["rank"], row["rank_tied"]) + held,
        of=str(row["ranked_of"]),
    )
