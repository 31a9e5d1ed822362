"""The overview: what is published, as of when, did the checks pass, what stands out."""

from reports.elements import kpi_tables, sentences
from reports.elements.links import branch_link, kpi_page_link
from reports.pages import movements
from reports.pages.cards import card
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, word

LISTED = 5


def overview(publication: Publication) -> dict:
    """Variables of index.html."""
    facts = publication.facts
    return {
        "title": word("site.overview"),
        "news": sentences.news_sentences(publication),
        "year": sentences.year(publication),
        "sentences": sentences.sentences(publication),
        "problems": problems(publication),
        "notes": [format.text(note, 2000) for note in facts.notes],
        "missing": [
            (publication.title(kpi), kpi_page_link(kpi), kpi_tables.states(row))
            for kpi, row in publication.missing()
        ],
        "period": format.period(*publication.year_to_date)
        if publication.year_to_date
        else both_languages(""),
        "signs": movements.signs(publication),
        "moves": movements.moves(publication),
        "alarms": movements.alarms(publication),
        "staged": [
            (title, [card(publication, kpi) for kpi in kpis])
            for title, kpis in publication.stages()
        ],
        "notable": [
            notable(publication, kpi)
            for kpi in publication.kpis
            if sentences.is_tested(publication.league(kpi["kpi_id"], "province"))
        ],
        "untested": not_compared(publication),
    }


def notable(publication: Publication, kpi: dict) -> dict:
    """The provincial branches of one KPI that chance does not explain, the surest first."""
    rows = publication.league(kpi["kpi_id"], "province")
    sides = {}
    for side, step in (("better", 1), ("worse", -1)):
        found = sorted(
            (row for row in rows if row["verdict"] == side),
            key=lambda row: (not row["act"], step * (row["rank"] or 0), row["branch_code"]),
        )
        sides[side] = [
            {
                "symbol": kpi_tables.symbol(row),
                "name": publication.name(row["branch_code"]),
                "link": branch_link(publication, row["branch_code"]),
                "value": format.value(row["value"], kpi["unit"]),
            }
            for row in found[:LISTED]
        ]
        sides[f"more_{side}"] = (
            word("site.more", number=str(len(found) - LISTED)) if len(found) > LISTED else None
        )
    return {"title": publication.title(kpi), "link": kpi_page_link(kpi), **sides}


def not_compared(publication: Publication) -> list[tuple[Both, list[tuple[Both, str]]]]:
    """The KPIs by which no branch is held against the network: the reason, and title and page of
    each.
    """
    found: dict[Both, list] = {}
    for kpi in publication.kpis:
        if why := sentences.untested(kpi, publication.league(kpi["kpi_id"], "province")):
            found.setdefault(why, []).append((publication.title(kpi), kpi_page_link(kpi)))
    return list(found.items())


def problems(publication: Publication) -> list[str]:
    """Files and deliveries that are not in the figures, each with why and what to do about it."""
    return [format.text(problem, 2000) for problem in publication.facts.problems]
