"""What was read, what broke a rule, what was set aside; and what every KPI, setting and column
means.
"""

from reports import grids, messages, quality_grids
from reports.links import page_of
from reports.pages.overview import problems
from reports.publication import Publication
from reports.words import word


def quality(publication: Publication) -> dict:
    """Variables of quality.html."""
    broken, held = quality_grids.rules(publication)
    found = [
        quality_grids.files(publication),
        broken,
        quality_grids.quarantine(publication),
        quality_grids.corrections(publication),
        quality_grids.withdrawn(publication),
        held,
        quality_grids.earlier_files(publication),
    ]
    return {
        "title": word("site.quality"),
        "intro": word("quality.intro"),
        "problems": problems(publication),
        "news": messages.news(publication),
        "sentences": messages.sentences(publication),
        "grids": [grid for grid in found if grid],
    }


def definitions(publication: Publication) -> dict:
    """Variables of definitions.html."""
    return {
        "title": word("site.definitions"),
        "kpis": [
            (publication.title(kpi), page_of(kpi), kpi["kpi_id"], grids.definition(kpi))
            for kpi in publication.kpis
        ],
        "grids": [quality_grids.policy(publication), quality_grids.dictionary(publication)],
    }
