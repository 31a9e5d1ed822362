"""The publication that a run compares its own with."""

from flows.monitoring.run_record import folder_size
from flows.nightly.run_context import Run
from flows.prefect_adapter.flow_runs import step
from flows.publications import decisions, verify


def find_former_publication(run: Run) -> str | None:
    """Return what a build is compared with: what readers see, or of a build that is held for a
    backfill what is published for its day.
    """
    if run.options.hold_request:
        return decisions.publication_of_day(run.store, run.as_of)
    return run.store.current()


@step("check")
def check_former_publication(run: Run) -> None:
    """Check that it is as it was published; the lake is checked where it is read."""
    former = find_former_publication(run)
    if former is None:
        return
    with run.record.step("check") as measured:
        run.notes += verify.check_former(run.store, former)
        measured.bytes = folder_size(run.store.publication(former))
