"""The league tables of one KPI: who stands where, what chance leaves possible, what the mix of
cases and small numbers do to a value.
"""

from collections.abc import Callable

from reports.elements import kpi_tables, sentences
from reports.elements.links import branch_link
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

# Below this share of true differences a rank tells more of chance than of branches (Lingsma et al.
# 2009).
RANKABLE = 0.5
GROUPS = ("top", "middle", "bottom")
Column = tuple[Head, Callable[[dict], Cell]]


def league_table(publication: Publication, kpi: dict, level: str) -> Table | None:
    """The league of one KPI and level for the year to date; None where the level has no branches.

    Where chance makes most of the differences, the branches stand in groups, without ranks.
    """
    rows = publication.league(kpi["kpi_id"], level)
    if not rows:
        return None
    is_ranked = kpi["direction"] != "none"
    if is_ranked and is_mostly_chance(rows):
        rows = sorted(rows, key=lambda row: (_group(row), row["branch_code"]))
        first = [(Head(word("column.group"), True), lambda row: _grouped(row))]
    else:
        first = [(Head(word("column.rank"), True), lambda row: _ranked(row))] if is_ranked else []
    more = _more(rows, kpi)
    heads = (
        [head for head, _ in first]
        + [Head(word("column.branch"))]
        + kpi_tables.value_heads(publication, kpi)
        + [head for head, _ in more]
    )
    cells = []
    for row in rows:
        named = name_cell(
            publication.name(row["branch_code"]), branch_link(publication, row["branch_code"])
        )
        cells.append(
            [cell(row) for _, cell in first]
            + [named]
            + kpi_tables.value_cells(row, kpi)
            + [cell(row) for _, cell in more]
        )
    period = format.period(*publication.year_to_date)
    caption = word(
        f"kpi.league_{level}" if is_ranked else f"kpi.league_plain_{level}", period=period
    )
    return Table(
        f"league-{level}", caption, heads, cells, _note(rows, kpi), row_head=1 if is_ranked else 0
    )


def is_mostly_chance(rows: list[dict]) -> bool:
    return rows[0]["rankability"] is not None and rows[0]["rankability"] < RANKABLE


def _ranked(row: dict) -> Cell:
    """The rank, and below it the ranks that chance leaves possible."""
    return Cell(format.rank(row["rank"], row["rank_tied"]), row["rank"], under=range_of(row))


def _grouped(row: dict) -> Cell:
    told = known_word("rank_group", row["rank_group"]) if row["rank_group"] else both_languages("")
    return Cell(told, None if row["rank_group"] is None else _group(row), under=range_of(row))


def range_of(row: dict) -> str:
    """The ranks that chance leaves possible: `2–14`."""
    return "" if row["rank_low"] is None else f"{row['rank_low']}–{row['rank_high']}"


def _group(row: dict) -> int:
    return GROUPS.index(row["rank_group"]) if row["rank_group"] in GROUPS else len(GROUPS)


def _more(rows: list[dict], kpi: dict) -> list[Column]:
    """The columns behind the values, of each what some branch has: adjusted, shrunken, moved since
    last year, verdict.
    """
    unit, with_ranks = kpi["unit"], not is_mostly_chance(rows)

    def adjusted(row: dict) -> Cell:
        told = (
            word("league.place", rank=str(row["adjusted_rank"]))
            if with_ranks and row["adjusted_rank"] is not None
            else None
        )
        return Cell(format.value(row["adjusted_value"], unit), row["adjusted_value"], under=told)

    def shrunken(row: dict) -> Cell:
        told = (
            None
            if row["shrunken_weight"] is None
            else word("league.own", share=share(row["shrunken_weight"]))
        )
        return Cell(format.value(row["shrunken_value"], unit), row["shrunken_value"], under=told)

    def expected(row: dict) -> Cell:
        return number_cell(
            both_languages("")
            if row["rank_expected"] is None
            else format.plain(row["rank_expected"], 1),
            row["rank_expected"],
        )

    def moved(row: dict) -> Cell:
        prior = (
            word("league.prior", rank=str(row["rank_prior"]))
            if with_ranks and row["rank_prior"] is not None
            else None
        )
        return Cell(known_word("movement", row["movement"]), under=prior)

    columns: list[Column] = []
    if with_ranks and any(row["rank_expected"] is not None for row in rows):
        columns.append((Head(word("column.rank_expected"), True), expected))
    if any(row["adjusted_value"] is not None for row in rows):
        columns.append((Head(word("column.adjusted"), True), adjusted))
    if any(row["shrunken_value"] is not None for row in rows):
        columns.append((Head(word("column.shrunken"), True), shrunken))
    if any(row["movement"] in ("real", "chance") for row in rows):
        columns.append((Head(word("column.movement")), moved))
    if kpi["direction"] != "none" and any(row["verdict"] for row in rows):
        columns.append((Head(word("column.verdict"), True), kpi_tables.verdict))
    return columns


def share(part: float) -> str:
    """A share of one as a whole per cent; what is not nothing and not all is told as such."""
    told = format.plain(part * 100, 0)
    if part > 0 and told == "0":
        return "<1%"
    return ">99%" if part < 1 and told == "100" else f"{told}%"


def _note(rows: list[dict], kpi: dict) -> Both | None:
    """Who is ranked, how much of the order is chance, what the columns mean, what the values are
    held against.
    """
    parts = []
    if kpi["direction"] != "none":
        ranked = sum(row["rank"] is not None for row in rows)
        parts.append(
            word(
                "kpi.ranked" if ranked == len(rows) else "kpi.ranked_part",
                ranked=str(ranked),
                all=str(len(rows)),
            )
        )
        if not any(row["verdict"] for row in rows) and (why := sentences.untested(kpi, rows)):
            parts.append(word("kpi.not_compared", reason=why) + word("site.stop"))
        if rows[0]["rankability"] is not None:
            parts.append(
                word(
                    "league.chance" if is_mostly_chance(rows) else "league.ranges",
                    share=share(rows[0]["rankability"]),
                )
            )
    if any(row["adjusted_value"] is not None for row in rows):
        parts.append(word("league.adjusted"))
    if any(row["shrunken_value"] is not None for row in rows):
        parts.append(word("league.shrunken"))
    if (told := sentences.against(rows[0], kpi)).zh:
        parts.append(told + word("site.stop"))
    return join_list(parts, Both("", " ")) if parts else None
