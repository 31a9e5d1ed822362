"""The profile of a branch: every KPI compared with its level, by a spine, a verdict, a rank with
its range and a trend.
"""

import math

from reports.elements import kpi_tables, league_tables
from reports.elements.branch_profile import BranchProfiles
from reports.elements.cells import value_cell
from reports.elements.links import kpi_page_link
from reports.elements.table import Cell, Table, number_heads, text_heads
from reports.figures.sparkline import draw_titled_sparkline
from reports.figures.spine import draw_spine
from reports.text import format
from reports.text.words import Both, both_languages, known_word, word


def table(profiles: BranchProfiles, code: str) -> Table:
    """Return a line per KPI that the branch has a value of, stage by stage."""
    lines = []
    for kpi, row in profiles.rows(code):
        if row["value"] is not None:
            lines.append(_line(profiles, kpi, row))

    heads = [
        *text_heads("kpi"),
        *number_heads("value", "network", "spine", "verdict", "rank_range"),
        *text_heads("trend"),
    ]
    caption = word("branch.profile", period=profiles.publication.period_words())
    return Table("profile", caption, heads, lines, word("branch.profile_note"))


def _line(profiles: BranchProfiles, kpi: dict, row: dict) -> list[Cell]:
    network = profiles.publication.headline(kpi["kpi_id"])
    title = profiles.publication.title(kpi)
    stage = profiles.stages[kpi["kpi_id"]]
    value = kpi_tables.with_unit(row["value"], kpi)
    verdict = kpi_tables.verdict(row) if row["verdict"] else Cell("")

    # The most cases are where the most business is: by a count nobody is better or worse.
    has_rank = kpi["kind"] != "count"
    rank = _rank(row) if has_rank else Cell("")

    return [
        Cell(title, link=kpi_page_link(kpi), under=stage),
        Cell(value, row["value"], under=kpi_tables.tip(row, kpi)),
        network_cell(network, kpi),
        _spine(profiles, kpi, row, network),
        verdict,
        rank,
        _trend(profiles, kpi, row["branch_code"]),
    ]


def network_cell(network: dict | None, kpi: dict) -> Cell:
    """Return the network's value, to compare the branch's with; a count has none."""
    if network is None or kpi["kind"] == "count":
        return Cell("")
    return value_cell(network["value"], kpi["unit"])


def _spine(profiles: BranchProfiles, kpi: dict, row: dict, network: dict | None) -> Cell:
    spread, unit = profiles.spread(kpi["kpi_id"], row["branch_level"]), kpi["unit"]
    if spread is None:
        return Cell("")

    value = row["value"]
    centre = None if network is None else network["value"]
    alt = word(
        "branch.spine",
        title=profiles.publication.title(kpi),
        worst=format.value(spread.worst, unit),
        low=format.value(spread.low, unit),
        high=format.value(spread.high, unit),
        best=format.value(spread.best, unit),
        value=format.value(value, unit),
        network=format.value(centre, unit),
    )
    drawing = draw_spine(spread, centre, value, row["verdict"], alt)

    return Cell(drawing, spread.position(value))


def _rank(row: dict) -> Cell:
    """Return `7 / 36`, below it the ranks that chance leaves possible; the group instead of the
    rank where chance makes most of the order.
    """
    if row["rank"] is None:
        return Cell("")

    rank = both_languages(format.rank(row["rank"], row["rank_tied"]))
    if league_tables.is_mostly_chance([row]):
        rank = known_word("rank_group", row["rank_group"])

    return Cell(rank + f" / {row['ranked_of']}", row["rank"], under=league_tables.range_of(row))


def _trend(profiles: BranchProfiles, kpi: dict, code: str) -> Cell:
    """Return what the control chart says of the latest month it has, and its months as a line."""
    trend = profiles.trend(kpi["kpi_id"], code)
    if trend is None:
        return Cell("")

    values = [None if math.isnan(value) else float(value) for value in trend.values]
    known = [position for position, value in enumerate(values) if value is not None]

    # A branch that opened late has no empty months in front of its line.
    first, latest = len(values), None
    if known:
        first, latest = known[0], values[known[-1]]

    is_charted = [bool(charted) for charted in trend.is_charted[first:]]

    title = profiles.publication.title(kpi)
    now = format.value(latest, kpi["unit"])
    alt = word("branch.months", title=title, now=now)
    drawing = draw_titled_sparkline(values[first:], is_charted, alt)

    return Cell(drawing or "", under=trend_words(trend.variation, trend.rule))


def trend_words(variation: str | None, rule: str | None) -> Both:
    """Return `↘ getting worse · seven points on one side`; empty where there is no chart."""
    if variation is None:
        return both_languages("")
    words = known_word("variation", variation)
    return words + both_languages(" · ") + known_word("rule", rule) if rule else words
