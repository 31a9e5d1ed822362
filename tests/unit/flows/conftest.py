"""Nights as their operator sees them: a robot that hears, a store with an owner, and no clock but
the one passed in.
"""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from data.config import operations
from data.store.store import Store
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly import supervise

NIGHT = datetime(2026, 11, 25, 18, tzinfo=UTC)  # 02:00 of the 26th in Shanghai


DAY = date(2026, 11, 25)


REFUSED = "claims_20261125.csv has 12 rows, fewer than 50 - deliver it again"


class Robot(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.heard.append(
            (
                self.path,
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]["content"],
            )
        )
        answer = json.dumps({"errcode": self.server.errcode}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def robot():
    server = HTTPServer(("127.0.0.1", 0), Robot)
    server.heard, server.errcode = [], 0
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path, robot):
    (tmp_path / "robot").write_text(f"http://127.0.0.1:{robot.server_port}/send?key=hush\n")
    hears = f'[[owner]]\nname = "claims"\nhears = ["*claims*", "*no run*"]\nwecom = "file:{tmp_path}/robot"\n'
    (tmp_path / "operations.toml").write_text(hears)
    return Store(tmp_path)


def record_night(store, nights: int, *problems: str, state: str = "published") -> list:
    reason = problems[0] if state == "failed" else "all checks passed"
    outcome = RunOutcome(
        state,
        reason,
        problems=list(problems),
        folder=None if state == "failed" else str(store.root),
    )
    return supervise.record_end(
        store, operations.load_operations(store.operations), outcome, NIGHT + timedelta(days=nights)
    )
