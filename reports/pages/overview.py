"""The overview: what is published, as of when, whether the checks passed, what stands out."""

from functools import partial

from reports.elements import kpi_tables, sentences
from reports.elements.links import branch_link, kpi_page_link
from reports.pages import movements
from reports.pages.cards import card
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, word

LISTED = 5
SENTENCE = 2000  # letters of a problem or note; a longer one is cut


def overview(publication: Publication) -> dict:
    """Return the variables of index.html."""
    missing = [
        (publication.title(kpi), kpi_page_link(kpi), kpi_tables.states(row))
        for kpi, row in publication.missing()
    ]
    staged = []
    for title, kpis in publication.stages():
        staged.append((title, [card(publication, kpi) for kpi in kpis]))

    tested = [
        kpi
        for kpi in publication.kpis
        if sentences.is_tested(publication.league(kpi["kpi_id"], "province"))
    ]
    variables = {
        "title": word("site.overview"),
        "news": sentences.news_sentences(publication),
        "leading": sentences.leading_values(publication),
        "sentences": sentences.quality_sentences(publication),
        "problems": problems(publication),
        "notes": notes(publication),
        "missing": missing,
        "period": publication.period_words(),
        "signs": movements.signs(publication),
        "moves": movements.moves(publication),
        "alarms": movements.alarms(publication),
        "staged": staged,
    }
    variables["notable"] = [notable(publication, kpi) for kpi in tested]
    variables["untested"] = not_compared(publication)

    return variables


def notable(publication: Publication, kpi: dict) -> dict:
    """Return the provincial branches of one KPI that differ from the network by more than chance,
    the surest first.
    """
    rows = publication.league(kpi["kpi_id"], "province")
    variables: dict = {"title": publication.title(kpi), "link": kpi_page_link(kpi)}
    # The best of the better ones come first, and the worst of the worse ones.
    for side, step in (("better", 1), ("worse", -1)):
        branches = [row for row in rows if row["verdict"] == side]
        branches.sort(key=partial(_surest_first, step))
        listed = branches[:LISTED]
        variables[side] = [_describe_branch(publication, kpi, row) for row in listed]
        variables[f"more_{side}"] = more_than(LISTED, branches)
    return variables


def _surest_first(step: int, row: dict) -> tuple:
    is_inside = not row["act"]
    rank = row["rank"] or 0
    return is_inside, step * rank, row["branch_code"]


def _describe_branch(publication: Publication, kpi: dict, row: dict) -> dict:
    return {
        "symbol": kpi_tables.symbol(row),
        "name": publication.name(row["branch_code"]),
        "link": branch_link(publication, row["branch_code"]),
        "value": format.value(row["value"], kpi["unit"]),
    }


def more_than(listed: int, entries: list) -> Both | None:
    """Return how many entries a list leaves out; None where it has them all."""
    if len(entries) <= listed:
        return None
    return word("site.more", number=str(len(entries) - listed))


def not_compared(publication: Publication) -> list[tuple[Both, list[tuple[Both, str]]]]:
    """Return the KPIs by which no branch is compared with the network: the reason, and title and
    page of each.
    """
    kpis_by_reason: dict[Both, list] = {}
    for kpi in publication.kpis:
        league = publication.league(kpi["kpi_id"], "province")
        reason = sentences.untested(kpi, league)
        if reason:
            link = (publication.title(kpi), kpi_page_link(kpi))
            kpis_by_reason.setdefault(reason, []).append(link)

    return list(kpis_by_reason.items())


def problems(publication: Publication) -> list[str]:
    """Return the files and deliveries that are not in the figures, each with why and what to do
    about it.
    """
    return [format.text(problem, SENTENCE) for problem in publication.facts.problems]


def notes(publication: Publication) -> list[str]:
    """Return what the run noted."""
    return [format.text(note, SENTENCE) for note in publication.facts.notes]
