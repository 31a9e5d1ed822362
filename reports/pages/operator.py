"""The operator's page: whether to get up, in its first line."""

from reports.elements import operator_digest, sentences
from reports.pages.overview import problems
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import word


def operator_page(publication: Publication) -> dict:
    """Variables of operator.html."""
    effects = operator_digest.effects_table(publication)
    return {
        "title": word("site.operator"),
        "news": sentences.news_sentences(publication),
        "problems": problems(publication),
        "notes": [format.text(note, 2000) for note in publication.facts.notes],
        "grids": [
            grid
            for grid in (
                operator_digest.arrivals_table(publication),
                operator_digest.checks_table(publication),
                effects,
            )
            if grid is not effects or grid.rows
        ],
    }
