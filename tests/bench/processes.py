"""What is measured runs in a process of its own, so that seconds and memory are its own."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile

SCAN = """
import sys, time, duckdb
connection = duckdb.connect(config={"threads": 2})
columns = ", ".join(f"max({name})" for name in sys.argv[2].split())
started = time.perf_counter()
connection.execute(f"SELECT {columns} FROM read_parquet('{sys.argv[1]}')").fetchall()
print(time.perf_counter() - started)
"""
# What the figures of claims are computed of.
COLUMNS = (
    "branch_code line reported_at surveyed_at survey_agreed_at registered_at documents_complete_at"
    " approved_at closed_at paid_at previous_settled_at reopened_at outcome has_injury"
    " first_estimate outstanding_estimate paid_amount"
)


@dataclass(frozen=True)
class Ended:
    """A process that has ended: seconds, the most memory in bytes, what it printed."""

    seconds: float
    peak: int
    output: str


def measure(*command: object, allowed: tuple[int, ...] = (0,)) -> Ended:
    """Run a command of Python and wait for it.

    Raises RuntimeError where its exit code is none of those allowed.
    """
    with TemporaryFile() as printed, TemporaryFile() as errors:
        started = time.perf_counter()
        words = [sys.executable, *map(str, command)]
        process = subprocess.Popen(words, stdout=printed, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0), errors.seek(0)
        output, problems = printed.read().decode(), errors.read().decode()
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(words)}\n{output[-2000:]}\n{problems[-2000:]}")
    return Ended(seconds, usage.ru_maxrss * 1024, output)


def servicekpi(*words: object, allowed: tuple[int, ...] = (0,)) -> Ended:
    """Run a command of the command line."""
    return measure("-m", "flows.cli.main", *words, allowed=allowed)


def run_night(landing: Path, store: Path, as_of: date, *words: object) -> tuple[Ended, dict]:
    """Run a night without rendering; return its outcome, too."""
    ended = servicekpi(
        *("run", "--landing", landing, "--store", store, "--as-of", as_of),
        *("--no-render", "--json", *words),
    )
    return ended, json.loads(ended.output.splitlines()[-1])


def scan_claims(files: str) -> float:
    """Return the seconds of a bare scan of claims, the better of two."""
    return min(float(measure("-c", SCAN, files, COLUMNS).output) for _ in range(2))


def folder_bytes(folder: Path) -> int:
    """Return what a folder takes on the disk; a file with two names counts once."""
    sizes = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        sizes[status.st_ino] = 512 * status.st_blocks
    return sum(sizes.values())
