"""A return as tidy CSV with its metadata: a table of the columns, and CSV on the Web (W3C, Metadata
Vocabulary for Tabular Data, 2015).
"""

import csv
import io
import json
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from data.config.return_layout import Layout, Return
from data.config.return_parts import Column
from data.store.releases import STATUS, file_stem
from reports.csv.kpi_csv import neutralise
from reports.release.facts import ReleaseFacts
from reports.text import format
from reports.text.words import word

ROW_LIMIT = 1_048_575  # of a file: with its header, what a spreadsheet can open
# Marks that replace a figure: confidential, not available, not applicable, rounds to zero.
HIDDEN = ("c", "x", "z", "low")
DATATYPES = {
    "text": "string",
    "date": "date",
    "integer": "integer",
    "exact": "decimal",
    "number": "number",
}


def write_return_csv(
    folder: Path, content: Return, facts: ReleaseFacts, row_limit: int = ROW_LIMIT
) -> None:
    """Write `<return>.csv`, `<return>.meta.csv` and `<return>.csv-metadata.json`.

    Rows are in the order of the key. Above `row_limit` rows the file is split in that order into
    `<return>-part-<n>.csv`, each with the header. A figure that is not published is an empty cell,
    and its `_status` says why: c, x, z or low.
    """
    layout = content.layout
    stem = file_stem(layout.id)
    rows = []
    for row, marks in zip(content.rows, content.marks, strict=True):
        rows.append([*_cells(layout, row, marks), facts.row_status(layout, row, marks)])
    starts = range(0, max(1, len(rows)), row_limit)
    parts = [rows[start : start + row_limit] for start in starts]
    names = [f"{stem}.csv"]
    if len(parts) > 1:
        names = [f"{stem}-part-{number}.csv" for number in range(1, len(parts) + 1)]
    header = [name for name, _ in describe_layout(layout)]
    for name, part in zip(names, parts, strict=True):
        (folder / name).write_bytes(csv_bytes([header, *part]))
    _write_column_list(folder / f"{stem}.meta.csv", layout, facts.language)
    _write_csvw(folder / f"{stem}.csv-metadata.json", layout, names, facts)


def csv_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as RFC 4180: commas, doubled quotes, CRLF, UTF-8 without a byte order mark."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode("utf-8")


def write_list(path: Path, rows: list[dict], columns: list[str]) -> None:
    """Write any rows of text as CSV; without rows, its header alone."""
    lines = [_list_line(row, columns) for row in rows]
    path.write_bytes(csv_bytes([columns, *lines]))


def _list_line(row: dict, columns: list[str]) -> list[str]:
    return [_safe_text(row[column]) for column in columns]


def _safe_text(value: object) -> str:
    """Return a value as plain text that no spreadsheet takes for a formula."""
    return neutralise(to_plain_text(str(value)))


def describe_layout(layout: Layout) -> list[tuple[str, Column | None]]:
    """Return the columns of the CSV, labels first, with the layout's column; None for a status."""
    columns: list[tuple[str, Column | None]] = []
    for column in sorted(layout.columns, key=lambda column: column.is_number):
        columns.append((column.name, column))
        if column.is_number:
            columns.append((column.name + STATUS, None))
    return [*columns, ("status", None)]


def to_plain_text(text: str) -> str:
    """Return text as rule F10 asks: one line, NFC, no blanks at its ends, nothing invisible."""
    line = format.text(text).replace("\u00a0", " ")
    # Cf are the format characters: direction marks and zero-width letters, which fool a reader.
    visible = "".join(letter for letter in line if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", visible).strip()


def format_digits(value: int | float | Decimal) -> str:
    """Return a number in plain digits, all of them; never a negative zero."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    text = f"{exact + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cells(layout: Layout, row: dict, marks: dict[str, str]) -> list[str]:
    cells = []
    for name, column in describe_layout(layout)[:-1]:
        if column is None:
            cells.append(marks[name.removesuffix(STATUS)])
        elif not column.is_number:
            cells.append(_safe_text(row[name] or ""))
        elif marks[name] in HIDDEN:
            cells.append("")
        else:
            cells.append(format_digits(row[name]))
    return cells


def _write_column_list(path: Path, layout: Layout, language: str) -> None:
    rows = [["col_name", "col_type", "label", "unit", "decimals", "group", "hint"]]
    for name, column in describe_layout(layout):
        if column is None:
            rows.append(_status_entry(layout, name, language))
        else:
            rows.append(_column_entry(layout, column, language))
    path.write_bytes(csv_bytes([list(map(neutralise, row)) for row in rows]))


def _status_entry(layout: Layout, name: str, language: str) -> list[str]:
    if name == "status":
        label, hint = word("release.status"), word("release.row_status_hint")
    else:
        title = layout.column(name.removesuffix(STATUS)).title[language]
        label, hint = word("release.status_of", what=title), word("release.status_hint")
    return [name, "Status", getattr(label, language), "", "", "", getattr(hint, language)]


def _column_entry(layout: Layout, column: Column, language: str) -> list[str]:
    kind, unit, decimals = "Filter", "", ""
    if column.is_number:
        kind = "Indicator"
        unit = column.unit.get(language, "")
        decimals = str(column.decimals)
    title = column.title[language]
    group, _, _ = title.rpartition(": ")
    hint = describe_column(layout, column, language)
    return [column.name, kind, title, unit, decimals, group, hint]


def describe_column(layout: Layout, column: Column, language: str) -> str:
    """Return the notes about a column, why it may be empty, and how text was made harmless."""
    sentences = [note.text[language] for note in layout.notes if column.name in note.columns]
    if column.absent:
        sentences.append(column.absent[language])
    if not column.is_number:
        sentences.append(getattr(word("release.neutral"), language))
    return " ".join(sentences)


def _write_csvw(path: Path, layout: Layout, names: list[str], facts: ReleaseFacts) -> None:
    language = facts.language
    metadata = {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": layout.title[language],
        "dc:description": f"{layout.period[language]}. {layout.source}",
        "dc:publisher": facts.producer,
        "dc:license": facts.licence,
        "dc:modified": facts.publish_at,
        "notes": [note.text[language] for note in layout.notes],
    }
    columns = [_csvw_column(name, column, language) for name, column in describe_layout(layout)]
    schema = {"columns": columns, "primaryKey": list(layout.key)}
    dialect = {"lineTerminators": ["\r\n"], "encoding": "utf-8", "header": True}
    if len(names) == 1:
        metadata |= {"url": names[0], "dialect": dialect, "tableSchema": schema}
    else:
        tables = [{"url": name} for name in names]
        metadata |= {"dialect": dialect, "tableSchema": schema, "tables": tables}
    path.write_text(json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _csvw_column(name: str, column: Column | None, language: str) -> dict:
    if column is None:
        return {"name": name, "titles": name, "datatype": "string", "null": ""}
    description = column.title[language]
    if column.unit:
        description += f" ({column.unit[language]})"
    entry = {
        "name": name,
        "titles": name,
        "datatype": DATATYPES[column.type],
        "dc:description": description,
    }
    if column.is_number:
        return entry | {"null": ""}
    return entry | {"required": True}
