"""A nightly run as a Prefect server starts it: what `servicekpi serve` and prefect.yaml name."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.nightly.run_options import RunOptions
from flows.nightly.supervise import current_time, run_supervised
from flows.operations.plan import is_too_late


@flow(name="scheduled", log_prints=False, persist_result=False)
def scheduled(
    landing: str,
    store: str = "store",
    profile: str = "default",
    threads: int = 2,
    memory: str | None = None,
    keep_landing: int | None = None,
    signing_key: str | None = None,
    engine: str = "duckdb",
    master: str | None = None,
    wait_minutes: float = 60,
    latest_start_minutes: int = 240,
) -> State:
    """Run for the day that ended last.

    It is skipped where its planned start was missed by more than `latest_start_minutes`. The
    parameters are flat, and text where `RunOptions` has paths: they come from prefect.yaml or from
    a form on the server's page.
    """
    planned = flow_run.scheduled_start_time
    if is_too_late(planned, current_time(), latest_start_minutes):
        return Completed(
            name="Skipped",
            message=f"missed by more than {latest_start_minutes} minutes: "
            "the next run makes up for it",
        )
    options = RunOptions(
        landing=Path(landing),
        store=Path(store),
        profile=profile,
        threads=threads,
        memory=memory,
        keep_landing=keep_landing,
        signing_key=Path(signing_key) if signing_key else None,
        engine=engine,
        master=master,
        wait_minutes=wait_minutes,
    )
    outcome = run_supervised(options)
    message = f"{outcome.state.upper()}: {outcome.reason}"
    if outcome.state == "failed":
        return Failed(message=message)
    return Completed(name=outcome.state.capitalize(), message=message)
