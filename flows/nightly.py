"""The nightly run, as a table of contents."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow
from prefect.logging import get_run_logger

from data.problem import Problem
from data.store import Store
from flows import steps

EXIT = {"published": 0, "failed": 1, "held": 3}


@dataclass
class Outcome:
    """How a run ended: `state` published, held or failed, and what readers see now."""

    state: str
    reason: str
    publication_id: str | None = None
    readers_see: str | None = None
    folder: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: list[dict] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_bytes: int = 0

    @property
    def exit_code(self) -> int:
        return EXIT[self.state]

    def json(self) -> dict:
        return asdict(self)


@flow(name="nightly", log_prints=False, persist_result=False)
def nightly(
    landing: Path,
    as_of: date | None = None,
    known_at: date | None = None,
    store: Path = Path("store"),
    profile: str = "default",
    render: bool = True,
    threads: int = 2,
    memory: str = "2GB",
) -> Outcome:
    """Take in what has landed, compute, publish or hold. `as_of` empty: today, the only clock in the house."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    held_store = Store(Path(store))
    try:
        with held_store.locked():
            run = steps.prepare(Path(landing), held_store, as_of or date.today(), known_at, profile, render, threads, memory)
            try:
                return _steps(run, started)
            finally:
                run.engine.close()
                held_store.work()
    except Problem as problem:
        get_run_logger().error("%s", problem)
        return Outcome("failed", str(problem), readers_see=held_store.current(), problems=[str(problem)], peak_memory_bytes=steps.peak_memory())


def _steps(run: steps.Run, started: str) -> Outcome:
    for delivery in steps.land(run):
        steps.take_in(run, delivery)
    if steps.identify(run):
        run.store.point(run.publication_id)
        return _outcome(run, "published", "nothing new since it was built: readers see it as it is")
    steps.transform(run)
    failures = steps.check(run)
    folder = steps.render(run)
    steps.publish(run, folder, started, datetime.now(UTC).isoformat(timespec="seconds"), failures)
    held = steps.hold_reasons(run, failures)
    if held:
        return _outcome(run, "held", "; ".join(held))
    return _outcome(run, "published", "; ".join(map(str, run.problems)) or "all checks passed")


def _outcome(run: steps.Run, state: str, reason: str) -> Outcome:
    keep = ("extract", "extract_date", "file_name", "rows_read", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_skipped", "warnings")
    return Outcome(
        state=state,
        reason=reason,
        publication_id=run.publication_id,
        readers_see=run.store.current(),
        folder=str(run.store.publication(run.publication_id)),
        problems=[str(problem) for problem in run.problems],
        notes=run.notes,
        files=[{name: row[name] for name in keep} for row in run.deliveries],
        seconds=run.seconds,
        peak_memory_bytes=steps.peak_memory(),
    )
