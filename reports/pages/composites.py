"""The composite's league: points and grade of every branch with the parts that make them up, and
how sure rank and grade are.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles
from reports.elements.cells import branch_cell, kpi_cell
from reports.elements.table import Cell, Head, Table, number_cell, number_heads, text_heads
from reports.pages.branch_tables import composite_title
from reports.tables.grouping import group_by_key
from reports.text import format
from reports.text.words import level_words, word

LEVELS = ("province", "central")


def composites(profiles: BranchProfiles) -> dict:
    """Return the variables of composite.html."""
    rows = []
    for of_branch in profiles.composites.values():
        rows += [row for row in of_branch if row["branch_level"] in LEVELS]

    variables = {
        "title": word("site.composite"),
        "sentences": [word("composite.none")],
        "grids": [],
        "folded": [],
    }
    if not rows:
        return variables

    tables = []
    for composite, of_composite in sorted(group_by_key(rows, "composite_id").items()):
        parts = _parts_of(profiles, composite)
        tables.append(_parts(profiles, of_composite[0], parts))
        for level in LEVELS:
            of_level = [row for row in of_composite if row["branch_level"] == level]
            if of_level:
                tables.append(_league(profiles, of_level, level, list(parts)))

    return variables | {
        "sentences": [word("composite.lead"), word("composite.ranks")],
        "grids": [table for table in tables if table.rows],
    }


def _parts_of(profiles: BranchProfiles, composite: str) -> dict[str, dict]:
    """Return the parts of a composite in their order, one row of mart_composite_part of each, by
    KPI.
    """
    parts: dict[str, dict] = {}
    for rows in profiles.parts.values():
        for row in rows:
            if row["composite_id"] == composite and row["kpi_id"] in profiles.kpis:
                parts.setdefault(row["kpi_id"], row)

    return parts


def _parts(profiles: BranchProfiles, row: dict, parts: dict[str, dict]) -> Table:
    """Return what earns points: the weights, and the values that earn none and all."""
    lines = []
    for kpi_id, part in parts.items():
        kpi = profiles.kpis[kpi_id]
        zero_at = kpi_tables.with_unit(part["zero_at"], kpi)
        full_at = kpi_tables.with_unit(part["full_at"], kpi)
        line = [
            kpi_cell(profiles.publication, kpi),
            number_cell(f"{part['weight']:g}", part["weight"]),
            number_cell(zero_at, None),
            number_cell(full_at, None),
        ]
        lines.append(line)

    heads = [*text_heads("kpi"), *number_heads("weight", "zero_at", "full_at")]
    caption = word("composite.parts", name=composite_title(profiles, row))
    note = word("composite.parts_note")

    return Table(f"parts-{row['composite_id']}", caption, heads, lines, note, can_filter=False)


def _best_first(row: dict) -> tuple:
    # A branch without a rank comes last; branches of one rank in the order of their codes.
    return row["rank"] is None, row["rank"] or 0, row["branch_code"]


def _league(profiles: BranchProfiles, rows: list[dict], level: str, kpis: list[str]) -> Table:
    """Return the branches of a level, best first, with the points of every part."""
    publication = profiles.publication
    titles = [publication.title(profiles.kpis[kpi]) for kpi in kpis]
    heads = [
        *number_heads("rank"),
        *text_heads("branch"),
        *number_heads("score"),
        *text_heads("grade"),
        *number_heads("coverage", "equal_weights"),
        *(Head(title, is_number=True) for title in titles),
    ]
    caption = word(
        "composite.league",
        name=composite_title(profiles, rows[0]),
        level=level_words(level),
        period=publication.period_words(),
    )
    lines = [_league_line(profiles, row, kpis) for row in sorted(rows, key=_best_first)]

    return Table(f"league-{level}", caption, heads, lines, word("composite.note"), row_head=1)


def _league_line(profiles: BranchProfiles, row: dict, kpis: list[str]) -> list[Cell]:
    code = row["branch_code"]
    rank = format.rank(row["rank"], row["rank_tied"])
    rank_range = _range(row["rank_low"], row["rank_high"])
    rank_equal = row["rank_equal_weights"]
    weights_range = _range(row["rank_weights_low"], row["rank_weights_high"])
    line = [
        Cell(rank, row["rank"], under=rank_range),
        branch_cell(profiles.publication, code),
        _score_cell(row),
        _grade_cell(row),
        number_cell(f"{row['coverage']:g}", row["coverage"]),
        Cell(format.count(rank_equal), rank_equal, under=weights_range),
    ]

    parts = {}
    for part in profiles.parts.get(code, []):
        if part["composite_id"] == row["composite_id"]:
            parts[part["kpi_id"]] = part

    line += [_points_cell(parts.get(kpi), profiles.kpis[kpi]) for kpi in kpis]
    return line


def _grade_cell(row: dict) -> Cell:
    """Return the grade, and below it the grades that chance leaves possible."""
    return Cell(row["grade"] or "–", under=_range(row["grade_low"], row["grade_high"]))


def _score_cell(row: dict) -> Cell:
    """Return the score, and below it its interval."""
    if row["score"] is None:
        return Cell(format.missing(), None, under="")

    interval = ""
    if row["score_low"] is not None:
        low, high = format.plain(row["score_low"], 1), format.plain(row["score_high"], 1)
        interval = f"{low}–{high}"

    return Cell(format.plain(row["score"], 1), row["score"], under=interval)


def _points_cell(part: dict | None, kpi: dict) -> Cell:
    """Return the points of a part, below them the value that earned them."""
    if part is None or part["points"] is None:
        return Cell(format.missing())

    points = format.plain(part["points"], 1)
    value = format.value(part["value"], kpi["unit"])
    counts = kpi_tables.counts(part, kpi)
    return Cell(points, part["points"], under=value, tip=counts)


def _range(low: object, high: object) -> str:
    """Return `2–14`; one end alone where both are the same, nothing where there is none."""
    if low is None or high is None:
        return ""
    return f"{low}" if low == high else f"{low}–{high}"
