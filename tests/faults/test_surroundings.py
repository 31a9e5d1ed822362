"""What happens to be set, running or lying about on a machine costs no night: proxies, settings of
Prefect's, a database of Prefect's.
"""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.problem import Problem
from data.store.store import Store
from flows.prefect_adapter import addresses, proxies, server
from tests.faults.conftest import CLAIMS

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9/api"


class Proxy(BaseHTTPRequestHandler):
    """A proxy that answers everything itself, and remembers what it was asked for."""

    requests: list[str]

    def do_GET(self):
        self.requests.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"of the proxy")

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy():
    handler = type("Handler", (Proxy,), {"requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        handler.url = f"http://127.0.0.1:{serving.server_port}"
        yield handler
        serving.shutdown()


def servicekpi(*words: object, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """A command as its user types it in a folder, with these variables set."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
    }
    return subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)} | variables,
    )


def test_a_run_uses_its_own_server_whatever_is_set_running_or_lying_about(tmp_path, proxy):
    (landing := tmp_path / "landing").mkdir()
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    os.utime(landing / "claims_20120630.csv", (0, 0))
    (tmp_path / ".env").write_text(f"PREFECT_API_URL={NOWHERE}\n")
    (tmp_path / "prefect.toml").write_text("this is = no TOML")
    (home := tmp_path / "home").mkdir()
    (home / "profiles.toml").write_text("neither is = this")
    for folder in (home, tmp_path / "store" / ".prefect"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "prefect.db").write_bytes(b"no database")
    ended = servicekpi(
        *("run", "--landing", "landing", "--as-of", "2012-06-30", "--store", "store"),
        "--no-render",
        folder=tmp_path,
        HTTP_PROXY=proxy.url,
        http_proxy=proxy.url,
        ALL_PROXY="socks5://127.0.0.1:9",
        no_proxy="10.0.0.0/8,::1/128",
        PREFECT_API_URL=NOWHERE,
        PREFECT_PROFILE="gone",
        PREFECT_HOME=str(home),
        PREFECT_LOGGING_LEVEL="LOUD",
    )
    assert ended.returncode == 0, ended.stderr
    assert "PUBLISHED" in ended.stdout and Store(tmp_path / "store").current()
    note = ended.stderr.splitlines()[0]
    for ignored in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME", ".env", "prefect.toml"):
        assert ignored in note
    assert note.endswith(
        "not used: the run uses a Prefect server of its own; servicekpi run --server URL uses another"
    )
    assert proxy.requests == [] and "Traceback" not in ended.stderr


def test_a_requested_server_that_does_not_answer_costs_no_run(tmp_path):
    """The rest of the run is that of the test above."""
    program = f"""
from pathlib import Path
from flows.cli.environment import prepare_run
prepare_run(Path("store"), server="{NOWHERE}")
from flows.prefect_adapter.flow_runs import run_as_flow
print(run_as_flow("night", lambda: "done"))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert ended.stdout == "done\n", ended.stderr
    assert "the Prefect server does not answer, and shows nothing of this run" in ended.stderr


def test_what_leaves_the_machine_uses_the_proxy_and_what_does_not_does_not(proxy, monkeypatch):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "intern.example")
    proxies.hide_proxies()
    try:
        assert urllib.request.getproxies() == {}
        with proxies.outward_proxies():
            with urllib.request.urlopen("http://robot.example/send") as answer:
                assert answer.read() == b"of the proxy"
            for host in ("localhost", "127.0.0.1", "intern.example"):
                assert urllib.request.proxy_bypass(host)
        assert urllib.request.getproxies() == {} and proxy.requests == ["http://robot.example/send"]
    finally:
        for name in [name for name in os.environ if name.startswith(proxies.PREFIX)]:
            del os.environ[name]


def test_a_taken_port_is_a_sentence_and_its_server_is_not_joined(tmp_path, proxy):
    """What listens there answers like a Prefect server."""
    port = proxy.url.split(":")[2]
    ended = servicekpi(
        *("serve", "--landing", tmp_path, "--store", tmp_path / "store", "--port", port),
        folder=tmp_path,
    )
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    assert f"FAILED: port {port} is taken" in ended.stderr
    assert "(docs/runbook/prefect-server.md)" in ended.stderr
    assert proxy.requests == []


def test_serving_on_a_server_that_does_not_answer_is_a_sentence_without_its_password(tmp_path):
    ended = servicekpi(
        *("serve", "--landing", tmp_path, "--store", tmp_path / "store"),
        *("--server", "http://me:secret@127.0.0.1:9/api"),
        folder=tmp_path,
    )
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    assert "no Prefect server answers at http://***@127.0.0.1:9/api" in ended.stderr
    assert "secret" not in ended.stderr


def test_a_port_may_be_listened_on_again_at_once():
    with addresses.listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port} is taken"):
            addresses.listen(port)
        with socket.create_connection(("127.0.0.1", port)), first.accept()[0]:
            pass
    addresses.listen(port).close()


def write_database(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])
        connection.execute("CREATE TABLE filler AS SELECT hex(randomblob(50000)) AS text")
        connection.commit()


def test_a_database_that_prefect_cannot_use_is_renamed_and_a_good_one_is_not(tmp_path, caplog):
    known = "a3b9c7d2e5f1"  # the last step of Prefect 3.8.8
    write_database(good := tmp_path / "prefect.db", known)
    server.rename_unusable_database(good)
    assert good.exists() and not caplog.records

    shutil.copy(good, whole := tmp_path / "whole.db")
    content = bytearray(whole.read_bytes())
    content[20_000:30_000] = bytes(10_000)
    faults = {
        "is damaged": bytes(content),
        "is damaged (file is not a database)": b"no database" * 100,
        "is of another Prefect": None,
    }
    for reason, damaged in faults.items():
        good.unlink(missing_ok=True)
        if damaged:
            good.write_bytes(damaged)
        else:
            write_database(good, "ffffffffffff")
        caplog.clear()
        server.rename_unusable_database(good)
        assert not good.exists() and (tmp_path / "unusable-prefect.db").exists(), reason
        assert reason in caplog.text
    server.rename_unusable_database(good)  # there is none: nothing to do
