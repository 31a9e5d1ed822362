"""What a run tells of itself while it works: what each step took, what was found, and its id on
every line of the log.
"""

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from data.config.operations import load_operations
from data.problem import Problem

NIGHTS = 60  # on the page that every night renews
LOG = logging.getLogger("servicekpi")
PROGRESS = logging.getLogger("servicekpi.progress")
if not sys.stderr.isatty():  # for somebody who waits; in a log it is in the way
    PROGRESS.setLevel(logging.WARNING)


@dataclass
class StepRecord:
    """What a step took: rows and bytes that it read or made, and the largest resident memory of the
    program while it ran.
    """

    seconds: float = 0
    rows: int = 0
    bytes: int = 0
    peak_memory_bytes: int = 0

    def count_tables(self, tables: dict[str, pa.Table]) -> None:
        """Set rows and bytes to those of the tables that the step built."""
        self.rows = sum(table.num_rows for table in tables.values())
        self.bytes = sum(table.nbytes for table in tables.values())


def folder_size(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@dataclass
class RunRecord:
    """A run on record."""

    run_id: str = field(default_factory=lambda: str(uuid4()))
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    steps: dict[str, StepRecord] = field(default_factory=dict)
    findings: list[dict] = field(default_factory=list)
    peak_memory_bytes: int = 0
    file: str | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[StepRecord]:
        """Measure a step, or more of it; how it ended does not matter."""
        self.look_at_memory()
        step, began = self.steps.setdefault(name, StepRecord()), time.perf_counter()
        before = step.seconds
        try:
            yield step
        finally:
            step.seconds = round(before + time.perf_counter() - began, 3)
            step.peak_memory_bytes = max(step.peak_memory_bytes, self.look_at_memory())
            LOG.info(
                "%s: %.1f s, %s rows, %s bytes",
                name,
                step.seconds,
                f"{step.rows:,}",
                f"{step.bytes:,}",
            )

    @contextmanager
    def reading(self, file: str) -> Iterator[None]:
        """What is logged meanwhile is about this file."""
        self.file = file
        try:
            yield
        finally:
            self.file = None

    def add_finding(self, kind: str, sentence: str, rows: int | None = None) -> None:
        """Remember something that the run found, for the store's history."""
        self.findings.append({"kind": kind, "said": sentence, "rows": rows})

    @property
    def seconds(self) -> dict[str, float]:
        return {name: step.seconds for name, step in self.steps.items()}

    def look_at_memory(self) -> int:
        """The largest resident size of this process, in bytes, since this was asked for last; where
        the system does not tell, 0.
        """
        peak = 0
        with suppress(OSError):
            peak = (
                int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024
            )
            Path("/proc/self/clear_refs").write_text("5")  # counts anew (Linux, proc(5))
        self.peak_memory_bytes = max(self.peak_memory_bytes, peak)
        return peak

    def tables(self, outcome) -> dict[str, list[dict]]:
        """The rows of `data/store/run_history.py` about this run and how it ended (`nightly.Outcome`)."""
        self.look_at_memory()
        taken, ended = self.steps.get("take in", StepRecord()), datetime.now(UTC)
        said = [{"kind": "problem", "said": problem, "rows": None} for problem in outcome.problems]
        said += [{"kind": "note", "said": note, "rows": None} for note in outcome.notes]
        run = {
            "started": self.started,
            "ended": ended,
            "seconds": round((ended - self.started).total_seconds(), 3),
            "rows_read": taken.rows,
            "bytes_read": taken.bytes,
            "peak_memory_bytes": self.peak_memory_bytes,
            "problems": len(outcome.problems),
            "rules_failed": len(self.findings),
        } | {
            name: getattr(outcome, name)
            for name in ("state", "reason", "publication_id", "readers_see")
        }
        rows = {
            "quality_run": [run],
            "quality_run_step": [
                {"position": at, "step": name, **asdict(step)}
                for at, (name, step) in enumerate(self.steps.items(), 1)
            ],
            "quality_run_finding": self.findings + said,
        }
        return {
            name: [{"run_id": self.run_id, **row} for row in table] for name, table in rows.items()
        }


RECORD: ContextVar[RunRecord | None] = ContextVar("record", default=None)


@contextmanager
def recording() -> Iterator[RunRecord]:
    """The record of the run within which this is called; where there is none yet, a new one."""
    if record := RECORD.get():
        yield record
        return
    token = RECORD.set(RunRecord())
    try:
        yield RECORD.get()
    finally:
        RECORD.reset(token)


def save_run(store, record: RunRecord, outcome) -> None:
    """Enter a run into the store's history. A store that cannot take it says so in the log: how the
    run ended is told anyway.
    """
    try:
        store.history.add(record.run_id, record.tables(outcome))
    except (OSError, Problem) as error:
        LOG.warning("the run could not be entered into the history of %s: %s", store.root, error)


def read_runs(store, last: int) -> list[dict]:
    """The latest runs, the latest first, each with its steps and findings."""
    run, step, found = (
        store.history.read(name).to_pylist()
        for name in ("quality_run", "quality_run_step", "quality_run_finding")
    )
    latest = sorted(run, key=lambda row: (row["started"], row["run_id"]), reverse=True)[:last]
    steps = sorted(step, key=lambda row: row["position"])
    parts = {"steps": steps, "findings": found}
    return [
        row
        | {
            name: [one for one in part if one["run_id"] == row["run_id"]]
            for name, part in parts.items()
        }
        for row in latest
    ]


def write_run_page(store, file: Path, last: int = NIGHTS) -> Path:
    """Write the page of the latest runs. Raises OSError where it cannot be written."""
    from reports import site
    from reports.pages import run_history

    site.write_history(
        run_history.page(
            read_runs(store, last),
            load_operations(store.operations).schedule.timezone,
        ),
        file,
    )
    return file


def run_lines(told: list[dict]) -> list[str]:
    """The same for people."""
    said = []
    for row in told:
        took = f"{row['seconds']:,.1f} s, {row['rows_read']:,} rows read, {row['peak_memory_bytes'] / 2**20:,.0f} MiB"
        steps = ", ".join(f"{step['step']} {step['seconds']:,.1f} s" for step in row["steps"])
        said += [
            f"{row['started']:%Y-%m-%d %H:%M:%S} UTC  {row['state']}: {row['reason']}",
            f"    {took}{f' ({steps})' if steps else ''}",
        ]
    return said or ["no run is on record"]


_made = logging.getLogRecordFactory()


def _with_run(*args, **kwargs) -> logging.LogRecord:
    line = _made(*args, **kwargs)
    if line.name.startswith(LOG.name):
        record = RECORD.get()
        line.run_id, line.file = (record.run_id, record.file) if record else (None, None)
    return line


logging.setLogRecordFactory(_with_run)
