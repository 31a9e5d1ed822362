"""Prefect's API for a run that no server was named for: within this process, on the loopback
address, so that it ends when the process does, however that ends.

Prefect would start it as a process of its own, which outlives a run that is killed (Prefect 3.8,
November 2026).
"""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread

from prefect.settings import PREFECT_API_URL, temporary_settings


@contextmanager
def reachable_api() -> Iterator[None]:
    """The API that is named in Prefect's settings, else one of this process, started once."""
    if PREFECT_API_URL.value():
        yield
        return
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{_started()}/api"}):
        yield


@cache
def _started() -> int:
    """Start the API. Returns its port; which one is free, the system says."""
    import uvicorn
    from prefect.server.api.server import create_app

    logging.getLogger("docket").setLevel(
        logging.CRITICAL
    )  # how a server keeps house is nothing to one that ends with the run
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(ephemeral=True), log_level="error", lifespan="on")
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("Prefect's API did not start")
        time.sleep(0.02)
    return listening.getsockname()[1]
