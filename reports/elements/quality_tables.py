"""The tables about the data: input files, rules, quarantined rows, settings, the dictionary."""

from collections.abc import Iterator

from reports.elements.cells import count_cell
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.tables.grouping import latest_extracts
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, join_list, known_word, word

ROWS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_skipped")
SHOWN = 200  # rows of a table on a page; the published table has all
FAILURE_COLUMNS = ("rows_failed", "failing_since", "examples")
# The settings whose values are codes of the data, and the section of words.toml that names them.
CHOICES = {
    "complaint_ratio_channels": "segment",
    "levels": "level",
    "period_kinds": "period_kind",
    "strata": "segment_kind",
}


def quality_heads(*columns: str) -> list[Head]:
    """Return the heads of columns about the data."""
    numbers = (*ROWS, "rows_failed", "rows_corrected", "line", "bytes")
    return [Head(word(f"column.{column}"), column in numbers) for column in columns]


def capped(table: str, rows: int) -> Both | None:
    """Return what to say where a table has more rows than a page shows."""
    if rows <= SHOWN:
        return None
    return word("quality.capped", all=format.count(rows), shown=str(SHOWN), table=table)


def files_table(publication: Publication) -> Table:
    """Return the files of the latest extract of each kind, with their total."""
    rows = sorted(
        latest_extracts(publication.input_files),
        key=lambda row: (row["extract"], row["file_name"], row["sha256"]),
    )
    total = _total_of_files(rows) if rows else []
    return _files("files", word("quality.files"), rows, total)


def earlier_files_table(publication: Publication) -> Table | None:
    """Return the files of earlier extracts, the newest 200; None where there are none."""
    latest = latest_extracts(publication.input_files)
    rows = [row for row in publication.input_files if row not in latest]
    if not rows:
        return None
    return _files("earlier", word("quality.earlier"), rows, total=[])


def _files(id: str, caption: Both, rows: list[dict], total: list[Cell]) -> Table:
    heads = quality_heads(
        *("file_name", "extract", "extract_date", "delivery", "format", "encoding"),
        *ROWS,
        *("history_from", "warnings", "columns_ignored"),
    )
    lines = [_file_line(row) for row in rows[:SHOWN]]
    note = capped("quality_input_file", len(rows))
    return Table(id, caption, heads, lines, note, total=total)


def _file_line(row: dict) -> list[Cell]:
    line = [
        name_cell(format.text(row["file_name"], 200)),
        Cell(known_word("extract", row["extract"])),
        Cell(format.day(row["extract_date"])),
        Cell(known_word("delivery", row["delivery"])),
        Cell(format.text(row["format"])),
        Cell(format.text(row["encoding"])),
    ]
    line += [count_cell(row[column]) for column in ROWS]
    line.append(Cell(format.day(row["history_from"])))
    for name in ("warnings", "columns_ignored"):
        line.append(name_cell(format.text(row[name], 1000)))
    return line


def _total_of_files(rows: list[dict]) -> list[Cell]:
    """Return the sums of the rows under the columns that count rows; the others stay empty."""
    total = [Cell(word("quality.sums")), *[Cell("")] * 5]
    for column in ROWS:
        counts = [row[column] or 0 for row in rows]
        total.append(count_cell(sum(counts)))
    return [*total, *[Cell("")] * 3]


def rules_tables(publication: Publication) -> tuple[Table, Table]:
    """Return the rules that rows of the latest extracts broke, and those that passed."""
    latest = latest_extracts(publication.rule_results)
    passed = [row for row in latest if row["success"]]
    passed.sort(key=lambda row: (row["extract"], row["rule_id"]))
    failed = publication.failed_rules

    return (
        _rules("failed", word("quality.rules"), failed, FAILURE_COLUMNS),
        _rules("passed", word("quality.passed"), passed, ()),
    )


def _rules(id: str, caption: Both, rows: list[dict], failure: tuple[str, ...]) -> Table:
    """Return rules, with the columns about their failure where they failed."""
    lines = []
    for row in rows:
        line = [
            Cell(rule_meaning(row)),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            Cell(known_word("severity", row["severity"])),
        ]
        if failure:
            line += _failure_cells(row)

        line.append(Cell(row["rule_id"]))
        line.append(Cell(row["column_name"] or ""))
        lines.append(line)

    heads = quality_heads(
        *("meaning", "extract", "extract_date", "severity"),
        *failure,
        *("rule_id", "column_name"),
    )
    return Table(id, caption, heads, lines)


