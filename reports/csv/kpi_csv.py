"""Tidy CSV: one header row, CRLF, UTF-8 without a byte order mark, plain digits, ISO dates, nothing
that a spreadsheet would run.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables as dictionary
from reports.tables.publication import Publication
from reports.text import format

RUNS = ("=", "+", "-", "@", "\t", "\r")


def write_csv_files(publication: Publication, folder: Path) -> None:
    """Write `kpi_value.csv` and `league.csv` (segment `all`, every level), `kpi_definition.csv`,
    `input_file.csv`.

    Values and leagues are those of the periods that end with the publication's day; of the head
    office, of every period. The published tables have all: at forty KPIs their text would be
    hundreds of megabytes, which no spreadsheet opens. Columns are those of the published tables,
    plus `branch_name`; a number that is not there is an empty cell, and `state` and `reason` say
    why. Rows stand in the order of the table's key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ends = pc.max(publication.read("dim_period")["period_end"])
    shown = (pc.field("period_end") == ends) | (pc.field("branch_level") == "head_office")
    values = publication.read(
        "mart_kpi_value", (pc.field("segment_kind") == "all") & shown
    ).drop_columns(["segment_kind", "segment"])
    write_rows(folder / "kpi_value.csv", _ordered("mart_kpi_value", values), publication)
    write_rows(
        folder / "league.csv",
        _with_state(publication.read("mart_league", shown), values),
        publication,
    )
    write_rows(
        folder / "kpi_definition.csv", _ordered("dim_kpi", publication.read("dim_kpi")), publication
    )
    write_rows(
        folder / "input_file.csv",
        _ordered("quality_input_file", publication.read("quality_input_file")),
        publication,
    )


def _ordered(name: str, rows: pa.Table) -> pa.Table:
    return rows.sort_by(
        [(column, "ascending") for column in dictionary()[name].key if column in rows.column_names]
    )


def _with_state(league: pa.Table, values: pa.Table) -> pa.Table:
    """A league says why a value is missing only through the values it was made of."""
    key = [column for column in dictionary()["mart_league"].key if column != "branch_level"]
    return _ordered("mart_league", league.join(values.select([*key, "state", "reason"]), key))


def write_rows(path: Path, rows: pa.Table, publication: Publication) -> None:
    """Write a table as CSV; where it has branches, their names stand behind their codes."""
    columns = {}
    for name in rows.column_names:
        columns[name] = column_texts(rows[name])
        if name == "branch_code":
            columns["branch_name"] = _each(
                rows[name], lambda code: quote_csv(neutralise(publication.name(code)))
            )
    lines = pc.binary_join_element_wise(
        pc.binary_join_element_wise(*columns.values(), ","), "\r\n", ""
    )
    with path.open("wb") as stream:
        stream.write((",".join(columns) + "\r\n").encode("utf-8"))
        for chunk in lines.chunks:
            # The texts of an Arrow array stand one behind the other in its last buffer: that is the
            # file.
            offsets = np.frombuffer(chunk.buffers()[1], np.int32)[
                chunk.offset : chunk.offset + len(chunk) + 1
            ]
            stream.write(
                memoryview(chunk.buffers()[2] or b"")[offsets[0] : offsets[-1]]
                if len(chunk)
                else b""
            )


def column_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV cells: plain digits, ISO dates, `true`/`false`, text that no spreadsheet
    takes for a formula; null is empty.
    """
    if pa.types.is_string(column.type):
        return _each(column, lambda text: quote_csv(neutralise(text)))
    cells = pc.cast(column, pa.string())
    if pa.types.is_decimal(column.type) or pa.types.is_floating(column.type):
        odd = pc.match_substring_regex(cells, "[eE]|^-0$")
        cells = pc.if_else(
            odd,
            _each(pc.if_else(odd, cells, None), lambda digits: f"{Decimal(digits) + 0:f}"),
            cells,
        )
    if pa.types.is_decimal(column.type):
        cells = pc.utf8_rtrim(pc.utf8_rtrim(cells, "0"), ".")
    return pc.fill_null(cells, "")


def _each(column: pa.ChunkedArray, make: Callable[[str], str]) -> pa.ChunkedArray:
    """A text column made anew, each different text once; null becomes empty."""
    coded = pc.dictionary_encode(column).combine_chunks()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    made = pa.array([make(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([pc.fill_null(made.take(coded.indices), "")])


def neutralise(text: str) -> str:
    """Text on one line; where a spreadsheet would run it, an apostrophe stands before it."""
    line = format.text(text)
    return f"'{line}" if line.startswith(RUNS) or text.startswith(RUNS) else line


def quote_csv(text: str) -> str:
    """Text in quotes where it holds a comma or quotes (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
