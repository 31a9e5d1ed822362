"""What goes wrong around a run: a full disk, no rights, damage, a wrong clock. Readers keep what
they see, the message says what to do, and the next run heals.
"""

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from data.problem import Problem
from data.store import manifest
from data.store.store import Store
from flows.monitoring import failures, run_record
from flows.nightly import run_context, supervise
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from flows.prefect_adapter import api_server
from tests import stores
from tests.built_once import build_once
from tests.disks import mounted
from tests.manifests import publish_manifest
from tests.stores import JULY, JUNE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def nothing_compared():
    """What a publication is compared with is no part of any mishap here, and takes a third of a
    run.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.publications.compare.compare_publications", lambda *_: {})
        yield


@pytest.fixture(scope="module")
def company():
    """A landing folder with two months, and a store after the first of them. Nobody writes to
    it.
    """
    june = stores.june_store()
    return june.landing, june.store.root


@pytest.fixture
def disk(tmp_path):
    with mounted(tmp_path / "disk") as small:
        if small is None:
            pytest.skip("mounting a small disk needs rights that this user does not have")
        yield small


@pytest.fixture(scope="module")
def undisturbed(company):
    """What the next night publishes: its files with their checksums."""
    landing, whole = company

    def publish_july(folder: Path) -> dict:
        root = shutil.copytree(whole, folder / "store")
        options = RunOptions(as_of=JULY, landing=landing, store=root, render=False)
        return manifest.read_manifest(Path(run_nightly(options).folder)).files

    return build_once("undisturbed_july", publish_july)[1]


def test_a_full_disk_leaves_readers_what_they_see_and_more_room_is_all_it_takes(
    company, undisturbed, disk, monkeypatch
):
    """Here at three moments; `make survive` tries every step (tests/bench/survive.py)."""
    landing, whole = company
    root = shutil.copytree(whole, disk.folder / "store")
    before = Store(root).current()

    def run() -> tuple:
        with run_record.recording() as record:
            outcome = run_nightly(RunOptions(as_of=JULY, landing=landing, store=root, render=False))
        return outcome, ["", *record.steps][-1]

    for room, fails_in in ((0, ""), (200_000, "transform"), (None, "publish")):
        with monkeypatch.context() as patched:
            disk.leave(room) if room is not None else disk.fill_at(fails_in, patched.setattr)
            outcome, step = run()
        assert outcome.state == "failed" and step == fails_in, (outcome.reason, step)
        assert (
            f"the disk of the store {root} is full" in outcome.reason
            and outcome.reason.endswith("(docs/runbook/disk-full.md)")
        ), outcome.reason
        assert (
            outcome.readers_see == Store(root).current() == before
            and manifest.find_differences(Store(root).publication(before)) == []
        )
        disk.make_room()
    outcome, _ = run()
    assert (
        outcome.state == "published"
        and manifest.read_manifest(Path(outcome.folder)).files == undisturbed
    )
    assert not (root / "work").exists() and not list(Store(root).published.glob(".*"))


def test_readers_see_the_warning_of_a_delivery_though_the_run_that_took_it_in_failed(
    company, tmp_path, monkeypatch
):
    landing, whole = company
    root = shutil.copytree(whole, tmp_path / "store")
    with monkeypatch.context() as patched:
        patched.setattr("flows.publications.build.build_tables", lambda *_: 1 / 0)
        assert (
            run_nightly(RunOptions(as_of=JULY, landing=landing, store=root, render=False)).state
            == "failed"
        )
    notes = manifest.read_manifest(
        Path(run_nightly(RunOptions(as_of=JULY, landing=landing, store=root, render=False)).folder)
    ).notes
    assert (
        "the newest row is days older than the extract (the newest row is of 2012-06-20, the extract of 2012-07-31)"
        in notes
    )


def is_one_sentence(outcome, page: str, caplog) -> bool:
    """A failed run tells its reason once, with its page, and no traceback."""
    assert (outcome.state, outcome.exit_code) == ("failed", 1) and outcome.reason.endswith(
        f"(docs/runbook/{page}.md)"
    ), outcome.reason
    return "\n" not in outcome.reason and not any(line.exc_info for line in caplog.records)


def test_a_store_on_a_disk_that_is_read_only_is_one_sentence_and_changes_nothing(
    company, undisturbed, disk, caplog
):
    landing, whole = company
    root = shutil.copytree(whole, disk.folder / "store")
    options = RunOptions(landing=landing, as_of=JULY, store=root, render=False)
    before = sorted(root.rglob("*"))
    disk.options("ro")
    outcome = supervise.run_supervised(options)
    assert (
        is_one_sentence(outcome, "read-only", caplog)
        and f"the store {root} cannot be written: Read-only file system" in outcome.reason
    )
    assert outcome.readers_see == Store(root).current() and sorted(root.rglob("*")) == before
    disk.options("rw")
    outcome = run_nightly(options)
    assert (
        outcome.state == "published"
        and manifest.read_manifest(Path(outcome.folder)).files == undisturbed
    )


def test_a_run_without_enough_memory_says_so_and_publishes_nothing(
    company, undisturbed, tmp_path, caplog
):
    """The system does not let it begin (`ulimit -v`), or `--memory` is too small; `make survive`
    takes memory away from runs on their way. With a little more than this limit a native library
    may abort while it is imported, which no program can catch.
    """
    landing, whole = company
    root = shutil.copytree(whole, tmp_path / "store")
    options = RunOptions(landing=landing, as_of=JULY, store=root, render=False)

    def files_of_figures() -> list[Path]:
        """Return what a failed run must not touch: all but its own record, and Prefect's."""
        files = [path for path in root.rglob("*") if path.is_file()]
        return sorted(
            path for path in files if path.relative_to(root).parts[0] not in ("runs", ".prefect")
        )

    before = files_of_figures()
    limited = partial(resource.setrlimit, resource.RLIMIT_AS, (700_000_000, 700_000_000))
    command = [
        sys.executable,
        "-m",
        "flows.cli.main",
        "run",
        "--landing",
        str(landing),
        "--store",
        str(root),
    ]
    # Without what this session has set of Prefect's, of which the command would say a word.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ended = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=own, preexec_fn=limited
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr
        == "FAILED: there is not enough memory to begin with - give the program more (docs/runbook/memory.md)\n"
    )
    outcome = run_nightly(replace(options, memory="8MB"))
    assert (
        is_one_sentence(outcome, "memory", caplog)
        and "to read claims_20120731.csv" in outcome.reason
    ), "no fault of the file"
    assert files_of_figures() == before
    outcome = run_nightly(options)
    assert (
        outcome.state == "published"
        and manifest.read_manifest(Path(outcome.folder)).files == undisturbed
    )


