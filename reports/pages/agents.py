"""The call-back agents, by their numbers only: every measure against all agents, with the ranks
that chance leaves possible.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import expected_false_alarms
from reports.elements.cells import value_cell
from reports.elements.table import Cell, Head, Table, number_cell, number_heads, text_heads
from reports.tables.grouping import group_by_key
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, word


def agents(publication: Publication) -> dict:
    """Return the variables of agents.html."""
    measures = publication.read("dim_agent_measure").to_pylist()
    rows = publication.read_year("mart_agent_league")
    variables = {
        "title": word("site.agents"),
        "sentences": [word("agents.none")],
        "grids": [],
        "folded": [],
    }
    if not rows:
        return variables

    by_measure = group_by_key(rows, "measure_id")
    leagues = [
        _league(publication, measure, by_measure[measure["measure_id"]])
        for measure in measures
        if measure["measure_id"] in by_measure
    ]
    return variables | {
        "sentences": [_lead(publication, rows), word("agents.ids")],
        "grids": [_glance(publication, measures, rows), _measures(measures, by_measure)],
        "folded": leagues,
    }


def _lead(publication: Publication, rows: list[dict]) -> Both:
    """Return how many agents, how many comparisons, and how many of them are outside."""
    verdicts = [row["verdict"] for row in rows]
    outside = verdicts.count("better") + verdicts.count("worse")
    tested = outside + verdicts.count("as_expected")

    return word(
        "agents.lead",
        period=publication.period_words(),
        agents=str(len({row["agent_id"] for row in rows})),
        tested=format.count(tested),
        outside=format.count(outside),
        false=expected_false_alarms(tested),
    )


def _glance(publication: Publication, measures: list[dict], rows: list[dict]) -> Table:
    """Return agents by measure: value and verdict, and for a pointer the rank and its range."""
    lines = []
    for agent, of_agent in sorted(group_by_key(rows, "agent_id").items()):
        by_measure = {row["measure_id"]: row for row in of_agent}
        line = [_agent_cell(agent)]
        for measure in measures:
            row = by_measure.get(measure["measure_id"])
            line.append(_value(row, measure))
        lines.append(line)

    heads = text_heads("agent")
    for measure in measures:
        words = title(measure) + both_languages(" · ") + kpi_tables.unit_words(measure)
        heads.append(Head(words, is_number=True))

    caption = word("agents.glance", period=publication.period_words())
    return Table("agents", caption, heads, lines, word("agents.note"))


def title(measure: dict) -> Both:
    """Return a measure's title."""
    return Both(measure["title_zh"], measure["title_en"])


def _agent_cell(agent: str) -> Cell:
    return Cell(format.text(agent, 40), is_name=True)


def _value(row: dict | None, measure: dict) -> Cell:
    if row is None or row["value"] is None:
        return Cell(format.missing())

    value, verdict = row["value"], row["verdict"]
    if not verdict:
        return value_cell(value, measure["unit"])

    symbol = both_languages(kpi_tables.symbol(row) + " ")
    text = symbol + format.value(value, measure["unit"])
    style = kpi_tables.STYLES.get(verdict, "uncompared")
    details = [kpi_tables.counts(row, measure), _rank(row)]
    tip = " · ".join(detail for detail in details if detail)

    return Cell(text, value, style, tip=tip)


def _rank(row: dict) -> str:
    """Return `3 (1–9)`; empty where an agent is not ranked."""
    if row["rank"] is None:
        return ""

    rank = format.rank(row["rank"], row["rank_tied"])
    if row["rank_low"] is None:
        return rank

    return f"{rank} ({row['rank_low']}–{row['rank_high']})"


def _measures(measures: list[dict], by_measure: dict[str, list[dict]]) -> Table:
    """Return what each measure means, and the value of all agents together."""
    lines = []
    for measure in measures:
        rows = by_measure.get(measure["measure_id"], [])

        # The value of all agents is the same in each of their rows.
        network = rows[0]["network_value"] if rows else None
        ranked = sum(row["rank"] is not None for row in rows)
        line = [
            Cell(title(measure)),
            Cell(Both(measure["numerator_zh"], measure["numerator_en"])),
            Cell(Both(measure["denominator_zh"], measure["denominator_en"])),
            Cell(kpi_tables.unit_words(measure)),
            value_cell(network, measure["unit"]),
            number_cell(str(ranked), None),
        ]
        lines.append(line)

    heads = text_heads("measure", "numerator", "denominator", "unit")
    heads += number_heads("all_agents", "ranked_of")

    return Table("measures", word("agents.measures"), heads, lines, can_filter=False)


def _best_first(row: dict) -> tuple:
    # An agent without a rank comes last; agents of one rank in the order of their numbers.
    return row["rank"] is None, row["rank"] or 0, row["agent_id"]


def _league(publication: Publication, measure: dict, rows: list[dict]) -> Table:
    """Return one measure's league: value, interval, counts, the value with all agents' mix of
    cases, rank with its range, verdict.
    """
    is_ranked = measure["direction"] != "none"
    lines = []
    for row in sorted(rows, key=_best_first):
        line = _league_cells(row, measure)
        if is_ranked:
            # A zero record is a branch's distinction; agents have too few cases for it.
            verdict = kpi_tables.verdict(row | {"zero_record": False})
            line = [number_cell(_rank(row), row["rank"]), *line, verdict]
        lines.append(line)

    unit = kpi_tables.unit_words(measure)
    level = kpi_tables.level_text(publication)
    heads = [
        *text_heads("agent"),
        Head(word("column.value_unit", unit=unit), is_number=True),
        Head(word("column.interval", level=level), is_number=True),
        *number_heads("numerator", "denominator", "adjusted"),
    ]
    if is_ranked:
        heads = [*number_heads("rank_range"), *heads, *number_heads("against_agents")]

    # The agent names the row: the second column where the first has ranks.
    row_head = 1 if is_ranked else 0

    return Table(measure["measure_id"], title(measure), heads, lines, row_head=row_head)


def _league_cells(row: dict, measure: dict) -> list[Cell]:
    unit = measure["unit"]
    interval = format.interval(row["interval_low"], row["interval_high"], unit)
    line = [
        _agent_cell(row["agent_id"]),
        value_cell(row["value"], unit),
        number_cell(interval, row["interval_low"]),
    ]

    for part in ("numerator", "denominator"):
        text = format.part(row[part], measure, part)
        line.append(number_cell(text, row[part]))

    line.append(value_cell(row["adjusted_value"], unit))
    return line
