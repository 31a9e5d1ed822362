"""What else a branch's page has: the issues of its customers, its composite grade part by part,
what it is praised for.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import ISSUES, BranchProfiles
from reports.elements.cells import kpi_cell
from reports.elements.table import Cell, Table, number_cell, number_heads, text_heads
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
        segment = row["segment"]
        issue = known_word("segment", format.text(segment, 500))
        line = [
            Cell(issue, is_name=True),
            *kpi_tables.value_cells(row, kpi),
            network_cell(company.get(segment), kpi),
        ]
        lines.append(line)

    heads = [
        *text_heads("issue"),
        *kpi_tables.value_heads(publication, kpi),
        *number_heads("network"),
    ]
    caption = word("branch.issues", period=publication.period_words())
    return Table("issues", caption, heads, lines, can_filter=False)


def recognitions(profiles: BranchProfiles, code: str) -> Table | None:
    """Return what a branch is praised for, and whether chance explains it; None where it is not."""
    publication = profiles.publication
    lines = []
    for row in profiles.recognitions.get(code, []):
        kpi = profiles.kpis.get(row["kpi_id"])
        if kpi is None:
            continue

        is_sure = word("sure.yes" if row["is_sure"] else "sure.no")
        line = [
            Cell(known_word("recognition", row["recognition"])),
            kpi_cell(publication, kpi),
            _value_cell(row, kpi),
            Cell(is_sure),
        ]
        lines.append(line)

    if not lines:
        return None

    heads = [*text_heads("recognition", "kpi"), *number_heads("value"), *text_heads("is_sure")]
    caption = word("branch.recognitions", period=publication.period_words())

    return Table("recognitions", caption, heads, lines, can_filter=False)


def _value_cell(row: dict, kpi: dict) -> Cell:
    """Return a value with its unit, and below it its counts."""
    value = kpi_tables.with_unit(row["value"], kpi)
    return Cell(value, row["value"], under=kpi_tables.counts(row, kpi))


def composites(profiles: BranchProfiles, code: str) -> list[Table]:
    """Return what makes up each composite of the year to date."""
    rows = profiles.composites.get(code, [])
    return [_composite(profiles, code, row) for row in rows]


def _composite(profiles: BranchProfiles, code: str, row: dict) -> Table:
    publication, composite_id = profiles.publication, row["composite_id"]
    lines = []
    for part in profiles.parts.get(code, []):
        kpi = profiles.kpis.get(part["kpi_id"])
        if part["composite_id"] != composite_id or kpi is None:
            continue

        points = format.missing()
        if part["points"] is not None:
            points = format.plain(part["points"], 1)

        line = [
            kpi_cell(publication, kpi),
            _value_cell(part, kpi),
            number_cell(points, part["points"]),
            number_cell(f"{part['weight']:g}", part["weight"]),
        ]
        lines.append(line)

    heads = [*text_heads("kpi"), *number_heads("value", "points", "weight")]
    caption = word(
        "branch.composite_parts",
        name=composite_title(profiles, row),
        period=publication.period_words(),
    )
    note = word("branch.composite_note")

    return Table(f"composite-{composite_id}", caption, heads, lines, note, can_filter=False)


def composite_title(profiles: BranchProfiles, row: dict) -> Both:
    """Return the name of a composite, as the policy gives it."""
    policy = profiles.publication.facts.policy
    title = policy.composite[row["composite_id"]].title
    return Both(title["zh"], title["en"])


def describe_grade(profiles: BranchProfiles, row: dict) -> Both:
    """Return `Service evaluation: 87.2 points (95% interval 84.0 – 90.1), grade A (95% range BBB to
    AA), rank 3 (1–9) of 36`, or why there is no grade.
    """
    name = composite_title(profiles, row)
    if row["grade"] is None:
        return word("branch.composite_none", name=name, coverage=f"{row['coverage']:g}")

    grade = both_languages(row["grade"])
    low, high = row["grade_low"], row["grade_high"]
    if low != high:
        grade = grade + word("branch.composite_range", low=low, high=high)

    score_low, score_high = format.plain(row["score_low"], 1), format.plain(row["score_high"], 1)
    sentence = word(
        "branch.composite",
        name=name,
        score=format.plain(row["score"], 1),
        interval=f"{score_low} – {score_high}",
        grade=grade,
    )
    if row["rank"] is None:
        return sentence

    rank = format.rank(row["rank"], row["rank_tied"])
    if row["rank_low"] is not None:
        rank += f" ({row['rank_low']}–{row['rank_high']})"

    return sentence + word("branch.composite_ranked", rank=rank, of=str(row["ranked_of"]))
