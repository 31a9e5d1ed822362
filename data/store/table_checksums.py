"""The checksums of a Delta table: of its log as of its data, recorded after each commit.

A flipped bit in the log can drop a month of rows as well as one in the rows can change a figure.
"""

import re
from pathlib import Path

from data.store.checksum_list import ChecksumList, damage_problem

LOG = "_delta_log"
COMMIT = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint.*\.parquet")
# What a kill may leave without checksums: the commit of a table and its first rows, or the commit
# of rows and that which merges small files. The next one who holds the store records them.
MAX_UNRECORDED = 2


class TableChecksums:
    """The checksums of one table: `folder` is below `root`, the store."""

    def __init__(self, root: Path, name: str, folder: Path):
        self.list = ChecksumList(root / "lake" / "checksums" / f"{name}.sha256", root)
        self.log = folder / LOG

    def record(self, data_files: list[str]) -> None:
        """Record what commits have added: files of the log, and data files of the table."""
        self.list.add(self.unlisted(data_files))

    def check_log(self, version: int | None) -> None:
        """Check the part of the log that a version is read from (None: the latest).

        Raises Problem where it is not as it was written.
        """
        if not self.are_kept():
            return
        latest, recorded = self.check_recorded()
        target = latest if version is None else version
        checkpoints = _by_version(self.log, CHECKPOINT)
        start = max((number for number in checkpoints if number <= target), default=-1)
        needed = [self.log / _commit_name(number) for number in range(start + 1, target + 1)]
        if start >= 0:
            needed.append(checkpoints[start])
        self.list.check(file for file in needed if _version_of(file) <= recorded)

    def check_recorded(self) -> tuple[int, int]:
        """Return the latest version in the log, and the latest whose checksums are recorded.

        Raises Problem where they are further apart than a kill may leave them.
        """
        latest = max(_by_version(self.log, COMMIT), default=-1)
        recorded = max((_version_of(Path(name)) for name in self.list.read()), default=-1)
        if latest < recorded:
            raise damage_problem(f"the file {self.log / _commit_name(recorded)} is missing")
        if latest > recorded + MAX_UNRECORDED:
            raise damage_problem(f"the file {self.list.path} is damaged: checksums are missing")
        return latest, recorded

    def are_kept(self) -> bool:
        """Return whether there are checksums; not before somebody has held a store of an earlier
        format, or in the moment after a table is created.
        """
        return self.list.path.is_file()

    def check_data(self, files: list[str]) -> None:
        """Check data files of the table.

        Raises Problem for the first that is not as it was written.
        """
        if not self.are_kept():
            return
        listed = self.list.read()
        paths = [Path(file) for file in files]
        unlisted = [path for path in paths if self.list.name_of(path) not in listed]
        new_names = self._unrecorded_log() if unlisted else ""
        # What is in no list yet, but in a commit that nobody has recorded, is not missed.
        new = {path for path in unlisted if path.name in new_names}
        self.list.check(path for path in paths if path not in new)

    def remove(self, data_files: list[Path]) -> None:
        """Take data files off the list that are about to be removed."""
        self.list.remove(map(self.list.name_of, data_files))

    def is_complete(self) -> bool:
        """Return whether every commit is recorded."""
        return not self.unlisted([])

    def unlisted(self, data_files: list[str]) -> list[Path]:
        """Return the files of the log and the data files that are not in the list."""
        listed = self.list.read()
        files = [*self._log_files(), *map(Path, data_files)]
        return [file for file in files if self.list.name_of(file) not in listed]

    def _log_files(self) -> list[Path]:
        """Return the files of the log in their order; what delta-rs writes anew is none of them."""
        return sorted(path for path in self.log.glob("0*") if _version_of(path) >= 0)

    def _unrecorded_log(self) -> str:
        _, recorded = self.check_recorded()
        commits = _by_version(self.log, COMMIT)
        texts = [
            path.read_text(encoding="utf-8", errors="replace")
            for number, path in commits.items()
            if number > recorded
        ]
        return "\n".join(texts)


def _by_version(log: Path, pattern: re.Pattern) -> dict[int, Path]:
    versions = {}
    for path in log.glob("0*"):
        if pattern.fullmatch(path.name):
            versions[_version_of(path)] = path
    return versions


def _version_of(path: Path) -> int:
    """Return the version that a file of a log belongs to; -1 for any other file."""
    match = COMMIT.fullmatch(path.name) or CHECKPOINT.fullmatch(path.name)
    return int(match[1]) if match else -1


def _commit_name(version: int) -> str:
    return f"{version:020d}.json"
