"""A Prefect server of a store's own, for its schedule: with a database that outlives it.

The API within a single run has no scheduler: it would wait for ever (Prefect 3.8, November 2026).
"""

import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import prefect

from data.problem import Problem
from flows.prefect_adapter.addresses import does_answer, listen

LOG = logging.getLogger("servicekpi")
START_TIMEOUT_SECONDS = 180  # a busy machine needs a minute for its first server
STOP_TIMEOUT_SECONDS = 30


@contextmanager
def prefect_server(port: int, home: Path) -> Iterator[str]:
    """Run a Prefect server on the loopback address, ended with the block. Yields its API's URL.

    Args:
        port: The port; 0 is one that the system chooses.
        home: Folder of the server's database and log.

    Raises Problem where the port is taken, or the server does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    rename_unusable_database(home / "prefect.db")
    log = home / "server.log"
    with listen(port) as listening, log.open("wb") as stream:
        api = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        process = _start_server(listening.fileno(), home, stream.fileno())
    try:
        _wait_for_start(process, api, log)
        yield api
    finally:
        _stop_server(process)


def _start_server(listening: int, home: Path, log: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "flows.prefect_adapter.server_process", str(listening)],
        env=os.environ | {"PREFECT_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=(listening,),
        # An interrupt at the terminal is for the parent, which ends the server last.
        start_new_session=True,
    )


def _wait_for_start(process: subprocess.Popen, api: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not does_answer(api):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Problem(
                "the Prefect server did not start",
                f"look at the end of {log}",
                "prefect-server",
            )
        time.sleep(0.5)


def _stop_server(process: subprocess.Popen) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def rename_unusable_database(path: Path) -> None:
    """Rename a database of Prefect's that is damaged, or that a newer Prefect left behind.

    The server begins a new one: of the schedule nothing is lost, as serving declares it again.
    """
    reason = _find_database_fault(path)
    if reason is None:
        return
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(path.with_name(f"unusable-{path.name}{suffix}"))
    LOG.warning(
        "Prefect's database %s %s: it is renamed to unusable-%s, its record of runs begins anew",
        path,
        reason,
        path.name,
    )


def _find_database_fault(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(path)) as connection:
            (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, TypeError) as error:  # no row is a TypeError
        return None if "locked" in str(error) else f"is damaged ({error})"
    if state != "ok":
        return f"is damaged ({state})"
    versions = Path(prefect.__file__).parent / "server/database/_migrations/versions/sqlite"
    # Each step of Prefect's has its number in the name of its file.
    if not list(versions.glob(f"*_{revision}_*.py")):
        return "is of another Prefect than this one"
    return None
