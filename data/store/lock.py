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
from pathlib import Path

from data.problem import Problem

BEAT, EXPIRY = (
    15,
    120,
)  # seconds: a holder says that it lives so often; whoever has not for so long is dead
POLL = 2  # seconds between two looks of a run that waits


def read_holder(root: Path) -> dict | None:
    """Who holds the store, `host` and `pid`, with `seconds` since it last said so; None where
    nobody does.

    Ages are differences of times that the store's own file system wrote: clocks of two machines may
    differ.
    """
    try:
        told = json.loads((root / ".holder").read_text(encoding="utf-8"))
        return told | {"seconds": max(0, round(_now(root) - (root / ".holder").stat().st_mtime))}
    except (OSError, ValueError):
        return None


@contextmanager
def hold_lock(root: Path, wait: float = 0) -> Iterator[None]:
    """Hold the store, or wait so many seconds for it. The system frees the lock of a process that
    ends; where the file system does not carry locks from machine to machine, `.holder` does, until
    it expires.

    Raises Problem where somebody else holds it, saying who, or where it cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("a")
    except OSError as error:
        raise _unwritable(root, error) from error
    with lock:
        until = time.monotonic() + wait
        while not _taken(root, lock):
            if time.monotonic() >= until:
                raise _busy(root)
            time.sleep(min(POLL, max(0.0, until - time.monotonic())))
        ended = threading.Event()
        beating = threading.Thread(target=_beat, args=(root / ".holder", ended), daemon=True)
        beating.start()
        try:
            yield
        finally:
            ended.set()
            beating.join()
            (root / ".holder").unlink(missing_ok=True)


def _taken(root: Path, lock) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    me, other = {"host": socket.gethostname(), "pid": os.getpid()}, read_holder(root)
    # On this machine whoever wrote it has ended, since the lock was free.
    if other and other["host"] != me["host"] and other["seconds"] < EXPIRY:
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    if other is not None or (root / ".holder").exists():
        (root / ".holder").unlink(missing_ok=True)
    try:
        with (root / ".holder").open("x", encoding="utf-8") as stream:
            json.dump(me, stream)
    except FileExistsError:  # another machine was faster
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    except OSError as error:
        raise _unwritable(root, error) from error
    return True


def _beat(path: Path, ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):
            os.utime(path)


def _busy(root: Path) -> Problem:
    who = read_holder(root)
    by = f": process {who['pid']} on {who['host']}, alive {who['seconds']} s ago" if who else ""
    return Problem(
        f"another run is using the store {root}{by}",
        "wait for it to end (run --wait MINUTES), or give this run its own --store",
        "another-run",
    )


def _unwritable(root: Path, error: OSError) -> Problem:
    if error.errno == errno.ENOSPC:
        return Problem(
            f"the disk of the store {root} is full",
            "make room, servicekpi vacuum may help; then run again",
            "disk-full",
        )
    return Problem(
        f"the store {root} cannot be written: {error.strerror}",
        "give the run write access to it, or another --store",
        "read-only",
    )


def _now(root: Path) -> float:
    """The time by the clock of the store's file system."""
    os.utime(root / ".lock")
    return (root / ".lock").stat().st_mtime
