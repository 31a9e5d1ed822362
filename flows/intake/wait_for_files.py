"""Wait for what is expected: which extracts of the day are there, which files are complete, and
until when the others are waited for.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.config.operations import Operations
from data.config.profile import Profile
from data.config.profile_source import Source
from data.problem import Problem
from flows.intake.landed_file import file_date, is_companion, is_inside

SETTLED_SECONDS = 10  # without a change: nobody writes to the file any more
POLL_SECONDS = 30  # the longest time between two looks
PATIENCE = timedelta(minutes=15)  # for a file that grows although no deadline is set for it
CHECKSUMS = {32: "md5", 40: "sha1", 64: "sha256"}  # by the number of their digits
CHECKSUM_SUFFIXES = tuple(f".{name}" for name in CHECKSUMS.values())
CHECKSUM = re.compile(
    r"[0-9a-fA-F]{32,}\b"
)  # claims.csv.md5: the digits, often the name after them
GROWING = "is still being written"


@dataclass(frozen=True)
class ExpectedExtract:
    """An extract that is expected; `why` it has not arrived, None where it has."""

    extract: str
    deadline: datetime
    why: str | None

    def __str__(self) -> str:
        return f"{self.extract}: {self.why or 'arrived'} (deadline {self.deadline:%Y-%m-%d %H:%M})"


@dataclass
class LandingWatch:
    """The landing folder, looked at again and again.

    Attributes:
        folder: the landing folder; it need not exist.
        profile: says which file is an extract of what.
        settings: of the store's operations.
        as_of: the day whose extracts are expected.
        unread: why a file must not be read yet, by its name, at the last look.
        checked: whether a file has its checksum, by what would change if the file did.
    """

    folder: Path
    profile: Profile
    settings: Operations
    as_of: date
    unread: dict[str, str] = field(default_factory=dict)
    checked: dict[tuple, bool] = field(default_factory=dict)

    def expected(self, now: datetime) -> list[ExpectedExtract]:
        """Look, and return what is there of the extracts of the day (or later).

        Deadlines are civil times of the day after it.
        """
        arrived, hindered = self._look(now)
        zone = ZoneInfo(self.settings.schedule.timezone)
        next_day = self.as_of + timedelta(days=1)
        extracts = []
        for extract, clock_time in self.settings.arrival.deadlines.items():
            why = hindered.get(extract)
            if why is None and extract not in arrived:
                why = f"no file of {self.as_of} has arrived"
            deadline = datetime.combine(next_day, time.fromisoformat(clock_time), zone)
            extracts.append(ExpectedExtract(extract, deadline, why))
        return extracts

    def _look(self, now: datetime) -> tuple[set[str], dict[str, str]]:
        """Return the extracts that have arrived, and why others must not be read yet."""
        self.unread = {}
        arrived: set[str] = set()
        hindered: dict[str, str] = {}
        for path in self._list_files():
            source = self.profile.source_of(path)
            if source is None:
                continue
            unfinished = self._why_unfinished(path, now)
            if unfinished:
                self.unread[path.name] = hindered[source.extract] = f"{path.name} {unfinished}"
            elif _date_if_known(path, source, self.profile.timezone) >= self.as_of:
                arrived.add(source.extract)
        return arrived, hindered

    def _list_files(self) -> list[Path]:
        """Return the files that may be extracts. A link out of landing is not looked into: the run
        reports it.
        """
        if not self.folder.is_dir():
            return []
        return [
            path
            for path in sorted(self.folder.iterdir())
            if path.is_file()
            and not path.name.startswith(".")
            and not is_companion(path)
            and is_inside(self.folder, path)
        ]

    def _why_unfinished(self, path: Path, now: datetime) -> str | None:
        """Return why a file must not be read yet: written to a moment ago, or without its marker,
        or not what its checksum says.
        """
        # Also where the sender's clock is ahead: a file of the near future is as fresh.
        if abs(now.timestamp() - path.stat().st_mtime) < SETTLED_SECONDS:
            return GROWING
        marker = self.settings.arrival.marker
        if marker and not path.with_name(path.name + marker).is_file():
            return f"has no {path.name}{marker} yet"
        for suffix in (marker, *CHECKSUM_SUFFIXES):
            companion = path.with_name(path.name + suffix)
            if not suffix or not companion.is_file():
                continue
            if not is_inside(self.folder, companion):
                return f"has {companion.name}, which is a link out of the landing folder"
            if not self._has_checksum(path, companion):
                return f"is not what {companion.name} says"
        return None

    def _has_checksum(self, path: Path, companion: Path) -> bool:
        """Return whether a file has the checksum that its companion begins with.

        A companion without one says only that the file is complete.
        """
        text = companion.read_text(encoding="utf-8", errors="replace").strip()
        match = CHECKSUM.match(text)
        if match is None or len(match[0]) not in CHECKSUMS:
            return True
        digits = match[0].lower()
        # Hashing reads the whole file, and there may be a look every few seconds.
        state = (path, path.stat().st_size, path.stat().st_mtime, digits)
        if state not in self.checked:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, CHECKSUMS[len(digits)])
            self.checked[state] = digest.hexdigest() == digits
        return self.checked[state]


def wait_for_files(
    watch: LandingWatch,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    say: Callable[[str], None],
) -> list[ExpectedExtract]:
    """Wait until all that is expected is there or its deadline has passed, and no file is still
    being written.

    Args:
        watch: looks at the landing folder; its `unread` has what must not be read in the end.
        clock: returns the moment.
        sleep: waits for a number of seconds.
        say: takes a sentence on what is waited for, whenever that changes.

    Returns:
        What is late.
    """
    last_line, started = None, clock()
    while True:
        now = clock()
        late = [extract for extract in watch.expected(now) if extract.why]
        awaited = [extract for extract in late if extract.deadline > now]
        growing = [why for why in watch.unread.values() if why.endswith(GROWING)]
        moments = [extract.deadline for extract in awaited]
        if growing and now - started < PATIENCE:
            moments.append(now + timedelta(seconds=SETTLED_SECONDS))
        if not moments:
            return late
        line = f"waiting: {'; '.join(map(str, awaited) if awaited else growing)}"
        if line != last_line:
            say(line)
            last_line = line
        seconds_left = (max(moments) - now).total_seconds()
        sleep(min(POLL_SECONDS, max(1.0, seconds_left)))


def _date_if_known(path: Path, source: Source, timezone: str) -> date:
    """Return the extract date of a file, long ago where it has none: the run says what is wrong."""
    try:
        return file_date(path, source, timezone)
    except Problem:
        return date.min