def rule_meaning(row: dict) -> Both:
    """Return what a rule says; one without words is known by its name."""
    return Both(row["meaning_zh"] or row["rule_id"], row["meaning_en"] or row["rule_id"])


def _failure_cells(row: dict) -> list[Cell]:
    """Return how often a rule was broken, since when, and where for example."""
    return [
        count_cell(row["rows_failed"]),
        Cell(format.day(row["failing_since"])),
        name_cell(format.text(row["examples"], 500)),
    ]


def corrections_table(publication: Publication) -> Table | None:
    """Return the declared corrections that were applied to the latest extracts; None where there
    are none.
    """
    rows = latest_extracts(publication.read("quality_correction").to_pylist())
    if not rows:
        return None

    lines = []
    for row in rows:
        line = [
            name_cell(row["correction_id"]),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            count_cell(row["rows_corrected"]),
            name_cell(format.text(row["reason"], 500)),
            name_cell(format.text(row["asked_by"], 100)),
            Cell(format.day(row["since"])),
        ]
        lines.append(line)

    columns = ("correction_id", "extract", "extract_date", "rows_corrected")
    heads = quality_heads(*columns, "reasons", "asked_by", "since")
    return Table("corrections", word("quality.corrections"), heads, lines)


def withdrawn_table(publication: Publication) -> Table | None:
    """Return the newest 200 keys that a later full extract no longer named; None where there are
    none.
    """
    rows = publication.read("quality_withdrawn").to_pylist()
    if not rows:
        return None

    rows.sort(key=lambda row: (-row["extract_date"].toordinal(), row["extract"], row["key"]))
    lines = [
        [
            name_cell(format.text(row["key"], 100)),
            Cell(known_word("extract", row["extract"])),
            Cell(format.day(row["extract_date"])),
            Cell(format.day(row["last_seen"])),
        ]
        for row in rows[:SHOWN]
    ]
    heads = quality_heads("key", "extract", "extract_date", "last_seen")
    note = capped("quality_withdrawn", len(rows))

    return Table("withdrawn", word("quality.withdrawn"), heads, lines, note)


def quarantine_table(publication: Publication) -> Table:
    """Return quarantined rows, the newest 200."""
    # As columns: a bad day has millions of them, of which few are shown.
    rows = publication.read("quality_quarantine").sort_by(
        [
            ("extract_date", "descending"),
            ("extract", "ascending"),
            ("file_name", "ascending"),
            ("line", "ascending"),
        ]
    )
    lines = []
    for row in rows.slice(0, SHOWN).to_pylist():
        line = [
            name_cell(format.text(row["file_name"], 200)),
            number_cell(str(row["line"]), row["line"]),
            Cell(format.day(row["extract_date"])),
            name_cell(format.text(row["key"], 100)),
            name_cell(format.text(row["reasons"], 500)),
            name_cell(format.text(row["content"], 500)),
        ]
        lines.append(line)

    heads = quality_heads("file_name", "line", "extract_date", "key", "reasons", "content")
    note = capped("quality_quarantine", rows.num_rows)
    return Table("quarantine", word("quality.quarantine"), heads, lines, note)


def flat_settings(settings: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every setting of the policy with its value, a nested one by its path:
    `league.watch`.
    """
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def policy_table(publication: Publication) -> Table:
    """Return every setting that this publication was computed with."""
    titles = {kpi["kpi_id"]: publication.title(kpi) for kpi in publication.kpis}
    settings = publication.facts.policy.model_dump(mode="json")

    cells = []
    for setting, value in flat_settings(settings):
        choices = value if isinstance(value, list) else [value]
        words = [_choice_words(setting, choice, titles) for choice in choices]
        line = [
            Cell(setting, is_name=True),
            Cell(join_list(words), is_name=True),
            Cell(_setting_meaning(setting)),
        ]
        cells.append(line)

    heads = [Head(word(f"definitions.policy_{part}")) for part in ("name", "value", "meaning")]
    return Table("policy", word("definitions.policy"), heads, cells, can_filter=False)


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
    """Return every published column."""
    lines = [
        [
            Cell(row["column_name"]),
            Cell(row["table_name"]),
            Cell(row["type"]),
            Cell(row["unit"] or ""),
            Cell(Both(row["meaning_zh"], row["meaning_en"])),
        ]
        for row in publication.read("dim_column").to_pylist()
    ]
    heads = quality_heads("column_name", "table_name", "type", "unit", "meaning")
    return Table("dictionary", word("definitions.dictionary"), heads, lines)
