"""The tables about the data: input files, rules, quarantined rows, settings, the dictionary."""

from collections.abc import Iterator

from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.tables.grouping import latest_extracts
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

ROWS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_skipped")
SHOWN = 200
# The settings whose values are codes of the data, and the section of words.toml that names them.
CHOICES = {
    "complaint_ratio_channels": "segment",
    "levels": "level",
    "period_kinds": "period_kind",
    "strata": "segment_kind",
}


def quarantine_heads(*columns: str) -> list[Head]:
    return [
        Head(
            word(f"column.{column}"),
            column in (*ROWS, "rows_failed", "rows_corrected", "line", "bytes"),
        )
        for column in columns
    ]


def capped(table: str, rows: list[dict]) -> Both | None:
    """What to say where a table has more rows than a page shows."""
    if len(rows) <= SHOWN:
        return None
    return word("quality.capped", all=format.count(len(rows)), shown=str(SHOWN), table=table)


def files_table(publication: Publication) -> Table:
    """Files of the latest extract of each kind, with their total."""
    rows = sorted(
        latest_extracts(publication.input_files),
        key=lambda row: (row["extract"], row["file_name"], row["sha256"]),
    )
    return _files("files", word("quality.files"), rows, sums=True)


def earlier_files_table(publication: Publication) -> Table | None:
    """Files of earlier extracts, the newest 200; None where there are none."""
    latest = latest_extracts(publication.input_files)
    rows = [row for row in publication.input_files if row not in latest]
    return _files("earlier", word("quality.earlier"), rows, sums=False) if rows else None


def _files(id: str, caption: Both, rows: list[dict], sums: bool) -> Table:
    cells = [
        [
            name_cell(format.text(row["file_name"], 200)),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            Cell(known_word("delivery", row["delivery"])),
            Cell(format.text(row["format"])),
            Cell(format.text(row["encoding"])),
            *(number_cell(format.count(row[column]), row[column]) for column in ROWS),
            Cell(format.day(row["history_from"])),
            Cell(format.text(row["warnings"], 1000), is_name=True),
            Cell(format.text(row["columns_ignored"], 1000), is_name=True),
        ]
        for row in rows[:SHOWN]
    ]
    total = []
    if sums and rows:
        added = [sum(row[column] or 0 for row in rows) for column in ROWS]
        total = [
            Cell(word("quality.sums")),
            *[Cell("")] * 5,
            *(number_cell(format.count(amount), amount) for amount in added),
            *[Cell("")] * 3,
        ]
    columns = (
        "file_name",
        "extract",
        "extract_date",
        "delivery",
        "format",
        "encoding",
        *ROWS,
        "history_from",
        "warnings",
        "columns_ignored",
    )
    return Table(
        id,
        caption,
        quarantine_heads(*columns),
        cells,
        capped("quality_input_file", rows),
        total=total,
    )


def rules_table(publication: Publication) -> tuple[Table, Table]:
    """The rules that rows of the latest extracts broke, and those that held."""
    held = [row for row in latest_extracts(publication.rule_results) if row["success"]]
    held.sort(key=lambda row: (row["extract"], row["rule_id"]))
    return (
        _rules("broken", word("quality.rules"), publication.failed_rules),
        _rules("held", word("quality.passed"), held),
    )


