"""What Prefect knows of a run, and that the run is the same without it."""

from pathlib import Path

import pytest

from data.problem import Problem
from data.store import manifest
from flows.prefect_adapter.flow_runs import run_as_flow, step
from tests.faults.conftest import landing, run  # noqa: F401
from tests.plain_steps import choose_prefect

pytestmark = pytest.mark.prefect


@step("double")
def double(number: int) -> tuple[int, str | None]:
    from prefect.runtime import task_run

    return 2 * number, task_run.task_name


@step("refuse")
def refuse() -> None:
    raise Problem("the file is empty", "deliver it again", "unreadable-file")


def read_latest_run(flow_name: str) -> tuple[str, str]:
    """Return state and message of a flow's latest run, as its page shows them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters, sorting

    from flows.prefect_adapter.api_server import reachable_api

    with reachable_api(), get_client(sync_client=True) as client:
        of_flow = filters.FlowFilter(name=filters.FlowFilterName(any_=[flow_name]))
        (latest,) = client.read_flow_runs(
            flow_filter=of_flow, sort=sorting.FlowRunSort.START_TIME_DESC, limit=1
        )
    return latest.state_name, latest.state.message


def test_a_step_is_a_task_in_a_flow_and_a_function_outside_of_one():
    assert run_as_flow("two steps", lambda: (double(2), double(3))) == (
        (4, "double"),
        (6, "double"),
    )
    assert read_latest_run("two steps")[0] == "Completed"
    assert double(2) == (4, None)


def test_a_problem_ends_step_and_flow_with_its_sentence():
    with pytest.raises(Problem) as raised:
        run_as_flow("a refusal", refuse)
    assert read_latest_run("a refusal") == ("Failed", str(raised.value))
    with pytest.raises(Problem, match="the file is empty - deliver it again"):
        refuse()


def test_a_night_publishes_the_same_with_prefect_and_without(run, tmp_path):  # noqa: F811
    under_prefect = run()
    assert read_latest_run("nightly")[0] == "Completed"
    choose_prefect(False)
    plain = run(store=tmp_path / "plain")
    first, second = (
        manifest.read_manifest(Path(outcome.folder)).files for outcome in (under_prefect, plain)
    )
    assert first == second and len(first) > 20