def test_a_damaged_log_and_a_pointer_to_nothing_are_named_and_repaired(company, tmp_path):
    landing, whole = company
    root = shutil.copytree(whole, tmp_path / "store")
    current = Store(root).published / "CURRENT"
    first_id = current.read_text()
    for broken in (b"2011-01-01-gone\n", b"../../etc\n", b"\xff\xfe", b""):
        current.write_bytes(broken)
        assert Store(root).current() is None
    current.unlink()
    log = root / "lake/delivery/_delta_log/00000000000000000000.json"
    log.write_bytes(log.read_bytes()[:100])
    outcome = run_nightly(RunOptions(as_of=JUNE, landing=landing, store=root, render=False))
    assert (
        outcome.state == "failed"
        and "docs/runbook/damaged-store.md" in outcome.reason
        and "Traceback" not in outcome.reason
    ), outcome.reason
    assert list(outcome.seconds) == ["land"], "its steps took time, though it failed"
    failed, first = run_record.read_runs(Store(root), 9)
    assert (failed["state"], failed["reason"], [step["step"] for step in failed["steps"]]) == (
        "failed",
        outcome.reason,
        ["land"],
    )
    assert [(step["step"], step["rows"]) for step in first["steps"][:2]] == [
        ("land", 0),
        ("take in", 6),
    ]
    shutil.copy(whole / "lake/delivery/_delta_log/00000000000000000000.json", log)
    versions = next((root / "lake/versions/claims").rglob("*.parquet"))
    kept = versions.read_bytes()
    versions.write_bytes(kept[: len(kept) // 2])
    outcome = run_nightly(RunOptions(as_of=JULY, landing=landing, store=root, render=False))
    assert (
        outcome.state == "failed"
        and versions.name in outcome.reason
        and "docs/runbook/damaged-store.md" in outcome.reason
    ), outcome.reason
    versions.write_bytes(kept)
    assert (
        run_nightly(RunOptions(as_of=JULY, landing=landing, store=root, render=False)).state
        == "published"
    )
    assert (
        current.read_text().strip() in Store(root).publications()
        and current.read_text() != first_id
    )


def test_prefects_api_listens_on_the_loopback_address_only(company):
    with api_server.reachable_api():
        port = int(PREFECT_API_URL.value().split(":")[2].split("/")[0])
    sockets = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    ]
    assert {
        address for address, at in (one.split(":") for one in sockets) if int(at, 16) == port
    } == {"0100007F"}


def test_a_clock_that_is_behind_publishes_nothing_old(tmp_path):
    store = Store(tmp_path)
    publish_manifest(store, "2999-01-01-0", "2999-01-01")
    store.point("2999-01-01-0")
    with pytest.raises(Problem, match="readers see 2999-01-01 .*--as-of"):
        run_context.last_ended_day(store, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("error", "page"),
    [
        (OSError(28, "No space left on device"), "disk-full"),
        (OSError(27, "File too large"), "disk-full"),
        (RuntimeError("IO Error: Could not write file: No space left on device"), "disk-full"),
        (MemoryError(), "memory"),
        (
            RuntimeError(
                "Out of Memory Error: failed to allocate data of size 16.0 MiB (10.0 MiB/10.0 MiB used)"
            ),
            "memory",
        ),
        (PermissionError(13, "Permission denied", "/store/lake"), "read-only"),
        (OSError(30, "Read-only file system"), "read-only"),
        (RuntimeError("can't start new thread"), "memory"),
        (ValueError("a mistake of ours"), None),
        (KeyError("lake/versions/claims.parquet"), None),
    ],
)
def test_faults_from_outside_are_distinguished_from_errors_of_the_program(error, page, tmp_path):
    problem = failures.problem_from_error(error, tmp_path)
    assert (problem.page if problem else None) == page
