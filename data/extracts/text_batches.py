"""Rows of text become Arrow batches, each row with its line in the file."""

import numpy as np
import pyarrow as pa


def make_text_schema(names: list[str]) -> pa.Schema:
    """Return the schema of these columns as text, and `_line`."""
    columns = [(name, pa.string()) for name in names]
    return pa.schema([*columns, ("_line", pa.int64())])


def make_text_batch(rows: list[list[str]], lines: list[int], schema: pa.Schema) -> pa.RecordBatch:
    """Return rows of equal width, at least one, and their lines as a batch of a text schema."""
    by_column = zip(*rows, strict=True)
    columns: list[pa.Array] = [pa.array(cells, pa.string()) for cells in by_column]
    columns.append(pa.array(np.array(lines, np.int64)))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
