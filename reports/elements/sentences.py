"""What the figures say, in sentences: the lead of the overview, the first line of a KPI's page, the
titles of its charts.
"""

from datetime import date

from reports.elements import quality_tables
from reports.tables.grouping import latest_extracts
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

LEADING = 2
BECAUSE = 500


def news_sentences(publication: Publication) -> Both:
    """Return whether readers see new data: of which day it is, and what is older; of a build that
    was held, what they see instead.
    """
    facts = publication.facts
    if facts.hold_reasons:
        former = facts.compared_with or word("overview.nothing")
        because = format.text("; ".join(facts.hold_reasons), BECAUSE)
        return word("overview.news_held", former=former, because=because)

    files = latest_extracts(publication.input_files)
    days: dict[str, date] = {row["extract"]: row["extract_date"] for row in files}
    if not days:
        return word("overview.news_none", day=format.day(facts.as_of))

    newest = max(days.values())

    fresh, older = [], []
    for extract, day in sorted(days.items()):
        words = known_word("extract", extract)
        if day == newest:
            fresh.append(words)
        else:
            # An old extract is named with its day: its KPIs stand still.
            older.append(words + Both(f"（{day}）", f" ({day})"))

    news = word(
        "overview.news" if newest >= facts.as_of else "overview.news_old",
        day=format.day(facts.as_of),
        newest=format.day(newest),
        fresh=join_list(fresh),
    )
    if not older:
        return news

    return news + Both("", " ") + word("overview.news_older", older=join_list(older))


def leading_values(publication: Publication) -> list[tuple[Both, Both, Both]]:
    """Return title, value and change of the leading KPIs for the year to date."""
    values = []
    for kpi in publication.kpis[:LEADING]:
        row = publication.headline(kpi["kpi_id"])
        if row is None or row["value"] is None:
            continue
        title, value = publication.title(kpi), format.value(row["value"], kpi["unit"])
        values.append((title, value, changed(row, kpi)))

    return values


def changed(row: dict, kpi: dict) -> Both:
    """Return the change on last year in words, or that there is nothing to compare with."""
    if row["change_prior_year"] is None:
        return word("overview.no_last_year")

    return word(
        "overview.changed",
        change=format.change(row["change_prior_year"], kpi["unit"]),
        prior=format.value(row["value_prior_year"], kpi["unit"]),
    )


def against(row: dict, kpi: dict) -> Both:
    """Return what a value is compared with, as far as there is anything: `industry 1.34, target
    1.20`.
    """
    parts = []
    for name in ("benchmark", "target"):
        value = row[f"{name}_value"]
        if value is not None:
            parts.append(word(f"kpi.{name}", value=format.published(value, kpi["unit"])))

    return join_list(parts)


def quality_sentences(publication: Publication) -> list[Both]:
    """Return the small print of the lead: what was read, which rules failed, what is missing."""
    files = latest_extracts(publication.input_files)
    counts = {}
    for column in quality_tables.ROWS:
        rows = sum(row[column] or 0 for row in files)
        counts[column.removeprefix("rows_")] = format.count(rows)

    rules = latest_extracts(publication.rule_results)
    failed = publication.failed_rules
    critical = sum(row["severity"] == "critical" for row in failed)
    missing = publication.missing()

    return [
        word("overview.files", files=str(len(files)), **counts),
        word(
            "overview.rules", all=str(len(rules)), failed=str(len(failed)), critical=str(critical)
        ),
        word(
            "overview.incomplete" if missing else "overview.complete",
            all=str(len(publication.kpis)),
            missing=str(len(missing)),
        ),
    ]


def compared_sentence(publication: Publication, kpi: dict) -> Both:
    """Return how many provincial branches do better and worse than the network, or why that cannot
    be said.
    """
    rows = publication.league(kpi["kpi_id"], "province")
    why = untested(kpi, rows)
    if why:
        return word("kpi.not_compared", reason=why)

    counts = {}
    for verdict in ("better", "worse", "as_expected", "too_few"):
        counts[verdict] = str(sum(row["verdict"] == verdict for row in rows))

    sentence = word("kpi.compared", all=str(len(rows)), **counts)
    if counts["too_few"] == "0":
        return sentence

    return sentence + word("kpi.compared_few", too_few=counts["too_few"])


def dots_title(publication: Publication, kpi: dict) -> Both:
    """Return how branches compare, or, where that cannot be said, how far they are apart."""
    rows = publication.league(kpi["kpi_id"], "province")
    if is_tested(rows):
        return compared_sentence(publication, kpi)

    values = [row["value"] for row in rows if row["value"] is not None]
    return word(
        "kpi.apart",
        low=format.value(min(values), kpi["unit"]),
        high=format.value(max(values), kpi["unit"]),
        unit=unit_behind(kpi),
        reason=untested(kpi, rows),
    )


def unit_behind(kpi: dict) -> Both:
    """Return the unit as it is written behind a value: ` days`; a value in % has its own sign."""
    if kpi["unit"] == "%":
        return both_languages("")
    return both_languages(" ") + known_word("unit", kpi["unit"])


def is_tested(rows: list[dict]) -> bool:
    """Return whether any branch of a league was compared with the network."""
    return any(row["verdict"] in ("better", "worse", "as_expected") for row in rows)


def untested(kpi: dict, rows: list[dict]) -> Both | None:
    """Return why no branch is compared with the network; None where branches are."""
    if is_tested(rows):
        return None
    if not rows or all(row["value"] is None for row in rows):
        return word("overview.untested_missing")
    if kpi["direction"] == "none":
        return word("overview.untested_neutral")
    if kpi["kind"] in ("count", "quantile", "ratio"):
        return word(f"overview.untested_{kpi['kind']}")
    if any(row["verdict"] == "too_few" for row in rows):
        return word("overview.untested_few")

    return word("overview.untested_none")


def trend_title(publication: Publication, kpi: dict) -> Both:
    """Return the latest whole month with a value, against the same month of last year; where no
    month is whole, the latest one.
    """
    values = publication.head_values(kpi["kpi_id"])
    months, whole = [], []
    for period in publication.months():
        row = values.get(period)
        if row is None or row["value"] is None:
            continue
        months.append((period, row))
        if format.is_whole(*period) and row["state"] == "ok":
            whole.append((period, row))

    period, row = (whole or months)[-1]
    _, start, _ = period
    label = both_languages(format.month(start)) + Both("：", ": ")
    value = format.value(row["value"], kpi["unit"]) + unit_behind(kpi)

    return label + value + Both("，", ", ") + month_changed(row, kpi)


def month_changed(row: dict, kpi: dict) -> Both:
    """Return a month's change on the same month of last year in words."""
    if row["change_prior_year"] is None:
        return word("kpi.no_last_month")
    return word("kpi.month_changed", change=format.change(row["change_prior_year"], kpi["unit"]))


def scale_note(publication: Publication, kpi: dict) -> Both | None:
    """Return why the year's value of a share lies outside of all its months, where it does: a
    reader would take one of them for wrong.
    """
    row, year = publication.headline(kpi["kpi_id"]), publication.year_to_date
    if kpi["kind"] != "share" or year is None or row is None or row["value"] is None:
        return None

    _, start_of_year, _ = year

    of_year = []
    for (kind, start, _), month in publication.head_values(kpi["kpi_id"]).items():
        if kind == "month" and start >= start_of_year and month["value"] is not None:
            of_year.append(month["value"])

    value = row["value"]
    if not of_year or min(of_year) <= value <= max(of_year):
        return None

    return word("kpi.scale_note", value=format.value(value, kpi["unit"]))
