"""The league tables of one KPI: who ranks where, which ranks chance leaves possible, and what the
mix of cases and small numbers do to a value.
"""

from collections.abc import Callable

from reports.elements import kpi_tables, sentences
from reports.elements.cells import branch_cell
from reports.elements.table import Cell, Head, Table, number_cell, text_heads
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

# Below this share of real differences a rank says more about chance than about branches (Lingsma et
# al. 2009).
RANKABLE = 0.5
MOVEMENTS = ("real", "small", "chance")
GROUPS = ("top", "middle", "bottom")
Column = tuple[Head, Callable[[dict], Cell]]


def league_table(publication: Publication, kpi: dict, level: str) -> Table | None:
    """Return the league of one KPI and level for the year to date; None where the level has no
    branches.

    Where chance makes most of the differences, the branches are in groups, without ranks.
    """
    rows = publication.league(kpi["kpi_id"], level)
    if not rows:
        return None

    is_ranked = kpi_tables.is_comparable(kpi)
    first: list[Column] = []
    if is_ranked and is_mostly_chance(rows):
        rows = sorted(rows, key=lambda row: (_group_order(row), row["branch_code"]))
        first = [(Head(word("column.group"), is_number=True), _group_cell)]
    elif is_ranked:
        first = [(Head(word("column.rank"), is_number=True), _rank_cell)]

    last = _comparison_columns(rows, kpi)
    heads = [
        *(head for head, _ in first),
        *text_heads("branch"),
        *kpi_tables.value_heads(publication, kpi),
        *(head for head, _ in last),
    ]

    lines = []
    for row in rows:
        line = [cell(row) for _, cell in first]
        line.append(branch_cell(publication, row["branch_code"]))
        line += kpi_tables.value_cells(row, kpi)
        line += [cell(row) for _, cell in last]
        lines.append(line)

    name = f"kpi.league_{level}" if is_ranked else f"kpi.league_plain_{level}"
    caption = word(name, period=publication.period_words())

    # The branch names the row: the second column where the first has ranks.
    row_head = len(first)

    return Table(f"league-{level}", caption, heads, lines, _note(rows, kpi), row_head=row_head)


def _has_any(rows: list[dict], column: str) -> bool:
    return any(row[column] is not None for row in rows)


def is_mostly_chance(rows: list[dict]) -> bool:
    """Return whether less than half of a league's differences are real. It is the same in all of
    its rows.
    """
    rankability = rows[0]["rankability"]
    return rankability is not None and rankability < RANKABLE


def _rank_cell(row: dict) -> Cell:
    """Return the rank, and below it the ranks that chance leaves possible."""
    return Cell(format.rank(row["rank"], row["rank_tied"]), row["rank"], under=range_of(row))


def _group_cell(row: dict) -> Cell:
    """Return the group, and below it the ranks that chance leaves possible."""
    if not row["rank_group"]:
        return Cell(both_languages(""), None, under=range_of(row))
    words = known_word("rank_group", row["rank_group"])
    return Cell(words, _group_order(row), under=range_of(row))


def range_of(row: dict) -> str:
    """Return the ranks that chance leaves possible: `2–14`."""
    return "" if row["rank_low"] is None else f"{row['rank_low']}–{row['rank_high']}"


def _group_order(row: dict) -> int:
    return GROUPS.index(row["rank_group"]) if row["rank_group"] in GROUPS else len(GROUPS)


def _comparison_columns(rows: list[dict], kpi: dict) -> list[Column]:
    """Return the columns behind the values, each only where some branch has it: expected rank,
    adjusted, shrunk estimate, moved since last year, verdict.
    """
    unit = kpi["unit"]

    # Where chance makes most of the differences, ranks are shown nowhere in the league.
    with_ranks = not is_mostly_chance(rows)

    def adjusted(row: dict) -> Cell:
        value, rank = row["adjusted_value"], None
        if with_ranks and row["adjusted_rank"] is not None:
            rank = word("league.place", rank=str(row["adjusted_rank"]))
        return Cell(format.value(value, unit), value, under=rank)

    def shrunken(row: dict) -> Cell:
        value, weight, own = row["shrunken_value"], row["shrunken_weight"], None
        if weight is not None:
            own = word("league.own", share=share(weight))
        return Cell(format.value(value, unit), value, under=own)

    def expected(row: dict) -> Cell:
        rank = row["rank_expected"]
        return number_cell("" if rank is None else format.plain(rank, 1), rank)

    def moved(row: dict) -> Cell:
        return _movement_cell(row, kpi, with_ranks)

    columns: list[Column] = []
    if with_ranks and _has_any(rows, "rank_expected"):
        columns.append((Head(word("column.rank_expected"), is_number=True), expected))
    if _has_any(rows, "adjusted_value"):
        columns.append((Head(word("column.adjusted"), is_number=True), adjusted))
    if _has_any(rows, "shrunken_value"):
        columns.append((Head(word("column.shrunken"), is_number=True), shrunken))
    if any(row["movement"] in MOVEMENTS for row in rows):
        columns.append((Head(word("column.movement")), moved))
    if any(row["verdict"] for row in rows):
        columns.append((Head(word("column.verdict"), is_number=True), kpi_tables.verdict))

    return columns


def _movement_cell(row: dict, kpi: dict, with_ranks: bool) -> Cell:
    """Return whether a branch has moved since last year and which way; below it by how much, and
    the rank it had.
    """
    words = known_word("movement", row["movement"])
    if row["movement"] == "real":
        words = word(f"movement.{row['movement_direction']}")
    under = [format.movement(row, kpi["unit"])]
    if with_ranks and row["rank_prior"] is not None:
        under.append(word("league.prior", rank=str(row["rank_prior"])))
    return Cell(words, row["movement_size"], under=join_list(under, word("site.semicolon")))


def share(part: float) -> str:
    """Return a share of one as a whole per cent; what is not nothing and not all never looks like
    it.
    """
    text = format.plain(part * 100, 0)
    if part > 0 and text == "0":
        return "<1%"
    if part < 1 and text == "100":
        return ">99%"

    return f"{text}%"


def _note(rows: list[dict], kpi: dict) -> Both | None:
    """Return who is ranked, how much of the order is chance, what the columns mean, and what the
    values are compared with.
    """
    notes = []
    if kpi_tables.is_comparable(kpi):
        notes += _rank_notes(rows, kpi)
    if _has_any(rows, "adjusted_value"):
        notes.append(word("league.adjusted"))
    if _has_any(rows, "shrunken_value"):
        notes.append(word("league.shrunken"))

    against = sentences.against(rows[0], kpi)
    if against.zh:
        notes.append(against + word("site.stop"))
    if not notes:
        return None

    return join_list(notes, Both("", " "))


def _rank_notes(rows: list[dict], kpi: dict) -> list[Both]:
    ranked = sum(row["rank"] is not None for row in rows)
    name = "kpi.ranked" if ranked == len(rows) else "kpi.ranked_part"
    notes = [word(name, ranked=str(ranked), all=str(len(rows)))]
    has_verdict = any(row["verdict"] for row in rows)
    why = None if has_verdict else sentences.untested(kpi, rows)
    if why:
        notes.append(word("kpi.not_compared", reason=why) + word("site.stop"))

    # Of the league, the same in each of its rows.
    rankability = rows[0]["rankability"]
    if rankability is not None:
        name = "league.chance" if is_mostly_chance(rows) else "league.ranges"
        notes.append(word(name, share=share(rankability)))

    return notes
