"""One run at a time: who holds a store, across processes and machines that share it."""

import errno
import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from data.problem import Problem

BEAT_SECONDS = 15  # between two signs of life of a holder
EXPIRY_SECONDS = 120  # without a sign of life, after which a holder counts as dead: eight missed
POLL_SECONDS = 2  # between two looks of a run that waits


@dataclass(frozen=True)
class Holder:
    """Who holds a store, and how many seconds ago it last gave a sign of life."""

    host: str
    pid: int
    seconds: int


def read_holder(root: Path) -> Holder | None:
    """Return who holds the store; None where nobody does.

    Ages are differences of times that the store's own file system wrote, since the clocks of two
    machines may differ.
    """
    path = root / ".holder"
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        seconds = round(_file_system_time(root) - path.stat().st_mtime)
        return Holder(entry["host"], entry["pid"], max(0, seconds))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def hold_lock(root: Path, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the store, waiting for it where another run has it.

    The system frees the lock of a process that ends. Where the file system does not carry locks
    from machine to machine, the file `.holder` stands in for it until it expires.

    Raises Problem where somebody else still holds the store, saying who, or where it cannot be
    written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("a")
    except OSError as error:
        raise _write_problem(root, error) from error
    with lock:
        deadline = time.monotonic() + wait_seconds
        while not _try_to_hold(root, lock):
            if time.monotonic() >= deadline:
                raise _busy_problem(root)
            time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
        ended = threading.Event()
        heart = threading.Thread(target=_beat, args=(root / ".holder", ended), daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()
            (root / ".holder").unlink(missing_ok=True)


def _try_to_hold(root: Path, lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    path, host = root / ".holder", socket.gethostname()
    other = read_holder(root)
    # A holder on this machine has ended: the lock was free.
    if other and other.host != host and other.seconds < EXPIRY_SECONDS:
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    path.unlink(missing_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            json.dump({"host": host, "pid": os.getpid()}, stream)
    except FileExistsError:  # another machine was faster
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    except OSError as error:
        raise _write_problem(root, error) from error
    return True


def _beat(path: Path, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)


def _busy_problem(root: Path) -> Problem:
    holder = read_holder(root)
    who = ""
    if holder:
        who = f": process {holder.pid} on {holder.host}, alive {holder.seconds} s ago"
    return Problem(
        f"another run is using the store {root}{who}",
        "wait for it to end (run --wait MINUTES), or give this run its own --store",
        "another-run",
    )


def _write_problem(root: Path, error: OSError) -> Problem:
    if error.errno == errno.ENOSPC:
        return Problem(
            f"the disk of the store {root} is full",
            "free some space (servicekpi vacuum may help), then run again",
            "disk-full",
        )
    return Problem(
        f"the store {root} cannot be written: {error.strerror}",
        "give the run write access to it, or another --store",
        "read-only",
    )


def _file_system_time(root: Path) -> float:
    """Return the time by the clock of the store's file system."""
    path = root / ".lock"
    os.utime(path)
    return path.stat().st_mtime
