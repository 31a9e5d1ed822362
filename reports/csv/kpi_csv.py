"""Tidy CSV: one header row, CRLF, UTF-8 without a byte order mark, plain digits, ISO dates, nothing
that a spreadsheet would run.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from reports.tables.publication import Publication
from reports.text import format

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Codes and keys of this form are cells as they are. (A million keys one by one took eight seconds.)
PLAIN_TEXT = r"^[0-9A-Za-z](?:[0-9A-Za-z_./: -]*[0-9A-Za-z_])?$"


def write_csv_files(publication: Publication, folder: Path) -> None:
    """Write `kpi_value.csv` and `league.csv` (segment `all`, every level), `kpi_definition.csv`,
    `input_file.csv`.

    Values and leagues are those of the periods that end with the publication's day; of the head
    office, of every period. The published tables have all: at forty KPIs their text would be
    hundreds of megabytes, which no spreadsheet opens. Columns are those of the published tables,
    plus `branch_name`; a number that is not there is an empty cell, and `state` and `reason` say
    why. Rows are in the order of the table's key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    last_day = pc.max(publication.read("dim_period")["period_end"])
    is_shown = (pc.field("period_end") == last_day) | (pc.field("branch_level") == "head_office")
    has_no_segment = pc.field("segment_kind") == "all"
    values = publication.read("mart_kpi_value", has_no_segment & is_shown)
    values = values.drop_columns(["segment_kind", "segment"])
    league = _with_states(publication.read("mart_league", is_shown), values)
    tables = {
        "kpi_value.csv": _in_key_order("mart_kpi_value", values),
        "league.csv": _in_key_order("mart_league", league),
        "kpi_definition.csv": _in_key_order("dim_kpi", publication.read("dim_kpi")),
        "input_file.csv": _in_key_order(
            "quality_input_file", publication.read("quality_input_file")
        ),
    }

    for name, rows in tables.items():
        write_rows(folder / name, rows, publication)


def _in_key_order(table: str, rows: pa.Table) -> pa.Table:
    key = load_published_tables()[table].key
    names = [column for column in key if column in rows.column_names]
    return rows.sort_by([(column, "ascending") for column in names])


def _with_states(league: pa.Table, values: pa.Table) -> pa.Table:
    """Return a league with `state` and `reason`: only the values it was made of say why one is
    missing.
    """
    key = list(load_published_tables()["mart_league"].key)
    key.remove("branch_level")  # follows from the branch, and differs in none of its rows
    return league.join(values.select([*key, "state", "reason"]), key)


def write_rows(path: Path, rows: pa.Table, publication: Publication) -> None:
    """Write a table as CSV; where it has branches, their names follow their codes."""
    header, lines = format_lines(rows, publication)
    with path.open("wb") as stream:
        stream.write(header)
        write_lines(stream, lines)


def format_lines(rows: pa.Table, publication: Publication) -> tuple[bytes, pa.ChunkedArray]:
    """Return a table as CSV: its header, and a line for each row with its end."""

    def name_of(code: str) -> str:
        return _text_cell(publication.name(code))

    columns = {}
    for name in rows.column_names:
        columns[name] = column_texts(rows[name])
        if name == "branch_code":
            columns["branch_name"] = _replace_texts(rows[name], name_of)

    lines = _join_texts(list(columns.values()), ",")
    header = ",".join(columns) + "\r\n"
    return header.encode("utf-8"), _join_texts([lines, pa.scalar("")], "\r\n")


def write_lines(stream: BinaryIO, lines: pa.ChunkedArray) -> None:
    """Write lines of CSV to an open file."""
    for chunk in lines.chunks:
        if len(chunk):
            stream.write(_bytes_of(chunk))


def _join_texts(columns: list, separator: str) -> pa.ChunkedArray:
    """Return the columns joined row by row."""
    joined = pc.binary_join_element_wise(*columns, pa.scalar(separator))
    assert isinstance(joined, pa.ChunkedArray)
    return joined


def _bytes_of(texts: pa.Array) -> memoryview:
    """Return the bytes of all texts of an array, which are one behind the other in its last buffer:
    that is the file, without a copy.
    """
    _, offset_buffer, text_buffer = texts.buffers()
    offsets = np.frombuffer(memoryview(offset_buffer or b""), np.int32)
    start, end = offsets[texts.offset], offsets[texts.offset + len(texts)]
    return memoryview(text_buffer or b"")[start:end]


def column_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as CSV cells: plain digits, ISO dates, `true`/`false`, text that no
    spreadsheet takes for a formula; null is empty.
    """
    if pa.types.is_string(column.type):
        is_plain = pc.match_substring_regex(column, PLAIN_TEXT)
        odd_texts = pc.if_else(is_plain, None, column)
        return pc.if_else(is_plain, column, _replace_texts(odd_texts, _text_cell)).fill_null("")

    cells = pc.cast(column, pa.string())
    is_decimal = pa.types.is_decimal(column.type)
    if is_decimal or pa.types.is_floating(column.type):
        cells = _without_exponents(cells)
    if is_decimal:
        cells = pc.utf8_rtrim(pc.utf8_rtrim(cells, "0"), ".")

    return cells.fill_null(pa.scalar(""))


def _without_exponents(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as text without exponents and without negative zeros."""
    is_odd = pc.match_substring_regex(cells, "[eE]|^-0$")
    odd_cells = pc.if_else(is_odd, cells, None)
    plain_cells = _replace_texts(odd_cells, lambda digits: f"{Decimal(digits) + 0:f}")
    return pc.if_else(is_odd, plain_cells, cells)


def _replace_texts(column: pa.ChunkedArray, replace: Callable[[str], str]) -> pa.ChunkedArray:
    """Return a text column with each text replaced, every different one once; null is empty."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()

    assert isinstance(encoded, pa.DictionaryArray)
    different_texts = [text for text in encoded.dictionary.to_pylist() if text is not None]
    replaced = pa.array(map(replace, different_texts), pa.string())
    column_replaced = replaced.take(encoded.indices)

    return pa.chunked_array([column_replaced.fill_null("")])


def _text_cell(text: str) -> str:
    return quote_csv(neutralise(text))


def neutralise(text: str) -> str:
    """Return text on one line, with an apostrophe before it where a spreadsheet would run it."""
    line = format.text(text)
    is_live = line.startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS)
    return f"'{line}" if is_live else line


def quote_csv(text: str) -> str:
    """Return text in quotes where it has a comma or quotes (RFC 4180)."""
    if "," not in text and '"' not in text:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
