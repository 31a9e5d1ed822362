"""What the workbook holds, sheet by sheet: plain values, and the display format of each column."""

from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow.compute as pc

from reports.elements import kpi_tables, sentences
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, known_word, word

UNIT = "unit"  # a column that is shown in the unit of its row's KPI
WHOLE, EXACT, SHARE = "#,##0", "#,##0.####", "0.00"
LATEST_MONTHS = 13


@dataclass(frozen=True)
class Line:
    """One row: its cells, and the unit that its values are in."""

    cells: list
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns as (words, display format or None for text), rows, and how many columns
    stay in sight.
    """

    name: str
    columns: list[tuple[Both, str | None]]
    rows: list[Line] = field(default_factory=list)
    frozen: int = 1


def all_sheets(publication: Publication) -> list[Sheet]:
    """Every sheet after the cover and the charts, but those of `table_sheets`."""
    leagues = [league(publication, level) for level in ("province", "central")]
    return [
        trend(publication),
        values(publication),
        *leagues,
        definitions(publication),
        dictionary(publication),
        files(publication),
        rules(publication),
    ]


def cover(publication: Publication) -> list[tuple[Both, Both | str]]:
    """What it is, as of when, did the checks pass."""
    facts = publication.facts
    known_at = [(word("sheet.known_at"), format.day(facts.known_at))] if facts.known_at else []
    missing = [
        (word("sheet.missing"), publication.title(kpi) + Both("：", ": ") + kpi_tables.states(row))
        for kpi, row in publication.missing()
    ]
    return [
        (word("sheet.contains"), word("sheet.contains_text")),
        (word("sheet.as_of"), format.day(facts.as_of)),
        *known_at,
        (word("sheet.publication"), facts.publication_id),
        (word("sheet.checks"), publication.status_words),
        *(
            (both_languages(""), sentence)
            for sentence in [
                sentences.news_sentences(publication),
                *sentences.quality_sentences(publication),
            ]
        ),
        *missing,
        *((word("sheet.problem"), problem) for problem in facts.problems),
        *((word("sheet.note"), note) for note in facts.notes),
    ]


def pattern(unit: str) -> str:
    """The display format of a unit, with as many decimals as the report prints."""
    places = format.unit_decimals(unit)
    return "#,##0" + ("." + "0" * places if places else "") + ('"%"' if unit == "%" else "")


def columns(*names: str | tuple[str, str]) -> list[tuple[Both, str | None]]:
    """Heads with their formats: texts by their name, numbers by name and format."""
    return [
        (head(name), None) if isinstance(name, str) else (head(name[0]), name[1]) for name in names
    ]


def head(name: str) -> Both:
    """The words over a column: those of the tables of statistics are their own."""
    return (
        known_word("field", name)
        if known_word("field", name).zh != name
        else known_word("column", name)
    )


def exact(value: object) -> object:
    """An exact number as a spreadsheet can hold it; anything else as it is."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def trend(publication: Publication) -> Sheet:
    """Head office: one row per month, one column per KPI."""
    found = {kpi["kpi_id"]: publication.head_values(kpi["kpi_id"]) for kpi in publication.kpis}
    rows = [
        Line(
            [
                format.month(period[1]),
                *(
                    (found[kpi["kpi_id"]].get(period) or {}).get("value")
                    for kpi in publication.kpis
                ),
            ]
        )
        for period in publication.months()
    ]
    heads = [
        (publication.title(kpi) + both_languages(f" [{kpi['unit']}]"), pattern(kpi["unit"]))
        for kpi in publication.kpis
    ]
    return Sheet("Trend", [(word("column.month"), None), *heads], rows)


def values(publication: Publication) -> Sheet:
    """Head office and provinces: year to date, rolling twelve months, the latest 13 months."""
    oldest = publication.months()[-LATEST_MONTHS:][:1]
    field = pc.field
    wanted = (field("segment_kind") == "all") & field("branch_level").isin(
        ["head_office", "province"]
    )
    kinds = field("period_kind").isin(["ytd", "rolling12"])
    if oldest:
        kinds = kinds | (
            (field("period_kind") == "month") & (field("period_start") >= oldest[0][1])
        )
    units = {kpi["kpi_id"]: kpi["unit"] for kpi in publication.kpis}
    rows = [
        Line(
            [
                row["kpi_id"],
                units.get(row["kpi_id"], ""),
                row["period_kind"],
                row["period_start"],
                row["period_end"] - format.DAY,
                row["branch_code"],
                publication.name(row["branch_code"]),
                row["branch_level"],
                row["value"],
                row["interval_low"],
                row["interval_high"],
                exact(row["numerator"]),
                exact(row["denominator"]),
                row["value_prior_year"],
                row["change_prior_year"],
                row["benchmark_value"],
                row["target_value"],
                row["state"],
                row["reason"],
            ],
            units.get(row["kpi_id"], ""),
        )
        for row in publication.values.filter(wanted & kinds).to_pylist()
    ]
    head = columns(
        *(
            "kpi_id",
            "unit",
            "period_kind",
            "period_start",
            "period_last",
            "branch_code",
            "branch_name",
            "branch_level",
        ),
        *(
            ("value", UNIT),
            ("interval_low", UNIT),
            ("interval_high", UNIT),
            ("numerator_seconds", EXACT),
            ("denominator", EXACT),
        ),
        *(
            ("value_prior_year", UNIT),
            ("change_numeric", SHARE),
            ("benchmark_value", UNIT),
            ("target_value", UNIT),
            "state",
            "reason",
        ),
    )
    return Sheet("Values", head, rows)


