"""The page of one KPI: what it says, what it means, who stands where, and since when."""

import base64

from reports import figures, format, grids, messages
from reports.pages.cards import WITHOUT_VALUE, card, counted, extremes, months_of
from reports.publication import Publication
from reports.words import Both, both, word


def kpi_page(publication: Publication, kpi: dict) -> dict:
    """Variables of one KPI's page."""
    row = publication.headline(kpi["kpi_id"])
    available = row is not None and row["state"] not in WITHOUT_VALUE
    shown = {"title": publication.title(kpi), "definition": grids.definition(kpi), "card": card(publication, kpi), "available": available}
    if not available:
        return shown
    return shown | {
        "lead": lead(publication, kpi, row),
        "trend": trend_figure(publication, kpi),
        "dots": dots_figure(publication, kpi),
        "months": grids.months(publication, kpi),
        "leagues": [grid for level, _ in grids.levels_shown(publication) if (grid := grids.league(publication, kpi, level))],
        "verdict_note": word("kpi.verdict_note") if messages.is_tested(publication.league(kpi["kpi_id"], "province")) else None,
        "segments": grids.segments(publication, kpi),
    }


def lead(publication: Publication, kpi: dict, row: dict) -> dict:
    """The first line: the period, the value, its change, and how the branches stand."""
    unit = both("") if kpi["unit"] == "%" else both(" ") + grids.unit_words(kpi)
    return {
        "period": format.period(*publication.year_to_date),
        "value": format.value(row["value"], kpi["unit"]) + (unit if row["value"] is not None else ""),
        "against": both("") if (told := messages.against(row, kpi)) == both("") else word("site.comma") + told,
        "made_of": made_of(publication, kpi, row),
        "change": messages.changed(row, kpi),
        "compared": messages.compared(publication, kpi),
    }


def made_of(publication: Publication, kpi: dict, row: dict) -> Both:
    """`(481,470 / 525,622; 95% interval 91.52 – 91.67)`, with what there is of it."""
    parts = []
    if row["denominator"] is not None:
        parts.append(counted(row, kpi))
    if row["interval_low"] is not None and row["interval_high"] is not None:
        told = format.interval(row["interval_low"], row["interval_high"], kpi["unit"])
        parts.append(word("column.interval", level=grids.level_text(publication)) + " " + told)
    return Both("（", " (") + messages.listed(parts, Both("；", "; ")) + Both("）", ")") if parts else both("")


def picture(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")


def trend_figure(publication: Publication, kpi: dict) -> dict | None:
    """The monthly line of the head office with its alt text."""
    months = months_of(publication, kpi)
    said = extremes(months, kpi["unit"])
    if not said:
        return None
    note = word("kpi.trend_note")
    if any(month["low"] is not None for month in months):
        note = note + Both("", " ") + word("kpi.band_note", level=grids.level_text(publication))
    if scale_note := messages.scale_note(publication, kpi):
        note = scale_note + Both("", " ") + note
    return {
        "caption": word("kpi.trend", message=messages.trend_title(publication, kpi)),
        "image": picture(figures.trend(months, kpi["unit"], zero_based=kpi["kind"] in ("count", "rate"))),
        "alt": word("kpi.trend_alt", title=publication.title(kpi), unit=grids.unit_words(kpi), **said),
        "note": note,
    }


def dots_figure(publication: Publication, kpi: dict) -> dict | None:
    """The provincial branches, best first, against the network; a count has no network to be held against."""
    rows = [row for row in publication.league(kpi["kpi_id"], "province") if row["value"] is not None]
    if not rows:
        return None
    if kpi["direction"] == "none":
        rows = sorted(rows, key=lambda row: (-row["value"], row["branch_code"]))
    year = publication.headline(kpi["kpi_id"])
    network, market = None if kpi["kind"] == "count" else year["value"], year["benchmark_value"]
    shown = [
        {
            "name": publication.name(row["branch_code"]),
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "verdict": row["verdict"],
        }
        for row in rows
    ]
    image, is_cut = figures.dots(shown, kpi["unit"], network, market)
    notes = [word("kpi.dots_note_count") if network is None else word("kpi.dots_note_line", network=format.value(network, kpi["unit"]))]
    notes += [] if market is None else [word("kpi.dots_note_market", market=format.value(market, kpi["unit"]))]
    has_interval = any(row["low"] is not None for row in shown)
    notes.append(word("kpi.dots_note_interval", level=grids.level_text(publication)) if has_interval else word("kpi.dots_note_none"))
    verdicts = {row["verdict"] for row in shown}
    notes += [word("kpi.dots_note_marks")] if verdicts & {"better", "worse", "as_expected"} else []
    notes += [word("kpi.dots_note_few")] if "too_few" in verdicts else []
    if is_cut:
        notes.append(word("kpi.dots_note_cut", number=str(figures.CUT)))
    return {
        "caption": word("kpi.dots", period=format.period(*publication.year_to_date), message=messages.dots_title(publication, kpi)),
        "image": picture(image),
        "alt": dots_alt(publication, kpi, shown),
        "note": messages.listed(notes, Both("", " ")),
    }


def dots_alt(publication: Publication, kpi: dict, shown: list[dict]) -> Both:
    said = {"title": publication.title(kpi), "unit": grids.unit_words(kpi), "number": str(len(shown))}
    if kpi["direction"] == "none":
        ends = [format.value(pick(row["value"] for row in shown), kpi["unit"]) for pick in (min, max)]
        return word("kpi.dots_alt_none", low=ends[0], high=ends[1], **said)
    for place, row in (("first", shown[0]), ("last", shown[-1])):
        said |= {place: format.text(row["name"], 40), f"{place}_value": format.value(row["value"], kpi["unit"])}
    counted = {side: str(sum(row["verdict"] == side for row in shown)) for side in ("better", "worse")}
    return word("kpi.dots_alt", **said, **counted)
