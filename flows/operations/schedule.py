"""The schedule: a real Prefect server, and a process that starts a run when its hour comes."""

import os
from datetime import datetime
from pathlib import Path

from data.config.operations import Schedule
from data.problem import Problem
from flows.operations.plan import find_missed_run
from flows.prefect_adapter.addresses import does_answer, hide_password
from flows.prefect_adapter.server import prefect_server

PROGRAM = Path(__file__).parents[2]


def serve_schedule(
    parameters: dict,
    schedule: Schedule,
    server: str | None,
    port: int,
    ended: datetime | None,
    now: datetime,
) -> None:
    """Schedule the nightly run and serve its runs, one at a time, until interrupted.

    Args:
        parameters: Those of the flow `scheduled` (deployment.py).
        schedule: The section of operations.toml.
        server: URL of a Prefect server's API; None: one is started on `port`.
        port: Port of the server that is started.
        ended: When the last run ended, so that a run that was missed while nothing was served
            is made up for.
        now: The moment.

    Raises Problem where the port is taken, or the server that was asked for does not answer.
    """
    parameters = parameters | {"latest_start_minutes": schedule.latest_start_minutes}
    missed = find_missed_run(schedule, ended, now)
    home = Path(os.environ["PREFECT_HOME"])
    # Runs are started as processes of Prefect's, which reads settings from files of the working
    # folder: here there are none of others. The program is found where it is.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(PROGRAM), os.environ.get("PYTHONPATH")))
    )
    os.chdir(home)
    if server is None:
        with prefect_server(port, home) as api:
            _serve(api, parameters, schedule, missed)
    elif does_answer(server):
        _serve(server, parameters, schedule, missed)
    else:
        raise Problem(
            f"no Prefect server answers at {hide_password(server)}",
            "start it, or let servicekpi start one of its own: without --server",
            "prefect-server",
        )


def _serve(api: str, parameters: dict, schedule: Schedule, missed: datetime | None) -> None:
    # Seconds to import: not before the port is known to be free.
    from flows.operations.deployment import scheduled
    from flows.prefect_adapter.runner import serve_flow

    serve_flow(api, scheduled, parameters, schedule.cron, schedule.timezone, missed)
