"""The registry of formats: a new format is one entry, and arrives guarded."""

import pyarrow as pa
import pytest

from data.extracts import formats
from data.extracts.formats import Format
from data.extracts.guards import refuse_far_cells
from data.extracts.opened_file import OpenedFile
from data.extracts.text_batches import make_text_batch, make_text_schema
from data.problem import Problem


def _guard_toy(file) -> None:
    rows, columns = map(int, file.path.read_bytes().removeprefix(b"TOY").split())
    refuse_far_cells(file.name, rows, columns)


@pytest.fixture
def toy(monkeypatch):
    """A format that says how many cells it spans: `TOY rows columns`."""
    opened = []

    def read_toy(file) -> OpenedFile:
        opened.append(file.name)
        reading = OpenedFile(["claim_id"], "toy")
        schema = make_text_schema(["claim_id"])
        batch = make_text_batch([["C1"]], [1], schema)
        reading.batches = pa.RecordBatchReader.from_batches(schema, [batch])
        return reading

    entry = Format(name="toy", suffixes=(".toy",), magic=(b"TOY",), guard=_guard_toy, read=read_toy)
    monkeypatch.setattr(formats, "BINARY_FORMATS", (*formats.BINARY_FORMATS, entry))
    return opened


def test_an_added_format_is_one_entry(toy, read):
    reading, rows = read(b"TOY 2 1", "claims.toy")
    assert (reading.format, rows, toy) == ("toy", [["C1", 1]], ["claims.toy"])
    assert ".toy" in formats.accepted_suffixes()
    with pytest.raises(
        Problem, match="claims.toy is not what its name says: the content is not TOY"
    ):
        read("a,b\n1,2\n", "claims.toy")


def test_an_added_format_arrives_guarded(toy, read):
    with pytest.raises(Problem, match="claims.toy: a sheet spans 1,000,000 rows by 1,000 columns"):
        read(b"TOY 1000000 1000", "claims.toy")
    assert toy == [], "its reader has not seen the file"


def test_no_format_is_registered_without_a_guard():
    with pytest.raises(TypeError, match="guard"):
        Format(name="toy", suffixes=(".toy",), magic=(b"TOY",), read=print)
    with pytest.raises(TypeError, match="the format toy has no guard: write one in guards.py"):
        Format(name="toy", suffixes=(".toy",), magic=(b"TOY",), guard=None, read=print)


def test_every_suffix_belongs_to_one_format():
    suffixes = formats.accepted_suffixes()
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)
