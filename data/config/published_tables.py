"""The dictionary of published tables: which columns, of which type and unit, meaning what
(`data/reference/published.toml`).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

TYPES = {
    "text": pa.string(),
    "date": pa.date32(),
    "number": pa.float64(),
    "exact": pa.decimal128(38, 10),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


@dataclass(frozen=True)
class PublishedTable:
    """One published table: its key is unique and orders its rows.

    A table that `has_parts` is a folder with one file per period, any other one file.
    """

    name: str
    title: dict
    key: tuple
    schema: pa.Schema
    has_parts: bool


def _raw() -> dict:
    return tomllib.loads(
        (Path(__file__).parents[1] / "reference" / "published.toml").read_text(encoding="utf-8")
    )


@cache
def load_published_tables() -> dict[str, PublishedTable]:
    """Every published table by name."""
    raw = _raw()
    type_of = {column: TYPES[entry["type"]] for column, entry in raw["column"].items()}
    tables = {}
    for name, entry in raw["table"].items():
        tables[name] = PublishedTable(
            name=name,
            title=entry["title"],
            key=tuple(entry["key"]),
            schema=pa.schema([(column, type_of[column]) for column in entry["columns"]]),
            has_parts="parts" in entry,
        )
    return tables


def build_dim_column() -> pa.Table:
    """What every published column means: `table_name, column_name, position, type, unit,
    meaning_zh, meaning_en`.
    """
    raw = _raw()
    rows = []
    for name, entry in sorted(raw["table"].items()):
        for position, column in enumerate(entry["columns"], start=1):
            declared = raw["column"][column]
            identity = {"table_name": name, "column_name": column, "position": position}
            meaning = {"meaning_zh": declared["zh"], "meaning_en": declared["en"]}
            kind = {"type": declared["type"], "unit": declared.get("unit")}
            rows.append(identity | kind | meaning)
    return pa.Table.from_pylist(rows, schema=load_published_tables()["dim_column"].schema)
