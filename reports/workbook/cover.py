"""The words on the cover of the analysts' workbook."""

from reports.elements import kpi_tables, sentences
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, word


def cover_lines(publication: Publication) -> list[tuple[Both, Both | str]]:
    """Return labels and texts: what the workbook is, as of when, and whether the checks passed."""
    facts = publication.facts
    lines: list[tuple[Both, Both | str]] = [
        (word("sheet.contains"), word("sheet.contains_text")),
        (word("sheet.as_of"), format.day(facts.as_of)),
    ]
    if facts.known_at:
        lines.append((word("sheet.known_at"), format.day(facts.known_at)))

    lines += [
        (word("sheet.publication"), facts.publication_id),
        (word("sheet.checks"), publication.status_words),
    ]

    # The same sentences as on the overview, one below the other.
    unlabelled = both_languages("")

    news = sentences.news_sentences(publication)
    for text in (news, *sentences.quality_sentences(publication)):
        lines.append((unlabelled, text))

    for kpi, row in publication.missing():
        text = publication.title(kpi) + Both("：", ": ") + kpi_tables.states(row)
        lines.append((word("sheet.missing"), text))

    lines += [(word("sheet.problem"), problem) for problem in facts.problems]
    lines += [(word("sheet.note"), note) for note in facts.notes]
    return lines
