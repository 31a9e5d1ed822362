"""The composite's league: points and grade of every branch with the parts that they are made of,
and how sure rank and grade are.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import BranchProfiles
from reports.elements.links import branch_link, kpi_page_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.pages.branch_tables import composite_title
from reports.tables.grouping import group_by_key
from reports.text import format
from reports.text.words import both_languages, level_words, word

LEVELS = ("province", "central")


def composites(profiles: BranchProfiles) -> dict:
    """Variables of composite.html."""
    rows = [
        row
        for found in profiles.composites.values()
        for row in found
        if row["branch_level"] in LEVELS
    ]
    shown = {
        "title": word("site.composite"),
        "sentences": [word("composite.none")],
        "grids": [],
        "folded": [],
    }
    if not rows:
        return shown
    found = []
    for composite, held in sorted(group_by_key(rows, "composite_id").items()):
        kpis = _parts_of(profiles, composite)
        found.append(_parts(profiles, held[0], kpis))
        found += [
            _league(profiles, [row for row in held if row["branch_level"] == level], level, kpis)
            for level in LEVELS
        ]
    return shown | {
        "sentences": [word("composite.lead"), word("composite.ranks")],
        "grids": [grid for grid in found if grid.rows],
    }


def _parts_of(profiles: BranchProfiles, composite: str) -> dict[str, dict]:
    """The parts of a composite in their order, one row of mart_composite_part of each, by KPI."""
    parts: dict[str, dict] = {}
    for rows in profiles.parts.values():
        for row in rows:
            if row["composite_id"] == composite and row["kpi_id"] in profiles.kpis:
                parts.setdefault(row["kpi_id"], row)
    return parts


def _parts(profiles: BranchProfiles, row: dict, parts: dict[str, dict]) -> Table:
    """What earns points: the weights, and the values that earn none and all."""
    cells = []
    for kpi_id, part in parts.items():
        kpi = profiles.kpis[kpi_id]
        line = [
            Cell(profiles.publication.title(kpi), link=kpi_page_link(kpi)),
            number_cell(f"{part['weight']:g}", part["weight"]),
        ]
        cells.append(
            line
            + [
                number_cell(kpi_tables.with_unit(part[at], kpi), None)
                for at in ("zero_at", "full_at")
            ]
        )
    heads = [Head(word("column.kpi"))] + [
        Head(word(f"column.{name}"), True) for name in ("weight", "zero_at", "full_at")
    ]
    caption = word("composite.parts", name=composite_title(profiles, row))
    return Table(
        f"parts-{row['composite_id']}",
        caption,
        heads,
        cells,
        word("composite.parts_note"),
        can_filter=False,
    )


def _league(profiles: BranchProfiles, rows: list[dict], level: str, kpis: dict[str, dict]) -> Table:
    publication = profiles.publication
    cells = []
    for row in sorted(
        rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["branch_code"])
    ):
        code = row["branch_code"]
        points = {
            part["kpi_id"]: part
            for part in profiles.parts.get(code, [])
            if part["composite_id"] == row["composite_id"]
        }
        line = [
            Cell(
                format.rank(row["rank"], row["rank_tied"]),
                row["rank"],
                under=_range(row["rank_low"], row["rank_high"]),
            )
        ]
        line += [name_cell(publication.name(code), branch_link(publication, code))]
        score = (
            format.missing()
            if row["score"] is None
            else both_languages(format.plain(row["score"], 1))
        )
        ends = (
            ""
            if row["score_low"] is None
            else f"{format.plain(row['score_low'], 1)}–{format.plain(row['score_high'], 1)}"
        )
        line += [Cell(score, row["score"], under=ends)]
        line += [Cell(row["grade"] or "–", under=_range(row["grade_low"], row["grade_high"]))]
        line += [number_cell(f"{row['coverage']:g}", row["coverage"])]
        equal = Cell(
            format.count(row["rank_equal_weights"]),
            row["rank_equal_weights"],
            under=_range(row["rank_weights_low"], row["rank_weights_high"]),
        )
        cells.append(
            line + [equal] + [_points(points.get(kpi), profiles.kpis[kpi]) for kpi in kpis]
        )
    heads = [
        Head(word("column.rank"), True),
        Head(word("column.branch")),
        Head(word("column.score"), True),
        Head(word("column.grade")),
    ]
    heads += [Head(word("column.coverage"), True), Head(word("column.equal_weights"), True)]
    heads += [Head(publication.title(profiles.kpis[kpi]), True) for kpi in kpis]
    named = composite_title(profiles, rows[0]) if rows else both_languages("")
    caption = word(
        "composite.league",
        name=named,
        level=level_words(level),
        period=format.period(*publication.year_to_date),
    )
    return Table(f"league-{level}", caption, heads, cells, word("composite.note"), row_head=1)


def _points(part: dict | None, kpi: dict) -> Cell:
    """The points of a part, below them the value that earned them."""
    if part is None or part["points"] is None:
        return Cell(format.missing())
    return Cell(
        format.plain(part["points"], 1),
        part["points"],
        under=format.value(part["value"], kpi["unit"]),
        tip=kpi_tables.counts(part, kpi),
    )


def _range(low: object, high: object) -> str:
    return "" if low is None or high is None else f"{low}" if low == high else f"{low}–{high}"
