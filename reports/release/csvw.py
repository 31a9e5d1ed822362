"""A return as tidy CSV with its metadata: a table of the columns, and CSV on the Web (W3C, Metadata
Vocabulary for Tabular Data, 2015).
"""

import csv
import io
import json
import unicodedata
from decimal import Decimal
from pathlib import Path

from data.config.return_layout import Column, Layout, Return
from data.store.releases import STATUS, file_stem
from reports.csv.kpi_csv import neutralise
from reports.release.facts import ReleaseFacts
from reports.text import format
from reports.text.words import word

ROWS = 1_048_575  # of a file, beside its header: what a spreadsheet can open
DATATYPES = {
    "text": "string",
    "date": "date",
    "integer": "integer",
    "exact": "decimal",
    "number": "number",
}


def write_return_csv(folder: Path, told: Return, facts: ReleaseFacts, limit: int = ROWS) -> None:
    """Write `<return>.csv`, `<return>.meta.csv` and `<return>.csv-metadata.json`.

    Rows stand in the order of the key. Above `limit` rows the file is split in that order into
    `<return>-part-<n>.csv`, each with the header. A figure that is not told is an empty cell, and
    its `_status` says why: c, x or z.
    """
    layout, stem = told.layout, file_stem(told.layout.id)
    rows = [
        _cells(layout, row, marks) + [facts.row_status(layout, row, marks)]
        for row, marks in zip(told.rows, told.marks, strict=True)
    ]
    parts = [rows[start : start + limit] for start in range(0, max(1, len(rows)), limit)]
    names = (
        [f"{stem}.csv"]
        if len(parts) == 1
        else [f"{stem}-part-{number}.csv" for number in range(1, len(parts) + 1)]
    )
    head = [name for name, _ in describe_layout(layout)]
    for name, part in zip(names, parts, strict=True):
        (folder / name).write_bytes(csv_bytes([head, *part]))
    _write_columns(folder / f"{stem}.meta.csv", layout, facts.language)
    _write_csvw(folder / f"{stem}.csv-metadata.json", layout, names, facts)


def csv_bytes(rows: list[list]) -> bytes:
    """RFC 4180: commas, doubled quotes, CRLF, UTF-8 without a byte order mark."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode("utf-8")


def write_list(path: Path, rows: list[dict], heads: list[str]) -> None:
    """Any list of rows of text as CSV, with its header though it be empty."""
    path.write_bytes(
        csv_bytes(
            [
                heads,
                *([neutralise(to_plain_text(str(row[head]))) for head in heads] for row in rows),
            ]
        )
    )


def describe_layout(layout: Layout) -> list[tuple[str, Column | None]]:
    """The columns of the CSV with what they tell; None for a status."""
    columns: list[tuple[str, Column | None]] = []
    for column in sorted(layout.columns, key=lambda column: column.is_number):
        columns += [(column.name, column)] + [(column.name + STATUS, None)] * column.is_number
    return [*columns, ("status", None)]


def to_plain_text(text: str) -> str:
    """Text as F10 asks: on one line, NFC, no blanks at its ends, nothing that cannot be seen."""
    seen = "".join(
        letter
        for letter in format.text(text).replace("\u00a0", " ")
        if unicodedata.category(letter) != "Cf"
    )
    return unicodedata.normalize("NFC", seen).strip()


def format_digits(value: int | float | Decimal) -> str:
    """A number in plain digits, all of them; never a negative zero."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    text = f"{exact + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cells(layout: Layout, row: dict, marks: dict[str, str]) -> list[str]:
    cells = []
    for name, column in describe_layout(layout)[:-1]:
        if column is None:
            cells.append(marks[name.removesuffix(STATUS)])
        elif not column.is_number:
            cells.append(neutralise(to_plain_text(str(row[name] or ""))))
        else:
            cells.append("" if marks[name] in ("c", "x", "z") else format_digits(row[name]))
    return cells


def _write_columns(path: Path, layout: Layout, language: str) -> None:
    rows = [["col_name", "col_type", "label", "unit", "decimals", "group", "hint"]]
    for name, column in describe_layout(layout):
        if column is None:
            of = (
                layout.column(name.removesuffix(STATUS)).title[language] if name != "status" else ""
            )
            hint = getattr(
                word("release.status_hint" if of else "release.row_status_hint"), language
            )
            rows.append(
                [
                    name,
                    "Status",
                    getattr(
                        word("release.status_of", what=of) if of else word("release.status"),
                        language,
                    ),
                    "",
                    "",
                    "",
                    hint,
                ]
            )
            continue
        group, _, _ = column.title[language].rpartition(": ")
        kind = "Indicator" if column.is_number else "Filter"
        shown = (
            [column.unit.get(language, ""), str(column.decimals)] if column.is_number else ["", ""]
        )
        rows.append(
            [name, kind, column.title[language], *shown, group, hint_of(layout, column, language)]
        )
    path.write_bytes(csv_bytes([[neutralise(cell) for cell in row] for row in rows]))


def hint_of(layout: Layout, column: Column, language: str) -> str:
    """The notes about a column, why it may be empty, and how text was made harmless."""
    told = [note[language] for note in layout.notes if column.name in note.get("columns", ())]
    told += [column.absent[language]] if column.absent else []
    told += [getattr(word("release.neutral"), language)] * (not column.is_number)
    return " ".join(told)


def _write_csvw(path: Path, layout: Layout, names: list[str], facts: ReleaseFacts) -> None:
    language = facts.language
    columns = []
    for name, column in describe_layout(layout):
        entry = {
            "name": name,
            "titles": name,
            "datatype": DATATYPES[column.type] if column else "string",
        }
        if column:
            entry["dc:description"] = (
                f"{column.title[language]} ({column.unit[language]})"
                if column.unit
                else column.title[language]
            )
        entry |= {"null": ""} if column is None or column.is_number else {"required": True}
        columns.append(entry)
    shared = {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": layout.title[language],
        "dc:description": f"{layout.period[language]}. {layout.source}",
        "dc:publisher": facts.producer,
        "dc:license": facts.licence,
        "dc:modified": facts.publish_at,
        "notes": [note[language] for note in layout.notes],
    }
    schema = {"columns": columns, "primaryKey": list(layout.key)}
    dialect = {"lineTerminators": ["\r\n"], "encoding": "utf-8", "header": True}
    if len(names) == 1:
        described_as = shared | {"url": names[0], "dialect": dialect, "tableSchema": schema}
    else:
        described_as = shared | {
            "dialect": dialect,
            "tableSchema": schema,
            "tables": [{"url": name} for name in names],
        }
    path.write_text(json.dumps(described_as, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
