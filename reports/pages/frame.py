"""What every page carries: what it is, as of when, which publication, did the checks pass, and the
way to every other page.
"""

from reports.elements.links import kpi_page_link
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import word

# The pages other than those of KPIs and branches, in the order of the menu: file and title.
NAMES = (
    "matrix",
    "branches",
    "voice",
    "composite",
    "agents",
    "changes",
    "operator",
    "quality",
    "definitions",
)
PAGES = [("index", "overview"), *((name, name) for name in NAMES)]


def page_frame(publication: Publication) -> dict:
    """Return the variables of base.html, the same for every page."""
    facts = publication.facts
    stages = []
    for title, kpis in publication.stages():
        links = [(kpi_page_link(kpi), publication.title(kpi)) for kpi in kpis]
        stages.append((title, links))

    known_at = None
    if facts.known_at:
        known_at = word("site.known_at", day=format.day(facts.known_at))

    return {
        "pages": [(f"{name}.html", word(f"site.{title}")) for name, title in PAGES],
        "stages": stages,
        "as_of": word("site.as_of", day=format.day(facts.as_of)),
        "known_at": known_at,
        "publication_id": word("site.publication", id=facts.publication_id),
        "status": publication.status,
        "status_words": publication.status_words,
        "word": word,
    }
