"""The profile of a branch: every KPI beside its level, with a spine, a verdict, a rank with its
range and a trend.
"""

import math

from reports.elements import kpi_tables, league_tables
from reports.elements.branch_profile import BranchProfiles
from reports.elements.links import kpi_page_link
from reports.elements.table import Cell, Head, Table, number_cell
from reports.figures.sparkline import draw_titled_sparkline
from reports.figures.spine import draw_spine
from reports.text import format
from reports.text.words import Both, both_languages, known_word, word


def table(profiles: BranchProfiles, code: str) -> Table:
    """A line per KPI that the branch has a value of, stage by stage."""
    publication = profiles.publication
    heads = [
        Head(word("column.kpi")),
        Head(word("column.value"), True),
        Head(word("column.network"), True),
    ]
    heads += [
        Head(word("column.spine"), True),
        Head(word("column.verdict"), True),
        Head(word("column.rank_range"), True),
        Head(word("column.trend")),
    ]
    lines = []
    for kpi, row in profiles.rows(code):
        if row["value"] is None:
            continue
        network = publication.headline(kpi["kpi_id"])
        line = [
            Cell(
                publication.title(kpi),
                link=kpi_page_link(kpi),
                under=profiles.stages[kpi["kpi_id"]],
            )
        ]
        line += [
            Cell(
                kpi_tables.with_unit(row["value"], kpi),
                row["value"],
                under=kpi_tables.tip(row, kpi),
            ),
            network_cell(network, kpi),
        ]
        line += [
            _spine(profiles, kpi, row, network),
            kpi_tables.verdict(row) if row["verdict"] else Cell(""),
        ]
        # The most cases stand where the most business is: by a count nobody is better or worse.
        rank = Cell("") if kpi["kind"] == "count" else _rank(row)
        lines.append(line + [rank, _trend(profiles, kpi, code)])
    period = format.period(*publication.year_to_date)
    return Table(
        "profile", word("branch.profile", period=period), heads, lines, word("branch.profile_note")
    )


def network_cell(network: dict | None, kpi: dict) -> Cell:
    """The network's value, to hold the branch's against; a count has none."""
    if network is None or kpi["kind"] == "count":
        return Cell("")
    return number_cell(format.value(network["value"], kpi["unit"]), network["value"])


def _spine(profiles: BranchProfiles, kpi: dict, row: dict, network: dict | None) -> Cell:
    spread = profiles.spread(kpi["kpi_id"], row["branch_level"])
    if spread is None or kpi["kind"] == "count":
        return Cell("")
    held = None if network is None else network["value"]
    said = {
        name: format.value(getattr(spread, name), kpi["unit"])
        for name in ("worst", "low", "high", "best")
    }
    said |= {
        "value": format.value(row["value"], kpi["unit"]),
        "network": format.value(held, kpi["unit"]),
    }
    alt = word("branch.spine", title=profiles.publication.title(kpi), **said)
    return Cell(
        draw_spine(spread, held, row["value"], row["verdict"], alt), spread.place(row["value"])
    )


def _rank(row: dict) -> Cell:
    """`7 / 36`, below it the ranks that chance leaves possible; the group instead of the rank where
    chance makes most of the order.
    """
    if row["rank"] is None:
        return Cell("")
    is_chance = league_tables.is_mostly_chance([row])
    told = (
        known_word("rank_group", row["rank_group"])
        if is_chance
        else both_languages(format.rank(row["rank"], row["rank_tied"]))
    )
    return Cell(told + f" / {row['ranked_of']}", row["rank"], under=league_tables.range_of(row))


def _trend(profiles: BranchProfiles, kpi: dict, code: str) -> Cell:
    """What the control chart says of the latest month it has, and its months as a line."""
    trend = profiles.trend(kpi["kpi_id"], code)
    if trend is None:
        return Cell("")
    values = [None if math.isnan(value) else float(value) for value in trend.values]
    first = next((place for place, value in enumerate(values) if value is not None), len(values))
    now = next((value for value in reversed(values) if value is not None), None)
    alt = word(
        "branch.months", title=profiles.publication.title(kpi), now=format.value(now, kpi["unit"])
    )
    return Cell(
        draw_titled_sparkline(values[first:], list(map(bool, trend.is_charted[first:])), alt) or "",
        under=trend_words(trend.variation, trend.rule),
    )


def trend_words(variation: str | None, rule: str | None) -> Both:
    """`↘ getting worse · seven on one side`; empty where there is no chart."""
    if variation is None:
        return both_languages("")
    told = known_word("variation", variation)
    return told + both_languages(" · ") + known_word("rule", rule) if rule else told