def league(publication: Publication, level: str) -> Sheet:
    """The leagues of all KPIs at one level for the year to date, best first."""
    rows = [
        Line(
            [
                row["kpi_id"],
                kpi["unit"],
                row["period_start"],
                row["period_end"] - format.DAY,
                row["branch_code"],
                publication.name(row["branch_code"]),
                row["rank"],
                row["rank_tied"],
                row["ranked_of"],
                row["rank_low"],
                row["rank_high"],
                row["rank_group"],
                row["rank_prior"],
                row["movement"],
                row["value"],
                row["interval_low"],
                row["interval_high"],
                exact(row["numerator"]),
                exact(row["denominator"]),
                row["change_prior_year"],
                row["benchmark_value"],
                row["target_value"],
                row["expected"],
                row["expected_mix"],
                row["adjusted_value"],
                row["adjusted_rank"],
                row["shrunken_value"],
                row["verdict"],
                row["watch"],
                row["act"],
                row["zero_record"],
                row["state"],
                row["reason"],
            ],
            kpi["unit"],
        )
        for kpi in publication.kpis
        for row in publication.league(kpi["kpi_id"], level)
    ]
    head = columns(
        *(
            "kpi_id",
            "unit",
            "period_start",
            "period_last",
            "branch_code",
            "branch_name",
            ("rank", WHOLE),
            "rank_tied",
            ("ranked_of", WHOLE),
        ),
        *(
            ("rank_low", WHOLE),
            ("rank_high", WHOLE),
            "rank_group",
            ("rank_prior", WHOLE),
            "movement",
            ("value", UNIT),
            ("interval_low", UNIT),
            ("interval_high", UNIT),
            ("numerator_seconds", EXACT),
            ("denominator", EXACT),
        ),
        *(
            ("change_numeric", SHARE),
            ("benchmark_value", UNIT),
            ("target_value", UNIT),
            ("expected", SHARE),
            ("expected_mix", SHARE),
            ("adjusted_value", UNIT),
            ("adjusted_rank", WHOLE),
            ("shrunken_value", UNIT),
            "verdict",
            "watch",
            "act",
            "zero_record",
            "state",
            "reason",
        ),
    )
    return Sheet(f"League_{level}", head, rows)


def definitions(publication: Publication) -> Sheet:
    """One row per KPI, in both languages."""
    rows = [
        Line(
            [
                kpi["kpi_id"],
                publication.title(kpi).lines(),
                kpi["unit"],
                known_word("direction", kpi["direction"]).lines(),
                Both(kpi["numerator_zh"], kpi["numerator_en"]).lines(),
                Both(kpi["denominator_zh"], kpi["denominator_en"]).lines(),
                Both(kpi["excluded_zh"], kpi["excluded_en"]).lines(),
                known_word("method", kpi["interval_method"]).lines(),
                kpi["minimum_volume"],
                kpi["source"],
                kpi["version"],
            ]
        )
        for kpi in publication.kpis
    ]
    names = (
        "kpi_id",
        "kpi",
        "unit",
        "direction",
        "numerator",
        "denominator",
        "excluded",
        "interval_method",
        ("minimum_volume", WHOLE),
        "source",
    )
    return Sheet("Definitions", columns(*names, ("version", WHOLE)), rows)


def _as_published(
    publication: Publication, table: str, name: str, *names: str | tuple[str, str]
) -> Sheet:
    """A published table as it is, in the given columns."""
    picked = [column if isinstance(column, str) else column[0] for column in names]
    rows = [
        Line([row[column] for column in picked])
        for row in publication.read(table).select(picked).to_pylist()
    ]
    return Sheet(name, columns(*names), rows)


def dictionary(publication: Publication) -> Sheet:
    """Every published column."""
    rows = [
        Line(
            [
                row["table_name"],
                row["column_name"],
                row["type"],
                row["unit"],
                Both(row["meaning_zh"], row["meaning_en"]).lines(),
            ]
        )
        for row in publication.read("dim_column").to_pylist()
    ]
    return Sheet(
        "Dictionary", columns("table_name", "column_name", "type", "unit", "meaning"), rows
    )


def files(publication: Publication) -> Sheet:
    counts = [
        (name, WHOLE)
        for name in (
            "rows_read",
            "rows_accepted",
            "rows_quarantined",
            "rows_superseded",
            "rows_skipped",
            "bytes",
        )
    ]
    texts = ("format", "encoding", "history_from", "warnings", "columns_ignored", "sha256")
    return _as_published(
        publication,
        "quality_input_file",
        "Input_files",
        "extract",
        "extract_date",
        "file_name",
        "delivery",
        *counts,
        *texts,
    )


def rules(publication: Publication) -> Sheet:
    rows = [
        Line(
            [
                row["extract"],
                row["extract_date"],
                row["rule_id"],
                row["severity"],
                row["column_name"],
                Both(row["meaning_zh"] or "", row["meaning_en"] or "").lines(),
                row["success"],
                row["rows_failed"],
                row["examples"],
            ]
        )
        for row in publication.rule_results
    ]
    head = columns(
        "extract",
        "extract_date",
        "rule_id",
        "severity",
        "column_name",
        "meaning",
        "success",
        ("rows_failed", WHOLE),
        "examples",
    )
    return Sheet("Rule_results", head, rows)
