"""The nightly run, as a table of contents."""

import logging
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

from prefect import flow

from data.problem import Problem
from data.store.store import Store
from flows.monitoring import failures as mishaps
from flows.monitoring import run_record
from flows.nightly import steps
from flows.prefect_adapter import api_server, artifacts, tasks
from flows.publications import decisions

EXIT_CODES = {"published": 0, "failed": 1, "held": 3}


@dataclass
class RunOutcome:
    """How a run ended: `state` published, held or failed, and what readers see now."""

    state: str
    reason: str
    publication_id: str | None = None
    readers_see: str | None = None
    folder: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digest: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    files: list[dict] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_bytes: int = 0

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.state]

    def json(self) -> dict:
        return asdict(self)


@flow(name="nightly", log_prints=False, persist_result=False)
@tasks.fail_on_problem
def nightly(
    landing: Path | None,
    as_of: date | None = None,
    known_at: date | None = None,
    store: Path = Path("store"),
    profile: str = "default",
    render: bool = True,
    threads: int = 2,
    memory: str = "2GB",
    keep_landing: int | None = None,
    signing_key: Path | None = None,
    engine: str = "duckdb",
    master: str | None = None,
    wait_minutes: float = 0,
    aside: str | None = None,
    unread: dict[str, str] | None = None,
) -> RunOutcome:
    """Take in what has landed (None: nothing is looked for), compute, publish or hold. Without
    `as_of`: the day that ended last, in the profile's time zone. With `keep_landing`, files that
    were taken in leave the landing folder so many days after their extract date; with `signing_key`
    (a PEM file) the manifest is signed; `wait_minutes` for another run to end; `aside` says why
    readers are not to see it yet; `unread` are names of landed files that are not whole yet, with
    why. `engine` computes the figures: duckdb, or spark on `master`.

    Raises Problem where nothing could be built; readers then see what they saw before.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    held_store = Store(Path(store))
    with held_store.locked(wait_minutes * 60):
        run = steps.prepare_run(
            landing and Path(landing),
            held_store,
            as_of,
            known_at,
            profile,
            render,
            threads,
            memory,
            signing_key,
            engine,
            master,
        )
        run.aside, run.unread = aside, unread or {}
        try:
            outcome = _steps(run, started)
            if keep_landing is not None:
                outcome.notes += steps.remove_old_landing_files(run, keep_landing)
            return outcome
        finally:
            run.engine.close()
            held_store.clear()


def start_warm_up() -> threading.Thread:
    """Start Prefect's API, and import what the steps will need: seconds, in which a caller may do
    something else.
    """

    def start() -> None:
        # Where it does not start, the flow itself will say so.
        with suppress(Exception), api_server.reachable_api():
            for name in ("expectations.judging.gx_suite", "transforms.build"):
                import_module(name)

    starting = threading.Thread(target=start, daemon=True)
    starting.start()
    return starting


def run_nightly(**asked) -> RunOutcome:
    """The flow, and an outcome whatever happens, which the store remembers: a person or a monitor
    reads it, not a traceback.
    """
    with run_record.recording() as record:
        outcome = _run(asked)
        run_record.save_run(Store(Path(asked["store"])), record, outcome)
        return outcome


def _run(asked: dict) -> RunOutcome:
    start_warm_up().join()
    try:
        with api_server.reachable_api():
            return tasks.unwrap_result(nightly(**asked))
    except Problem as problem:
        return RunOutcome(
            "failed",
            str(problem),
            readers_see=Store(Path(asked["store"])).current(),
            problems=[str(problem)],
        )
    except Exception as error:
        if problem := mishaps.problem_from_error(error, Path(asked["store"])):
            return RunOutcome(
                "failed",
                str(problem),
                readers_see=Store(Path(asked["store"])).current(),
                problems=[str(problem)],
            )
        logging.getLogger("servicekpi").exception("the run ended by an error of the program")
        said = f"an error of the program: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        reason = str(
            Problem(said, "keep the log, and tell who maintains the program", "program-error")
        )
        return RunOutcome(
            "failed", reason, readers_see=Store(Path(asked["store"])).current(), problems=[reason]
        )


def _steps(run: steps.Run, started: str) -> RunOutcome:
    for delivery in steps.land(run) if run.landing else ():
        steps.take_in(run, delivery)
    is_there = steps.identify_publication(run)
    if run.landing:
        steps.answer_challenges(run)
    if is_there:
        held = decisions.hold_reason(run.store, run.publication_id)
        if held:
            return _outcome(run, "held", f"{held} (docs/runbook/held.md)")
        if not run.aside:
            run.store.point(run.publication_id)
        return _outcome(run, "published", "nothing new since it was built: readers see it as it is")
    steps.transform(run)
    failures = steps.run_audits(run)
    steps.compare(run)
    folder = steps.render(run, failures)
    folder = steps.publish(
        run, folder, started, datetime.now(UTC).isoformat(timespec="seconds"), failures
    )
    held = steps.hold_reasons(run, failures)
    reason = (
        f"{'; '.join(held)} (docs/runbook/held.md)"
        if held
        else "; ".join(map(str, run.problems)) or "the audits of the figures passed"
    )
    outcome = _outcome(run, "held" if held else "published", reason)
    outcome.digest = artifacts.read_digest(folder) if run.render else []
    artifacts.save_artifacts(folder, run.tables, outcome.digest)
    return outcome


def _outcome(run: steps.Run, state: str, reason: str) -> RunOutcome:
    keep = (
        "extract",
        "extract_date",
        "file_name",
        "rows_read",
        "rows_accepted",
        "rows_quarantined",
        "rows_superseded",
        "rows_skipped",
        "warnings",
    )
    return RunOutcome(
        state=state,
        reason=reason,
        publication_id=run.publication_id,
        readers_see=run.store.current(),
        folder=str(run.store.publication(run.publication_id)),
        problems=[str(problem) for problem in run.problems],
        notes=run.notes,
        files=[{name: row[name] for name in keep} for row in run.basis.deliveries],
        seconds=run.record.seconds,
        peak_memory_bytes=run.record.peak_memory_bytes,
    )
