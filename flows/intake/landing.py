"""What has landed: files -> deliveries to take in, each known by its content."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from data.checksum import hash_file
from data.config.contract import load_contracts
from data.config.correction import Correction
from data.config.profile import Profile
from data.config.profile_source import Source
from data.extracts.control_file import ExpectedTotal, read_control_file
from data.extracts.formats import accepted_suffixes
from data.problem import Problem, runbook_page
from data.store.lake import Lake
from flows.intake.judging_fingerprint import JudgingFingerprint, find_files_to_judge_again
from flows.intake.landed_file import (
    Delivery,
    FileKey,
    LandedFile,
    file_date,
    is_challenge_form,
    is_companion,
    is_inside,
)

# The tree first, then by what refers to what: each delivery is judged against what is known on its
# day.
EXTRACT_ORDER = ("branches", "benchmarks", "exposure", "claims", "complaints", "callbacks")


@dataclass
class LandedFiles:
    """What is in the landing folder.

    Attributes:
        deliveries: to take in, in the order in which they are to be judged.
        known: files that were taken in before.
        ignored: names of files and folders that match no pattern of the profile.
        control: what control files say.
        problems: what is wrong.
        notes: what a reader should know, although nothing is wrong.
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
    """Return what is in the landing folder.

    Content taken in before for the same extract date is known, whatever the file's name; for a
    later date it is news: nothing changed until then. A delivery with quarantined rows comes again
    where the rules for it have changed, while landing still holds its files.

    Args:
        landing: the folder.
        lake: has the ledger of what was taken in.
        profile: says which file is an extract of what.
        corrections: those that are declared.
        retry: whether every delivery with quarantined rows comes again.
        unread: names of files that are not complete yet, each with the reason.

    Raises:
        Problem: the folder does not exist, or neither it nor the lake holds anything.
    """
    if not landing.is_dir():
        raise Problem(
            f"the landing folder {landing} does not exist",
            "give the folder that the extracts are delivered to with --landing",
            "nothing-landed",
        )
    landed = LandedFiles()
    ledger = lake.read("delivery").to_pylist()
    paths = _list_readable_files(landing, unread or {}, landed)
    control_paths = [path for path in paths if fnmatch(path.name.lower(), profile.control)]
    extract_paths = [path for path in paths if path not in control_paths]
    sources = _find_sources(extract_paths, profile, landed)
    landed.ignored += _list_folders(landing)
    files = _open_files(sources, ledger, landed, profile.timezone)
    delivered_names = {path.name for path in paths} | {row["file_name"] for row in ledger}
    _read_control_files(control_paths, delivered_names, landed)
    rules = JudgingFingerprint(profile, corrections, lake.read("release").to_pylist())
    again, notes = find_files_to_judge_again(ledger, {file.key for file in files}, rules, retry)
    landed.notes += notes
    deliveries = _group_files(files, ledger, again, rules, landed)
    if not ledger and not deliveries and not landed.problems:
        raise _nothing_landed_problem(landing, profile, landed.ignored)
    landed.deliveries = sorted(deliveries, key=_judging_order)
    return landed


