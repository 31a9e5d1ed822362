"""The operator's page: whether to get up, in its first line."""

from reports import format, messages, operator
from reports.pages.overview import problems
from reports.publication import Publication
from reports.words import word


def operator_page(publication: Publication) -> dict:
    """Variables of operator.html."""
    effects = operator.effects(publication)
    return {
        "title": word("site.operator"),
        "news": messages.news(publication),
        "problems": problems(publication),
        "notes": [format.text(note, 2000) for note in publication.facts["notes"]],
        "grids": [
            grid
            for grid in (operator.arrivals(publication), operator.checks(publication), effects)
            if grid is not effects or grid.rows
        ],
    }
