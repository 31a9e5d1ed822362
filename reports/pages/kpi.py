"""The page of one KPI: what it says, what it means, which branch ranks where, and since when."""

from reports.elements import kpi_tables, league_tables, sentences
from reports.pages.branch_figures import dots_figure, funnel_figure, funnel_table
from reports.pages.cards import WITHOUT_VALUE, card, counted
from reports.pages.kpi_figures import months_table, trend_figure
from reports.pages.speed import ABOUT, speed
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word

LEVELS = ("province", "central")


def kpi_page(publication: Publication, kpi: dict) -> dict:
    """Return the variables of one KPI's page."""
    row = publication.headline(kpi["kpi_id"])
    variables = {
        "title": publication.title(kpi),
        "definition": kpi_tables.definition(kpi),
        "card": card(publication, kpi),
        "available": False,
    }
    if row is None or row["state"] in WITHOUT_VALUE:
        return variables

    has_speed = kpi["kpi_id"].startswith(ABOUT)
    is_tested = sentences.is_tested(publication.league(kpi["kpi_id"], "province"))
    leagues = [league_tables.league_table(publication, kpi, level) for level in LEVELS]
    leagues = [league for league in leagues if league]
    funnel = funnel_figure(publication, kpi)
    verdict_note = word("kpi.verdict_note") if is_tested else None

    return variables | {
        "available": True,
        "lead": lead(publication, kpi, row),
        "trend": trend_figure(publication, kpi),
        "speed": speed(publication) if has_speed else None,
        "dots": dots_figure(publication, kpi),
        "funnel": funnel,
        "funnel_grid": funnel_table(publication, kpi) if funnel else None,
        "months": months_table(publication, kpi),
        "leagues": leagues,
        "verdict_note": verdict_note,
        "segments": kpi_tables.segments(publication, kpi),
    }


def lead(publication: Publication, kpi: dict, row: dict) -> dict:
    """Return the first line: the period, the value, its change, and how the branches compare."""
    against = sentences.against(row, kpi)
    if against.zh:
        against = word("site.comma") + against

    return {
        "period": publication.period_words(),
        "value": kpi_tables.with_unit(row["value"], kpi),
        "against": against,
        "details": details(publication, kpi, row),
        "change": sentences.changed(row, kpi),
        "compared": sentences.compared_sentence(publication, kpi),
    }


def details(publication: Publication, kpi: dict, row: dict) -> Both:
    """Return `(481,470 / 525,622; 95% interval 91.52 – 91.67)`, as far as there is any of it."""
    parts = []
    if row["denominator"] is not None:
        parts.append(counted(row, kpi))

    low, high = row["interval_low"], row["interval_high"]
    if low is not None and high is not None:
        interval = format.interval(low, high, kpi["unit"])
        label = word("column.interval", level=kpi_tables.level_text(publication))
        parts.append(label + " " + interval)

    if not parts:
        return both_languages("")

    text = join_list(parts, word("site.semicolon"))
    return Both("（", " (") + text + Both("）", ")")
