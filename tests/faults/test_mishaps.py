"""What goes wrong around a run: a full disk, no rights, damage, a wrong clock. Readers keep what they see, the message says what to do, and the next run heals."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from data import manifest
from data.problem import Problem
from data.store import Store
from flows import api, mishaps, recording, steps
from flows.nightly import run_nightly
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.test_publications import DELTA

JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)


@pytest.fixture(scope="module", autouse=True)
def nothing_compared():
    """What a publication is compared with is no part of any mishap here, and takes a third of a run."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.comparing.compare", lambda *_: {})
        yield


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A landing folder with two months, and a store after the first of them. Nobody writes to it."""
    root = tmp_path_factory.mktemp("company")
    (landing := root / "landing").mkdir()
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    (landing / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    assert run_nightly(as_of=JUNE, landing=landing, store=root / "store", render=False).state == "published"
    (landing / "claims_20120731.csv").write_text(DELTA, encoding="utf-8")
    return landing, root / "store"


@contextmanager
def disk(folder: Path, size: str):
    """A small disk of its own. Skips where this user may not mount one."""
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs rights that this user does not have")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_leaves_readers_what_they_see_and_more_room_is_all_it_takes(company, tmp_path):
    landing, whole = company
    with disk(tmp_path / "disk", "64m"):
        root = shutil.copytree(whole, tmp_path / "disk" / "store")
        used = shutil.disk_usage(root).used
        before = Store(root).current()
        for room in (0, 400_000):
            subprocess.run(["mount", "-o", f"remount,size={used + room}", tmp_path / "disk"], check=True)
            outcome = run_nightly(as_of=JULY, landing=landing, store=root, render=False)
            assert outcome.state == "failed" and "is full" in outcome.reason and outcome.reason.endswith("(docs/runbook/disk-full.md)"), (
                outcome.reason
            )
            assert outcome.readers_see == Store(root).current() == before
            assert manifest.differences(Store(root).publication(before)) == []
        subprocess.run(["mount", "-o", "remount,size=64m", tmp_path / "disk"], check=True)
        assert run_nightly(as_of=JULY, landing=landing, store=root, render=False).state == "published"
        assert not (root / "work").exists() and not list(Store(root).published.glob(".*"))


def test_a_damaged_log_a_pointer_to_nothing_and_what_is_said_of_them(company, tmp_path):
    landing, whole = company
    root = shutil.copytree(whole, tmp_path / "store")
    current = Store(root).published / "CURRENT"
    told = current.read_text()
    for broken in (b"2011-01-01-gone\n", b"../../etc\n", b"\xff\xfe", b""):
        current.write_bytes(broken)
        assert Store(root).current() is None
    current.unlink()
    log = root / "lake/delivery/_delta_log/00000000000000000000.json"
    log.write_bytes(log.read_bytes()[:100])
    outcome = run_nightly(as_of=JUNE, landing=landing, store=root, render=False)
    assert outcome.state == "failed" and "docs/runbook/damaged-store.md" in outcome.reason and "Traceback" not in outcome.reason, outcome.reason
    failed, first = recording.runs(Store(root), 9)
    assert (failed["state"], failed["reason"], [step["step"] for step in failed["steps"]]) == ("failed", outcome.reason, ["land"])
    assert [(step["step"], step["rows"]) for step in first["steps"][:2]] == [("land", 0), ("take in", 6)]
    shutil.copy(whole / "lake/delivery/_delta_log/00000000000000000000.json", log)
    versions = next((root / "lake/versions/claims").rglob("*.parquet"))
    kept = versions.read_bytes()
    versions.write_bytes(kept[: len(kept) // 2])
    outcome = run_nightly(as_of=JULY, landing=landing, store=root, render=False)
    assert outcome.state == "failed" and versions.name in outcome.reason and "docs/runbook/damaged-store.md" in outcome.reason, outcome.reason
    versions.write_bytes(kept)
    assert run_nightly(as_of=JULY, landing=landing, store=root, render=False).state == "published"
    assert current.read_text().strip() in Store(root).publications() and current.read_text() != told


def test_prefects_api_listens_on_the_loopback_address_only(company):
    with api.reachable():
        port = int(PREFECT_API_URL.value().split(":")[2].split("/")[0])
    told = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] + Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    assert {address for address, at in (one.split(":") for one in told) if int(at, 16) == port} == {"0100007F"}


def test_a_clock_that_is_behind_publishes_nothing_old(tmp_path):
    store = Store(tmp_path)
    folder = store.published / "2999-01-01-0"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"made_of": {"as_of": "2999-01-01"}}')
    store.point(folder.name)
    with pytest.raises(Problem, match="readers see 2999-01-01 .*--as-of"):
        steps._yesterday(store, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("error", "page"),
    [
        (OSError(28, "No space left on device"), "disk-full"),
        (OSError(27, "File too large"), "disk-full"),
        (RuntimeError("IO Error: Could not write file: No space left on device"), "disk-full"),
        (MemoryError(), "memory"),
        (RuntimeError("Out of Memory Error: failed to allocate data of size 16.0 MiB (10.0 MiB/10.0 MiB used)"), "memory"),
        (PermissionError(13, "Permission denied", "/store/lake"), "read-only"),
        (OSError(30, "Read-only file system"), "read-only"),
        (ValueError("a mistake of ours"), None),
        (KeyError("lake/versions/claims.parquet"), None),
    ],
)
def test_what_came_from_outside_is_told_from_errors_of_the_program(error, page, tmp_path):
    problem = mishaps.told(error, tmp_path)
    assert (problem.page if problem else None) == page
