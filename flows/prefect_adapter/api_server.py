"""Prefect's API for a run that no server was named for.

It runs within this process, on the loopback address, so that it ends when the process does, however
that ends. Prefect would start it as a process of its own, which outlives a run that is killed
(Prefect 3.8, November 2026). Its database is a new one in a temporary folder: none that is damaged,
or that a newer Prefect left behind, can cost a run.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from prefect._internal.concurrency import threads as prefect_threads
from prefect.settings import (
    PREFECT_API_BLOCKS_REGISTER_ON_START,
    PREFECT_API_DATABASE_CONNECTION_URL,
    PREFECT_API_DATABASE_MIGRATE_ON_START,
    PREFECT_API_URL,
    temporary_settings,
)

from flows.prefect_adapter.addresses import does_answer, listen

LOG = logging.getLogger("servicekpi")
START_TIMEOUT_SECONDS = 180  # it takes 3 to 14 on two cores
STOP_TIMEOUT_SECONDS = 10


@dataclass
class OwnApi:
    """An API within this process: where it answers, and what it takes to end it."""

    url: str
    server: uvicorn.Server
    thread: Thread
    folder: TemporaryDirectory


@contextmanager
def reachable_api() -> Iterator[None]:
    """Make an API reachable: the one that was asked for if it answers, else this process's own."""
    requested = PREFECT_API_URL.value()
    if requested and does_answer(requested):
        yield
        return
    if requested:
        LOG.warning("the Prefect server does not answer, and shows nothing of this run")
    with temporary_settings({PREFECT_API_URL: _start_api().url}):
        yield


@cache
def _start_api() -> OwnApi:
    """Start the API once; it is stopped when the process ends.

    Raises Problem where there is no loopback address, RuntimeError where it does not answer in
    time.
    """
    from prefect.server.api.server import create_app

    # The server's housekeeping does not matter to one that ends with the run.
    logging.getLogger("docket").setLevel(logging.CRITICAL)
    folder = TemporaryDirectory(prefix="servicekpi-")
    database = Path(folder.name) / "prefect.db"
    _create_database(database)
    settings: dict = {
        PREFECT_API_DATABASE_CONNECTION_URL: f"sqlite+aiosqlite:///{database}",
        PREFECT_API_DATABASE_MIGRATE_ON_START: False,
        PREFECT_API_BLOCKS_REGISTER_ON_START: False,
    }
    listening = listen(0)
    with temporary_settings(settings):
        config = uvicorn.Config(
            create_app(ephemeral=True),
            log_level="error",
            lifespan="on",
            timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
        )
        server = uvicorn.Server(config)
        # In this context: the server looks at its settings when it starts.
        run = copy_context().run
        thread = Thread(target=run, args=(server.run, [listening]), daemon=True)
        thread.start()
    api = OwnApi(f"http://127.0.0.1:{listening.getsockname()[1]}/api", server, thread, folder)
    # Before executors of threads end, which the server needs to end; after Prefect's own services,
    # which register themselves in the same way, and later.
    threading._register_atexit(_stop_api, api)  # pyright: ignore[reportAttributeAccessIssue]
    _wait_for_start(api)
    return api


def _create_database(path: Path) -> None:
    """Create Prefect's tables as they are today.

    Prefect itself would take all its versions' steps one after the other: 6 s of a core, 0.3 s
    this way (3.8, November 2026).
    """
    from prefect.server.database import orm_models

    sa = vars(orm_models)["sa"]  # SQLAlchemy, as Prefect uses it
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for table in orm_models.Base.metadata.sorted_tables:
            connection.execute(sa.schema.CreateTable(table))
            for index in table.indexes:  # some are declared twice
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
    engine.dispose()


def _wait_for_start(api: OwnApi) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not api.server.started:
        if not api.thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("Prefect's API did not start")
        time.sleep(0.02)


def _stop_api(api: OwnApi) -> None:
    """End the API and every thread of Prefect's that may still use it.

    A thread that is in a native library when the interpreter ends ends the process with it:
    "exception not rethrown", exit code 134.
    """
    for loop in (prefect_threads._global_loop, prefect_threads._run_sync_loop):
        if loop:
            loop.shutdown()
            loop.thread.join(STOP_TIMEOUT_SECONDS)
    api.server.should_exit = True
    api.thread.join(2 * STOP_TIMEOUT_SECONDS)
    api.folder.cleanup()
