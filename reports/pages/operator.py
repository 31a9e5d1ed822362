"""The operator's page: whether to get up, in its first line."""

from reports.elements import operator_digest, sentences
from reports.pages.overview import notes, problems
from reports.tables.publication import Publication
from reports.text.words import word


def operator_page(publication: Publication) -> dict:
    """Return the variables of operator.html."""
    tables = [
        operator_digest.arrivals_table(publication),
        operator_digest.checks_table(publication),
    ]
    effects = operator_digest.effects_table(publication)
    if effects.rows:
        tables.append(effects)

    return {
        "title": word("site.operator"),
        "news": sentences.news_sentences(publication),
        "problems": problems(publication),
        "notes": notes(publication),
        "grids": tables,
    }
