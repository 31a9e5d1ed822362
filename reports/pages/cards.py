"""The headline card of a KPI: on the overview, and on top of a page whose figures are stale."""

from reports.elements import kpi_tables, sentences
from reports.elements.links import kpi_page_link
from reports.figures.sparkline import draw_titled_sparkline
from reports.figures.svg import SvgDrawing
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, reason, word

WITHOUT_VALUE = ("not_available",)


def card(publication: Publication, kpi: dict) -> dict:
    """Return the headline card of one KPI."""
    row, unit = publication.headline(kpi["kpi_id"]), kpi["unit"]
    variables = {
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "unit": kpi_tables.unit_words(kpi),
    }
    if row is None:
        return variables | {"state": "not_available", "reason": word("site.empty")}

    why = reason(format.text(row["reason"]))
    if row["state"] in WITHOUT_VALUE:
        return variables | {"state": "not_available", "reason": why}

    months = months_of(publication, kpi)
    return variables | {
        "state": row["state"],
        "reason": why,
        "value": format.value(row["value"], unit),
        "is_percent": unit == "%",
        "against": sentences.against(row, kpi),
        "change": sentences.changed(row, kpi),
        "interval": format.interval(row["interval_low"], row["interval_high"], unit),
        "counted": counted(row, kpi),
        "spark": draw_months(publication.title(kpi), months, unit),
    }


def months_of(publication: Publication, kpi: dict) -> list[dict]:
    """Return the head office's months for a picture: `{label, start, value, low, high, is_whole}`,
    from the first month that has a value.
    """
    values = publication.head_values(kpi["kpi_id"])
    rows = [values[period] for period in publication.months() if period in values]
    return from_first_value([describe_month(row) for row in rows])


def describe_month(row: dict) -> dict:
    """Return one month for a picture."""
    is_over = format.is_whole(row["period_kind"], row["period_start"], row["period_end"])
    return {
        "label": format.month(row["period_start"]),
        "start": row["period_start"],
        "value": row["value"],
        "low": row["interval_low"],
        "high": row["interval_high"],
        "is_whole": is_over and row["state"] in ("ok", "no_cases"),
    }


def from_first_value(months: list[dict]) -> list[dict]:
    """Return the months without those before the first value."""
    for position, month in enumerate(months):
        if month["value"] is not None:
            return months[position:]
    return []


def draw_months(title: Both, months: list[dict], unit: str) -> SvgDrawing | None:
    """Return the months as a small line with its text; None where there is nothing to draw."""
    values = [month["value"] for month in months]
    is_whole = [month["is_whole"] for month in months]
    alt = spark_alt(title, months, unit)
    return draw_titled_sparkline(values, is_whole, alt)


def extremes(months: list[dict], unit: str) -> dict | None:
    """Return the lowest, highest and latest month in words; None where no month has a value."""
    with_value = [month for month in months if month["value"] is not None]
    if not with_value:
        return None

    ends = {
        "low": min(with_value, key=lambda month: month["value"]),
        "high": max(with_value, key=lambda month: month["value"]),
        "now": with_value[-1],
    }
    texts = {
        "first": with_value[0]["label"],
        "last": with_value[-1]["label"],
        "number": str(len(with_value)),
    }

    for name, month in ends.items():
        texts[name] = format.value(month["value"], unit)
        texts[f"{name}_month"] = month["label"]

    return texts


def spark_alt(title: Both, months: list[dict], unit: str) -> Both:
    """Return what a small line shows, for those who cannot see it."""
    texts = extremes(months, unit)
    if not texts:
        return word("overview.no_months")

    names = ("number", "first", "last", "low", "high", "now")
    text = word("overview.spark", title=title, **{name: texts[name] for name in names})
    if months[-1]["is_whole"]:
        return text

    return text + word("overview.spark_partial")


def counted(row: dict, kpi: dict) -> Both:
    """Return `481,470 / 525,622`; for a median the number of its cases; nothing for a count, which
    is its own numerator.
    """
    if row["denominator"] is None:
        return both_languages("")

    denominator = format.part(row["denominator"], kpi, "denominator")
    if row["numerator"] is None:
        return word("kpi.cases", number=denominator.en)

    numerator = format.part(row["numerator"], kpi, "numerator")
    if kpi["kind"] == "mean":
        numerator = numerator + both_languages(" ") + kpi_tables.unit_words(kpi)

    return numerator + " / " + denominator
