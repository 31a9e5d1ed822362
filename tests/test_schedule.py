"""The schedule, seen firing: real Prefect servers, cron lines, and runs that nobody started."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from data.store.store import Store
from flows.prefect_adapter.runner import deployment_name
from flows.prefect_adapter.server import prefect_server
from tests.faults.conftest import CLAIMS

ROOT = Path(__file__).parent.parent
PATIENCE = 240  # seconds: the server's start, some until the schedule's next moment, and the run
EVERY_MINUTE = "* * * * *"
ONCE_IN_FOUR_YEARS = "0 0 29 2 *"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[subprocess.Popen]:
    """`servicekpi serve` for the store of a folder, interrupted with the block."""
    (folder / "landing").mkdir(parents=True)
    claims = folder / "landing" / "claims_20120630.csv"
    claims.write_text(CLAIMS, encoding="utf-8")
    os.utime(claims, (0, 0))
    command = [sys.executable, "-m", "flows.cli.main", "serve", "--landing", folder / "landing"]
    # Another server than the one that serves: nobody asked for it.
    environment = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    with (folder / "serve.log").open("w") as stream:
        process = subprocess.Popen(
            [*map(str, (*command, "--store", folder / "store", *options))],
            env=environment, cwd=ROOT, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(condition, folder: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        log = (folder / "serve.log").read_text()[-2000:]
        assert process.poll() is None and time.monotonic() < deadline, log
        time.sleep(1)


def test_a_scheduled_run_fires_and_publishes_and_its_server_ends_with_it(tmp_path):
    store, port = Store(tmp_path / "store"), free_port()
    with serving(tmp_path, "--cron", EVERY_MINUTE, "--port", port) as process:
        wait_for(store.current, tmp_path, process)
    assert store.is_published(store.current())
    log = (tmp_path / "serve.log").read_text()
    assert process.returncode == 0 and "Traceback" not in log, log
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


def post(url: str, content: dict) -> dict:
    request = urllib.request.Request(
        url, json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def read_deployments(api: str) -> dict[str, dict]:
    deployments = post(f"{api}/deployments/filter", {})
    return {deployment["name"]: deployment for deployment in deployments}


def test_two_stores_on_one_server_keep_their_own_schedules(tmp_path):
    first, second = tmp_path / "a b" / "x", tmp_path / "另一个" / "x"
    with prefect_server(0, tmp_path / "home") as api:
        # As deployments were named before: it would go on to plan runs of the first store.
        former = {"name": "nightly", "parameters": {"store": str(first / "store")}}
        post(
            f"{api}/deployments/",
            former | {"flow_id": post(f"{api}/flows/", {"name": "scheduled"})["id"]},
        )
        options = ("--server", api, "--cron")
        with (
            serving(first, *options, EVERY_MINUTE) as fast,
            serving(second, *options, ONCE_IN_FOUR_YEARS) as slow,
        ):
            wait_for(Store(first / "store").current, first, fast)
            wait_for(lambda: len(read_deployments(api)) == 2, second, slow)
            deployments = read_deployments(api)
        assert Store(second / "store").current() is None
    for folder, cron in ((first, EVERY_MINUTE), (second, ONCE_IN_FOUR_YEARS)):
        deployment = deployments[deployment_name(folder / "store")]
        assert deployment["parameters"]["store"] == str(folder / "store")
        assert [schedule["schedule"]["cron"] for schedule in deployment["schedules"]] == [cron]


def test_a_server_ends_when_the_process_that_started_it_is_killed(tmp_path):
    program = f"""
import os, signal
from pathlib import Path
from flows.prefect_adapter.server import prefect_server
with prefect_server(0, Path({str(tmp_path)!r})) as api:
    print(api, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    port = int(killed.stdout.decode().split(":")[2].split("/")[0])
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.5)
    pytest.fail("the server goes on")
