"""Instants of the old type, and text that is stored as bytes."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.config.profile_source import Source
from data.extracts.open_file import open_file

NOON = datetime(2012, 10, 3, 12)


@pytest.mark.parametrize(
    ("written_by", "declared", "is_utc"),
    [
        ("org.apache.spark.version", None, True),
        ("nobody", None, True),
        ("impala.version", None, False),
        ("impala.version", "utc", True),
        ("org.apache.spark.version", "local", False),
    ],
)
def test_int96_is_read_as_its_writer_means_it(tmp_path, written_by, declared, is_utc):
    table = pa.table({"a": [1], "reported_at": pa.array([NOON], pa.timestamp("us"))})
    table = table.replace_schema_metadata({written_by: "3.5.0"})
    path = tmp_path / "claims.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    reading = open_file(path, Source(extract="claims", files="*", int96=declared), tmp_path)
    assert reading.parquet is None
    expected = NOON.replace(tzinfo=UTC) if is_utc else NOON
    assert reading.batches.read_all()["reported_at"].to_pylist() == [expected]
    (note,) = reading.notes
    assert note.startswith("reported_at: stored as INT96 and read as ")
    assert ("instants in UTC" in note) == is_utc
    assert ("the profile says so" in note) == (declared is not None)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_stored_as_bytes_is_text(tmp_path, kind, encoding):
    path = tmp_path / "claims.parquet"
    cells = pa.array(["商业车险".encode(encoding), None, b"C1"], kind)
    pq.write_table(pa.table({"line": cells}), path, store_schema=False)
    reading = open_file(path, Source(extract="claims", files="*"), tmp_path)
    assert reading.parquet is None
    assert reading.batches.read_all()["line"].to_pylist() == ["商业车险", None, "C1"]
