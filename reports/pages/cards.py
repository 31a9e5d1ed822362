"""The headline card of a KPI: on the overview, and on top of a page whose figures are stale."""

from reports.elements import kpi_tables, sentences
from reports.elements.links import kpi_page_link
from reports.figures.sparkline import draw_titled_sparkline
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, reason, word

WITHOUT_VALUE = ("not_available",)


def card(publication: Publication, kpi: dict) -> dict:
    """The headline card of one KPI."""
    row, unit = publication.headline(kpi["kpi_id"]), kpi["unit"]
    shown = {
        "title": publication.title(kpi),
        "link": kpi_page_link(kpi),
        "unit": kpi_tables.unit_words(kpi),
        "state": None,
    }
    if row is None or row["state"] in WITHOUT_VALUE:
        return shown | {
            "state": "not_available",
            "reason": reason(format.text(row["reason"])) if row else word("site.empty"),
        }
    months = months_of(publication, kpi)
    return shown | {
        "state": row["state"],
        "reason": reason(format.text(row["reason"])),
        "value": format.value(row["value"], unit),
        "is_percent": unit == "%",
        "against": sentences.against(row, kpi),
        "change": sentences.changed(row, kpi),
        "interval": format.interval(row["interval_low"], row["interval_high"], unit),
        "counted": counted(row, kpi),
        "spark": draw_titled_sparkline(
            [month["value"] for month in months],
            [month["is_whole"] for month in months],
            spark_alt(publication.title(kpi), months, unit),
        ),
    }


def months_of(publication: Publication, kpi: dict) -> list[dict]:
    """The head office's months for a picture: `{label, start, value, low, high, is_whole}`, from
    the first month that has a value.
    """
    values = publication.head_values(kpi["kpi_id"])
    rows = [(period, values[period]) for period in publication.months() if period in values]
    first = next(
        (place for place, (_, row) in enumerate(rows) if row["value"] is not None), len(rows)
    )
    return [
        {
            "label": format.month(period[1]),
            "start": period[1],
            "value": row["value"],
            "low": row["interval_low"],
            "high": row["interval_high"],
            "is_whole": format.is_whole(*period) and row["state"] in ("ok", "no_cases"),
        }
        for period, row in rows[first:]
    ]


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
    return said | {
        "first": known_months[0]["label"],
        "last": known_months[-1]["label"],
        "number": str(len(known_months)),
    }


def spark_alt(title: Both, months: list[dict], unit: str) -> Both:
    said = extremes(months, unit)
    if not said:
        return word("overview.no_months")
    text = word(
        "overview.spark",
        title=title,
        **{name: said[name] for name in ("number", "first", "last", "low", "high", "now")},
    )
    return text if months[-1]["is_whole"] else text + word("overview.spark_partial")


def _numerator(row: dict, kpi: dict) -> Both:
    """A numerator, with its unit where it is a time."""
    return format.part(row["numerator"], kpi, "numerator") + (
        both_languages(" ") + kpi_tables.unit_words(kpi) if kpi["kind"] == "mean" else ""
    )


def counted(row: dict, kpi: dict) -> Both:
    """`481,470 / 525,622`; of a median the number of its cases; empty for a count, which is its own
    numerator.
    """
    denominator = format.part(row["denominator"], kpi, "denominator")
    if row["denominator"] is None:
        return both_languages("")
    return (
        word("kpi.cases", number=denominator.en)
        if row["numerator"] is None
        else _numerator(row, kpi) + " / " + denominator
    )
