"""What is built once is built once, and nobody changes it unnoticed."""

import multiprocessing
import os
from pathlib import Path

import pytest

from tests import built_once
from tests.built_once import build_once


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(built_once, "BUILT", tmp_path)


def build(folder: Path) -> str:
    with (folder.parent / "calls").open("a") as calls:
        calls.write("called ")
    (folder / "file").write_text("content")
    return "result"


def build_in_process(_: int) -> tuple[Path, str]:
    return build_once("thing", build)


def test_two_processes_share_what_the_first_of_them_builds():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        (folder, first), (other, second) = pool.map(build_in_process, range(2), chunksize=1)
    assert (folder, first, second) == (other, "result", "result")
    assert (folder.parent / "calls").read_text() == "called "
    assert (folder / "file").read_text() == "content"


def test_whoever_changes_it_is_noticed_and_the_next_one_builds_it_again():
    folder, _ = build_once("thing", build)
    (folder / "file").write_text("changed")
    with pytest.raises(AssertionError, match="it should take a copy"):
        build_once("thing", build)
    assert build_once("thing", build) == (folder, "result")
    assert (folder / "file").read_text() == "content"


def test_what_failed_half_way_is_built_again():
    def build_half(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        build_once("thing", build_half)
    folder, _ = build_once("thing", build)
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_programs_of_yesterday_are_forgotten_but_for_the_latest(tmp_path, monkeypatch):
    monkeypatch.setattr(built_once, "KEPT_SECONDS", -1)
    for name in ("oldest", "older", "latest"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "oldest", (0, 0))
    os.utime(tmp_path / "older", (1, 1))
    folder, _ = build_once("thing", build)
    built_once.forget_other_programs()
    assert {path.name for path in tmp_path.iterdir()} == {"latest", folder.parents[1].name}
