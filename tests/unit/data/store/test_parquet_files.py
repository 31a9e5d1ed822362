"""Small Parquet files of the store: columns that came later, and damage."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.problem import Problem
from data.store.parquet_files import read_parquet_files

SCHEMA = pa.schema([("key", pa.string()), ("rows", pa.int64())])


def test_a_column_that_came_later_is_empty_in_older_files(tmp_path):
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    pq.write_table(pa.table({"key": ["a"]}), old)
    pq.write_table(pa.table({"rows": pa.array([7], pa.int32()), "key": ["b"]}), new)
    rows = read_parquet_files([old, new], SCHEMA)
    assert rows.schema == SCHEMA
    assert rows.to_pylist() == [{"key": "a", "rows": None}, {"key": "b", "rows": 7}]


def test_no_file_is_no_row(tmp_path):
    assert read_parquet_files([], SCHEMA).schema == SCHEMA


@pytest.mark.parametrize("content", [None, b"", b"PAR1 but nothing else"])
def test_a_file_that_is_damaged_or_gone_is_a_sentence_that_names_it(content, tmp_path):
    path = tmp_path / "lake" / "delivery.parquet"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(Problem, match="delivery.parquet") as error:
        read_parquet_files([path], SCHEMA)
    assert error.value.page == "damaged-store"
