"""Parquet -> its batches, with the types they have."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.extracts.reading import OpenedFile, name_columns

ROWS = 65_536


def read_parquet_file(path: Path, direct: bool) -> OpenedFile:
    """Open a Parquet file. `direct`: an engine may read it by itself, unless a column has to be
    renamed.
    """
    file = pq.ParquetFile(path)
    names = name_columns(file.schema_arrow.names, path.name)
    schema = pa.schema(
        [*zip(names, map(_plain, file.schema_arrow.types), strict=True), ("_line", pa.int64())]
    )

    def stream() -> Iterator[pa.RecordBatch]:
        line = 1
        for batch in file.iter_batches(ROWS):
            columns = [column.cast(_plain(column.type)) for column in batch.columns]
            yield pa.RecordBatch.from_arrays(
                [*columns, pa.array(range(line, line + batch.num_rows), pa.int64())], schema=schema
            )
            line += batch.num_rows

    is_as_named = names == file.schema_arrow.names and "file_row_number" not in names
    reading = OpenedFile(
        names,
        "parquet",
        typed=True,
        parquet=path if direct and is_as_named else None,
        rows=file.metadata.num_rows,
    )
    reading.batches = pa.RecordBatchReader.from_batches(schema, stream())
    return reading


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type of the values: how they are stored (as a dictionary, as views) is of no interest."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    return pa.string() if pa.types.is_string_view(kind) or pa.types.is_large_string(kind) else kind
