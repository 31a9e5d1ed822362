"""The page of one KPI: what it says, what it means, who stands where, and since when."""

from reports.elements import kpi_tables, league_tables, sentences
from reports.pages.cards import WITHOUT_VALUE, card, counted
from reports.pages.kpi_figures import dots_figure, funnel_figure, funnel_grid, months, trend_figure
from reports.pages.speed import ABOUT, speed
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, word


def kpi_page(publication: Publication, kpi: dict) -> dict:
    """Variables of one KPI's page."""
    row = publication.headline(kpi["kpi_id"])
    available = row is not None and row["state"] not in WITHOUT_VALUE
    shown = {
        "title": publication.title(kpi),
        "definition": kpi_tables.definition(kpi),
        "card": card(publication, kpi),
        "available": available,
    }
    if not available:
        return shown
    funnel = funnel_figure(publication, kpi)
    return shown | {
        "lead": lead(publication, kpi, row),
        "trend": trend_figure(publication, kpi),
        "speed": speed(publication) if kpi["kpi_id"].startswith(ABOUT) else None,
        "dots": dots_figure(publication, kpi),
        "funnel": funnel,
        "funnel_grid": funnel_grid(publication, kpi) if funnel else None,
        "months": months(publication, kpi),
        "leagues": [
            grid
            for level, _ in kpi_tables.levels_shown(publication)
            if (grid := league_tables.league_table(publication, kpi, level))
        ],
        "verdict_note": word("kpi.verdict_note")
        if sentences.is_tested(publication.league(kpi["kpi_id"], "province"))
        else None,
        "segments": kpi_tables.segments(publication, kpi),
    }


def lead(publication: Publication, kpi: dict, row: dict) -> dict:
    """The first line: the period, the value, its change, and how the branches stand."""
    unit = (
        both_languages("")
        if kpi["unit"] == "%"
        else both_languages(" ") + kpi_tables.unit_words(kpi)
    )
    return {
        "period": format.period(*publication.year_to_date),
        "value": format.value(row["value"], kpi["unit"])
        + (unit if row["value"] is not None else ""),
        "against": both_languages("")
        if (told := sentences.against(row, kpi)) == both_languages("")
        else word("site.comma") + told,
        "made_of": made_of(publication, kpi, row),
        "change": sentences.changed(row, kpi),
        "compared": sentences.compared_sentence(publication, kpi),
    }


def made_of(publication: Publication, kpi: dict, row: dict) -> Both:
    """`(481,470 / 525,622; 95% interval 91.52 – 91.67)`, with what there is of it."""
    parts = []
    if row["denominator"] is not None:
        parts.append(counted(row, kpi))
    if row["interval_low"] is not None and row["interval_high"] is not None:
        told = format.interval(row["interval_low"], row["interval_high"], kpi["unit"])
        parts.append(word("column.interval", level=kpi_tables.level_text(publication)) + " " + told)
    return (
        Both("（", " (") + join_list(parts, Both("；", "; ")) + Both("）", ")")
        if parts
        else both_languages("")
    )
