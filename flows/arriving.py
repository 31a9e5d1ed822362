"""Waiting for what is expected: which extracts of the day are there, whole, and until when the others are waited for."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.problem import Problem
from data.profile import Profile
from flows.arrivals import date_of, is_companion

SETTLED = 10  # seconds without a change: a file is written to no longer
LOOK = 30  # seconds between two looks


@dataclass(frozen=True)
class Awaited:
    """An extract that is expected: arrived, whole, or not (`why`)."""

    extract: str
    deadline: datetime
    why: str | None

    @property
    def unfinished(self) -> bool:
        """A file of it lies there that must not be read yet."""
        return self.why is not None and not self.why.startswith("no file")

    def __str__(self) -> str:
        return f"{self.extract}: {self.why or 'arrived'} (deadline {self.deadline:%Y-%m-%d %H:%M})"


def expected(landing: Path, profile: Profile, settings: dict, as_of: date, now: datetime) -> list[Awaited]:
    """What is expected of the extracts of a day (or later): deadlines are civil times of the day after it."""
    zone, arrival = ZoneInfo(settings["schedule"]["timezone"]), settings["arrival"]
    awaited = []
    for extract, clock in arrival["deadlines"].items():
        deadline = datetime.combine(as_of + timedelta(days=1), time.fromisoformat(clock), zone)
        awaited.append(Awaited(extract, deadline, _lacking(landing, profile, extract, as_of, arrival["marker"], now)))
    return awaited


def wait(
    landing: Path,
    profile: Profile,
    settings: dict,
    as_of: date,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    told=lambda line: None,
) -> list[Awaited]:
    """Wait until all are there or their deadlines have passed. Returns those that are not."""
    said = None
    while True:
        now = clock()
        late = [one for one in expected(landing, profile, settings, as_of, now) if one.why]
        still = [one.deadline for one in late if one.deadline > now]
        if not still:
            return late
        line = "waiting for " + "; ".join(map(str, late))
        if line != said:
            told(line)
            said = line
        sleep(min(LOOK, max(1.0, (max(still) - now).total_seconds())))


def _lacking(landing: Path, profile: Profile, extract: str, as_of: date, marker: str, now: datetime) -> str | None:
    """Why an extract of a day is not there; None where it is."""
    files = []
    for path in sorted(landing.iterdir()) if landing.is_dir() else ():
        source = profile.source_of(path) if path.is_file() and not path.name.startswith(".") and not is_companion(path) else None
        if source and source.extract == extract and (why := _unfinished(path, marker, now)):
            return why
        if source and source.extract == extract and _day(path, source) >= as_of:
            files.append(path)
    return None if files else f"no file of {as_of} has arrived"


def _day(path: Path, source) -> date:
    try:
        return date_of(path, source)
    except Problem:  # the run will say what is wrong with it
        return date.min


def _unfinished(path: Path, marker: str, now: datetime) -> str | None:
    """Why a file must not be read yet: written to a moment ago, or without its marker, or not what the marker's checksum says."""
    if (now.timestamp() - path.stat().st_mtime) < SETTLED:
        return f"{path.name} is still being written"
    if not marker:
        return None
    beside = path.with_name(path.name + marker)
    if not beside.is_file():
        return f"{path.name} has no {beside.name} yet"
    checksum = re.match(r"[0-9a-fA-F]{64}\b", beside.read_text(encoding="utf-8", errors="replace").strip())
    if checksum:
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != checksum[0].lower():
                return f"{path.name} is not what {beside.name} says"
    return None
