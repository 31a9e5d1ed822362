"""What was read, what broke a rule, what was set aside; and what every KPI, setting and column
means.
"""

from reports.elements import kpi_tables, quality_tables, sentences
from reports.elements.links import page_of
from reports.pages.overview import problems
from reports.tables.publication import Publication
from reports.text.words import word


def quality(publication: Publication) -> dict:
    """Variables of quality.html."""
    broken, held = quality_tables.rules(publication)
    found = [
        quality_tables.files(publication),
        broken,
        quality_tables.quarantine(publication),
        quality_tables.corrections(publication),
        quality_tables.withdrawn(publication),
        held,
        quality_tables.earlier_files(publication),
    ]
    return {
        "title": word("site.quality"),
        "intro": word("quality.intro"),
        "problems": problems(publication),
        "news": sentences.news(publication),
        "sentences": sentences.sentences(publication),
        "grids": [grid for grid in found if grid],
    }


def definitions(publication: Publication) -> dict:
    """Variables of definitions.html."""
    return {
        "title": word("site.definitions"),
        "kpis": [
            (publication.title(kpi), page_of(kpi), kpi["kpi_id"], kpi_tables.definition(kpi))
            for kpi in publication.kpis
        ],
        "grids": [quality_tables.policy(publication), quality_tables.dictionary(publication)],
    }
