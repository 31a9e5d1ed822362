"""Parquet -> its batches, with the types they have; text stored as bytes is text."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from data.extracts.headers import name_columns
from data.extracts.opened_file import OpenedFile
from data.extracts.plain_file import PlainFile

BATCH_ROWS = 65_536
UTC_INSTANT = pa.timestamp("us", tz="UTC")
# By the footer's `created_by`: Impala stores civil times in INT96. Spark and Hive turn them into
# UTC, and Arrow writes INT96 only for Spark.
CIVIL_WRITERS = ("impala",)


def read_parquet_file(plain: PlainFile) -> OpenedFile:
    """Open a Parquet file.

    An engine may read the delivered file by itself, unless a column has to be renamed, is of bytes,
    or of the old type of instants (INT96), whose time zone only its writer knows.
    """
    file = pq.ParquetFile(plain.path)
    stored = file.schema_arrow
    names = name_columns(stored.names, plain.path.name)
    int96 = _int96_columns(file)
    is_utc, reason = _is_int96_utc(file, plain.source.int96)

    types = []
    for stored_name, stored_type in zip(stored.names, stored.types, strict=True):
        is_instant = is_utc and stored_name in int96
        types.append(UTC_INSTANT if is_instant else _value_type(stored_type))

    schema = pa.schema([*zip(names, types, strict=True), ("_line", pa.int64())])

    # DuckDB gives the number of a row under this name.
    is_as_named = names == stored.names and "file_row_number" not in names
    is_as_stored = not int96 and not any(map(_is_binary, stored.types))
    can_be_scanned = plain.is_original and is_as_named and is_as_stored
    reading = OpenedFile(
        names,
        "parquet",
        typed=True,
        parquet=plain.path if can_be_scanned else None,
        rows=file.metadata.num_rows,
    )
    if int96:
        zone = "instants in UTC" if is_utc else "civil times"
        reading.notes.append(
            f"{', '.join(sorted(int96))}: stored as INT96 and read as {zone}, since {reason};"
            ' where that is wrong, declare int96 = "utc" or "local" in the profile'
        )

    reading.batches = pa.RecordBatchReader.from_batches(schema, _number_rows(file, schema))
    return reading


def _int96_columns(file: pq.ParquetFile) -> set[str]:
    names = set()
    for position in range(len(file.schema)):
        column = file.schema.column(position)
        if column.physical_type == "INT96":
            names.add(column.path)
    return names


def _is_int96_utc(file: pq.ParquetFile, declared: str | None) -> tuple[bool, str]:
    """Return whether instants of INT96 are in UTC, and why it is thought so."""
    if declared:
        return declared == "utc", "the profile says so"

    writer = file.metadata.created_by or "an unknown writer"
    metadata = file.metadata.metadata or {}

    # Some writers leave their name in the keys of the metadata only.
    keys = [key.decode(errors="replace") for key in metadata]
    marks = " ".join([writer, *keys]).lower()
    is_civil = any(name in marks for name in CIVIL_WRITERS)

    return not is_civil, f"it was written by {writer[:60]}"


def _number_rows(file: pq.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    first = 1
    for batch in file.iter_batches(BATCH_ROWS):
        columns = []
        for column, field in zip(batch.columns, schema, strict=False):
            columns.append(_as_values(column, field.type))

        behind = first + batch.num_rows
        lines = pa.array(range(first, behind), pa.int64())
        yield pa.RecordBatch.from_arrays([*columns, lines], schema=schema)
        first = behind


def _as_values(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(column.type) and kind == UTC_INSTANT:
        # Nanoseconds below a microsecond are none that anybody measured.
        return column.cast(pa.timestamp("us"), safe=False).cast(UTC_INSTANT)
    if pa.types.is_string(kind) and _is_binary(column.type):
        return _decode(column)
    return column.cast(kind)


def _decode(column: pa.Array) -> pa.Array:
    """Return bytes as text: UTF-8, or else GB18030 cell by cell."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)

    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array(map(_decode_cell, column.to_pylist()), pa.string())


def _decode_cell(cell: bytes | None) -> str | None:
    if cell is None:
        return None
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode("gb18030", errors="replace")


def _is_binary(stored: pa.DataType) -> bool:
    if pa.types.is_dictionary(stored):
        return _is_binary(stored.value_type)
    is_view = pa.types.is_binary_view(stored)
    return is_view or pa.types.is_binary(stored) or pa.types.is_large_binary(stored)


def _value_type(stored: pa.DataType) -> pa.DataType:
    """Return the type of the values, stored as a dictionary, as views, as bytes or plainly."""
    if pa.types.is_dictionary(stored):
        return _value_type(stored.value_type)
    if pa.types.is_string_view(stored) or pa.types.is_large_string(stored) or _is_binary(stored):
        return pa.string()
    return stored
