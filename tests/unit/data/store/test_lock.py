"""One run at a time, also where two machines share a store whose file system carries no locks."""

import json
import os
import threading

import pytest

from data.problem import Problem
from data.store import lock

NOW = 1_000_000.0


def hold_elsewhere(root, seconds_ago: float) -> None:
    """Let a run on another machine have given its last sign of life some seconds ago."""
    root.mkdir(exist_ok=True)
    path = root / ".holder"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 7}))
    os.utime(path, (NOW - seconds_ago, NOW - seconds_ago))


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(lock, "_file_system_time", lambda root: NOW)


def test_a_second_run_learns_who_holds_the_store(tmp_path):
    with (
        lock.hold_lock(tmp_path),
        pytest.raises(Problem, match=f"another run is using the store .*process {os.getpid()} on "),
        lock.hold_lock(tmp_path),
    ):
        pass
    assert lock.read_holder(tmp_path) is None, "nobody holds it when the run has ended"


@pytest.mark.parametrize(
    ("seconds_ago", "is_locked"), [(0, True), (119, True), (120, False), (121, False)]
)
def test_another_machine_holds_it_until_it_expires(tmp_path, clock, seconds_ago, is_locked):
    hold_elsewhere(tmp_path, seconds_ago)
    if is_locked:
        sentence = f"process 7 on elsewhere, alive {seconds_ago} s ago"
        with pytest.raises(Problem, match=sentence), lock.hold_lock(tmp_path):
            pass
        assert lock.read_holder(tmp_path).host == "elsewhere"
    else:
        with lock.hold_lock(tmp_path):
            assert lock.read_holder(tmp_path).pid == os.getpid()


def test_a_holder_expires_after_several_missed_signs_of_life():
    assert lock.EXPIRY_SECONDS >= 4 * lock.BEAT_SECONDS


def test_a_clock_of_the_disk_that_went_back_does_not_make_a_negative_age(tmp_path, clock):
    hold_elsewhere(tmp_path, seconds_ago=-5)
    assert lock.read_holder(tmp_path).seconds == 0


def test_a_run_that_was_killed_here_does_not_hold_it(tmp_path):
    with lock.hold_lock(tmp_path):
        left = (tmp_path / ".holder").read_text()
    (tmp_path / ".holder").write_text(left)
    with lock.hold_lock(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"host": "elsewhere"}'])
def test_a_holder_that_cannot_be_read_holds_nothing(tmp_path, text):
    tmp_path.joinpath(".holder").write_text(text)
    with lock.hold_lock(tmp_path):
        assert lock.read_holder(tmp_path).pid == os.getpid()


def test_a_second_run_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.02)
    holding, done = threading.Event(), threading.Event()

    def hold():
        with lock.hold_lock(tmp_path):
            holding.set()
            done.wait(10)

    running = threading.Thread(target=hold)
    running.start()
    holding.wait(10)
    threading.Timer(0.1, done.set).start()
    with lock.hold_lock(tmp_path, wait_seconds=10):
        assert done.is_set(), "the first had ended"
    running.join()
