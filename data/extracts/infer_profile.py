"""An unknown file is examined: what it holds, which contract it fills, what is odd about it."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from data.config.contract import CLOSED_ONLY_ROWS, Contract, load_contracts
from data.config.contract_parts import Column
from data.config.header_text import normalize_header
from data.extracts.infer_mapping import infer_mapping
from data.extracts.infer_types import WHOLE, YES_NO, ColumnProfile, profile_column
from data.extracts.opened_file import OpenedFile

EXAMINED_ROWS = 100_000  # rows whose cells are looked at one by one
# Rows of a sheet in XLS and in XLSX, the header among them or not.
SHEET_LIMITS = (65_535, 65_536, 1_048_575, 1_048_576)


@dataclass
class Draft:
    """An examined file.

    Attributes:
        rows: how many the file has.
        looked_at: how many of them were examined.
        columns: what the file's columns hold.
        extract: the likeliest contract.
        mapping: the contract's columns with those of the file that fill them.
        unknown_words: by column of the contract, words of the file that it does not know.
        assumed: by required column that was not found, what stands in for it.
        keys: how many different keys the examined rows have.
        warnings: what is odd.
    """

    rows: int
    looked_at: int
    columns: list[ColumnProfile]
    extract: str
    mapping: dict[str, ColumnProfile]
    unknown_words: dict[str, list[str]]
    assumed: dict[str, dict[str, Any]]
    keys: int
    warnings: list[str] = field(default_factory=list)


def infer_draft(reading: OpenedFile, file_name: str) -> Draft:
    """Read a file to its end, and return what the cells of its first rows show."""
    rows, table = _read_first_rows(reading)
    columns = [profile_column(name, _cell_texts(table[name])) for name in reading.headers]
    extract, mapping = infer_mapping(columns, file_name)
    contract = load_contracts()[extract]
    unknown = {
        name: _unknown_words(contract.column(name), profile) for name, profile in mapping.items()
    }
    assumed = {
        column.name: _assume(column, contract)
        for column in contract.columns
        if column.required and column.name not in mapping
    }
    draft = Draft(
        rows,
        table.num_rows,
        columns,
        extract,
        mapping,
        {name: words for name, words in unknown.items() if words},
        {name: assumption for name, assumption in assumed.items() if assumption},
        _count_keys(table, [mapping[name].name for name in contract.key if name in mapping]),
    )
    lines = rows + len(reading.malformed)
    draft.warnings = [
        *_warn_of_limit(lines),
        *_warn_of_cells(draft),
        *_warn_of_mapping(draft, contract),
        *_warn_of_closed_only(draft),
    ]

    return draft


def _read_first_rows(reading: OpenedFile) -> tuple[int, pa.Table]:
    """Return how many rows the file has, and the first of them."""
    rows, batches = 0, []
    for batch in reading.batches:
        if rows < EXAMINED_ROWS:
            batches.append(batch.slice(0, EXAMINED_ROWS - rows))
        rows += batch.num_rows

    return rows, pa.Table.from_batches(batches, reading.batches.schema)


def _cell_texts(cells: pa.ChunkedArray) -> list[str]:
    """Return the cells as text, trimmed; an empty one is not text."""
    texts = []
    for cell in cells.to_pylist():
        text = "" if cell is None else str(cell)
        texts.append(text.strip())
    return texts


def _count_keys(table: pa.Table, names: list[str]) -> int:
    """Return how many different keys there are; without a key, each row is its own."""
    if not names:
        return table.num_rows
    texts = [table[name].cast(pa.string()) for name in names]
    return pa.table(texts, names).group_by(names).aggregate([]).num_rows


def _unknown_words(column: Column, profile: ColumnProfile) -> list[str]:
    """Return the words of a column of codes that the contract does not know."""
    if column.type not in ("code", "boolean", "integer"):
        return []

    known = set()
    for code, words in {**column.values, **column.words}.items():
        known |= set(map(normalize_header, (code, *words)))

    unknown = [word for word in profile.words if normalize_header(word) not in known]
    if column.type == "boolean":
        return [word for word in unknown if word.lower() not in YES_NO]
    if column.type == "integer":
        return [word for word in unknown if not WHOLE.fullmatch(word)]

    return unknown


def _assume(column: Column, contract: Contract) -> dict[str, Any]:
    """Return what a required column may be filled with for a first try; empty: nothing can.

    A row is its own key, all rows are of one branch and of one kind.
    """
    if column.type == "code":
        return {"constant": next(iter(column.values))}
    if column.type != "text":
        return {}
    if column.name in contract.key and column.name != "branch_code":
        return {"content": True}

    return {"constant": "ALL"}


def _warn_of_limit(lines: int) -> list[str]:
    if lines in SHEET_LIMITS or lines + 1 in SHEET_LIMITS:
        return [
            f"the file has {lines:,} rows: it seems to have been cut off at a spreadsheet's limit"
        ]
    return []


def _warn_of_cells(draft: Draft) -> list[str]:
    warnings = []
    for profile in draft.columns:
        if profile.damaged:
            warnings.append(
                f"{profile.name}: {profile.damaged:,} cells like 4e+05:"
                " identifiers that a spreadsheet has damaged?"
            )

        if profile.kind == "day first":
            warnings.append(f"{profile.name}: {_describe_dates(profile.order)}")

    return warnings


def _describe_dates(order: str | None) -> str:
    if order in ("dmy", "mdy"):
        first = "the day" if order == "dmy" else "the month"
        return f'dates with {first} first: declare dates = "{order}"'

    return (
        "dates of which the day or the month may come first:"
        ' ask the sender, then declare dates = "dmy" or "mdy"'
    )


def _warn_of_mapping(draft: Draft, contract: Contract) -> list[str]:
    warnings = []
    if draft.keys < draft.looked_at:
        key = [draft.mapping[name].name for name in contract.key if name in draft.mapping]
        warnings.append(
            f"{' with '.join(key)} repeats: {draft.looked_at:,} rows,"
            f" {draft.keys:,} different keys; is it the key?"
        )

    for name, words in draft.unknown_words.items():
        warnings.append(
            f"{draft.mapping[name].name}: {len(words)} words that {name} does not know:"
            " say what they mean, or leave the column out"
        )

    for column in contract.columns:
        if column.required and column.name not in draft.mapping:
            assumption = _describe_assumption(draft.assumed.get(column.name, {}))
            warnings.append(
                f"no column was found for {column.name},"
                f" without which the {draft.extract} cannot be read{assumption}"
            )

    return warnings


def _describe_assumption(assumption: dict[str, Any]) -> str:
    if "content" in assumption:
        return "; every row is taken for a case of its own"
    if "constant" in assumption:
        return f"; {assumption['constant']} is assumed for every row"
    return ""


def _warn_of_closed_only(draft: Draft) -> list[str]:
    closed = draft.mapping.get("closed_at")
    if draft.extract not in ("claims", "complaints") or closed is None:
        return []
    if closed.empty or closed.nulls or draft.looked_at < CLOSED_ONLY_ROWS:
        return []

    return [
        f"every row has {closed.name}: the file seems to hold closed cases only,"
        " from which no closure rate can be computed"
    ]
