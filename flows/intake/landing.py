"""What has landed: files -> deliveries to take in, each known by its content."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from data.config.contract import load_contracts
from data.config.correction import Correction
from data.config.profile import Profile, Source
from data.extracts.checksum import hash_file
from data.extracts.control_file import ExpectedTotal, read_control_file
from data.extracts.extract_date import read_extract_date
from data.extracts.formats import accepted_suffixes
from data.extracts.open_file import open_file
from data.problem import Problem, runbook_page
from data.store.lake import Lake

CHALLENGES = "challenges*.csv"  # returned forms of a preview: no extract (see challenges.py)
# The tree first, then by what refers to what: each delivery is judged against what is known on its
# day.
ORDER = ("branches", "benchmarks", "exposure", "claims", "complaints", "callbacks")


@dataclass(frozen=True)
class LandedFile:
    """A file in the landing folder."""

    path: Path
    source: Source
    extract_date: date
    sha256: str
    bytes: int


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


@dataclass
class LandedFiles:
    """What is in the landing folder: deliveries to take in, files that nothing is known of, what
    control files say, what is wrong.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    known: list[LandedFile] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    control: list[ExpectedTotal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look_at_landing(
    landing: Path,
    lake: Lake,
    profile: Profile,
    corrections: list[Correction],
    retry: bool = False,
    unread: dict[str, str] | None = None,
) -> LandedFiles:
    """Look at the landing folder. Content taken in before for the same extract date is known,
    whatever the file's name; for a later date it is news: nothing changed until then. A delivery
    with quarantined rows comes again where the rules for it have changed (`retry`: in any case),
    while landing still holds its files. `unread` are names of files that are not whole yet, with
    why.

    Raises Problem where the folder does not exist, or neither it nor the lake holds anything.
    """
    if not landing.is_dir():
        raise Problem(
            f"the landing folder {landing} does not exist",
            "give the folder that the extracts are delivered to with --landing",
            "nothing-landed",
        )
    ledger = lake.read("delivery").to_pylist()
    arrival = LandedFiles()
    paths = [
        path
        for path in sorted(landing.iterdir())
        if path.is_file() and not path.name.startswith(".") and not path.match(CHALLENGES)
    ]
    paths = [path for path in paths if not is_companion(path) and path.name not in (unread or {})]
    arrival.problems += [
        Problem(why, "a later run takes it in, once it is whole", "late-extract")
        for why in (unread or {}).values()
    ]
    outside = [path for path in paths if not is_inside(landing, path)]
    arrival.problems += [
        Problem(
            f"{path.name} is a link out of the landing folder",
            "deliver the file itself",
            "unreadable-file",
        )
        for path in outside
    ]
    paths = [path for path in paths if path not in outside]
    controls = [path for path in paths if fnmatch(path.name.lower(), profile.control)]
    sources = {path: profile.source_of(path) for path in paths if path not in controls}
    arrival.ignored = [path.name for path, source in sources.items() if source is None]
    arrival.ignored += [
        f"{path.name}/"
        for path in sorted(landing.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    ]
    known = {(row["extract"], row["sha256"]): row["extract_date"] for row in ledger}
    landed = _landed({path: source for path, source in sources.items() if source}, known, arrival)
    _controls(
        controls, {path.name for path in paths} | {row["file_name"] for row in ledger}, arrival
    )
    rules = JudgingFingerprint(profile, corrections, lake.read("release").to_pylist())
    again = _again(ledger, landed, rules, retry, arrival)
    taken = {(row["extract"], row["extract_date"], row["sha256"]) for row in ledger} - again
    dates = {(extract, extract_date) for extract, extract_date, _ in taken}
    found: dict[tuple[str, date], Delivery] = {}
    for file in landed:
        name = (file.source.extract, file.extract_date)
        delivery = found.get(name) or Delivery(*name, [], rules.fingerprint(*name), name in dates)
        if (*name, file.sha256) in taken or file.sha256 in {
            other.sha256 for other in delivery.files
        }:
            arrival.known.append(file)
            continue
        delivery.again |= (*name, file.sha256) in again
        delivery.files.append(file)
        found[name] = delivery
    if not ledger and not found and not arrival.problems:
        held = (
            f"it holds only files of no known extract: {', '.join(arrival.ignored[:3])}"
            if arrival.ignored
            else "it is empty"
        )
        patterns = ", ".join(source.files for source in profile.sources)
        raise Problem(
            f"there is nothing to compute from: the landing folder {landing}: {held}",
            f"deliver files named {patterns} (profile {profile.name})",
            "nothing-landed",
        )
    arrival.deliveries = [
        found[name] for name in sorted(found, key=lambda name: (name[1], ORDER.index(name[0])))
    ]
    return arrival


def is_companion(path: Path) -> bool:
    """Whether a file only says something of the one beside it: claims.csv.ok, claims.csv.sha256
    (see arriving.py).
    """
    return (
        path.suffix.lower() not in accepted_suffixes()
        and path.with_suffix("").suffix.lower() in accepted_suffixes()
        and path.with_suffix("").is_file()
    )


def remove_old_files(known: list[LandedFile], before: date) -> tuple[int, list[Problem]]:
    """Remove landed files that were taken in and whose extract date lies before a day. Returns how
    many, and what could not be removed.
    """
    removed, problems = 0, []
    for file in known:
        if file.extract_date < before:
            try:
                file.path.unlink()
                removed += 1
            except OSError as error:
                problems.append(
                    Problem(
                        f"{file.path.name} cannot be removed from landing: {error.strerror}",
                        "give the run write access to it",
                        "read-only",
                    )
                )
    return removed, problems


def is_inside(landing: Path, path: Path) -> bool:
    """Whether a file is in landing itself, no link to somewhere else: a source may not choose what
    the run reads.
    """
    return path.resolve().is_relative_to(landing.resolve())


def _landed(
    named: dict[Path, Source], known: dict[tuple, date], arrival: LandedFiles
) -> list[LandedFile]:
    """The files of known extracts with their content's fingerprint; what cannot be opened or has no
    day is a problem of its own.

    `known` are the extract dates of content that was taken in (extract, sha256).
    """
    with ThreadPoolExecutor() as pool:
        fingerprints = dict(zip(named, pool.map(_fingerprint, named), strict=True))
    found = []
    for path, source in named.items():
        try:
            with runbook_page("unreadable-file"):
                if path.suffix.lower() not in accepted_suffixes():
                    raise Problem(
                        f"{path.name}: {path.suffix or 'a file without a suffix'} is not a supported format",
                        f"deliver it as one of {', '.join(accepted_suffixes())}",
                    )
                if isinstance(fingerprints[path], Problem):
                    raise fingerprints[path]
                sha256, size = fingerprints[path]
                # A day that stands in a column cannot be another one in the same content: it is not
                # looked for every night.
                told = (
                    known.get((source.extract, sha256))
                    if isinstance(source.extract_date, dict)
                    else None
                )
                found.append(
                    LandedFile(path, source, told or file_date(path, source), sha256, size)
                )
        except Problem as problem:
            arrival.problems.append(problem)
    return found


def file_date(path: Path, source: Source) -> date:
    """The extract date of a file, from one of its columns where the profile says so.

    Raises Problem where it cannot be told.
    """
    if isinstance(source.extract_date, dict):
        with TemporaryDirectory() as folder:
            return read_extract_date(
                open_file(path, source, Path(folder)), source.extract_date["column"], path
            )
    return source.date_of(path, datetime.fromtimestamp(path.stat().st_mtime, UTC).date())


def _fingerprint(path: Path) -> tuple[str, int] | Problem:
    try:
        return hash_file(path)
    except OSError as error:
        return Problem(
            f"{path.name} cannot be opened: {error.strerror}", "give the run read access to it"
        )


def _controls(paths: list[Path], delivered: set[str], arrival: LandedFiles) -> None:
    for path in paths:
        try:
            with runbook_page("unreadable-file"):
                said = read_control_file(path, load_contracts())
        except Problem as problem:
            arrival.problems.append(problem)
            continue
        arrival.control += said
        for name in sorted({entry.file_name for entry in said} - delivered):
            arrival.problems.append(
                Problem(
                    f"{path.name} tells of {name}, which has not been delivered",
                    "deliver the file, or the control file again",
                    "late-extract",
                )
            )


@dataclass
class JudgingFingerprint:
    """What a delivery is judged by, as far as it may change without the code."""

    profile: Profile
    corrections: list[Correction]
    releases: list[dict]

    def fingerprint(self, extract: str, extract_date: date) -> str:
        sources = [source for source in self.profile.sources if source.extract == extract]
        corrections = [
            correction for correction in self.corrections if correction.extract == extract
        ]
        releases = [
            row
            for row in self.releases
            if (row["extract"], row["extract_date"]) == (extract, extract_date)
        ]
        by = (load_contracts()[extract], self.profile.timezone, sources, corrections, releases)
        return hashlib.sha256(repr(by).encode()).hexdigest()[:16]


def _again(
    ledger: list[dict],
    landed: list[LandedFile],
    rules: JudgingFingerprint,
    retry: bool,
    arrival: LandedFiles,
) -> set[tuple]:
    """The files (extract, date, sha256) of deliveries that are to be judged again."""
    there = {(file.source.extract, file.extract_date, file.sha256) for file in landed}
    deliveries: dict[tuple, list[dict]] = {}
    for row in ledger:
        deliveries.setdefault((row["extract"], row["extract_date"]), []).append(row)
    again = set()
    for (extract, extract_date), rows in deliveries.items():
        quarantined = sum(row["rows_quarantined"] for row in rows)
        files = {(extract, extract_date, row["sha256"]) for row in rows}
        changed = any(row["judged_by"] != rules.fingerprint(extract, extract_date) for row in rows)
        if not quarantined or not (retry or changed):
            continue
        missing = sorted(
            row["file_name"] for row in rows if (extract, extract_date, row["sha256"]) not in there
        )
        if missing:
            said = f"{quarantined:,} quarantined rows of the {extract} extract of {extract_date} cannot be judged again"
            arrival.notes.append(f"{said}: landing no longer holds {', '.join(missing[:3])}")
        else:
            again |= files
    return again
