"""Runs without Prefect around them, for tests that are not about it: its API takes seconds to start
and each step of a run half a second to record. Tests that are about it are marked `prefect`.

`python -m tests.plain_steps run --landing DIR` is `servicekpi run --landing DIR` in this way.
"""

from collections.abc import Callable

from flows.prefect_adapter import flow_runs

UNDER_PREFECT = {"run_as_flow": flow_runs.run_as_flow, "warm_up": flow_runs.warm_up}


def run_plainly(_: str, function: Callable, *args):
    """Call what Prefect would run as a flow."""
    return function(*args)


def choose_prefect(is_wanted: bool) -> None:
    """Let runs of this process go under Prefect, or without."""
    plain = {"run_as_flow": run_plainly, "warm_up": lambda: None}
    for name, function in (UNDER_PREFECT if is_wanted else plain).items():
        setattr(flow_runs, name, function)


if __name__ == "__main__":
    from flows.cli.main import main

    choose_prefect(False)
    main()
