"""What has changed and is no chance: signs of the company's control charts, and branches that moved
against the network.
"""

import math

from reports.elements import kpi_tables, league_tables
from reports.elements.links import branch_page_link, kpi_page_link
from reports.pages.kpi_figures import variation
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word

LISTED = 5
# How often a chart of two years of pure chance has a sign in its last month, by the rules of Making
# Data Count (simulated, normal months).
FALSE_SIGNS = 0.017
# The level of the test of movement: so many that did not move are called real.
FALSE_MOVES = 0.05


def signs(publication: Publication) -> dict:
    """The KPIs of the company whose latest charted month is an improvement or a concern, the
    strongest sign of each stage first.

    `{list, more, alarms}`: of each entry of the list its link, title, what the month is, and what
    the chart says of it.
    """
    found, charted = [], 0
    for stage, kpis in publication.stages():
        for kpi in kpis:
            chart = [
                row
                for row in publication.statistics.chart(kpi["kpi_id"]).values()
                if row["is_charted"]
            ]
            charted += bool(chart)
            if chart and (last := max(chart, key=lambda row: row["period_start"]))["variation"] in (
                "improvement",
                "concern",
            ):
                found.append((_distance(last), stage.en, kpi, last))
    found.sort(key=lambda entry: (-entry[0], entry[2]["kpi_id"]))
    seen: set[str] = set()
    first = [entry for entry in found if not (entry[1] in seen or seen.add(entry[1]))]
    shown = sorted(
        (first + [entry for entry in found if entry not in first])[:LISTED],
        key=lambda entry: -entry[0],
    )
    told = {
        "charted": str(charted),
        "found": str(len(found)),
        "chance": format.plain(charted * FALSE_SIGNS, 1),
    }
    return {
        "list": [_sign(publication, kpi, last) for _, _, kpi, last in shown],
        "alarms": word("movements.signs", **told) if charted else None,
    }


def _distance(month: dict) -> float:
    """How far a month is from the centre of its chart, in standard deviations."""
    if not month["sigma"]:
        return 0.0
    if month["chart_method"] == "xmr_log":
        return (
            abs(math.log(month["value"] / month["centre_line"])) / month["sigma"]
            if month["value"] > 0 < month["centre_line"]
            else 0.0
        )
    return abs(month["value"] - month["centre_line"]) / month["sigma"]


def _sign(publication: Publication, kpi: dict, last: dict) -> dict:
    row = next(
        row
        for period, row in publication.head_values(kpi["kpi_id"]).items()
        if period[:2] == ("month", last["period_start"])
    )
    ends = format.interval(last["limit_low"], last["limit_high"], kpi["unit"])
    usual = word("movements.usual", ends=ends) if ends.zh else both_languages("")
    return {
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "value": kpi_tables.with_unit(last["value"], kpi),
        "told": both_languages(format.month(last["period_start"]))
        + Both("：", ": ")
        + variation(last),
        "small": _joined(usual, both_languages(kpi_tables.counts(row, kpi))),
    }


def moves(publication: Publication) -> dict:
    """The provincial branches whose distance from the network has really changed since last year,
    by the places that they rose or fell.

    A branch is listed once; leagues whose order is mostly chance tell of no places and count only
    in the sentence.
    """
    tested, found = 0, []
    for kpi in publication.kpis:
        rows = publication.league(kpi["kpi_id"], "province")
        tested += sum(row["movement"] in ("real", "chance") for row in rows)
        found += [(kpi, row) for row in rows if row["movement"] == "real"]
    ranked = [
        (kpi, row)
        for kpi, row in found
        if row["rank"] and row["rank_prior"] and not league_tables.is_mostly_chance([row])
    ]
    ranked.sort(
        key=lambda entry: (
            -abs(entry[1]["rank"] - entry[1]["rank_prior"]),
            entry[0]["kpi_id"],
            entry[1]["branch_code"],
        )
    )
    seen: set[str] = set()
    shown = [
        entry
        for entry in ranked
        if not (entry[1]["branch_code"] in seen or seen.add(entry[1]["branch_code"]))
    ]
    told = {
        "tested": format.count(tested),
        "real": str(len(found)),
        "chance": format.plain(tested * FALSE_MOVES, 0),
    }
    return {
        "list": [_move(publication, kpi, row) for kpi, row in shown[:LISTED]],
        "alarms": word("movements.moves", **told) if tested else None,
    }


def _move(publication: Publication, kpi: dict, row: dict) -> dict:
    possible = (
        both_languages("")
        if row["rank_low"] is None
        else word("movements.range", low=str(row["rank_low"]), high=str(row["rank_high"]))
    )
    return {
        "branch": publication.name(row["branch_code"]),
        "branch_link": branch_page_link(row["branch_code"]),
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "value": kpi_tables.with_unit(row["value"], kpi),
        "told": word(
            "movements.ranks",
            prior=str(row["rank_prior"]),
            rank=format.rank(row["rank"], row["rank_tied"]),
        ),
        "small": _joined(possible, both_languages(kpi_tables.counts(row, kpi))),
    }


def _joined(*parts: Both) -> Both:
    return join_list([part for part in parts if part.zh], word("site.semicolon"))


def alarms(publication: Publication) -> Both | None:
    """How many branches are outside of the lines over all funnels, and how many would be by chance
    alone.
    """
    said = publication.statistics.sum_false_alarms()
    if not said["tested"]:
        return None
    counted = {
        name: format.count(int(said[name])) for name in ("tested", "watch_outside", "act_outside")
    }
    return word(
        "movements.funnels",
        **counted,
        **{
            name: format.plain(float(said[name]), 1)
            for name in ("watch_false_alarms", "act_false_alarms")
        },
    )
