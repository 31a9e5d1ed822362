"""A file in the landing folder: whether it is an extract's, and of which day."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from data.config.profile_source import Source
from data.extracts.extract_date import read_extract_date
from data.extracts.formats import accepted_suffixes
from data.extracts.open_file import open_file

FileKey = tuple[str, date, str]  # extract, extract date, sha256


@dataclass(frozen=True)
class LandedFile:
    """A file in the landing folder."""

    path: Path
    source: Source
    extract_date: date
    sha256: str
    bytes: int

    @property
    def key(self) -> FileKey:
        """What the ledger knows the file by: its content and day, whatever its name."""
        return self.source.extract, self.extract_date, self.sha256


@dataclass
class Delivery:
    """The files of one extract: one kind, one extract date.

    `redelivered`: others of the same date were taken in before. `again`: these were, and are judged
    anew because the rules have changed.
    """

    extract: str
    extract_date: date
    files: list[LandedFile]
    judged_by: str
    redelivered: bool = False
    again: bool = False

    @property
    def kind(self) -> str:
        """`full` or `delta`: what a key that is missing from the delivery means."""
        return self.files[0].source.delivery

    @property
    def file_names(self) -> str:
        """The names of its files, for messages."""
        return ", ".join(file.path.name for file in self.files)


def is_companion(path: Path) -> bool:
    """Return whether a file only says something about the one next to it: claims.csv.ok,
    claims.csv.sha256 (see wait_for_files.py).
    """
    described = path.with_suffix("")
    return (
        path.suffix.lower() not in accepted_suffixes()
        and described.suffix.lower() in accepted_suffixes()
        and described.is_file()
    )


def is_challenge_form(path: Path) -> bool:
    """Return whether a file is a returned form of a preview, by its name: see challenges.py."""
    is_form = path.name.lower().startswith("challenges")
    return is_form and path.is_file() and not is_companion(path)


def is_inside(landing: Path, path: Path) -> bool:
    """Return whether a file is in landing itself, and not a link to somewhere else: a source may
    not choose what the run reads.
    """
    return path.resolve().is_relative_to(landing.resolve())


def file_date(path: Path, source: Source, timezone: str) -> date:
    """Return the extract date of a file, from one of its columns where the profile says so.

    Where nothing says it, it is the day on which the file arrived in the profile's time zone.

    Raises Problem where it cannot be found out.
    """
    if isinstance(source.extract_date, dict):
        with TemporaryDirectory() as folder:
            reading = open_file(path, source, Path(folder))
            return read_extract_date(reading, source.extract_date["column"], path)
    arrived = datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(timezone)).date()
    return source.date_of(path, arrived)
