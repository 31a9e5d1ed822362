"""Who hears of an incident, how often, and by which way."""

import smtplib
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from data.config.operations import Operations, Owner, Smtp
from data.store import incidents as incident
from flows.monitoring import notify
from flows.nightly import supervise
from tests.unit.flows.conftest import DAY, NIGHT, REFUSED, record_night

ROOT = Path(__file__).parents[4]


def test_the_owner_of_a_rule_is_who_requested_it_and_of_an_extract_who_hears_of_it_first():
    owners = (
        Owner(name="claims", hears=("*claims*",)),
        Owner(name="all", hears=("*",), rules=("closed_before_reported",)),
    )
    expected = {"claims": "claims", "callbacks": "all", "closed_before_reported": "all"}
    assert notify.list_owners(Operations(owners=owners), ["claims", "callbacks"]) == expected


def test_the_same_failure_is_one_incident_that_closes_itself_and_is_notified_twice(store, robot):
    record_night(store, 0, REFUSED, "callbacks_20261125.csv cannot be opened - mend it")
    (still,) = [
        one
        for one in record_night(
            store, 1, REFUSED.replace("20261125", "20261126").replace("12", "9")
        )
        if "claims" in one.message
    ]
    assert still.nights == 2 and "has 9 rows" in still.message
    record_night(store, 1, REFUSED)
    assert [one.nights for one in incident.read_incidents(store.incidents)] == [2, 1], (
        "a second run of a night is no second night"
    )
    assert record_night(store, 2) == []
    texts = [text for _, text in robot.heard]
    assert (
        len(texts) == 2
        and "OPEN, seen on 1 day:" in texts[0]
        and "CLOSED, seen on 2 days" in texts[1]
        and "callbacks" not in "".join(texts)
    )


def test_a_muted_incident_is_counted_and_not_notified(store, robot):
    (opened,) = record_night(store, 0, REFUSED)
    record_night(store, 1)
    record_night(store, 2, REFUSED)
    supervise.mute_incident(store, opened.id, DAY + timedelta(days=30), "the source is being moved")
    robot.heard.clear()
    (muted,) = record_night(store, 3, REFUSED)
    assert (muted.nights, muted.muted_because) == (2, "the source is being moved")
    assert record_night(store, 4) == [] and robot.heard == []


def test_who_could_not_be_notified_is_notified_after_the_next_run_and_no_secret_is_logged(
    store, robot, caplog
):
    robot.errcode = 93000
    record_night(store, 0, REFUSED)
    assert (
        "claims could not be notified: the robot refused the message (errcode 93000)" in caplog.text
        and "hush" not in caplog.text
    )
    robot.errcode = 0
    record_night(store, 1, REFUSED)
    assert len(robot.heard) == 2 and "OPEN, seen on 2 days" in robot.heard[1][1]


def test_mail_goes_to_those_concerned(monkeypatch):
    sent = []
    monkeypatch.setattr(smtplib, "SMTP", lambda *_, **__: type("Server", (), {
        "__enter__": lambda self: self, "__exit__": lambda *_: None, "send_message": lambda self, message: sent.append(message),
    })())  # fmt: skip
    owners = [
        Owner(name="a", hears=("*claims*",), email=("a@x",)),
        Owner(name="b", hears=("*calls*",), email=("b@x",)),
    ]
    incidents = []
    incident.record_findings(incidents, "run", [REFUSED], DAY)
    notify.notify_owners(
        incidents,
        Operations(owners=owners, smtp=Smtp(sender="kpi@x")),
        NIGHT,
    )
    assert [message["To"] for message in sent] == ["a@x"] and REFUSED in sent[0].get_content()


def test_a_message_fits_what_a_robot_takes(store, robot):
    record_night(
        store, 0, *(f"claims of {'abcdefghij'[number]}: {'坏' * 90}" for number in range(10))
    )
    ((_, text),) = robot.heard
    assert len(text.encode()) <= 2048 and text.endswith("more: servicekpi status")


@pytest.mark.parametrize("ended", ["at once", "in a coroutine"])
def test_a_block_of_prefects_is_notified(ended, monkeypatch):
    sent = []
    incidents = notify_by_block(monkeypatch, block_of(ended, sent.append))
    assert REFUSED in sent[0] and incidents[0].notified == ["a"]


@pytest.mark.parametrize("ended", ["at once", "in a coroutine"])
def test_a_block_that_fails_is_tried_again_and_fails_nothing(ended, monkeypatch, caplog):
    """A block of Prefect keeps a failure to itself unless it is asked not to."""
    incidents = notify_by_block(monkeypatch, block_of(ended, None))
    assert incidents[0].notified == []
    message = "a could not be notified: Prefect's block slack-webhook/kpi failed"
    assert f"{message} (NotificationError)" in caplog.text


def test_a_block_of_another_kind_fails_nothing(monkeypatch, caplog):
    incidents = notify_by_block(monkeypatch, SimpleNamespace())
    assert incidents[0].notified == [] and "slack-webhook/kpi failed (TypeError)" in caplog.text


def block_of(ended: str, receive):
    """A block that sends within the call, or in a coroutine; it fails where nobody receives."""
    from prefect.blocks.abstract import NotificationBlock, NotificationError

    def send(block, text):
        if receive:
            receive(text)
        elif block._raise_on_failure:
            raise NotificationError("refused")

    class AtOnce(NotificationBlock):
        def notify(self, body, subject=None):
            send(self, body)

    class InACoroutine(NotificationBlock):
        async def notify(self, body, subject=None):
            send(self, body)

    return AtOnce() if ended == "at once" else InACoroutine()


def notify_by_block(monkeypatch, block) -> list:
    from prefect.blocks.core import Block
    from prefect.settings import PREFECT_API_URL, temporary_settings

    monkeypatch.setattr(Block, "load", lambda name: block)
    owner, incidents = Owner(name="a", prefect="slack-webhook/kpi"), []
    incident.record_findings(incidents, "run", [REFUSED], DAY)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        notify.notify_owners(incidents, Operations(owners=(owner,)), NIGHT)
    return incidents


def test_a_block_of_the_stores_own_server_comes_from_its_database(tmp_path):
    """No server was asked for: the block is one that somebody made on the pages of `servicekpi
    serve`. It sends to a robot that hears.
    """
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as robot:
        threading.Thread(target=robot.serve_forever, daemon=True).start()
        program = f"""
from pathlib import Path
from flows.cli.environment import prepare_environment
prepare_environment(Path({str(tmp_path)!r}))
import flows.prefect_adapter
from prefect.blocks.notifications import CustomWebhookNotificationBlock as Webhook
url = "http://127.0.0.1:{robot.server_port}/send"
Webhook(name="kpi", url=url, json_data={{"text": "{{{{body}}}}"}}).save("kpi")
from flows.prefect_adapter.blocks import send_through_block
send_through_block("custom-webhook/kpi", "subject", {REFUSED!r})
"""
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
        robot.shutdown()
    assert REFUSED in "".join(heard)
