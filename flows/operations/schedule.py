"""The schedule: a real Prefect server, and a process that runs the flow when its hour comes."""

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
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from data.config import operations
from data.problem import Problem
from data.store.store import Store

LOG = logging.getLogger("servicekpi")


@contextmanager
def prefect_server(port: int, patience: float = 180):
    """A Prefect server on the loopback address, ended with the block. Yields the URL of its API.

    The API within a single run has no scheduler: it would wait for ever (Prefect 3.8, November
    2026).
    """
    api = f"http://127.0.0.1:{port}/api"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + patience
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
    asked: dict,
    schedule: dict,
    server: str | None,
    port: int,
    ended: datetime | None,
    now: datetime,
) -> None:
    """Schedule a night's run with the parameters asked for, and serve its runs until interrupted,
    one at a time. `schedule` as in operations.toml; `ended`: when the last run did, so that a night
    that was missed while nothing was served is made up for.
    """
    asked = asked | {"latest_start_minutes": schedule["latest_start_minutes"]}
    missed = find_missed_run(schedule, ended, now)
    if server:
        _serve(server, asked, schedule, missed)
        return
    with prefect_server(port) as api:
        _serve(api, asked, schedule, missed)


def planned_starts(
    schedule: dict, after: datetime, until: datetime | None = None
) -> list[datetime]:
    """The moments that a schedule names after a moment, up to another; without one, the first."""
    from prefect.server.schemas.schedules import (
        CronSchedule,
    )  # seconds, as the server comes with it

    moments = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"]).get_dates(
        None if until else 2, after, until
    )
    later = [moment for moment in asyncio.run(moments) if moment > after]
    return later if until else later[:1]


def is_too_late(moment: datetime | None, now: datetime, latest_start_minutes: int) -> bool:
    """Whether a run that was planned for a moment is no longer worth starting: the next night's
    makes up for it.
    """
    return moment is not None and now - moment > timedelta(minutes=latest_start_minutes)


def find_missed_run(schedule: dict, ended: datetime | None, now: datetime) -> datetime | None:
    """The last moment planned that no run has ended since, unless it is too late for it. Of several
    nights only the last is made up for: a run takes up all that has landed.
    """
    moments = planned_starts(
        schedule, now - timedelta(minutes=schedule["latest_start_minutes"]), now
    )
    return moments[-1] if moments and ended is not None and ended < moments[-1] else None


def skip_reason(store: Store, now: datetime) -> str | None:
    """Why a run that a timer or cron starts now is not worth starting, by the policy of a served
    night; None: it is. Where the settings cannot be read the run itself says so.
    """
    try:
        schedule = operations.load_operations(store.operations)["schedule"]
    except Problem:
        return None
    minutes = schedule["latest_start_minutes"]
    if planned_starts(schedule, now - timedelta(minutes=minutes), now):
        return None
    hour = f"{schedule['cron']} ({schedule['timezone']}, [schedule] of operations.toml)"
    return f"no night was planned within the last {minutes} minutes, by {hour}: the next one makes up for it"


def _serve(api: str, asked: dict, schedule: dict, missed: datetime | None) -> None:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments import run_deployment
    from prefect.runner import Runner
    from prefect.schedules import Cron
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.operations.deployment import scheduled

    with temporary_settings({PREFECT_API_URL: api}), suppress(KeyboardInterrupt):
        # Not paused when it stops: whoever looks at the server shall see what is late.
        runner = Runner(name="nightly", limit=1, pause_on_shutdown=False)
        served = runner.add_flow(
            scheduled,
            name="nightly",
            schedule=Cron(schedule["cron"], timezone=schedule["timezone"]),
            parameters=asked,
            concurrency_limit=ConcurrencyLimitConfig(
                limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
            ),
        )
        LOG.info(
            "scheduled: %s (%s) on %s",
            schedule["cron"],
            schedule["timezone"],
            re.sub("//[^/]*@", "//***@", api),
        )
        # the server forgets late runs of a deployment that is made anew (Prefect 3.8, November
        # 2026)
        if missed:
            LOG.info(
                "the night of %s was missed and is made up for",
                missed.isoformat(timespec="minutes"),
            )
            run_deployment(served, scheduled_time=missed, timeout=0)
        # Prefect ends at SIGTERM amid its own loop, with tracebacks in the log; an interrupt lets
        # it, and the run that it serves, end in order.
        signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # started in the background it may be ignored
        runner.handle_sigterm = lambda *_: os.kill(os.getpid(), signal.SIGINT)
        asyncio.run(runner.start())
