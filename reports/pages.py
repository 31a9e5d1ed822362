"""What each page of the report shows, as the variables of its template."""

import base64

from reports import figures, format, grids, messages, quality_grids
from reports.publication import Publication
from reports.sparkline import sparkline
from reports.words import Both, both, reason, word

LISTED = 5
WITHOUT_VALUE = ("not_available",)


def page_of(kpi: dict) -> str:
    return f"kpi-{kpi['kpi_id']}.html"


def common(publication: Publication) -> dict:
    """What every page carries: what it is, as of when, which publication, did the checks pass."""
    facts = publication.facts
    pages = [("index.html", word("site.overview"))]
    pages += [(page_of(kpi), publication.title(kpi)) for kpi in publication.kpis]
    pages += [("quality.html", word("site.quality")), ("definitions.html", word("site.definitions"))]
    return {
        "pages": pages,
        "as_of": word("site.as_of", day=format.day(facts["as_of"])),
        "known_at": word("site.known_at", day=format.day(facts["known_at"])) if facts["known_at"] else None,
        "publication_id": word("site.publication", id=facts["publication_id"]),
        "status": publication.status,
        "status_words": publication.status_words,
        "word": word,
    }


def overview(publication: Publication) -> dict:
    """Variables of index.html."""
    facts = publication.facts
    return {
        "title": word("site.overview"),
        "news": messages.news(publication),
        "year": messages.year(publication),
        "sentences": messages.sentences(publication),
        "problems": _problems(publication),
        "notes": [format.text(note, 2000) for note in facts["notes"]],
        "missing": [(publication.title(kpi), page_of(kpi), grids.states(row)) for kpi, row in publication.missing()],
        "period": format.period(*publication.year_to_date) if publication.year_to_date else both(""),
        "cards": [card(publication, kpi) for kpi in publication.kpis],
        "notable": [notable(publication, kpi) for kpi in publication.kpis if messages.is_tested(publication.league(kpi["kpi_id"], "province"))],
        "untested": not_compared(publication),
        "matrix": grids.matrix(publication),
    }


def months_of(publication: Publication, kpi: dict) -> list[dict]:
    """The head office's months for a picture: `{label, value, low, high, is_whole}`, from the first month that has a value."""
    values = publication.head_values(kpi["kpi_id"])
    rows = [(period, values[period]) for period in publication.months() if period in values]
    first = next((place for place, (_, row) in enumerate(rows) if row["value"] is not None), len(rows))
    return [
        {
            "label": format.month(period[1]),
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "is_whole": format.is_whole(*period) and row["state"] in ("ok", "no_cases"),
        }
        for period, row in rows[first:]
    ]


def card(publication: Publication, kpi: dict) -> dict:
    """The headline card of one KPI."""
    row, unit = publication.headline(kpi["kpi_id"]), kpi["unit"]
    shown = {"title": publication.title(kpi), "link": page_of(kpi), "unit": grids.unit_words(kpi), "state": None}
    if row is None or row["state"] in WITHOUT_VALUE:
        return shown | {"state": "not_available", "reason": reason(format.text(row["reason"])) if row else word("site.empty")}
    months = months_of(publication, kpi)
    return shown | {
        "state": row["state"],
        "reason": reason(format.text(row["reason"])),
        "value": format.value(row["value"], unit),
        "is_percent": unit == "%",
        "against": messages.against(row, kpi),
        "change": messages.changed(row, kpi),
        "interval": format.interval(row["interval_low"], row["interval_high"], unit),
        "counted": counted(row, kpi),
        "spark": sparkline([month["value"] for month in months], [month["is_whole"] for month in months]),
        "spark_alt": spark_alt(publication.title(kpi), months, unit),
    }


def extremes(months: list[dict], unit: str) -> dict | None:
    """Lowest, highest and latest month in words; None where no month has a value."""
    known_months = [month for month in months if month["value"] is not None]
    if not known_months:
        return None
    ends = {
        "low": min(known_months, key=lambda month: month["value"]),
        "high": max(known_months, key=lambda month: month["value"]),
        "now": known_months[-1],
    }
    said = {name: format.value(month["value"], unit) for name, month in ends.items()}
    said |= {f"{name}_month": month["label"] for name, month in ends.items()}
    return said | {"first": known_months[0]["label"], "last": known_months[-1]["label"], "number": str(len(known_months))}


def spark_alt(title: Both, months: list[dict], unit: str) -> Both:
    said = extremes(months, unit)
    if not said:
        return word("overview.no_months")
    text = word("overview.spark", title=title, **{name: said[name] for name in ("number", "first", "last", "low", "high", "now")})
    return text if months[-1]["is_whole"] else text + word("overview.spark_partial")


def notable(publication: Publication, kpi: dict) -> dict:
    """The provincial branches of one KPI that chance does not explain, the surest first."""
    rows = publication.league(kpi["kpi_id"], "province")
    sides = {}
    for side, step in (("better", 1), ("worse", -1)):
        found = sorted(
            (row for row in rows if row["verdict"] == side), key=lambda row: (not row["act"], step * (row["rank"] or 0), row["branch_code"])
        )
        sides[side] = [
            {"symbol": grids.symbol(row), "name": publication.name(row["branch_code"]), "value": format.value(row["value"], kpi["unit"])}
            for row in found[:LISTED]
        ]
        sides[f"more_{side}"] = word("site.more", number=str(len(found) - LISTED)) if len(found) > LISTED else None
    return {"title": publication.title(kpi), "link": page_of(kpi), **sides}


def not_compared(publication: Publication) -> list[tuple[Both, list[tuple[Both, str]]]]:
    """The KPIs by which no branch is held against the network: the reason, and title and page of each."""
    found: dict[Both, list] = {}
    for kpi in publication.kpis:
        if why := messages.untested(kpi, publication.league(kpi["kpi_id"], "province")):
            found.setdefault(why, []).append((publication.title(kpi), page_of(kpi)))
    return list(found.items())


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


def numerator(row: dict, kpi: dict) -> Both:
    """A numerator, with its unit where it is a time."""
    return format.part(row["numerator"], kpi, "numerator") + (both(" ") + grids.unit_words(kpi) if kpi["kind"] == "mean" else "")


def counted(row: dict, kpi: dict) -> Both:
    """`481,470 / 525,622`; of a median the number of its cases; empty for a count, which is its own numerator."""
    denominator = format.part(row["denominator"], kpi, "denominator")
    if row["denominator"] is None:
        return both("")
    return word("kpi.cases", number=denominator.en) if row["numerator"] is None else numerator(row, kpi) + " / " + denominator


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


def _problems(publication: Publication) -> list[str]:
    """Files and deliveries that are not in the figures, each with why and what to do about it."""
    return [format.text(problem, 2000) for problem in publication.facts["problems"]]


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
        "problems": _problems(publication),
        "news": messages.news(publication),
        "sentences": messages.sentences(publication),
        "grids": [grid for grid in found if grid],
    }


def definitions(publication: Publication) -> dict:
    """Variables of definitions.html."""
    return {
        "title": word("site.definitions"),
        "kpis": [(publication.title(kpi), page_of(kpi), kpi["kpi_id"], grids.definition(kpi)) for kpi in publication.kpis],
        "grids": [quality_grids.policy(publication), quality_grids.dictionary(publication)],
    }
