"""Parquet -> its batches, with the types they have."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from data.extracts.headers import name_columns
from data.extracts.opened_file import OpenedFile
from data.extracts.plain_file import PlainFile

BATCH_ROWS = 65_536


def read_parquet_file(plain: PlainFile) -> OpenedFile:
    """Open a Parquet file.

    An engine may read the delivered file by itself, unless a column has to be renamed.
    """
    file = pq.ParquetFile(plain.path)
    stored = file.schema_arrow
    names = name_columns(stored.names, plain.path.name)
    types = [_value_type(stored_type) for stored_type in stored.types]
    schema = pa.schema([*zip(names, types, strict=True), ("_line", pa.int64())])
    # DuckDB gives the number of a row under this name.
    is_as_named = names == stored.names and "file_row_number" not in names
    reading = OpenedFile(
        names,
        "parquet",
        typed=True,
        parquet=plain.path if plain.is_original and is_as_named else None,
        rows=file.metadata.num_rows,
    )
    reading.batches = pa.RecordBatchReader.from_batches(schema, _number_rows(file, schema))
    return reading


def _number_rows(file: pq.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    first = 1
    for batch in file.iter_batches(BATCH_ROWS):
        columns = [column.cast(_value_type(column.type)) for column in batch.columns]
        lines = pa.array(range(first, first + batch.num_rows), pa.int64())
        yield pa.RecordBatch.from_arrays([*columns, lines], schema=schema)
        first += batch.num_rows


def _value_type(stored: pa.DataType) -> pa.DataType:
    """Return the type of the values, be they stored as a dictionary, as views or plainly."""
    if pa.types.is_dictionary(stored):
        return _value_type(stored.value_type)
    if pa.types.is_string_view(stored) or pa.types.is_large_string(stored):
        return pa.string()
    return stored
