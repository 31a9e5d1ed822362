"""The record of a run: what each step took, what was found, and its id on every line of the log."""

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
from data.store.store import Store
from flows.monitoring.run_outcome import RunOutcome
from reports.tables.grouping import group_by_key

NIGHTS = 60  # on the page that every run renews
LOG = logging.getLogger("servicekpi")
PROGRESS = logging.getLogger("servicekpi.progress")
if not sys.stderr.isatty():  # for a person who waits; in a log it is in the way
    PROGRESS.setLevel(logging.WARNING)


@dataclass
class StepRecord:
    """What a step took: rows and bytes that it read or built, and the largest resident memory of
    the program while it ran.
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
    """Return the bytes of all files in a folder."""
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
        """Let what is logged meanwhile be about this file."""
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
        """How long each step took."""
        steps = self.steps.items()
        return {name: step.seconds for name, step in steps}

    def look_at_memory(self) -> int:
        """Return the largest resident size of this process, in bytes, since this was asked for
        last; 0 where the system does not say.
        """
        peak = 0
        with suppress(OSError):
            high_water_mark = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
            if high_water_mark:
                peak = int(high_water_mark[1]) * 1024
            Path("/proc/self/clear_refs").write_text("5")  # counts anew (Linux, proc(5))
        self.peak_memory_bytes = max(self.peak_memory_bytes, peak)
        return peak

    def tables(self, outcome: RunOutcome) -> dict[str, list[dict]]:
        """Return the rows of `data/store/run_history.py` about this run and how it ended."""
        self.look_at_memory()
        steps = [
            {"position": position, "step": name, **asdict(step)}
            for position, (name, step) in enumerate(self.steps.items(), start=1)
        ]
        sentences = [("problem", problem) for problem in outcome.problems]
        sentences += [("note", note) for note in outcome.notes]
        # The column `said` is published under that name.
        findings = [{"kind": kind, "said": text, "rows": None} for kind, text in sentences]
        rows = {
            "quality_run": [self._describe_run(outcome)],
            "quality_run_step": steps,
            "quality_run_finding": self.findings + findings,
        }
        run_id = {"run_id": self.run_id}
        for name, table in rows.items():
            rows[name] = [run_id | row for row in table]
        return rows

    def _describe_run(self, outcome: RunOutcome) -> dict:
        ended = datetime.now(UTC)
        taken_in = self.steps.get("take in", StepRecord())
        measured = {
            "started": self.started,
            "ended": ended,
            "seconds": round((ended - self.started).total_seconds(), 3),
            "rows_read": taken_in.rows,
            "bytes_read": taken_in.bytes,
            "peak_memory_bytes": self.peak_memory_bytes,
            "problems": len(outcome.problems),
            "rules_failed": len(self.findings),
        }
        ending = {
            "state": outcome.state,
            "reason": outcome.reason,
            "publication_id": outcome.publication_id,
            "readers_see": outcome.readers_see,
        }
        return measured | ending


RECORD: ContextVar[RunRecord | None] = ContextVar("record", default=None)


@contextmanager
def recording() -> Iterator[RunRecord]:
    """Yield the record of the run within which this is called; where there is none yet, a new
    one.
    """
    current = RECORD.get()
    if current:
        yield current
        return
    record = RunRecord()
    token = RECORD.set(record)
    try:
        yield record
    finally:
        RECORD.reset(token)


def save_run(store: Store, record: RunRecord, outcome: RunOutcome) -> None:
    """Enter a run into the store's history. A store that cannot take it says so in the log: how the
    run ended is said anyway.
    """
    try:
        store.history.add(record.run_id, record.tables(outcome))
    except (OSError, Problem) as error:
        LOG.warning("the run could not be entered into the history of %s: %s", store.root, error)


def read_runs(store: Store, last: int) -> list[dict]:
    """Return the latest runs, the latest first, each with its `steps` and `findings`."""
    runs, steps, findings = (
        store.history.read(name).to_pylist()
        for name in ("quality_run", "quality_run_step", "quality_run_finding")
    )
    steps.sort(key=lambda row: row["position"])
    runs.sort(key=lambda row: (row["started"], row["run_id"]), reverse=True)
    steps_of = group_by_key(steps, "run_id")
    findings_of = group_by_key(findings, "run_id")
    for run in runs[:last]:
        run["steps"] = steps_of.get(run["run_id"], [])
        run["findings"] = findings_of.get(run["run_id"], [])
    return runs[:last]


def write_run_page(store: Store, file: Path, last: int = NIGHTS) -> Path:
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


def run_lines(runs: list[dict]) -> list[str]:
    """Return the latest runs as lines for people."""
    lines = []
    for run in runs:
        mebibytes = run["peak_memory_bytes"] / 2**20
        size = f"{run['rows_read']:,} rows read, {mebibytes:,.0f} MiB"
        steps = ", ".join(f"{step['step']} {step['seconds']:,.1f} s" for step in run["steps"])
        lines.append(f"{run['started']:%Y-%m-%d %H:%M:%S} UTC  {run['state']}: {run['reason']}")
        line = f"    {run['seconds']:,.1f} s, {size}"
        lines.append(f"{line} ({steps})" if steps else line)
    return lines or ["no run is on record"]


_make_log_record = logging.getLogRecordFactory()


def _with_run(*args, **kwargs) -> logging.LogRecord:
    line = _make_log_record(*args, **kwargs)
    if line.name.startswith(LOG.name):
        record = RECORD.get()
        line.run_id, line.file = (record.run_id, record.file) if record else (None, None)
    return line


logging.setLogRecordFactory(_with_run)
