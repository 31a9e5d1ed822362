"""How a store is run: `operations.toml` in the store, written by people only. Nothing in it changes
a figure, so it is part of neither the policy nor a publication's id.
"""

import re
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

from cronsim import CronSim, CronSimError
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    WithJsonSchema,
    model_validator,
)

from data.config.contract import ExtractName
from data.config.fields import Count, Model, Texts, TimeZone
from data.config.validation import parse_model, read_toml

REMEDY = "correct the setting; docs/reference/operations.md describes every one"
SECRET_KINDS = ("env:", "file:")
# What every cron understands the same way: no seconds, no L, W, # or @daily.
CRON_NAMES = re.compile(
    r"\b(SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b"
)
CRON_LINE = re.compile(r"([\d*,/-]+ +){4}[\d*,/-]+")


def _check_secret(source: Any) -> str:
    """Return where a secret is kept. The message never quotes the value: it may be the secret."""
    if not isinstance(source, str) or (source and not source.startswith(SECRET_KINDS)):
        raise ValueError(
            "is a secret, written in the file itself; name where it is kept: env:NAME or file:PATH"
        )
    return source


def _check_clock(clock: str) -> str:
    try:
        time.fromisoformat(clock)
    except ValueError:
        raise ValueError(f"is {clock!r}, it must be a time such as 04:00") from None
    return clock


def _check_cron(line: str) -> str:
    if not line:
        return line
    try:
        if not CRON_LINE.fullmatch(CRON_NAMES.sub("1", line.upper())):
            raise CronSimError
        CronSim(line, datetime(2000, 1, 1))  # from any moment: whether it can be read at all
    except CronSimError:
        raise ValueError(
            f"is {line!r}, it must be a cron line of five fields that names a moment, "
            "such as 0 2 * * *"
        ) from None
    return line


Secret = Annotated[
    str,
    BeforeValidator(_check_secret),
    WithJsonSchema({"type": "string", "pattern": "^$|^(env|file):"}),
]
CronLine = Annotated[str, AfterValidator(_check_cron)]
Clock = Annotated[str, AfterValidator(_check_clock)]


class Schedule(Model):
    """When runs start: `servicekpi serve` follows it, and `servicekpi status` shows the next."""

    cron: CronLine = Field(
        default="0 2 * * *", description="A cron line of five fields; empty: nothing is planned."
    )
    timezone: TimeZone = Field(
        default="Asia/Shanghai", description="Time zone of the cron line and of the deadlines."
    )
    latest_start_minutes: Count = Field(
        default=240,
        description="A run that was missed, as the machine slept, is not started later.",
    )


class Arrival(Model):
    """Which files a run waits for."""

    deadlines: dict[ExtractName, Clock] = Field(
        default={},
        description="Until when each extract is waited for: civil time in the schedule's zone.",
        examples=[{"claims": "04:00", "callbacks": "05:30"}],
    )
    marker: str = Field(
        default="",
        description="A file counts once a file named FILE + marker is next to it. Without a "
        "marker, it is not read while it is written to, nor against a checksum that was delivered "
        "with it (.sha256, .sha1, .md5).",
        examples=[".ok", ".sha256"],
    )
    after_deadline: Literal["publish", "hold"] = Field(
        default="publish", description="Publish with the extracts that are there, or hold."
    )


class Smtp(Model):
    """The server that sends mail."""

    host: str = Field(default="", description="Name of the server.", examples=["mail.example.com"])
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=25, description="Port of the server."
    )
    sender: str = Field(default="", description="Address that mail comes from.")
    user: str = Field(
        default="", description="User who logs in (after STARTTLS); empty: nobody does."
    )
    password: Secret = Field(default="", description="A secret: env:NAME or file:PATH.")


class Lineage(Model):
    """Where OpenLineage events of a run go."""

    to: str = Field(
        default="",
        description="A file, one event per line, or a catalogue's address; empty: nowhere.",
    )
    key: Secret = Field(
        default="", description="Of the catalogue, a secret: env:NAME or file:PATH."
    )


class Owner(Model):
    """A person or a group, what they hear, and by which way."""

    name: str = Field(default="", description="Who it is.", examples=["claims data"])
    hears: Texts = Field(
        default=("*",),
        description="Patterns of sentences about a run. Left out: all sentences, or none where "
        "there are rules or branches.",
        examples=[["*claims*"]],
    )
    rules: Texts = Field(
        default=(),
        description="Hears of rows in the latest extracts that break these rules.",
        examples=[["closed_before_reported"]],
    )
    branches: Texts = Field(
        default=(),
        description="Hears of quarantined rows of these branches, and of those below.",
        examples=[["14"]],
    )
    email: Texts = Field(
        default=(), description="Addresses.", examples=[["claims-data@example.com"]]
    )
    wecom: Secret = Field(default="", description="Address of a WeCom robot, a secret.")
    dingtalk: Secret = Field(default="", description="Address of a DingTalk robot, a secret.")
    dingtalk_secret: Secret = Field(default="", description="The robot's signing key, a secret.")
    prefect: str = Field(
        default="",
        description="A notification block of Prefect.",
        examples=["slack-webhook/claims"],
    )

    @model_validator(mode="before")
    @classmethod
    def _hear_only_of_own(cls, settings: Any) -> Any:
        """Whoever names rules or branches hears of these alone, unless they say more."""
        if not isinstance(settings, dict) or "hears" in settings:
            return settings
        if "rules" in settings or "branches" in settings:
            return settings | {"hears": []}
        return settings


class Operations(Model):
    """All settings; what a file leaves out has its default."""

    model_config = ConfigDict(title="Operations")

    schedule: Schedule = Schedule()
    arrival: Arrival = Arrival()
    smtp: Smtp = Smtp()
    lineage: Lineage = Lineage()
    owners: Annotated[tuple[Owner, ...], Strict(False)] = Field(
        default=(), validation_alias="owner"
    )


def load_operations(path: Path) -> Operations:
    """Return the settings of a file; the defaults where there is none.

    Raises Problem where one is unknown, of the wrong type, or a secret is in the file itself.
    """
    if not path.is_file():
        return Operations()
    settings = read_toml(path, str(path), "write it as docs/reference/operations.md shows")
    return parse_model(Operations, settings, str(path), REMEDY)
