"""Incidents: what went wrong, counted in nights. The same failure tomorrow is the same incident;
what is no longer found closes.
"""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path


@dataclass
class Incident:
    """One thing that is wrong: `said` as last found, the days on which it was found, who has been
    told of it.

    `source` found it and closes it: run, watchdog, "rule ID" or "branch CODE". `muted_until`:
    nobody is told before that day; it counts on all the same.
    """

    id: str
    source: str
    said: str
    days: list[str]
    told: list[str] = field(default_factory=list)
    closed: str | None = None
    told_closed: list[str] = field(default_factory=list)
    muted_until: str | None = None
    muted_because: str | None = None

    @property
    def nights(self) -> int:
        return len(self.days)

    def is_muted(self, day: date) -> bool:
        return self.muted_until is not None and day.isoformat() < self.muted_until


def incident_identity(source: str, said: str) -> str:
    """The same for sentences that differ in numbers, days and counts alone."""
    return hashlib.sha256(
        f"{source}\0{re.sub(r'[0-9]+([-:.,][0-9]+)*', '#', said)}".encode()
    ).hexdigest()[:8]


def record_findings(
    incidents: list[Incident], source: str, said: list[str], day: date, complete: bool = True
) -> None:
    """Enter what a source found on a day. `complete`: it looked at everything, so what it no longer
    finds is closed.
    """
    still = {incident_identity(source, sentence): sentence for sentence in said}
    last = {incident.id: incident for incident in incidents if incident.closed is None}
    for name, sentence in still.items():
        incident = last.get(name)
        if incident is None:
            incident = Incident(name, source, sentence, [])
            incidents.append(incident)
        incident.said = sentence
        if day.isoformat() not in incident.days:
            incident.days.append(day.isoformat())
    for incident in last.values() if complete else ():
        if incident.source == source and incident.id not in still:
            incident.closed = day.isoformat()


@contextmanager
def edit_incidents(path: Path) -> Iterator[list[Incident]]:
    """All incidents, to be changed, and written afterwards: one process after the other.

    Raises OSError at the end where they cannot be written.
    """
    with ExitStack() as stack:
        with suppress(OSError):  # nobody else can write there either
            fcntl.flock(
                stack.enter_context(path.with_name(".incidents.lock").open("a")), fcntl.LOCK_EX
            )
        incidents = read_incidents(path)
        yield incidents
        write_incidents(path, incidents)


def read_incidents(path: Path) -> list[Incident]:
    """All incidents, the oldest first; none where there is no file."""
    return (
        [Incident(**told) for told in json.loads(path.read_text(encoding="utf-8"))]
        if path.is_file()
        else []
    )


def write_incidents(path: Path, incidents: list[Incident]) -> None:
    """At once: whoever reads sees the former or the new ones."""
    aside = path.with_name(f".{path.name}")
    aside.write_text(
        json.dumps([asdict(incident) for incident in incidents], ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
    aside.replace(path)
