"""The tables about one KPI: leagues, months, segments; and how a value, its counts and its verdict
stand in any table.
"""

from reports.elements.table import Cell, Head, Table, number_cell
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, known_word, level_words, reason, word

SYMBOLS = {"better": "▲", "worse": "▼", "as_expected": "=", "too_few": "–", None: "–"}
STYLES = {"better": "better", "worse": "worse", "as_expected": "similar"}


def symbol(row: dict) -> str:
    """The verdict as a sign; doubled where it is outside the 99.8 % limits."""
    return SYMBOLS[row["verdict"]] * (
        2 if row["act"] and row["verdict"] in ("better", "worse") else 1
    )


def verdict(row: dict) -> Cell:
    """The verdict in words and house style, sorted from best to worst."""
    text = both_languages(f"{symbol(row)} ") + word(f"verdict.{row['verdict'] or 'none'}")
    if row["zero_record"]:
        text = text + " · " + word("verdict.zero_record")
    order = {"better": -1, "worse": 1, "as_expected": 0}.get(row["verdict"])
    return Cell(
        text,
        None if order is None else order * (2 if row["act"] else 1),
        STYLES.get(row["verdict"], "uncompared"),
    )


def unit_words(kpi: dict) -> Both:
    return known_word("unit", kpi["unit"])


def with_unit(value: float | None, kpi: dict) -> Both:
    """A value with its unit behind it: `91.60%`, `27.0 days`."""
    text = format.value(value, kpi["unit"])
    return (
        text
        if kpi["unit"] == "%" or value is None
        else text + both_languages(" ") + unit_words(kpi)
    )


def counts(row: dict, kpi: dict) -> str:
    """`412 / 446`, the same in both languages; of a count nothing, it is its own numerator."""
    parts = [
        format.part(row[of], kpi, of).en
        for of in ("numerator", "denominator")
        if row[of] is not None
    ]
    return "" if kpi["kind"] == "count" else " / ".join(parts)


def tip(row: dict, kpi: dict) -> str:
    """What stands behind a value on one short line: interval and counts."""
    interval = format.interval(row["interval_low"], row["interval_high"], kpi["unit"]).en
    return " · ".join(part for part in (interval, counts(row, kpi)) if part)


def value_heads(publication: Publication, kpi: dict) -> list[Head]:
    """Value, interval, numerator, denominator, change: the heads of every table of one KPI."""
    numerator = (
        word("column.numerator_unit", unit=unit_words(kpi))
        if kpi["kind"] == "mean"
        else word("column.numerator")
    )
    heads = [
        word("column.value_unit", unit=unit_words(kpi)),
        word("column.interval", level=level_text(publication)),
        numerator,
        word("column.denominator"),
        word("column.change"),
    ]
    return _known([Head(words, True) for words in heads], kpi)


def _known(columns: list, kpi: dict) -> list:
    """Without the columns that are empty for this KPI: no interval is honest for a mean, a count is
    its own numerator.
    """
    columns = columns if kpi["interval_method"] != "none" else columns[:1] + columns[2:]
    return columns if kpi["kind"] != "count" else columns[:-3] + columns[-1:]


def value_cells(row: dict, kpi: dict) -> list[Cell]:
    cells = [
        number_cell(format.value(row["value"], kpi["unit"]), row["value"]),
        number_cell(
            format.interval(row["interval_low"], row["interval_high"], kpi["unit"]),
            row["interval_low"],
        ),
        number_cell(format.part(row["numerator"], kpi, "numerator"), row["numerator"]),
        number_cell(format.part(row["denominator"], kpi, "denominator"), row["denominator"]),
        number_cell(format.change(row["change_prior_year"], kpi["unit"]), row["change_prior_year"]),
    ]
    return _known(cells, kpi)


def level_text(publication: Publication) -> str:
    """The level of the intervals: `95%`."""
    level = publication.facts.policy.get("intervals", {}).get("level", 0.95)
    return f"{format.rounded(level * 100, 1).normalize():f}%"


def states(row: dict) -> Both:
    """The state, and why, where it is not ok."""
    if row["state"] == "ok":
        return both_languages("")
    told = known_word("state", row["state"])
    return told + Both("：", ": ") + reason(format.text(row["reason"])) if row["reason"] else told


def segments(publication: Publication, kpi: dict) -> Table | None:
    """The head office's year to date by segment; None for a KPI without segments."""
    rows = publication.segments(kpi["kpi_id"])
    if not rows:
        return None
    cells = [
        [
            Cell(known_word("segment_kind", row["segment_kind"])),
            Cell(known_word("segment", format.text(row["segment"], 500)), is_name=True),
        ]
        + value_cells(row, kpi)
        for row in rows
    ]
    heads = [Head(word("column.segment_kind")), Head(word("column.segment"))] + value_heads(
        publication, kpi
    )
    return Table(
        "segments",
        word("kpi.segments", period=format.period(*publication.year_to_date)),
        heads,
        cells,
        row_head=1,
        can_filter=len(rows) > 12,
    )


def definition(kpi: dict) -> list[tuple[Both, object]]:
    """A KPI's definition as pairs of label and text."""
    return [
        (word("kpi.numerator"), Both(kpi["numerator_zh"], kpi["numerator_en"])),
        (word("kpi.denominator"), Both(kpi["denominator_zh"], kpi["denominator_en"])),
        (word("kpi.excluded"), Both(kpi["excluded_zh"], kpi["excluded_en"])),
        (word("kpi.unit"), unit_words(kpi)),
        (word("kpi.direction"), known_word("direction", kpi["direction"])),
        (word("kpi.interval_method"), known_word("method", kpi["interval_method"])),
        (word("kpi.minimum_volume"), both_languages(format.count(kpi["minimum_volume"]))),
        (word("kpi.source"), both_languages(kpi["source"])),
        (word("kpi.version"), both_languages(f"{kpi['kpi_id']} · {kpi['version']}")),
    ]


def levels_shown(publication: Publication) -> list[tuple[str, Both]]:
    return [(level, level_words(level)) for level in ("province", "central")]
