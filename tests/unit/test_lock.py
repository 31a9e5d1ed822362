"""One run at a time, also where two machines share a store whose file system carries no locks."""

import json
import os
import threading

import pytest

from data.problem import Problem
from data.store import lock


def held_elsewhere(root, seconds_ago: int) -> None:
    """A run on another machine that said so many seconds ago that it lives."""
    root.mkdir(exist_ok=True)
    (root / ".holder").write_text(json.dumps({"host": "elsewhere", "pid": 7}))
    (root / ".lock").touch()
    now = (root / ".lock").stat().st_mtime
    os.utime(root / ".holder", (now - seconds_ago, now - seconds_ago))


def test_a_second_run_is_told_who_holds_the_store(tmp_path):
    with (
        lock.hold_lock(tmp_path),
        pytest.raises(Problem, match=f"another run is using the store .*process {os.getpid()} on "),
        lock.hold_lock(tmp_path),
    ):
        pass
    assert lock.read_holder(tmp_path) is None, "nobody holds it when the run has ended"


def test_another_machine_holds_it_until_it_has_been_silent_for_long(tmp_path):
    held_elsewhere(tmp_path, seconds_ago=30)
    with (
        pytest.raises(Problem, match="process 7 on elsewhere, alive 3[01] s ago"),
        lock.hold_lock(tmp_path),
    ):
        pass
    held_elsewhere(tmp_path, seconds_ago=lock.EXPIRY + 1)
    with lock.hold_lock(tmp_path):
        assert lock.read_holder(tmp_path)["pid"] == os.getpid()


def test_a_run_that_was_killed_here_does_not_hold_it(tmp_path):
    with lock.hold_lock(tmp_path):
        left = (tmp_path / ".holder").read_text()
    (tmp_path / ".holder").write_text(left)
    with lock.hold_lock(tmp_path):
        pass


def test_a_second_run_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "POLL", 0.02)
    holding, done = threading.Event(), threading.Event()

    def first():
        with lock.hold_lock(tmp_path):
            holding.set()
            done.wait(10)

    running = threading.Thread(target=first)
    running.start()
    holding.wait(10)
    threading.Timer(0.1, done.set).start()
    with lock.hold_lock(tmp_path, wait=10):
        assert done.is_set(), "the first had ended"
    running.join()
