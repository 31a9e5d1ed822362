"""Notify the owners of incidents: by e-mail, the robots of WeCom and DingTalk, Prefect's blocks.
Each owner hears what is for them, once when it opens and once when it closes.
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
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from fnmatch import fnmatch
from pathlib import Path

from data.config.operations import Operations, Owner, Smtp
from data.problem import Problem
from data.store.incidents import Incident
from flows.prefect_adapter.proxies import outward_proxies

LOG = logging.getLogger("servicekpi")
TIMEOUT_SECONDS = 10  # for a server to answer
# WeCom's robot refuses a message of more than 2,048 bytes (developer.work.weixin.qq.com, group
# robots); what is cut off ends in a line that says where the rest is.
MAX_ROBOT_BYTES = 2000


def notify_owners(incidents: list[Incident], settings: Operations, now: datetime) -> None:
    """Send each owner what is new to them; whoever could not be reached is tried again after the
    next run. A failure to notify never fails a run.
    """
    for owner in settings.owners:
        news = [incident for incident in incidents if _is_news(incident, owner, now)]
        if not news:
            continue
        subject = f"servicekpi: {len(news)} open or closed"
        text = "\n".join(incident_sentence(incident) for incident in news)
        try:
            _send(owner, settings.smtp, subject, text, now)
        except (OSError, smtplib.SMTPException, ValueError, Problem) as error:
            # A robot's address is a secret: unless the error is a sentence of ours, only its type
            # is logged.
            reason = error if isinstance(error, Problem) else type(error).__name__
            LOG.error("%s could not be notified: %s", owner.name, reason)
            continue
        for incident in news:
            _notified_owners(incident).append(owner.name)


def incident_sentence(incident: Incident) -> str:
    """Return an incident as a line."""
    state = "CLOSED" if incident.closed else "OPEN"
    return f"[{incident.id}] {state}, seen on {format_days(incident.nights)}: {incident.message}"


def format_days(count: int) -> str:
    """Return a number of days in words."""
    return "1 day" if count == 1 else f"{count} days"


def list_owners(settings: Operations, extracts: list[str]) -> dict[str, str]:
    """Return the first owner who hears of a rule, by its id, and of an extract, by its name. What
    nobody hears of is absent.
    """
    first_owner: dict[str, str] = {}
    for owner in settings.owners:
        for extract in extracts:
            if _hears(owner, f"{extract} extract"):
                first_owner.setdefault(extract, owner.name)
    for owner in settings.owners:
        for rule in owner.rules:
            first_owner.setdefault(rule, owner.name)
    return first_owner


def _hears(owner: Owner, sentence: str) -> bool:
    return any(fnmatch(sentence.lower(), pattern.lower()) for pattern in owner.hears)


def _is_news(incident: Incident, owner: Owner, now: datetime) -> bool:
    """Return whether an owner is to hear of an incident now: it opened, and they do not know; or it
    closed, they know that it opened, and do not know that it closed.
    """
    if incident.is_muted(now.date()) or not _is_for(incident, owner):
        return False
    if incident.closed and owner.name not in incident.notified:
        return False
    return owner.name not in _notified_owners(incident)


def _is_for(incident: Incident, owner: Owner) -> bool:
    kind, _, name = incident.source.partition(" ")
    if kind == "rule":
        return name in owner.rules
    if kind == "branch":
        return name in owner.branches
    return _hears(owner, incident.message)


def _notified_owners(incident: Incident) -> list[str]:
    """Return who knows of the latest about an incident: that it opened, or that it closed."""
    return incident.notified_closed if incident.closed else incident.notified


def _send(owner: Owner, smtp: Smtp, subject: str, text: str, now: datetime) -> None:
    if owner.email:
        _send_mail(owner.email, smtp, subject, text)
    if owner.wecom:
        _send_to_robot(read_secret(owner.wecom), text)
    if owner.dingtalk:
        key = read_secret(owner.dingtalk_secret)
        address = sign_address(read_secret(owner.dingtalk), key, now)
        _send_to_robot(address, text)
    if owner.prefect:
        _send_to_block(owner.prefect, subject, text)


def _send_mail(to: Sequence[str], smtp: Smtp, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, smtp.sender, ", ".join(to)
    message.set_content(text)
    with smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_SECONDS) as server:
        if smtp.user:
            server.starttls()
            server.login(smtp.user, read_secret(smtp.password))
        server.send_message(message)


def _send_to_robot(address: str, text: str) -> None:
    """Send a text to a group robot of WeCom or DingTalk: both take the same message, and answer 200
    with an error code where they refuse it.
    """
    encoded = text.encode()
    if len(encoded) > MAX_ROBOT_BYTES:
        text = encoded[:MAX_ROBOT_BYTES].decode(errors="ignore") + " ...\nmore: servicekpi status"
    body = json.dumps({"msgtype": "text", "text": {"content": text}}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with outward_proxies(), urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        code = json.loads(answer.read()).get("errcode")
    if code != 0:
        raise Problem(
            f"the robot refused the message (errcode {code})",
            "look the code up in the robot's documentation; "
            "keywords and signing are among the robot's settings",
        )


def _send_to_block(name: str, subject: str, text: str) -> None:
    # Seconds to import (Prefect): only where there is a block.
    from flows.prefect_adapter.blocks import send_through_block

    try:
        send_through_block(name, subject, text)
    except Exception as error:  # whatever a block or its service raises; it may hold an address
        raise Problem(
            f"Prefect's block {name} failed ({type(error).__name__})",
            "check that it exists and can send: prefect block ls",
        ) from None


def sign_address(address: str, key: str, now: datetime) -> str:
    """Return DingTalk's address with its signature, where the robot has a key
    (open.dingtalk.com, custom robot security settings).
    """
    if not key:
        return address
    milliseconds = round(now.timestamp() * 1000)
    digest = hmac.digest(key.encode(), f"{milliseconds}\n{key}".encode(), hashlib.sha256)
    signature = urllib.parse.quote_plus(base64.b64encode(digest))
    return f"{address}&timestamp={milliseconds}&sign={signature}"


def read_secret(source: str) -> str:
    """Return what `env:NAME` or `file:PATH` holds; nothing for an empty source.

    Raises Problem where it holds nothing.
    """
    if not source:
        return ""
    kind, _, name = source.partition(":")
    value = ""
    if kind == "env":
        value = os.environ.get(name, "")
    elif kind == "file":
        with suppress(OSError):
            value = Path(name).read_text(encoding="utf-8")
    if not value.strip():
        raise Problem(
            f"no secret found in {source}",
            "set the variable, or write the file and let the run read it",
        )
    return value.strip()
