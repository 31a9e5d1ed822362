"""The tables about one KPI: leagues, months, segments; and how any table shows a value, its counts
and its verdict.
"""

from reports.elements import sentences
from reports.elements.cells import change_cell, value_cell
from reports.elements.table import Cell, Head, Table, number_cell, text_heads
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, known_word, reason, word

SYMBOLS = {"better": "▲", "worse": "▼", "as_expected": "=", "too_few": "–", None: "–"}
ORDER = {"better": -1, "as_expected": 0, "worse": 1}
STYLES = {"better": "better", "worse": "worse", "as_expected": "similar"}


def symbol(row: dict) -> str:
    """Return the verdict as a sign; doubled where it is outside the 99.8% limits."""
    sign = SYMBOLS[row["verdict"]]
    is_outside = row["act"] and row["verdict"] in ("better", "worse")
    return sign + sign if is_outside else sign


def verdict(row: dict) -> Cell:
    """Return the verdict in words and house style, sorted from best to worst."""
    verdict = row["verdict"]
    text = both_languages(f"{symbol(row)} ") + word(f"verdict.{verdict or 'none'}")
    if row["zero_record"]:
        text = text + " · " + word("verdict.zero_record")

    order = ORDER.get(verdict)
    if order and row["act"]:
        order = 2 * order

    style = STYLES.get(verdict, "uncompared")
    return Cell(text, order, style)


def is_comparable(kpi: dict) -> bool:
    """Return whether branches can do better and worse by a KPI, and be ranked: one direction is the
    better one, and it is not a count, by which the large ones would be the worst.
    """
    return kpi["direction"] != "none" and kpi["kind"] != "count"


def unit_words(kpi: dict) -> Both:
    """Return the unit of a KPI in words."""
    return known_word("unit", kpi["unit"])


def with_unit(value: float | None, kpi: dict) -> Both:
    """Return a value with its unit behind it: `91.60%`, `27.0 days`."""
    text = format.value(value, kpi["unit"])
    if value is None:
        return text
    return text + sentences.unit_behind(kpi)


def counts(row: dict, kpi: dict) -> str:
    """Return `412 / 446`, the same in both languages; nothing for a count, which is its own
    numerator.
    """
    if kpi["kind"] == "count":
        return ""

    parts = ("numerator", "denominator")
    return " / ".join(format.part(row[of], kpi, of).en for of in parts if row[of] is not None)


def tip(row: dict, kpi: dict) -> str:
    """Return what is behind a value on one short line: interval and counts."""
    interval = format.interval(row["interval_low"], row["interval_high"], kpi["unit"])
    parts = [interval.en, counts(row, kpi)]
    return " · ".join(part for part in parts if part)


def value_heads(publication: Publication, kpi: dict) -> list[Head]:
    """Return the heads of every table of one KPI: value, interval, numerator, denominator,
    change.
    """
    numerator = word("column.numerator")
    if kpi["kind"] == "mean":
        numerator = word("column.numerator_unit", unit=unit_words(kpi))

    words = {
        "value": word("column.value_unit", unit=unit_words(kpi)),
        "interval": word("column.interval", level=level_text(publication)),
        "numerator": numerator,
        "denominator": word("column.denominator"),
        "change": word("column.change"),
    }
    return [Head(words[column], is_number=True) for column in _value_columns(kpi)]


def _value_columns(kpi: dict) -> list[str]:
    """Return the columns that have something to say for a KPI: some have no valid interval, and a
    count is its own numerator.
    """
    columns = ["value", "interval", "numerator", "denominator", "change"]
    if kpi["interval_method"] == "none":
        columns.remove("interval")
    if kpi["kind"] == "count":
        columns.remove("numerator")
        columns.remove("denominator")

    return columns


def value_cells(row: dict, kpi: dict) -> list[Cell]:
    """Return the cells below `value_heads`."""
    unit = kpi["unit"]
    interval = format.interval(row["interval_low"], row["interval_high"], unit)
    numerator, denominator = row["numerator"], row["denominator"]
    numerator_text = format.part(numerator, kpi, "numerator")
    denominator_text = format.part(denominator, kpi, "denominator")
    cells = {
        "value": value_cell(row["value"], unit),
        "interval": number_cell(interval, row["interval_low"]),
        "numerator": number_cell(numerator_text, numerator),
        "denominator": number_cell(denominator_text, denominator),
        "change": change_cell(row["change_prior_year"], unit),
    }

    return [cells[column] for column in _value_columns(kpi)]


def level_text(publication: Publication) -> str:
    """Return the level of the intervals: `95%`."""
    level = publication.facts.policy.intervals.level
    return f"{format.rounded(level * 100, 1).normalize():f}%"


def states(row: dict) -> Both:
    """Return the state and the reason for it, where it is not ok."""
    if row["state"] == "ok":
        return both_languages("")

    state = known_word("state", row["state"])
    if not row["reason"]:
        return state

    return state + Both("：", ": ") + reason(format.text(row["reason"]))


def segments(publication: Publication, kpi: dict) -> Table | None:
    """Return the head office's year to date by segment; None for a KPI without segments."""
    rows = publication.segments(kpi["kpi_id"])
    if not rows:
        return None

    cells = []
    for row in rows:
        kind = known_word("segment_kind", row["segment_kind"])
        # A segment is text from the data: as long as its writer liked.
        segment = known_word("segment", format.text(row["segment"], 500))
        cells.append([Cell(kind), Cell(segment, is_name=True), *value_cells(row, kpi)])

    heads = [*text_heads("segment_kind", "segment"), *value_heads(publication, kpi)]
    caption = word("kpi.segments", period=publication.period_words())
    return Table("segments", caption, heads, cells, row_head=1, can_filter=len(rows) > 12)


def definition(kpi: dict) -> list[tuple[Both, object]]:
    """Return a KPI's definition as pairs of label and text."""
    pairs: list[tuple[Both, object]] = []
    for part in ("numerator", "denominator", "excluded"):
        text = Both(kpi[f"{part}_zh"], kpi[f"{part}_en"])
        pairs.append((word(f"kpi.{part}"), text))

    minimum_volume = both_languages(format.count(kpi["minimum_volume"]))
    version = both_languages(f"{kpi['kpi_id']} · {kpi['version']}")
    return [
        *pairs,
        (word("kpi.unit"), unit_words(kpi)),
        (word("kpi.direction"), known_word("direction", kpi["direction"])),
        (word("kpi.interval_method"), known_word("method", kpi["interval_method"])),
        (word("kpi.minimum_volume"), minimum_volume),
        (word("kpi.source"), both_languages(kpi["source"])),
        (word("kpi.version"), version),
    ]
