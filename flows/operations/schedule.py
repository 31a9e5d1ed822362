"""The schedule: a real Prefect server, and a process that starts a run when its hour comes."""

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

from data.config.operations import Schedule
from flows.operations.plan import find_missed_run

LOG = logging.getLogger("servicekpi")
START_TIMEOUT_SECONDS = 180  # a busy machine needs a minute for its first server


@contextmanager
def prefect_server(port: int, timeout_seconds: float = START_TIMEOUT_SECONDS) -> Iterator[str]:
    """Run a Prefect server on the loopback address, ended with the block. Yields its API's URL.

    The API within a single run has no scheduler: it would wait for ever (Prefect 3.8, November
    2026).
    """
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + timeout_seconds
        while not _answers(f"{api}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"the Prefect server did not start on port {port}: is the port taken?"
                )
            time.sleep(0.5)
        yield api
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


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
    """
    parameters = parameters | {"latest_start_minutes": schedule.latest_start_minutes}
    missed = find_missed_run(schedule, ended, now)
    if server:
        _serve(server, parameters, schedule, missed)
        return
    with prefect_server(port) as api:
        _serve(api, parameters, schedule, missed)


def _serve(api: str, parameters: dict, schedule: Schedule, missed: datetime | None) -> None:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments import run_deployment
    from prefect.runner import Runner
    from prefect.schedules import Cron
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.operations.deployment import scheduled

    with temporary_settings({PREFECT_API_URL: api}), suppress(KeyboardInterrupt):
        # Not paused when it stops: whoever looks at the server must see what is late.
        runner = Runner(name="nightly", limit=1, pause_on_shutdown=False)
        deployment = runner.add_flow(
            scheduled,
            name="nightly",
            schedule=Cron(schedule.cron, timezone=schedule.timezone),
            parameters=parameters,
            concurrency_limit=ConcurrencyLimitConfig(
                limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
            ),
        )
        api_without_password = re.sub("//[^/]*@", "//***@", api)
        LOG.info("scheduled: %s (%s) on %s", schedule.cron, schedule.timezone, api_without_password)
        # The server forgets late runs of a deployment that is created again (Prefect 3.8, November
        # 2026).
        if missed:
            assert isinstance(deployment, UUID)  # a coroutine only where a loop is running
            night = missed.isoformat(timespec="minutes")
            LOG.info("the run of %s was missed and is made up for", night)
            run_deployment(deployment, scheduled_time=missed, timeout=0)
        # Started in the background, a process may ignore interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # At SIGTERM Prefect ends amid its own loop, with tracebacks in the log; an interrupt lets
        # it, and the run that it serves, end in order.
        runner.handle_sigterm = lambda *_: os.kill(os.getpid(), signal.SIGINT)
        asyncio.run(runner.start())
