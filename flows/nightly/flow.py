"""The nightly run, as a table of contents."""

import logging
import threading
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

from data.problem import Problem
from data.store.store import Store
from flows.monitoring import run_record
from flows.monitoring.failures import describe_program_error, is_error, problem_from_error
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly import steps
from flows.nightly.former import check_former_publication
from flows.nightly.run_context import Run, prepare_run
from flows.nightly.run_facts import hold_reasons
from flows.nightly.run_options import RunOptions
from flows.prefect_adapter import artifacts, flow_runs
from flows.publications import decisions

LOG = logging.getLogger("servicekpi")

# What an outcome says of each file that the figures are made of.
FILE_COLUMNS = (
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


def run_nightly(options: RunOptions) -> RunOutcome:
    """Run the flow, enter it into the store's history, and return its outcome.

    Whatever happens there is an outcome: people and monitors read one, not a traceback.
    """
    with run_record.recording() as record:
        outcome = _run_flow(options)
        record.look_at_memory()
        outcome.seconds = record.seconds
        outcome.peak_memory_bytes = record.peak_memory_bytes
        run_record.save_run(Store(options.store), record, outcome)
        return outcome


def _run_flow(options: RunOptions) -> RunOutcome:
    start_warm_up().join()
    try:
        return flow_runs.run_as_flow("nightly", nightly, options)
    except Problem as problem:
        return RunOutcome.from_problem(problem, Store(options.store).current())
    except BaseException as error:
        if not is_error(error):
            raise
        problem = problem_from_error(error, options.store)
        if problem is None:
            LOG.exception("the run ended by an error of the program")
            problem = describe_program_error(error)
        return RunOutcome.from_problem(problem, Store(options.store).current())


def nightly(options: RunOptions) -> RunOutcome:
    """Take in what has landed, compute, then publish or hold.

    Raises Problem where nothing could be built; readers then see what they saw before.
    """
    started = _timestamp()
    store = Store(options.store)
    with store.locked(options.wait_minutes * 60):
        run = prepare_run(options, store)
        try:
            outcome = _take_steps(run, started)
            if options.keep_landing is not None:
                outcome.notes += steps.remove_old_landing_files(run, options.keep_landing)
            return outcome
        finally:
            run.engine.close()
            store.clear()


def _take_steps(run: Run, started: str) -> RunOutcome:
    check_former_publication(run)
    folder = run.options.landing
    if folder is not None:
        for delivery in steps.land(run, folder):
            steps.take_in(run, delivery)
    is_built = steps.identify_publication(run)
    if folder is not None:
        steps.answer_challenges(run, folder)
    if is_built:
        return _show_existing(run)
    steps.transform(run)
    failures = steps.run_audits(run)
    steps.write_figures(run)
    steps.compare(run)
    building = steps.render(run, failures)
    publication = steps.publish(run, building, started, _timestamp(), failures)
    reasons = hold_reasons(run, failures)
    if reasons:
        outcome = _outcome(run, "held", f"{'; '.join(reasons)} (docs/runbook/held.md)")
    else:
        problems = "; ".join(str(problem) for problem in run.problems)
        outcome = _outcome(run, "published", problems or "the audits of the figures passed")
    if run.options.render:
        outcome.digest = artifacts.read_digest(publication)
    artifacts.save_artifacts(publication, run.tables, outcome.digest)
    return outcome


def _show_existing(run: Run) -> RunOutcome:
    """Return the outcome of a run whose publication exists already: nothing new was delivered."""
    reason = decisions.hold_reason(run.store, run.publication_id)
    if reason:
        return _outcome(run, "held", f"{reason} (docs/runbook/held.md)")
    if not run.options.hold_request:
        run.store.point(run.publication_id)
    return _outcome(run, "published", "nothing new since it was built: readers see it as it is")


def _outcome(run: Run, state: str, reason: str) -> RunOutcome:
    deliveries = run.require_snapshot().deliveries
    return RunOutcome(
        state=state,
        reason=reason,
        publication_id=run.publication_id,
        readers_see=run.store.current(),
        folder=str(run.store.publication(run.publication_id)),
        problems=[str(problem) for problem in run.problems],
        notes=run.notes,
        files=[_describe_file(row) for row in deliveries],
    )


def _describe_file(row: dict) -> dict:
    return {name: row[name] for name in FILE_COLUMNS}


def start_warm_up() -> threading.Thread:
    """Start Prefect's API and import what the steps need, in a thread that the caller joins.

    Together they take seconds, in which the caller may do something else.
    """

    def warm_up() -> None:
        # Where the API does not start, the flow itself says so.
        with suppress(Exception):
            flow_runs.warm_up()
            for name in ("expectations.judging.gx_suite", "transforms.build"):
                import_module(name)

    thread = threading.Thread(target=warm_up, daemon=True)
    thread.start()
    return thread


def _timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
