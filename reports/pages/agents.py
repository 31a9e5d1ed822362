"""The call-back agents, by their numbers only: every measure against all agents, with the ranks
that chance leaves possible.
"""

from reports.elements import kpi_tables
from reports.elements.branch_profile import expected_false_alarms
from reports.elements.table import Cell, Head, Table, number_cell
from reports.tables.grouping import group_by_key
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, word


def agents(publication: Publication) -> dict:
    """Variables of agents.html."""
    measures = publication.read("dim_agent_measure").to_pylist()
    rows = publication.read_year("mart_agent_league")
    shown = {
        "title": word("site.agents"),
        "sentences": [word("agents.none")],
        "grids": [],
        "folded": [],
    }
    if not rows:
        return shown
    by_measure = group_by_key(rows, "measure_id")
    tested = [row for row in rows if row["verdict"] in ("better", "worse", "as_expected")]
    outside = sum(row["verdict"] != "as_expected" for row in tested)
    said = {
        "agents": str(len({row["agent_id"] for row in rows})),
        "tested": format.count(len(tested)),
        "outside": format.count(outside),
    }
    told = word(
        "agents.lead",
        period=format.period(*publication.year_to_date),
        false=expected_false_alarms(len(tested)),
        **said,
    )
    return shown | {
        "sentences": [told, word("agents.ids")],
        "grids": [_glance(publication, measures, rows), _measures(measures, by_measure)],
        "folded": [
            _league(publication, measure, by_measure[measure["measure_id"]])
            for measure in measures
            if measure["measure_id"] in by_measure
        ],
    }


def _glance(publication: Publication, measures: list[dict], rows: list[dict]) -> Table:
    """Agents by measure: value and verdict, below it the rank and its range."""
    cells = []
    for agent, found in sorted(group_by_key(rows, "agent_id").items()):
        by_measure = {row["measure_id"]: row for row in found}
        cells.append(
            [Cell(format.text(agent, 40), is_name=True)]
            + [_value(by_measure.get(measure["measure_id"]), measure) for measure in measures]
        )
    heads = [Head(word("column.agent"))] + [
        Head(title(measure) + both_languages(" · ") + kpi_tables.unit_words(measure), True)
        for measure in measures
    ]
    return Table(
        "agents",
        word("agents.glance", period=format.period(*publication.year_to_date)),
        heads,
        cells,
        word("agents.note"),
    )


def title(measure: dict) -> Both:
    return Both(measure["title_zh"], measure["title_en"])


def _value(row: dict | None, measure: dict) -> Cell:
    if row is None or row["value"] is None:
        return Cell(format.missing())
    text = format.value(row["value"], measure["unit"])
    if not row["verdict"]:
        return number_cell(text, row["value"])
    style = kpi_tables.STYLES.get(row["verdict"], "uncompared")
    return Cell(
        both_languages(kpi_tables.symbol(row) + " ") + text,
        row["value"],
        style,
        tip=f"{kpi_tables.counts(row, measure)} · {_rank(row)}".strip(" ·"),
    )


def _rank(row: dict) -> str:
    held = "" if row["rank_low"] is None else f" ({row['rank_low']}–{row['rank_high']})"
    return "" if row["rank"] is None else format.rank(row["rank"], row["rank_tied"]) + held


def _measures(measures: list[dict], by_measure: dict[str, list[dict]]) -> Table:
    """What each measure means, and the value of all agents together."""
    cells = []
    for measure in measures:
        found = by_measure.get(measure["measure_id"], [])
        network = found[0]["network_value"] if found else None
        cells.append(
            [
                Cell(title(measure)),
                Cell(Both(measure["numerator_zh"], measure["numerator_en"])),
                Cell(Both(measure["denominator_zh"], measure["denominator_en"])),
                Cell(kpi_tables.unit_words(measure)),
                number_cell(format.value(network, measure["unit"]), network),
                number_cell(str(sum(row["rank"] is not None for row in found)), None),
            ]
        )
    heads = [
        Head(word(f"column.{name}")) for name in ("measure", "numerator", "denominator", "unit")
    ]
    heads += [Head(word("column.all_agents"), True), Head(word("column.ranked_of"), True)]
    return Table("measures", word("agents.measures"), heads, cells, can_filter=False)


def _league(publication: Publication, measure: dict, rows: list[dict]) -> Table:
    """One measure's league: value, interval, counts, the value with all agents' mix of cases, rank
    with its range, verdict.
    """
    ordered = sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["agent_id"]))
    is_ranked = measure["direction"] != "none"
    cells = []
    for row in ordered:
        line = [number_cell(_rank(row), row["rank"])] if is_ranked else []
        line += [Cell(format.text(row["agent_id"], 40), is_name=True)]
        line += [number_cell(format.value(row["value"], measure["unit"]), row["value"])]
        line += [
            number_cell(
                format.interval(row["interval_low"], row["interval_high"], measure["unit"]),
                row["interval_low"],
            )
        ]
        line += [
            number_cell(format.part(row[of], measure, of), row[of])
            for of in ("numerator", "denominator")
        ]
        line += [
            number_cell(format.value(row["adjusted_value"], measure["unit"]), row["adjusted_value"])
        ]
        cells.append(
            line + ([kpi_tables.verdict(row | {"zero_record": False})] if is_ranked else [])
        )
    heads = [Head(word("column.rank_range"), True)] if is_ranked else []
    heads += [
        Head(word("column.agent")),
        Head(word("column.value_unit", unit=kpi_tables.unit_words(measure)), True),
    ]
    heads += [Head(word("column.interval", level=kpi_tables.level_text(publication)), True)]
    heads += [
        Head(word(f"column.{name}"), True) for name in ("numerator", "denominator", "adjusted")
    ]
    heads += [Head(word("column.against_agents"), True)] if is_ranked else []
    return Table(
        measure["measure_id"], title(measure), heads, cells, row_head=1 if is_ranked else 0
    )
