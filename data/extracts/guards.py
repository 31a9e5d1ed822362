"""What each format's reader is protected from: files that expand without bound, cells far away.

A guard looks at a file before its reader does and raises Problem; it holds little of the file in
memory itself. Every entry of the registry (`formats.py`) has one.
"""

import re
import zipfile

import pyarrow.parquet as pq

from data.extracts import xls_extent
from data.extracts.packing import (
    expanding_file_problem,
    max_unpacked_bytes,
    open_to_real_end,
    read_within_bounds,
)
from data.extracts.plain_file import PlainFile, PlainText
from data.problem import Problem

MAX_LINE_BYTES = 1 << 24
# A sheet is held in memory whole, with its empty cells, at 32 bytes each: 1.9 GB.
MAX_SHEET_CELLS = 60_000_000
CELL_COLUMN = re.compile(rb' r="([A-Z]{1,3})[0-9]')
ROW_NUMBER = re.compile(rb' r="([0-9]{1,7})"')
# No attribute that the patterns look for is longer: so much of a chunk is looked at with the next.
OVERLAP_BYTES = 64


def refuse_endless_line(file: PlainText) -> None:
    """Raise Problem where a text's first line is too long to be held in memory.

    The reader checks every later line as it comes to it (`refuse_long_line`).
    """
    path, start = file.text.path, file.text.start
    with path.open("rb") as stream:
        stream.seek(start)
        first = stream.read(MAX_LINE_BYTES + 1)

    if b"\n" not in first and b"\r" not in first:
        refuse_long_line(file.name, 1, len(first))


def refuse_long_line(name: str, line: int, size_bytes: int) -> None:
    """Raise Problem where a line has more than MAX_LINE_BYTES bytes."""
    if size_bytes > MAX_LINE_BYTES:
        raise Problem(
            f"{name}: line {line:,} is longer than {MAX_LINE_BYTES:,} bytes",
            "check that the file is text in lines and arrived whole",
        )


def refuse_expanding_xlsx(file: PlainFile) -> None:
    """Raise Problem for an XLSX that expands without bound, or with a sheet of too many cells."""
    packed_bytes = file.path.stat().st_size
    with zipfile.ZipFile(file.path) as archive:
        for member in archive.infolist():
            columns, rows = _measure_member(archive, member, packed_bytes, file.name)
            refuse_far_cells(file.name, rows, columns)


def refuse_far_cells(name: str, rows: int, columns: int) -> None:
    """Raise Problem for a sheet of too many cells: one far away makes all the cells before it."""
    if rows * columns > MAX_SHEET_CELLS:
        raise Problem(
            f"{name}: a sheet spans {rows:,} rows by {columns:,} columns,"
            " too many to hold in memory",
            "delete the cells far from the table, or deliver it as CSV or Parquet",
        )


def refuse_far_cells_of_xls(file: PlainFile) -> None:
    """Raise Problem for an XLS whose sheets, all of which are read at once, span too many cells."""
    content = file.path.read_bytes()
    if xls_extent.is_encrypted(content):
        raise Problem(
            f"{file.name} is protected by a password",
            "save the workbook without one and deliver it again",
        )

    total = 0
    for rows, columns in xls_extent.measure_sheets(content):
        refuse_far_cells(file.name, rows, columns)
        total += rows * columns

    if total > MAX_SHEET_CELLS:
        raise Problem(
            f"{file.name}: its sheets span {total:,} cells, too many to hold in memory",
            "delete the sheets that are not needed, or deliver it as CSV or Parquet",
        )


def refuse_expanding_parquet(file: PlainFile) -> None:
    """Raise Problem for a Parquet file that holds far more than its size.

    A value that is repeated takes next to no bytes in it, so that values are counted as well, each
    as one byte: a real table with a key of its own per row stays below one value a byte.
    """
    metadata = pq.read_metadata(file.path)
    unpacked_bytes = sum(
        metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)
    )
    packed_bytes = file.path.stat().st_size
    limit = max_unpacked_bytes(packed_bytes)
    if max(unpacked_bytes, metadata.num_rows * metadata.num_columns) > limit:
        raise expanding_file_problem(file.name, packed_bytes, limit)


def _measure_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed_bytes: int, name: str
) -> tuple[int, int]:
    """Return how many columns and rows a member spans: none, unless it is a worksheet."""
    is_sheet = "/worksheets/" in member.filename
    columns = rows = 0

    rest = b""
    with open_to_real_end(archive, member) as stream:
        for chunk in read_within_bounds(stream, packed_bytes, name):
            if not is_sheet:
                # Read all the same: any member may be the bomb.
                continue

            # With the end of the chunk before: a reference may be cut in two.
            text = rest[-OVERLAP_BYTES:] + chunk
            columns_here = map(column_number, set(CELL_COLUMN.findall(text)))
            rows_here = map(int, ROW_NUMBER.findall(text))
            columns = max([columns, *columns_here])
            rows = max([rows, *rows_here])
            rest = text

    return columns, rows


def column_number(letters: bytes) -> int:
    """Return a column's number from 1: A, ..., Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
