"""Incidents: what went wrong, counted in runs.

The same failure tomorrow is the same incident; what is no longer found closes.
"""

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from data.store.atomic import write_text

NUMBERS = re.compile(r"[0-9]+([-:.,][0-9]+)*")


class Incident(BaseModel):
    """One thing that is wrong: its latest message, the days on which it was found, who knows of it.

    `source` found it and closes it: run, watchdog, scrub, "rule ID" or "branch CODE". Nobody is
    informed before the day `muted_until`; the incident counts on all the same. The second name of a
    field is that of format 2: status and the watchdog read a store without the lock that migrates
    it.
    """

    id: str
    source: str
    message: str = Field(validation_alias=AliasChoices("message", "said"))
    days: list[str]
    notified: list[str] = Field(default=[], validation_alias=AliasChoices("notified", "told"))
    closed: str | None = None
    notified_closed: list[str] = Field(
        default=[], validation_alias=AliasChoices("notified_closed", "told_closed")
    )
    muted_until: str | None = None
    muted_because: str | None = None

    @property
    def nights(self) -> int:
        """Return on how many days it was found."""
        return len(self.days)

    @property
    def is_owner_alert(self) -> bool:
        """Return whether a rule or a branch that an owner asks about found it, not the run."""
        return " " in self.source

    def is_muted(self, day: date) -> bool:
        """Return whether nobody is informed on a day; on `muted_until` itself people are again."""
        return self.muted_until is not None and day.isoformat() < self.muted_until


INCIDENTS = TypeAdapter(list[Incident])


def incident_identity(source: str, message: str) -> str:
    """Return an id that is the same for messages that differ only in numbers, days and counts."""
    text = f"{source}\0{NUMBERS.sub('#', message)}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def record_findings(
    incidents: list[Incident],
    source: str,
    messages: list[str],
    day: date,
    complete: bool = True,
) -> None:
    """Enter what a source found on a day into the list of incidents.

    Args:
        incidents: all incidents; changed in place.
        source: what looked: run, watchdog, scrub, "rule ID" or "branch CODE".
        messages: what it found, a sentence each.
        day: the day of the run.
        complete: whether it looked at everything, so that what it no longer finds is closed.
    """
    messages_by_id = {incident_identity(source, message): message for message in messages}
    open_incidents = {incident.id: incident for incident in incidents if incident.closed is None}
    for identity, message in messages_by_id.items():
        incident = open_incidents.get(identity)
        if incident is None:
            incident = Incident(id=identity, source=source, message=message, days=[])
            incidents.append(incident)
        incident.message = message
        if day.isoformat() not in incident.days:
            incident.days.append(day.isoformat())
    if not complete:
        return
    for incident in open_incidents.values():
        if incident.source == source and incident.id not in messages_by_id:
            incident.closed = day.isoformat()


@contextmanager
def edit_incidents(path: Path) -> Iterator[list[Incident]]:
    """Yield all incidents, to be changed, and write them afterwards: one process after the other.

    Raises OSError at the end where they cannot be written.
    """
    with ExitStack() as stack:
        with suppress(OSError):  # where the lock cannot be written, nobody else can write either
            lock = stack.enter_context(path.with_name(".incidents.lock").open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        incidents = read_incidents(path)
        yield incidents
        write_incidents(path, incidents)


def read_incidents(path: Path) -> list[Incident]:
    """Return all incidents, the oldest first; none where there is no file."""
    if not path.is_file():
        return []
    return INCIDENTS.validate_json(path.read_bytes())


def write_incidents(path: Path, incidents: list[Incident]) -> None:
    """Write all incidents over the former ones."""
    write_text(path, INCIDENTS.dump_json(incidents, indent=1).decode())
