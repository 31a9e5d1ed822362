"""A full check of a store: every file that has a checksum is read, and what is damaged is put back
from a backup.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data.problem import Problem
from data.store import backup
from data.store.checksum_list import ChecksumList, find_fault
from data.store.manifest import MANIFEST, FileFacts, list_names, manifest_list, read_manifest
from data.store.releases import read_release_manifest
from data.store.store import Store


@dataclass(frozen=True)
class ExpectedFile:
    """A file of the store, and the sha256 that it was written with; None where nothing says it.

    `checksums` is the list that says it, or should; None: a manifest does.
    """

    path: Path
    sha256: str | None
    checksums: ChecksumList | None = None


@dataclass
class ScrubResult:
    """What a full check found: files looked at, their bytes, and a sentence by each faulty file."""

    files: int
    bytes: int
    faults: dict[Path, str]


def check_store(store: Store) -> ScrubResult:
    """Read every file of the lake, of publications and of releases. Nobody may be writing."""
    expected = list(_expected_files(store))
    faults = _find_faults(expected)
    for checksums in _checksum_lists(store):
        problem = _read_problem(checksums)
        if problem:
            faults[checksums.path] = problem
    present = {file.path for file in expected if file.path.is_file()}
    size = sum(path.stat().st_size for path in present)
    return ScrubResult(len(present), size, dict(sorted(faults.items())))


def repair_store(store: Store, archive: Path) -> list[str]:
    """Put back from a backup what is not as it was written. Returns the names of what changed.

    Where a file is as the backup has it and its checksum is not, the checksum is put right.
    """
    for checksums in _checksum_lists(store):
        checksums.drop_damaged_lines()
    inventory = backup.read_inventory(archive)
    wanted, repaired = {}, []
    for file in _expected_files(store):
        name = file.path.relative_to(store.root).as_posix()
        if name not in inventory or not find_fault(file.path, file.sha256):
            continue
        _, sha256 = inventory[name]
        if file.sha256 == sha256:
            wanted[name] = sha256
        elif file.checksums and not find_fault(file.path, sha256):
            file.checksums.add([file.path])
            repaired.append(f"checksum of {name}")
    return repaired + backup.put_back(archive, store.root, wanted)


def _find_faults(expected: Iterable[ExpectedFile]) -> dict[Path, str]:
    faults: dict[Path, str] = {}
    # Publications share the parts that did not change: one file on disk, with many names.
    checked: set[tuple[int, int, str | None]] = set()
    for file in expected:
        identity = _identify(file)
        if identity in checked:
            continue
        fault = find_fault(file.path, file.sha256)
        if fault:
            faults[file.path] = fault
        elif identity:
            checked.add(identity)
    return faults


def _identify(file: ExpectedFile) -> tuple[int, int, str | None] | None:
    try:
        facts = file.path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, file.sha256


def _checksum_lists(store: Store) -> list[ChecksumList]:
    tables = store.lake.tables
    lists = [tables.checksums(name).list for name in tables.names()]
    return [*lists, manifest_list(store.published), manifest_list(store.root / "releases")]


def _read_problem(checksums: ChecksumList) -> str | None:
    try:
        checksums.read()
    except Problem as problem:
        return problem.what
    return None


def _expected_files(store: Store) -> Iterator[ExpectedFile]:
    """Yield every file that a list, a log or a manifest names."""
    for checksums in _checksum_lists(store):
        if _read_problem(checksums) is None:
            for name, sha256 in checksums.read().items():
                yield ExpectedFile(checksums.root / name, sha256, checksums)
    yield from _unlisted_files(store)
    for folder in sorted(path.parent for path in store.published.glob(f"[!.]*/{MANIFEST}")):
        yield from _publication_files(folder)
    for folder in sorted(path.parent for path in store.releases.glob(f"[!.]*/*/{MANIFEST}")):
        yield from _release_files(folder)


def _unlisted_files(store: Store) -> Iterator[ExpectedFile]:
    """Yield the files that a list should have and has not."""
    tables = store.lake.tables
    for name in tables.names():
        checksums = tables.checksums(name)
        if _read_problem(checksums.list):
            continue
        unlisted = checksums.unlisted([])
        # Where the log is damaged, which is found by itself, nobody knows the data files.
        with suppress(Problem):
            unlisted = checksums.unlisted(tables.list_files(name))
        for path in unlisted:
            yield ExpectedFile(path, None, checksums.list)


def _publication_files(folder: Path) -> Iterator[ExpectedFile]:
    try:
        files = read_manifest(folder).files
    except Problem:
        return  # the manifest itself is in a list
    yield from _manifest_files(folder, files)


def _release_files(folder: Path) -> Iterator[ExpectedFile]:
    try:
        entries = read_release_manifest(folder)["files"]
        files = {name: FileFacts(**facts) for name, facts in entries.items()}
    except (ValueError, KeyError):
        return
    yield from _manifest_files(folder, files)


def _manifest_files(folder: Path, files: dict[str, FileFacts]) -> Iterator[ExpectedFile]:
    for name, facts in files.items():
        yield ExpectedFile(folder / name, facts.sha256)
    for name in list_names(folder):
        if name not in files:
            yield ExpectedFile(folder / name, None)
