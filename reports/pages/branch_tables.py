"""What else a branch's page has: the issues of its customers, its composite grade part by part,
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
    """Return what a branch's customers report in call-backs, next to the network's; None where
    there is nothing.
    """
    publication = profiles.publication
    rows, kpi = profiles.issues.get(code), profiles.kpis.get(ISSUES)
    if not rows or not kpi:
        return None
    company_rows = profiles.issues.get(publication.head_office or "", [])
    company = {row["segment"]: row for row in company_rows}
    lines = []
    for row in rows:
        issue = known_word("segment", format.text(row["segment"], 500))
        line = [Cell(issue, is_name=True), *kpi_tables.value_cells(row, kpi)]
        lines.append([*line, network_cell(company.get(row["segment"]), kpi)])
    heads = [
        Head(word("column.issue")),
        *kpi_tables.value_heads(publication, kpi),
        Head(word("column.network"), is_number=True),
    ]
    caption = word("branch.issues", period=publication.period_words())
    return Table("issues", caption, heads, lines, can_filter=False)


def recognitions(profiles: BranchProfiles, code: str) -> Table | None:
    """Return what a branch is praised for, and whether chance explains it; None where it is not."""
    publication = profiles.publication
    rows = [row for row in profiles.recognitions.get(code, []) if row["kpi_id"] in profiles.kpis]
    if not rows:
        return None
    lines = []
    for row in rows:
        kpi = profiles.kpis[row["kpi_id"]]
        lines.append(
            [
                Cell(known_word("recognition", row["recognition"])),
                Cell(publication.title(kpi), link=kpi_page_link(kpi)),
                _value_cell(row, kpi),
                Cell(word("sure.yes" if row["is_sure"] else "sure.no")),
            ]
        )
    heads = [
        Head(word("column.recognition")),
        Head(word("column.kpi")),
        Head(word("column.value"), is_number=True),
        Head(word("column.is_sure")),
    ]
    caption = word("branch.recognitions", period=publication.period_words())
    return Table("recognitions", caption, heads, lines, can_filter=False)


def _value_cell(row: dict, kpi: dict) -> Cell:
    """Return a value with its unit, and below it its counts."""
    value = kpi_tables.with_unit(row["value"], kpi)
    return Cell(value, row["value"], under=kpi_tables.counts(row, kpi))


def composites(profiles: BranchProfiles, code: str) -> list[Table]:
    """Return what makes up each composite of the year to date."""
    return [_composite(profiles, code, row) for row in profiles.composites.get(code, [])]


def _composite(profiles: BranchProfiles, code: str, row: dict) -> Table:
    lines = []
    for part in profiles.parts.get(code, []):
        kpi = profiles.kpis.get(part["kpi_id"])
        if part["composite_id"] != row["composite_id"] or kpi is None:
            continue
        points = format.missing()
        if part["points"] is not None:
            points = format.plain(part["points"], 1)
        lines.append(
            [
                Cell(profiles.publication.title(kpi), link=kpi_page_link(kpi)),
                _value_cell(part, kpi),
                number_cell(points, part["points"]),
                number_cell(f"{part['weight']:g}", part["weight"]),
            ]
        )
    heads = [
        Head(word("column.kpi")),
        Head(word("column.value"), is_number=True),
        Head(word("column.points"), is_number=True),
        Head(word("column.weight"), is_number=True),
    ]
    name, period = composite_title(profiles, row), profiles.publication.period_words()
    caption = word("branch.composite_parts", name=name, period=period)
    note = word("branch.composite_note")
    id = f"composite-{row['composite_id']}"
    return Table(id, caption, heads, lines, note, can_filter=False)


def composite_title(profiles: BranchProfiles, row: dict) -> Both:
    """Return the name of a composite, as the policy gives it."""
    title = profiles.publication.facts.policy.composite[row["composite_id"]].title
    return Both(title["zh"], title["en"])


def describe_grade(profiles: BranchProfiles, row: dict) -> Both:
    """Return `Service evaluation: 87.2 points (95% interval 84.0 – 90.1), grade A (95% range BBB to
    AA), rank 3 (1–9) of 36`, or why there is no grade.
    """
    name = composite_title(profiles, row)
    if row["grade"] is None:
        return word("branch.composite_none", name=name, coverage=f"{row['coverage']:g}")
    grade = both_languages(row["grade"])
    if row["grade_low"] != row["grade_high"]:
        grade = grade + word("branch.composite_range", low=row["grade_low"], high=row["grade_high"])
    sentence = word(
        "branch.composite",
        name=name,
        score=format.plain(row["score"], 1),
        interval=f"{format.plain(row['score_low'], 1)} – {format.plain(row['score_high'], 1)}",
        grade=grade,
    )
    if row["rank"] is None:
        return sentence
    rank = format.rank(row["rank"], row["rank_tied"])
    if row["rank_low"] is not None:
        rank += f" ({row['rank_low']}–{row['rank_high']})"
    return sentence + word("branch.composite_ranked", rank=rank, of=str(row["ranked_of"]))
