"""Changes too large to be chance: signs of the company's control charts, and branches that moved
against the network.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from reports.elements import kpi_tables, league_tables
from reports.elements.links import branch_page_link, kpi_page_link
from reports.pages.kpi_figures import variation
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word

LISTED = 5
# How often a chart of two years of pure chance signals in its last month, by the rules of Making
# Data Count (simulated, normal months).
FALSE_SIGNS = 0.017


@dataclass(frozen=True)
class Sign:
    """The latest charted month of a KPI where it is an improvement or a concern: a row of
    mart_trend, and how far it is from the centre in standard deviations.
    """

    stage: str
    kpi: dict
    month: dict
    distance: float


def signs(publication: Publication) -> dict:
    """Return the KPIs of the company whose latest charted month is an improvement or a concern, the
    strongest sign of each stage first.

    `{list, alarms}`: of each entry of the list its link, title, what the month is, and what the
    chart says of it.
    """
    all_signs, charted = [], 0
    for stage, kpis in publication.stages():
        for kpi in kpis:
            month = publication.statistics.latest_charted(kpi["kpi_id"])
            # More business is more of everything that is counted: neither better nor worse.
            if month is None or kpi["kind"] == "count":
                continue
            charted += 1
            if month["variation"] in ("improvement", "concern"):
                all_signs.append(Sign(stage.en, kpi, month, _distance(month)))

    all_signs.sort(key=lambda sign: (-sign.distance, sign.kpi["kpi_id"]))
    listed = _first_of_each(all_signs, lambda sign: sign.stage)
    listed += [sign for sign in all_signs if sign not in listed]
    listed = sorted(listed[:LISTED], key=lambda sign: -sign.distance)
    sentence = word(
        "movements.signs",
        charted=str(charted),
        found=str(len(all_signs)),
        chance=format.plain(charted * FALSE_SIGNS, 1),
    )

    return {
        "list": [_describe_sign(publication, sign.kpi, sign.month) for sign in listed],
        "alarms": sentence if charted else None,
    }


def _first_of_each(entries: list, group: Callable) -> list:
    """Return the first entry of each group, in their order."""
    first: dict = {}
    for entry in entries:
        first.setdefault(group(entry), entry)
    return list(first.values())


def _distance(month: dict) -> float:
    """Return how far a month is from the centre of its chart, in standard deviations."""
    value, centre, sigma = month["value"], month["centre_line"], month["sigma"]
    if not sigma:
        return 0.0
    if month["chart_method"] != "xmr_log":
        return abs(value - centre) / sigma

    # The limits of times are drawn on the logarithms; nothing below zero has one.
    if value <= 0 or centre <= 0:
        return 0.0

    return abs(math.log(value / centre)) / sigma


def _describe_sign(publication: Publication, kpi: dict, month: dict) -> dict:
    values = publication.head_values(kpi["kpi_id"])
    period_of_month = ("month", month["period_start"])
    row = next(row for period, row in values.items() if period[:2] == period_of_month)
    ends = format.interval(month["limit_low"], month["limit_high"], kpi["unit"])
    usual = word("movements.usual", ends=ends) if ends.zh else both_languages("")
    counts = both_languages(kpi_tables.counts(row, kpi))
    label = both_languages(format.month(month["period_start"])) + word("site.colon")

    return {
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "value": kpi_tables.with_unit(month["value"], kpi),
        "reading": label + variation(month),
        "small": _join(usual, counts),
    }


def moves(publication: Publication) -> dict:
    """Return the provincial branches whose distance from the network has changed since last year by
    more than chance and by enough to be reported, the surest first; a branch is listed once.
    """
    counts, moved = Counter(), []
    for kpi in publication.kpis:
        rows = publication.league(kpi["kpi_id"], "province")
        counts.update(row["movement"] for row in rows)
        moved += [(kpi, row) for row in rows if row["movement"] == "real"]
    moved.sort(key=_surest_first)
    listed = _first_of_each(moved, lambda entry: entry[1]["branch_code"])[:LISTED]
    tested = counts["real"] + counts["small"] + counts["chance"]
    false_share = publication.facts.policy.movement.false_share
    sentence = word(
        "movements.moves",
        tested=format.count(tested),
        real=str(counts["real"]),
        small=str(counts["small"]),
        level=kpi_tables.level_text(publication),
        false=f"{format.plain(100 * false_share, 0)}%",
    )

    return {
        "list": [_describe_move(publication, kpi, row) for kpi, row in listed],
        "alarms": sentence if tested else None,
    }


def _has_ranks(row: dict) -> bool:
    if not row["rank"] or not row["rank_prior"]:
        return False
    return not league_tables.is_mostly_chance([row])


def _surest_first(entry: tuple[dict, dict]) -> tuple:
    kpi, row = entry
    return row["movement_p"], kpi["kpi_id"], row["branch_code"]


def _describe_move(publication: Publication, kpi: dict, row: dict) -> dict:
    ranks = both_languages("")
    if _has_ranks(row):
        rank = format.rank(row["rank"], row["rank_tied"])
        ranks = word("movements.ranks", prior=str(row["rank_prior"]), rank=rank)
    direction = word(f"movement.{row['movement_direction']}") + word("site.colon")
    return {
        "branch": publication.name(row["branch_code"]),
        "branch_link": branch_page_link(row["branch_code"]),
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "value": kpi_tables.with_unit(row["value"], kpi),
        "reading": direction + format.movement(row, kpi["unit"]),
        "small": _join(ranks, both_languages(kpi_tables.counts(row, kpi))),
    }


def _join(*parts: Both) -> Both:
    return join_list(list(parts), word("site.semicolon"))


def alarms(publication: Publication) -> Both | None:
    """Return how many branches are outside of the lines over all funnels, and how many would be by
    chance alone.
    """
    sums = publication.statistics.sum_false_alarms()
    if not sums["tested"]:
        return None

    counts = ("tested", "watch_outside", "act_outside")
    expected = ("watch_false_alarms", "act_false_alarms")
    values = {name: format.count(int(sums[name])) for name in counts}
    values |= {name: format.plain(float(sums[name]), 1) for name in expected}

    return word("movements.funnels", **values)
