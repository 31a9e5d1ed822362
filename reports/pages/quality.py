"""What was read, what broke a rule, what was quarantined; and what every KPI, setting and column
means.
"""

from reports.elements import kpi_tables, quality_tables, sentences
from reports.elements.links import kpi_page_link
from reports.pages.overview import problems
from reports.tables.publication import Publication
from reports.text.words import word


def quality(publication: Publication) -> dict:
    """Return the variables of quality.html."""
    failed, passed = quality_tables.rules_tables(publication)
    tables = [
        quality_tables.files_table(publication),
        failed,
        quality_tables.quarantine_table(publication),
        quality_tables.corrections_table(publication),
        quality_tables.withdrawn_table(publication),
        passed,
        quality_tables.earlier_files_table(publication),
    ]
    return {
        "title": word("site.quality"),
        "intro": word("quality.intro"),
        "problems": problems(publication),
        "news": sentences.news_sentences(publication),
        "sentences": sentences.quality_sentences(publication),
        "grids": [table for table in tables if table],
    }


def definitions(publication: Publication) -> dict:
    """Return the variables of definitions.html."""
    kpis = []
    for kpi in publication.kpis:
        title, definition = publication.title(kpi), kpi_tables.definition(kpi)
        kpis.append((title, kpi_page_link(kpi), kpi["kpi_id"], definition))

    return {
        "title": word("site.definitions"),
        "kpis": kpis,
        "grids": [
            quality_tables.policy_table(publication),
            quality_tables.dictionary_table(publication),
        ],
    }
