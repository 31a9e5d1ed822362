"""Prefect's API for a run that no server was named for.

It runs within this process, on the loopback address, so that it ends when the process does, however
that ends. Prefect would start it as a process of its own, which outlives a run that is killed
(Prefect 3.8, November 2026).
"""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread

from prefect.settings import PREFECT_API_URL, temporary_settings

START_TIMEOUT_SECONDS = 180  # it takes 3 to 14 on two cores


@contextmanager
def reachable_api() -> Iterator[None]:
    """Make an API reachable: the one that Prefect's settings name, else one of this process."""
    if PREFECT_API_URL.value():
        yield
        return
    port = _start_api()
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api"}):
        yield


@cache
def _start_api() -> int:
    """Start the API once and return its port, which the system chooses.

    Raises RuntimeError where it does not answer in time.
    """
    import uvicorn
    from prefect.server.api.server import create_app

    # The server's housekeeping does not matter to one that ends with the run.
    logging.getLogger("docket").setLevel(logging.CRITICAL)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(ephemeral=True), log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("Prefect's API did not start")
        time.sleep(0.02)
    return listening.getsockname()[1]
