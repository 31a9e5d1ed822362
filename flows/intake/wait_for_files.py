"""Waiting for what is expected: which extracts of the day are there, which files are whole, and
until when the others are waited for.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.config.profile import Profile
from data.problem import Problem
from flows.intake.landing import file_date, is_companion, is_inside

SETTLED = 10  # seconds without a change: a file is written to no longer
LOOK = 30  # seconds between two looks
PATIENCE = timedelta(minutes=15)  # for a file that grows and that no deadline is set for
CHECKSUMS = {32: "md5", 40: "sha1", 64: "sha256"}  # by their digits
GROWING = "is still being written"


@dataclass(frozen=True)
class ExpectedExtract:
    """An extract that is expected: arrived, whole, or not (`why`)."""

    extract: str
    deadline: datetime
    why: str | None

    def __str__(self) -> str:
        return f"{self.extract}: {self.why or 'arrived'} (deadline {self.deadline:%Y-%m-%d %H:%M})"


@dataclass
class LandingWatch:
    """What lies in the landing folder, looked at over and over: `unread` has why a file must not be
    read yet, by its name.
    """

    folder: Path
    profile: Profile
    settings: dict
    as_of: date
    unread: dict[str, str] = field(default_factory=dict)
    checked: dict[tuple, bool] = field(default_factory=dict)

    def expected(self, now: datetime) -> list[ExpectedExtract]:
        """Look, and say what is there of the extracts of the day (or later): deadlines are civil
        times of the day after it.
        """
        self.unread, there, hindered = {}, set(), {}
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if (
                not path.is_file()
                or path.name.startswith(".")
                or is_companion(path)
                or not is_inside(self.folder, path)
            ):
                continue  # a link out of landing is not looked into: the run says so
            source = self.profile.source_of(path)
            if source and (why := self._unfinished(path, now)):
                self.unread[path.name] = hindered[source.extract] = f"{path.name} {why}"
            elif source and _day(path, source) >= self.as_of:
                there.add(source.extract)
        zone, awaited = ZoneInfo(self.settings["schedule"]["timezone"]), []
        for extract, clock in self.settings["arrival"]["deadlines"].items():
            why = hindered.get(extract) or (
                None if extract in there else f"no file of {self.as_of} has arrived"
            )
            awaited.append(
                ExpectedExtract(
                    extract,
                    datetime.combine(
                        self.as_of + timedelta(days=1), time.fromisoformat(clock), zone
                    ),
                    why,
                )
            )
        return awaited

    def _unfinished(self, path: Path, now: datetime) -> str | None:
        """Why a file must not be read yet: written to a moment ago, or without its marker, or not
        what the checksum beside it says.
        """
        if abs(now.timestamp() - path.stat().st_mtime) < SETTLED:
            return GROWING
        marker = self.settings["arrival"]["marker"]
        if marker and not path.with_name(path.name + marker).is_file():
            return f"has no {path.name}{marker} yet"
        for suffix in {marker, *(f".{name}" for name in CHECKSUMS.values())} - {""}:
            beside = path.with_name(path.name + suffix)
            if beside.is_file() and not is_inside(self.folder, beside):
                return f"has {beside.name}, which is a link out of the landing folder"
            if beside.is_file() and not self._fits(path, beside):
                return f"is not what {beside.name} says"
        return None

    def _fits(self, path: Path, beside: Path) -> bool:
        """Whether a file has the checksum that the one beside it begins with; where that has none,
        it says only that the file is whole.
        """
        told = re.match(
            r"[0-9a-fA-F]{32,}\b", beside.read_text(encoding="utf-8", errors="replace").strip()
        )
        if not told or len(told[0]) not in CHECKSUMS:
            return True
        seen = (path, path.stat().st_size, path.stat().st_mtime, told[0].lower())
        if seen not in self.checked:
            with path.open("rb") as stream:
                self.checked[seen] = (
                    hashlib.file_digest(stream, CHECKSUMS[len(told[0])]).hexdigest()
                    == told[0].lower()
                )
        return self.checked[seen]


def wait_for_files(
    landing: LandingWatch,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    told=lambda line: None,
) -> list[ExpectedExtract]:
    """Wait until all that is expected is there or its deadline has passed, and no file is still
    being written. Returns what is late; `landing.unread` has what must not be read.
    """
    said, started = None, clock()
    while True:
        now = clock()
        late = [one for one in landing.expected(now) if one.why]
        until = [one.deadline for one in late if one.deadline > now]
        growing = [why for why in landing.unread.values() if why.endswith(GROWING)]
        if growing and now - started < PATIENCE:
            until.append(now + timedelta(seconds=SETTLED))
        if not until:
            return late
        line = "waiting: " + "; ".join([str(one) for one in late if one.deadline > now] or growing)
        if line != said:
            told(line)
            said = line
        sleep(min(LOOK, max(1.0, (max(until) - now).total_seconds())))


def _day(path: Path, source) -> date:
    try:
        return file_date(path, source)
    except Problem:  # the run will say what is wrong with it
        return date.min
