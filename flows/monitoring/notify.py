"""Telling people of incidents: e-mail, the robots of WeCom and DingTalk, Prefect's blocks. Each
hears what is for them, once when it opens and once when it closes.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import smtplib
import urllib.parse
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from fnmatch import fnmatch
from pathlib import Path

from data.problem import Problem
from data.store.incidents import Incident
from flows.prefect_adapter import api_server

LOG = logging.getLogger("servicekpi")
PATIENCE = 10  # seconds for a server to answer
# bytes: WeCom's refuses a message of more than 2,048 (developer.work.weixin.qq.com, group robots)
ROBOT = 2000


def notify_owners(incidents: list[Incident], settings: dict, now: datetime) -> None:
    """Send what has not been sent; who could not be reached is tried again after the next run. A
    failure to tell never fails a run.
    """
    for owner in settings["owner"]:
        news = [incident for incident in incidents if _is_news(incident, owner, now)]
        if not news:
            continue
        text = "\n".join(incident_sentence(incident) for incident in news)
        try:
            _send(owner, settings["smtp"], f"servicekpi: {len(news)} to know of", text, now)
        except (OSError, smtplib.SMTPException, ValueError, Problem) as error:
            # An address of a robot is a secret: the error is named, not quoted, unless it is a
            # sentence of ours.
            LOG.error(
                "%s could not be told: %s",
                owner["name"],
                error if isinstance(error, Problem) else type(error).__name__,
            )
            continue
        for incident in news:
            (incident.informed_closed if incident.closed else incident.informed).append(
                owner["name"]
            )


def incident_sentence(incident: Incident) -> str:
    """An incident as a line."""
    nights = f"{incident.nights} night{'s' * (incident.nights > 1)}"
    return f"[{incident.id}] {f'CLOSED after {nights}' if incident.closed else f'OPEN, {nights}'}: {incident.message}"


def list_owners(settings: dict, extracts: list[str]) -> dict[str, str]:
    """The first who hears of a rule, by its id, and of an extract, by its name; what nobody hears
    of is not there.
    """
    heard = [
        (extract, owner["name"])
        for owner in settings["owner"]
        for extract in extracts
        if _hears(owner, f"{extract} extract")
    ]
    return dict(
        reversed(
            heard
            + [(rule, owner["name"]) for owner in settings["owner"] for rule in owner["rules"]]
        )
    )


def _hears(owner: dict, said: str) -> bool:
    return any(fnmatch(said.lower(), pattern.lower()) for pattern in owner["hears"])


def _is_news(incident: Incident, owner: dict, now: datetime) -> bool:
    kind, _, of = incident.source.partition(" ")
    asked = {"rule": owner["rules"], "branch": owner["branches"]}
    concerned = of in asked[kind] if kind in asked else _hears(owner, incident.message)
    if incident.is_muted(now.date()) or not concerned:
        return False
    if incident.closed:
        return owner["name"] in incident.informed and owner["name"] not in incident.informed_closed
    return owner["name"] not in incident.informed


def _send(owner: dict, smtp: dict, subject: str, text: str, now: datetime) -> None:
    if owner["email"]:
        _mail(owner["email"], smtp, subject, text)
    if owner["wecom"]:
        _robot(read_secret(owner["wecom"]), text)
    if owner["dingtalk"]:
        _robot(
            sign_address(
                read_secret(owner["dingtalk"]), read_secret(owner["dingtalk_secret"]), now
            ),
            text,
        )
    if owner["prefect"]:
        _block(owner["prefect"], subject, text)


def _mail(to: list[str], smtp: dict, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, smtp["sender"], ", ".join(to)
    message.set_content(text)
    with smtplib.SMTP(smtp["host"], smtp["port"], timeout=PATIENCE) as server:
        if smtp["user"]:
            server.starttls()
            server.login(smtp["user"], read_secret(smtp["password"]))
        server.send_message(message)


def _robot(address: str, text: str) -> None:
    """WeCom's and DingTalk's group robots take the same message, and answer 200 with an error code
    where they refuse it.
    """
    if len(text.encode()) > ROBOT:
        text = text.encode()[:ROBOT].decode(errors="ignore") + " ...\nmore: servicekpi status"
    body = json.dumps({"msgtype": "text", "text": {"content": text}}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        code = json.loads(answer.read()).get("errcode")
    if code != 0:
        raise Problem(
            f"the robot refused the message (errcode {code})",
            "see its error codes; keywords and signing are set where the robot is",
        )


def _block(name: str, subject: str, text: str) -> None:
    """A notification block of Prefect's, `type/name`, from the server that is named, else from the
    store's own database.
    """
    from prefect.blocks.core import Block

    try:
        with api_server.reachable_api():
            Block.load(name).notify(text, subject)
    except Exception as error:  # whatever a block or its service raises; it may hold an address
        raise Problem(
            f"Prefect's block {name} failed ({type(error).__name__})",
            "see that it is there and can send: prefect block ls",
        ) from None


def sign_address(address: str, key: str, now: datetime) -> str:
    """DingTalk's address with its signature, where the robot has a key (open.dingtalk.com, custom
    robot security settings).
    """
    if not key:
        return address
    moment = round(now.timestamp() * 1000)
    code = base64.b64encode(hmac.digest(key.encode(), f"{moment}\n{key}".encode(), hashlib.sha256))
    return f"{address}&timestamp={moment}&sign={urllib.parse.quote_plus(code)}"


def read_secret(where: str) -> str:
    """What `env:NAME` or `file:PATH` holds. Raises Problem where it holds nothing."""
    kind, _, name = where.partition(":")
    try:
        value = (
            os.environ.get(name, "")
            if kind == "env"
            else Path(name).read_text(encoding="utf-8")
            if kind == "file"
            else ""
        )
    except OSError:
        value = ""
    if where and not value.strip():
        raise Problem(
            f"there is no secret in {where}",
            "set the variable, or write the file and let the run read it",
        )
    return value.strip()
