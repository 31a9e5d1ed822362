"""What was read, what broke a rule, what was set aside; and what every KPI, setting and column
means.
"""

from reports.elements import kpi_tables, quality_tables, sentences
from reports.elements.links import kpi_page_link
from reports.pages.overview import problems
from reports.tables.publication import Publication
from reports.text.words import word


def quality(publication: Publication) -> dict:
    """Variables of quality.html."""
    broken, held = quality_tables.rules_table(publication)
    found = [
        quality_tables.files_table(publication),
        broken,
        quality_tables.quarantine_table(publication),
        quality_tables.corrections_table(publication),
        quality_tables.withdrawn_table(publication),
        held,
        quality_tables.earlier_files_table(publication),
    ]
    return {
        "title": word("site.quality"),
        "intro": word("quality.intro"),
        "problems": problems(publication),
        "news": sentences.news_sentences(publication),
        "sentences": sentences.sentences(publication),
        "grids": [grid for grid in found if grid],
    }


def definitions(publication: Publication) -> dict:
    """Variables of definitions.html."""
    return {
        "title": word("site.definitions"),
        "kpis": [
            (publication.title(kpi), kpi_page_link(kpi), kpi["kpi_id"], kpi_tables.definition(kpi))
            for kpi in publication.kpis
        ],
        "grids": [
            quality_tables.policy_table(publication),
            quality_tables.dictionary_table(publication),
        ],
    }
