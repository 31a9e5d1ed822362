"""The schedule, seen firing: a real Prefect server, a cron line, and a run that nobody started."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from data.store.store import Store
from tests.faults.conftest import CLAIMS

PATIENCE = 240  # seconds: the server's start, some until the schedule's next moment, and the run
EVERY_TWENTY_SECONDS = (
    "* * * * * */20"  # the sixth field is of seconds: nobody waits for the next full minute
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_scheduled_run_fires_and_publishes(tmp_path):
    landing, store, log = tmp_path / "landing", Store(tmp_path / "store"), tmp_path / "serve.log"
    landing.mkdir()
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "flows.cli.main",
        "serve",
        "--landing",
        str(landing),
        "--store",
        str(store.root),
        "--cron",
        EVERY_TWENTY_SECONDS,
    ]
    # A home of its own: the server must not share its database with the temporary server of the
    # other tests.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
    }
    with log.open("w") as stream:
        serving = subprocess.Popen(
            [*command, "--port", str(free_port())],
            env=environment, cwd=Path(__file__).parent.parent, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE
            while (
                store.current() is None and serving.poll() is None and time.monotonic() < deadline
            ):
                time.sleep(1)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(serving.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                serving.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(serving.pid, signal.SIGKILL)
    assert store.current(), log.read_text()[-2000:]
    assert store.is_published(store.current())
