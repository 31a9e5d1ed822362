"""The schedule: a real Prefect server, and a process that runs the flow when its hour comes."""

import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

LOG = logging.getLogger("servicekpi")


@contextmanager
def prefect_server(port: int, patience: float = 180):
    """A Prefect server on the loopback address, ended with the block. Yields the URL of its API.

    The API within a single run has no scheduler: it would wait for ever (Prefect 3.8, November 2026).
    """
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + patience
        while not _answers(f"{api}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the Prefect server did not start on port {port}: is the port taken?")
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


def serve_nightly(asked: dict, cron: str, timezone: str, server: str | None, port: int) -> None:
    """Schedule the nightly flow with the parameters asked for, and serve its runs until interrupted, one at a time."""
    if server:
        _serve(server, asked, cron, timezone)
        return
    with prefect_server(port) as api:
        _serve(api, asked, cron, timezone)


def _serve(api: str, asked: dict, cron: str, timezone: str) -> None:
    os.environ["PREFECT_API_URL"] = api
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron

    from flows.nightly import nightly

    LOG.info("scheduled: %s (%s) on %s", cron, timezone, api)
    nightly.serve(
        name="nightly",
        schedule=Cron(cron, timezone=timezone),
        parameters=asked,
        limit=1,
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
        print_starting_message=False,
    )
