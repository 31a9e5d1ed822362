"""How a store is run: `STORE/operations.toml`, written by people only. Nothing in it changes a
figure, so it is no part of the policy nor of an id.

[schedule]                                  # when runs start; servicekpi serve follows it, status
tells the next cron = "0 2 * * *" timezone = "Asia/Shanghai" latest_start_minutes = 240
# a run that was missed, as the machine slept, is not started later than this

[arrival]                                   # which files a run waits for deadlines = { claims =
"04:00", callbacks = "05:30" }       # extract = civil time in the schedule's zone marker = ""
# such as ".ok" or ".sha256": a file counts once FILE + marker lies beside it; without it, too, a
file is not
                                            # read while it is written to, nor against a checksum
                                            that was delivered (.sha256, .sha1, .md5)
after_deadline = "publish"                  # publish with what is there, or hold

[smtp]
host = "mail.example.com"
port = 25
sender = "servicekpi@example.com"
user = ""
password = ""                               # secrets: env:NAME or file:PATH

[lineage] to = ""                                     # OpenLineage events: a file, one per line, or
a catalogue's address key = ""                                    # of the catalogue, a secret

[[owner]]                                   # a person or a group, and what is for them name =
"claims data" hears = ["*claims*"]                        # what is wrong with a run: sentences that
match one of these; without it all, or none where rules or branches follow rules =
["closed_before_reported"]          # rows that break these rules, branches = ["14"]
# and rows of these branches, or of those below, that were set aside, in the latest extracts email =
["claims-data@example.com"] wecom = "file:/etc/servicekpi/wecom"        # the robot's address, a
secret: env:NAME or file:PATH; also dingtalk prefect = "slack-webhook/claims"            # a
notification block of Prefect's
"""

import tomllib
from copy import deepcopy
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.config.contract import load_contracts
from data.problem import Problem

SETTINGS = {
    "schedule": {"cron": "0 2 * * *", "timezone": "Asia/Shanghai", "latest_start_minutes": 240},
    "arrival": {"deadlines": {}, "marker": "", "after_deadline": "publish"},
    "smtp": {"host": "", "port": 25, "sender": "", "user": "", "password": ""},
    "lineage": {"to": "", "key": ""},
}
OWNER = {
    "name": "",
    "hears": ["*"],
    "rules": [],
    "branches": [],
    "email": [],
    "wecom": "",
    "dingtalk": "",
    "dingtalk_secret": "",
    "prefect": "",
}
SECRETS = ("password", "key", "wecom", "dingtalk", "dingtalk_secret")


def load_operations(path: Path) -> dict:
    """All settings, the file's over the defaults above; `owner` is a list.

    Raises Problem where one is unknown, of the wrong type, or a secret stands in the file itself.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, f"cannot be read: {error}") from None
    owners = told.pop("owner", [])
    if unknown := told.keys() - SETTINGS.keys():
        raise _wrong(
            path,
            f"has no section {', '.join(sorted(unknown))}; its sections are {', '.join(SETTINGS)}, owner",
        )
    settings = {
        name: _over(path, name, told.get(name, {}), defaults) for name, defaults in SETTINGS.items()
    }
    settings["owner"] = [
        _over(
            path,
            "owner",
            {"hears": []} | owner if {"rules", "branches"} & owner.keys() else owner,
            OWNER,
        )
        for owner in owners
    ]
    _check(path, settings)
    return settings


def _over(path: Path, section: str, told: dict, defaults: dict) -> dict:
    for name, value in told.items():
        if name not in defaults:
            raise _wrong(path, f"has no setting {section}.{name}; use one of {', '.join(defaults)}")
        if type(value) is not type(defaults[name]):
            raise _wrong(
                path,
                f"{section}.{name} is {type(value).__name__}, it must be {type(defaults[name]).__name__}",
            )
        if name in SECRETS and value and not value.startswith(("env:", "file:")):
            raise _wrong(
                path,
                f"{section}.{name} is a secret and stands in the file; name where it is kept: env:NAME or file:PATH",
            )
    return deepcopy(defaults) | told


def _check(path: Path, settings: dict) -> None:
    arrival = settings["arrival"]
    for extract, clock in arrival["deadlines"].items():
        if extract not in load_contracts():
            raise _wrong(
                path,
                f"arrival.deadlines names {extract}; the extracts are {', '.join(load_contracts())}",
            )
        try:
            time.fromisoformat(clock)
        except (ValueError, TypeError):
            raise _wrong(
                path, f"arrival.deadlines.{extract} is {clock!r}, it must be a time such as 04:00"
            ) from None
    if arrival["after_deadline"] not in ("publish", "hold"):
        raise _wrong(
            path,
            f"arrival.after_deadline is {arrival['after_deadline']!r}, it must be publish or hold",
        )
    try:
        ZoneInfo(settings["schedule"]["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong(
            path, f"schedule.timezone {settings['schedule']['timezone']!r} is no time zone"
        ) from None


def _wrong(path: Path, what: str) -> Problem:
    return Problem(f"{path} {what}", "write it as data/config/operations.py shows, in UTF-8")
