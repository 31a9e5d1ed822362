"""A list of checksums: which files it vouches for, and what it makes of half a line."""

import os
import subprocess

import pytest

from data.problem import Problem
from data.store.checksum_list import ChecksumList


@pytest.fixture
def listed(tmp_path):
    """A list of two files."""
    for name in ("a.parquet", "b.parquet"):
        (tmp_path / name).write_text(f"rows of {name}")
    checksums = ChecksumList(tmp_path / "lists" / "table.sha256", tmp_path)
    checksums.add([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    return checksums


def reopen(checksums: ChecksumList) -> ChecksumList:
    return ChecksumList(checksums.path, checksums.root)


def test_a_list_is_one_that_sha256sum_reads(listed):
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", listed.path], cwd=listed.root, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("rows of b.parquet", None),
        ("rows of c.parquet", "b.parquet is damaged: it is not what was written"),
        ("", "b.parquet is damaged: it is not what was written"),
        (None, "b.parquet is missing"),
    ],
)
def test_a_file_that_differs_or_is_gone_is_named(listed, content, fault):
    path = listed.root / "b.parquet"
    path.unlink()
    if content is not None:
        path.write_text(content)
    faults = reopen(listed).find_faults()
    if fault is None:
        assert faults == {}
        reopen(listed).check([path])
        return
    assert list(faults) == ["b.parquet"] and fault in faults["b.parquet"]
    with pytest.raises(Problem, match=fault):
        reopen(listed).check([listed.root / "a.parquet", path])


def test_a_file_that_nobody_listed_is_not_vouched_for(listed):
    (listed.root / "c.parquet").write_text("rows")
    with pytest.raises(Problem, match=r"checksum of the file .*c\.parquet is missing"):
        listed.check([listed.root / "c.parquet"])


def test_a_file_is_read_again_where_it_was_written_after_a_check(listed):
    path = listed.root / "a.parquet"
    listed.check([path])
    facts = path.stat()
    path.write_text("rows of A.parquet")  # as many bytes
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    with pytest.raises(Problem, match="damaged"):
        listed.check([path])


@pytest.mark.parametrize("cut", range(1, 90, 11))
def test_half_a_line_does_not_count_and_is_written_again(listed, cut):
    text = listed.path.read_text()
    listed.path.write_text(text[:-cut])
    again = reopen(listed)
    left = text[:-cut].count("\n")
    assert len(again.read()) == left
    again.add([listed.root / "a.parquet", listed.root / "b.parquet"])
    assert sorted(again.read()) == ["a.parquet", "b.parquet"] and again.find_faults() == {}
    assert len(reopen(listed).path.read_text().splitlines()) == left + 2


def test_a_line_that_is_none_is_named(listed):
    text = listed.path.read_text()
    listed.path.write_text(text.replace("  a", " Ma", 1))
    with pytest.raises(Problem, match=r"table\.sha256, line 1, is not a checksum and a name"):
        reopen(listed).read()


def test_what_is_taken_off_is_not_missed(listed):
    listed.remove(["a.parquet"])
    (listed.root / "a.parquet").unlink()
    assert list(listed.read()) == ["b.parquet"] and listed.find_faults() == {}
