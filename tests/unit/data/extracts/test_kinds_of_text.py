"""What stands around the rows of a text, and what packs it, is none of its rows."""

import gzip
import io
import struct
import tarfile

import pyarrow as pa
import pytest

from data.extracts import delimited
from data.problem import Problem
from tests.unit.data.extracts.conftest import reasons

TEXT = b"claim_id,branch_code\nC1,14\nC2,14\n"
ROWS = [["C1", "14", 2], ["C2", "14", 3]]
JSON = b'{"claim_id": "C1"}\n{"claim_id": "C2"}\n'


@pytest.mark.parametrize("padding", [b"\x1a", b"\0" * 5000, b"\x1a\0\0", b"\0" * (9 << 20)])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_padding_behind_the_text_is_skipped(read, padding, end):
    reading, rows = read(TEXT.rstrip() + end + padding)
    assert rows == ROWS and not reading.malformed
    reading, rows = read(JSON.rstrip() + end + padding, "claims.jsonl")
    assert rows == [["C1", 1], ["C2", 2]] and not reading.malformed


def test_a_nul_within_the_text_still_costs_its_line(read):
    reading, rows = read(TEXT.replace(b"C1,", b"C1\0,") + TEXT * 9)
    assert rows[0] == ROWS[1] and reasons(reading)[2] == "bytes in it are not text"


@pytest.mark.parametrize("block", [7, 20, 1 << 22])
def test_marks_within_joined_files_are_skipped(read, monkeypatch, block):
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block)
    mark = b"\xef\xbb\xbf"
    rows = read(mark + TEXT + mark + TEXT + mark + b'"C3",15\n')[1]
    header = ["claim_id", "branch_code", 4]
    assert rows == [*ROWS, header, ["C1", "14", 5], ["C2", "14", 6], ["C3", "15", 7]]
    assert read(mark + JSON + mark + JSON, "a.jsonl")[1][2] == ["C1", 3]


def make_tar(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def test_a_tar_within_gzip(read):
    packed = gzip.compress(make_tar(**{"a/claims.csv": TEXT, "a/._claims.csv": b"x"}))
    assert read(packed, "claims.tar.gz")[1] == ROWS
    packed = gzip.compress(make_tar(a=TEXT, b=TEXT))
    with pytest.raises(Problem, match="the tar archive holds 2 files: a, b - pack each"):
        read(packed, "claims.tar.gz")


@pytest.mark.parametrize("mark", [0x50, 0x5F])
def test_skippable_frames_of_zstd(read, mark):
    frame = bytes([mark]) + b"\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
    packed = frame + pa.Codec("zstd").compress(TEXT, asbytes=True)
    assert read(packed, "claims.csv.zst")[1] == ROWS


@pytest.mark.parametrize(("lines", "is_warned"), [(65_535, False), (65_536, True), (65_537, False)])
def test_a_text_that_was_cut_at_the_end_of_a_sheet_is_warned_of(read, lines, is_warned):
    reading = read(b"claim_id\n" + b"C1\n" * (lines - 1))[0]
    assert [note.startswith("it ends at line 65,536") for note in reading.notes] == [
        True
    ] * is_warned
