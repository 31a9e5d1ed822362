"""Any supported file -> Arrow batches: the file's own columns plus `_line`, streamed in bounded memory."""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

from data.problem import Problem

CHUNK = 1 << 22
ROWS = 65_536


@dataclass(frozen=True)
class Malformed:
    """A line that does not have the number of cells that the header has; `first` is its first cell."""

    line: int
    cells: int
    expected: int
    first: str


@dataclass
class Reading:
    """A file being read. `malformed` is complete only when `batches` has been read to its end.

    An engine that decodes Parquet itself may do so: `parquet` is then the file, and `rows` how many it has.
    """

    headers: list[str]
    batches: pa.RecordBatchReader
    encoding: str
    malformed: list[Malformed] = field(default_factory=list)
    parquet: Path | None = None
    rows: int = 0


def fingerprint(path: Path) -> tuple[str, int]:
    """sha256 and size in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest(), path.stat().st_size


def detect_encoding(path: Path) -> str:
    """The first of UTF-8, GB18030, Latin-1 in which the whole file can be read; a byte order mark decides alone."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
    return "latin-1"


def read(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Reading:
    """Open a file by its suffix. Cells of text files and workbooks come as text, those of Parquet as they are.

    Raises Problem where the file cannot be read as what its name says.
    """
    readers = {".csv": _read_csv, ".xlsx": _read_workbook, ".xls": _read_workbook, ".parquet": _read_parquet}
    try:
        if path.stat().st_size == 0:
            raise Problem(f"{path.name} is empty (0 bytes)", "deliver the file again")
        return readers[path.suffix.lower()](path, encoding, delimiter)
    except Problem:
        raise
    except KeyError:
        raise Problem(f"{path.name}: {path.suffix or 'a file without a suffix'} is not a supported format", f"use {', '.join(readers)}") from None
    except Exception as error:
        raise Problem(
            f"{path.name} cannot be read as {path.suffix.lstrip('.').upper()}: {first_line(error)}",
            "check that the file arrived whole and deliver it again",
        ) from error


def first_line(error: Exception) -> str:
    """The first line of an error's text: enough for a message, without a traceback."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _read_csv(path: Path, encoding: str | None, delimiter: str | None) -> Reading:
    encoding = encoding or detect_encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        first = stream.readline()
        delimiter = delimiter or max(",;\t|", key=first.count)
        stream.seek(0)
        headers = next(csv.reader(stream, delimiter=delimiter))
    names = _distinct(headers)
    malformed: list[Malformed] = []

    def keep(row) -> str:
        malformed.append(Malformed(row.number, row.actual_columns, row.expected_columns, row.text.split(delimiter, 1)[0].strip('" ')))
        return "skip"

    batches = pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(use_threads=False, column_names=names, skip_rows=1, encoding=encoding.removesuffix("-sig"), block_size=CHUNK),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep),
        convert_options=pacsv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False),
    )
    return Reading(names, _numbered(batches.schema, batches, malformed), encoding, malformed)


def _read_parquet(path: Path, encoding: str | None, delimiter: str | None) -> Reading:
    file = pq.ParquetFile(path)
    names = file.schema_arrow.names
    batches = _numbered(file.schema_arrow, file.iter_batches(ROWS), [], first=1)
    return Reading(names, batches, "parquet", parquet=path, rows=file.metadata.num_rows)


def _read_workbook(path: Path, encoding: str | None, delimiter: str | None) -> Reading:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()
    headers = _distinct([_cell_text(cell) for cell in next(rows, [])])
    schema = pa.schema([(name, pa.string()) for name in headers])

    def batches() -> Iterator[pa.RecordBatch]:
        held = []
        for row in rows:
            held.append([_cell_text(cell) for cell in row[: len(headers)]])
            if len(held) == ROWS:
                yield _batch(held)
                held = []
        if held:
            yield _batch(held)

    def _batch(held: list[list[str]]) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in zip(*held, strict=True)], schema=schema)

    return Reading(headers, _numbered(schema, batches(), []), "workbook")


def _numbered(schema: pa.Schema, batches, malformed: list[Malformed], first: int = 2) -> pa.RecordBatchReader:
    """Add `_line`: the number of the record in its file, the header being line 1 of a text file or a workbook."""
    schema = schema.remove_metadata().append(pa.field("_line", pa.int64()))

    def stream() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in batches:
            line = np.arange(done, done + batch.num_rows) + first
            # A malformed line takes a number too: every good row behind it moves down by one.
            gaps = np.array([bad.line for bad in malformed], dtype=np.int64) - np.arange(len(malformed))
            line += np.searchsorted(gaps, line, side="right")
            done += batch.num_rows
            yield pa.RecordBatch.from_arrays([*batch.columns, pa.array(line)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, stream())


def _distinct(headers: list[str]) -> list[str]:
    """Headers made distinct: the second `x` becomes `x (2)`."""
    seen: dict[str, int] = {}
    names = []
    for header in (header.strip().lstrip("\ufeff") for header in headers):
        seen[header] = seen.get(header, 0) + 1
        names.append(header if seen[header] == 1 else f"{header} ({seen[header]})")
    return names


def _cell_text(cell) -> str:
    """A workbook's cell as the text that a CSV export of it would hold."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date)):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return "" if cell is None else str(cell)
