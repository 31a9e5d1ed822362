"""Reading small Parquet files of the store."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.store.checksum_list import damage_problem


def read_parquet_files(paths: Iterable[Path], schema: pa.Schema) -> pa.Table:
    """Return the rows of Parquet files with the columns of a schema.

    Columns that a file does not have yet are empty. Raises Problem where a file is damaged or gone.
    """
    # File by file, and from no list: pyarrow's datasets and arrays of Python's values import
    # pandas, which takes longer than all else that `servicekpi status` does.
    tables = [pa.Table.from_batches([], schema=schema)]
    tables += [fit_to_schema(_read_file(path), schema) for path in paths]
    return pa.concat_tables(tables)


def fit_to_schema(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with the columns of a schema; those that they do not have are empty."""
    for column in schema:
        if column.name not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
    return rows.select(schema.names).cast(schema)


def _read_file(path: Path) -> pa.Table:
    try:
        return pq.ParquetFile(path, page_checksum_verification=True).read()
    except PermissionError:
        raise
    except (pa.ArrowInvalid, OSError) as error:
        raise damage_problem(f"the file {path} is damaged or gone: {error}") from error