def _list_readable_files(landing: Path, unread: dict[str, str], landed: LandedFiles) -> list[Path]:
    """Return the files to look into, by name; what must not be read is a problem each."""
    for reason in unread.values():
        landed.problems.append(
            Problem(reason, "a later run takes it in, once it is complete", "late-extract")
        )
    paths = []
    for path in sorted(landing.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        if is_companion(path) or is_challenge_form(path) or path.name in unread:
            continue
        if is_inside(landing, path):
            paths.append(path)
        else:
            landed.problems.append(
                Problem(
                    f"{path.name} is a link out of the landing folder",
                    "deliver the file itself",
                    "unreadable-file",
                )
            )
    return paths


def _list_folders(landing: Path) -> list[str]:
    return [
        f"{path.name}/"
        for path in sorted(landing.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    ]


def _find_sources(paths: list[Path], profile: Profile, landed: LandedFiles) -> dict[Path, Source]:
    """Return how each file of a known extract is read; the others are ignored."""
    sources = {}
    for path in paths:
        source = profile.source_of(path)
        if source is None:
            landed.ignored.append(path.name)
        else:
            sources[path] = source
    return sources


def _open_files(
    sources: dict[Path, Source], ledger: list[dict], landed: LandedFiles, timezone: str
) -> list[LandedFile]:
    """Return the files of known extracts; one that cannot be opened or has no day is a problem."""
    known_dates = {(row["extract"], row["sha256"]): row["extract_date"] for row in ledger}
    with ThreadPoolExecutor() as pool:
        checksums = {path: pool.submit(_hash_landed_file, path) for path in sources}
    files = []
    for path, source in sources.items():
        try:
            with runbook_page("unreadable-file"):
                _check_suffix(path)
                sha256, size = checksums[path].result()
                known_date = known_dates.get((source.extract, sha256))
                day = _landed_date(path, source, known_date, timezone)
        except Problem as problem:
            landed.problems.append(problem)
        else:
            files.append(LandedFile(path, source, day, sha256, size))
    return files


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in accepted_suffixes():
        raise Problem(
            f"{path.name}: {path.suffix or 'a file without a suffix'} is not a supported format",
            f"deliver it as one of {', '.join(accepted_suffixes())}",
        )


def _hash_landed_file(path: Path) -> tuple[str, int]:
    """Return the file's checksum and size in bytes. Raises Problem where it cannot be opened."""
    try:
        return hash_file(path)
    except OSError as error:
        raise Problem(
            f"{path.name} cannot be opened: {error.strerror}", "give the run read access to it"
        ) from None


def _landed_date(path: Path, source: Source, known_date: date | None, timezone: str) -> date:
    """Return the extract date of a file; `known_date` is that of the same content taken in before.

    A day in a column cannot be another one in the same content, and to find it the whole file is
    read: not in every run. A day in the file's name can be another one.
    """
    is_in_column = isinstance(source.extract_date, dict)
    if is_in_column and known_date is not None:
        return known_date
    return file_date(path, source, timezone)


def _read_control_files(paths: list[Path], delivered_names: set[str], landed: LandedFiles) -> None:
    """Note what control files say; one that cannot be read is a problem, as is a file that one
    names and nobody has delivered.
    """
    for path in paths:
        try:
            with runbook_page("unreadable-file"):
                totals = read_control_file(path, load_contracts())
        except Problem as problem:
            landed.problems.append(problem)
            continue
        landed.control += totals
        for name in sorted({total.file_name for total in totals} - delivered_names):
            landed.problems.append(
                Problem(
                    f"{path.name} lists {name}, which has not been delivered",
                    "deliver the file, or the control file again",
                    "late-extract",
                )
            )


def _group_files(
    files: list[LandedFile],
    ledger: list[dict],
    again: set[FileKey],
    rules: JudgingFingerprint,
    landed: LandedFiles,
) -> list[Delivery]:
    """Return the deliveries that files belong to; those taken in before, or the same twice, are
    known.
    """
    ledger_keys = {(row["extract"], row["extract_date"], row["sha256"]) for row in ledger}
    taken_in = ledger_keys - again
    dates_taken_in = {(extract, extract_date) for extract, extract_date, _ in taken_in}
    deliveries: dict[tuple[str, date], Delivery] = {}
    grouped: set[FileKey] = set()
    for file in files:
        if file.key in taken_in or file.key in grouped:
            landed.known.append(file)
            continue
        grouped.add(file.key)
        extract, day = file.source.extract, file.extract_date
        delivery = deliveries.get((extract, day))
        if delivery is None:
            redelivered = (extract, day) in dates_taken_in
            judged_by = rules.fingerprint(extract, day)
            delivery = Delivery(extract, day, [], judged_by, redelivered)
            deliveries[extract, day] = delivery
        delivery.files.append(file)
        if file.key in again:
            delivery.again = True
    return list(deliveries.values())


def _judging_order(delivery: Delivery) -> tuple[date, int]:
    return delivery.extract_date, EXTRACT_ORDER.index(delivery.extract)


def _nothing_landed_problem(landing: Path, profile: Profile, ignored: list[str]) -> Problem:
    state = "is empty"
    if ignored:
        state = f"holds only files of no known extract: {', '.join(ignored[:3])}"
    patterns = ", ".join(source.files for source in profile.sources)
    return Problem(
        f"there is nothing to compute from: the landing folder {landing} {state}",
        f"deliver files named {patterns} (profile {profile.name})",
        "nothing-landed",
    )


def remove_old_files(known: list[LandedFile], before: date) -> tuple[int, list[Problem]]:
    """Remove landed files that were taken in and whose extract date is before a day.

    Returns how many, and what could not be removed.
    """
    removed, problems = 0, []
    for file in known:
        if file.extract_date >= before:
            continue
        try:
            file.path.unlink()
        except OSError as error:
            problems.append(
                Problem(
                    f"{file.path.name} cannot be removed from landing: {error.strerror}",
                    "give the run write access to it",
                    "read-only",
                )
            )
        else:
            removed += 1
    return removed, problems
