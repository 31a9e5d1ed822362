"""Packed files hold what they would hold unpacked, or are refused."""

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from data.problem import Problem
from tests.unit.data.extracts.conftest import TEXT


def zipped(path: Path, **members: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


def test_packed_files(read, tmp_path):
    plain = TEXT.encode("gb18030")
    expected = read(plain)[1]
    reading, rows = read(
        gzip.compress(plain[:40]) + gzip.compress(plain[40:]) + b"\0" * 100, "claims.csv.gz"
    )
    assert (reading.format, reading.encoding, rows) == ("csv, gzip, ','", "gb18030", expected), (
        "two members and padding are one file"
    )
    reading, rows = read(pa.Codec("zstd").compress(plain, asbytes=True), "claims.csv.zst")
    assert (reading.format, rows) == ("csv, zstd, ','", expected)
    reading, rows = read(
        zipped(
            tmp_path / "made", **{"2012/": b"", "2012/理赔.csv": plain, "__MACOSX/._理赔.csv": b"x"}
        ),
        "claims.zip",
    )
    assert (reading.format, rows) == ("csv, zip, ','", expected)


def test_archives_of_several_files_and_of_archives_are_refused(read, tmp_path):
    with pytest.raises(
        Problem, match="claims.zip holds 2 files: a.csv, b.csv - pack each file by itself"
    ):
        read(zipped(tmp_path / "made", **{"a.csv": b"a,b\n", "b.csv": b"a,b\n"}), "claims.zip")
    with pytest.raises(Problem, match="claims.zip holds 0 files: nothing"):
        read(zipped(tmp_path / "made"), "claims.zip")
    with pytest.raises(Problem, match="claims.zip is an archive in an archive"):
        read(zipped(tmp_path / "made", **{"a.csv.gz": gzip.compress(b"a,b\n")}), "claims.zip")


def test_a_locked_archive_is_refused(read, tmp_path):
    content = bytearray(zipped(tmp_path / "made", **{"a.csv": b"a,b\n1,2\n"}))
    for mark, flag_offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + flag_offset] |= 1
    with pytest.raises(
        Problem, match="claims.zip is locked with a password - deliver the extract unlocked"
    ):
        read(bytes(content), "claims.zip")


def test_truncated_archives_are_refused(read):
    with pytest.raises(
        Problem, match="claims.csv.gz cannot be read as GZ: .* - check that the file arrived whole"
    ):
        read(gzip.compress(TEXT.encode() * 1000)[:-20], "claims.csv.gz")
