"""Parquet comes with the types it has."""

import pyarrow as pa
import pyarrow.parquet as pq

from data.config.profile_source import Source
from data.extracts.open_file import open_file


def test_parquet_with_names_that_would_clash(tmp_path):
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"a": pa.array(["x", "x"]).dictionary_encode(), "_line": [5, 6]}), path)
    reading = open_file(path, Source(extract="claims", files="*"), tmp_path)
    assert reading.headers == ["a", "_line (2)"] and reading.parquet is None and reading.rows == 2
    assert reading.batches.read_all().to_pylist() == [
        {"a": "x", "_line (2)": 5, "_line": 1},
        {"a": "x", "_line (2)": 6, "_line": 2},
    ]
