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
    """Whether readers see new data: of which day it is, and what is older; of a build that was
    held, what they see instead.
    """
    facts = publication.facts
    if facts.hold_reasons:
        former, because = (
            facts.compared_with,
            format.text("; ".join(facts.hold_reasons), BECAUSE),
        )
        return word(
            "overview.news_held", former=former or word("overview.nothing"), because=because
        )
    as_of = facts.as_of
    days: dict[str, date] = {
        row["extract"]: row["extract_date"] for row in latest_extracts(publication.input_files)
    }
    newest = max(days.values(), default=None)
    fresh = join_list(
        [known_word("extract", name) for name, day in sorted(days.items()) if day == newest]
    )
    older = join_list(
        [
            known_word("extract", name) + Both(f"（{day}）", f" ({day})")
            for name, day in sorted(days.items())
            if day != newest
        ]
    )
    if newest is None:
        return word("overview.news_none", day=format.day(as_of))
    told = word(
        "overview.news" if newest >= as_of else "overview.news_old",
        day=format.day(as_of),
        newest=format.day(newest),
        fresh=fresh,
    )
    return told + Both("", " ") + word("overview.news_older", older=older) if older.zh else told


def year(publication: Publication) -> tuple[Both, list[tuple[Both, Both, Both]]]:
    """What happened this year: the period, and of the leading KPIs title, value and change."""
    told = []
    for kpi in publication.kpis[:LEADING]:
        row = publication.headline(kpi["kpi_id"])
        if row and row["value"] is not None:
            told.append(
                (publication.title(kpi), format.value(row["value"], kpi["unit"]), changed(row, kpi))
            )
    return format.period(*publication.year_to_date) if publication.year_to_date else both_languages(
        ""
    ), told


def changed(row: dict, kpi: dict) -> Both:
    """The change on last year in words, or that there is nothing to compare with."""
    if row["change_prior_year"] is None:
        return word("overview.no_last_year")
    return word(
        "overview.changed",
        change=format.change(row["change_prior_year"], kpi["unit"]),
        prior=format.value(row["value_prior_year"], kpi["unit"]),
    )


def against(row: dict, kpi: dict) -> Both:
    """What a value is held against: `industry 1.34, target 1.20`, with what there is of it."""
    held = [(name, row[f"{name}_value"]) for name in ("benchmark", "target")]
    return join_list(
        [
            word(f"kpi.{name}", value=format.published(value, kpi["unit"]))
            for name, value in held
            if value is not None
        ]
    )


def sentences(publication: Publication) -> list[Both]:
    """The small print of the lead: what was read, what broke a rule, what is missing."""
    files = latest_extracts(publication.input_files)
    counts = {
        column.removeprefix("rows_"): format.count(sum(row[column] or 0 for row in files))
        for column in quality_tables.ROWS
    }
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
    """How many provincial branches do better and worse than the network, or why that cannot be
    said.
    """
    rows = publication.league(kpi["kpi_id"], "province")
    reason = untested(kpi, rows)
    if reason:
        return word("kpi.not_compared", reason=reason)
    counted = {
        side: str(sum(row["verdict"] == side for row in rows))
        for side in ("better", "worse", "as_expected", "too_few")
    }
    told = word("kpi.compared", all=str(len(rows)), **counted)
    return (
        told + word("kpi.compared_few", too_few=counted["too_few"])
        if counted["too_few"] != "0"
        else told
    )


def dots_title(publication: Publication, kpi: dict) -> Both:
    """How branches stand, or, where that cannot be said, how far they are apart."""
    rows = publication.league(kpi["kpi_id"], "province")
    if is_tested(rows):
        return compared_sentence(publication, kpi)
    low, high = (
        format.value(pick(row["value"] for row in rows if row["value"] is not None), kpi["unit"])
        for pick in (min, max)
    )
    unit = (
        both_languages("")
        if kpi["unit"] == "%"
        else both_languages(" ") + known_word("unit", kpi["unit"])
    )
    return word("kpi.apart", low=low, high=high, unit=unit, reason=untested(kpi, rows))


def is_tested(rows: list[dict]) -> bool:
    return any(row["verdict"] in ("better", "worse", "as_expected") for row in rows)


def untested(kpi: dict, rows: list[dict]) -> Both | None:
    """Why no branch is held against the network; None where branches are."""
    if is_tested(rows):
        return None
    if not rows or all(row["value"] is None for row in rows):
        return word("overview.untested_missing")
    if kpi["direction"] == "none":
        return word("overview.untested_neutral")
    if kpi["kind"] in ("count", "quantile", "ratio"):
        return word(f"overview.untested_{kpi['kind']}")
    return word(
        "overview.untested_few"
        if any(row["verdict"] == "too_few" for row in rows)
        else "overview.untested_none"
    )


def trend_title(publication: Publication, kpi: dict) -> Both:
    """The latest whole month with a value, against the same month of last year."""
    values = publication.head_values(kpi["kpi_id"])
    found = [
        (period, values[period])
        for period in publication.months()
        if period in values and values[period]["value"] is not None
    ]
    whole = [
        entry for entry in found if format.is_whole(*entry[0]) and entry[1]["state"] == "ok"
    ] or found
    period, row = whole[-1]
    told = (
        both_languages(f"{format.month(period[1])}")
        + Both("：", ": ")
        + format.value(row["value"], kpi["unit"])
    )
    told = told + (
        "" if kpi["unit"] == "%" else both_languages(" ") + known_word("unit", kpi["unit"])
    )
    return told + Both("，", ", ") + month_changed(row, kpi)


def month_changed(row: dict, kpi: dict) -> Both:
    if row["change_prior_year"] is None:
        return word("kpi.no_last_month")
    return word("kpi.month_changed", change=format.change(row["change_prior_year"], kpi["unit"]))


def scale_note(publication: Publication, kpi: dict) -> Both | None:
    """Where the year's value of a share lies outside of all its months, say why: a reader would
    hold one of them wrong.
    """
    row = publication.headline(kpi["kpi_id"])
    start = publication.year_to_date[1]
    values = publication.head_values(kpi["kpi_id"])
    of_year = [
        found["value"]
        for period, found in values.items()
        if period[0] == "month" and period[1] >= start and found["value"] is not None
    ]
    if (
        kpi["kind"] != "share"
        or row["value"] is None
        or not of_year
        or min(of_year) <= row["value"] <= max(of_year)
    ):
        return None
    return word("kpi.scale_note", value=format.value(row["value"], kpi["unit"]))
