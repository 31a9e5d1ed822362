"""A night as a Prefect server runs it: what `servicekpi serve` and prefect.yaml name."""

from prefect import flow, runtime
from prefect.states import Completed, Failed, State

from flows.nightly.supervise import current_time, run_supervised
from flows.operations.schedule import is_too_late


@flow(name="scheduled", log_prints=False, persist_result=False)
def scheduled(
    landing: str,
    store: str = "store",
    profile: str = "default",
    keep_landing: int | None = None,
    signing_key: str | None = None,
    engine: str = "duckdb",
    master: str | None = None,
    wait_minutes: float = 60,
    latest_start_minutes: int = 240,
) -> State:
    """A night for the day that ended last (`night`); not started where it was missed by more than
    `latest_start_minutes`.
    """
    if is_too_late(runtime.flow_run.scheduled_start_time, current_time(), latest_start_minutes):
        return Completed(
            name="Skipped",
            message=f"missed by more than {latest_start_minutes} minutes: the next night makes up for it",
        )
    asked = {
        "landing": landing,
        "store": store,
        "profile": profile,
        "keep_landing": keep_landing,
        "signing_key": signing_key,
    }
    outcome = run_supervised(
        asked | {"engine": engine, "master": master, "wait_minutes": wait_minutes}
    )
    said = f"{outcome.state.upper()}: {outcome.reason}"
    return (
        Completed(name=outcome.state.capitalize(), message=said)
        if outcome.state != "failed"
        else Failed(message=said)
    )