def _rules(id: str, caption: Both, rows: list[dict]) -> Table:
    cells = [
        [
            Cell(Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"])),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            Cell(known_word("severity", row["severity"])),
            *([] if row["success"] else _failed(row)),
            Cell(row["rule_id"]),
            Cell(row["column_name"] or ""),
        ]
        for row in rows
    ]
    counted = () if id == "held" else ("rows_failed", "failing_since", "examples")
    return Table(
        id,
        caption,
        quarantine_heads(
            "meaning", "extract", "extract_date", "severity", *counted, "rule_id", "column_name"
        ),
        cells,
    )


def _failed(row: dict) -> list[Cell]:
    """How often a rule was broken, since when, and where for example."""
    return [
        number_cell(format.count(row["rows_failed"]), row["rows_failed"]),
        Cell(format.day(row["failing_since"])),
        name_cell(format.text(row["examples"], 500)),
    ]


def corrections_table(publication: Publication) -> Table | None:
    """The declared corrections that were made in the latest extracts; None where there are none."""
    rows = latest_extracts(publication.read("quality_correction").to_pylist())
    cells = [
        [
            name_cell(row["correction_id"]),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            number_cell(format.count(row["rows_corrected"]), row["rows_corrected"]),
            name_cell(format.text(row["reason"], 500)),
            name_cell(format.text(row["asked_by"], 100)),
            Cell(format.day(row["since"])),
        ]
        for row in rows
    ]
    columns = (
        "correction_id",
        "extract",
        "extract_date",
        "rows_corrected",
        "reasons",
        "asked_by",
        "since",
    )
    return (
        Table("corrections", word("quality.corrections"), quarantine_heads(*columns), cells)
        if rows
        else None
    )


def withdrawn_table(publication: Publication) -> Table | None:
    """The newest 200 keys that a later full extract no longer named; None where there are none."""
    rows = publication.read("quality_withdrawn").to_pylist()
    rows.sort(key=lambda row: (-row["extract_date"].toordinal(), row["extract"], row["key"]))
    cells = [
        [
            name_cell(format.text(row["key"], 100)),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            Cell(format.day(row["last_seen"])),
        ]
        for row in rows[:SHOWN]
    ]
    said = capped("quality_withdrawn", rows)
    return (
        Table(
            "withdrawn",
            word("quality.withdrawn"),
            quarantine_heads("key", "extract", "extract_date", "last_seen"),
            cells,
            said,
        )
        if rows
        else None
    )


def quarantine_table(publication: Publication) -> Table:
    """Quarantined rows, the newest 200."""
    rows = publication.read("quality_quarantine")
    rows = rows.sort_by(
        [
            ("extract_date", "descending"),
            ("extract", "ascending"),
            ("file_name", "ascending"),
            ("line", "ascending"),
        ]
    )
    cells = [
        [
            name_cell(format.text(row["file_name"], 200)),
            number_cell(str(row["line"]), row["line"]),
            Cell(format.day(row["extract_date"])),
            name_cell(format.text(row["key"], 100)),
            name_cell(format.text(row["reasons"], 500)),
            name_cell(format.text(row["content"], 500)),
        ]
        for row in rows.slice(0, SHOWN).to_pylist()
    ]
    said = capped("quality_quarantine", range(rows.num_rows))
    return Table(
        "quarantine",
        word("quality.quarantine"),
        quarantine_heads("file_name", "line", "extract_date", "key", "reasons", "content"),
        cells,
        said,
    )


def flat_policy(policy: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every setting of the policy with its value, a nested one by its path: `league.watch`."""
    for name, value in policy.items():
        if isinstance(value, dict):
            yield from flat_policy(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def policy_table(publication: Publication) -> Table:
    """Return every setting that this publication was computed with."""
    titles = {kpi["kpi_id"]: publication.title(kpi) for kpi in publication.kpis}
    cells = []
    for setting, value in flat_policy(publication.facts.policy):
        choices = value if isinstance(value, list) else [value]
        words = [_choice_words(setting, choice, titles) for choice in choices]
        cells.append(
            [
                Cell(setting, is_name=True),
                Cell(join_list(words), is_name=True),
                Cell(_setting_meaning(setting)),
            ]
        )
    columns = [Head(word(f"definitions.policy_{part}")) for part in ("name", "value", "meaning")]
    return Table("policy", word("definitions.policy"), columns, cells, can_filter=False)


def _choice_words(setting: str, choice: object, titles: dict[str, Both]) -> Both:
    """Return one choice of a setting as people say it: a KPI by its title, a code by its words."""
    if isinstance(choice, bool):
        return word("policy_value.yes" if choice else "policy_value.no")
    text = format.text(choice, 500)
    if not isinstance(choice, str):
        return both_languages(text)
    if choice in titles:
        return titles[choice]
    section = CHOICES.get(setting.rpartition(".")[2], "policy_value")
    return known_word(section, text)


def _setting_meaning(setting: str) -> Both | str:
    """Return what a setting means; a setting for one KPI alone has no words: its name says it."""
    words = known_word("policy", setting)
    if words.zh != setting:
        return words
    last_part = setting.rpartition(".")[2]
    words = known_word("policy_part", last_part)
    return "" if words.zh == last_part else words


def dictionary_table(publication: Publication) -> Table:
    """Every published column."""
    cells = [
        [
            Cell(row["column_name"]),
            Cell(row["table_name"]),
            Cell(row["type"]),
            Cell(row["unit"] or ""),
            Cell(Both(row["meaning_zh"], row["meaning_en"])),
        ]
        for row in publication.read("dim_column").to_pylist()
    ]
    return Table(
        "dictionary",
        word("definitions.dictionary"),
        quarantine_heads("column_name", "table_name", "type", "unit", "meaning"),
        cells,
    )
