"""Checksums of files at rest, in a text file that `sha256sum --check` reads.

A disk may give back other bytes than were written, and nothing in a Parquet file notices: of 400
flipped bits in a lake 185 changed rows in silence (November 2026).
"""

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data.checksum import hash_file
from data.problem import Problem
from data.store.atomic import sync_to_disk, write_text

LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class ChecksumList:
    """The checksums of files below a folder: a line each, added once the file is on disk.

    `path` is the list, `root` the folder that its names begin in. A line that a kill cut off does
    not count.
    """

    def __init__(self, path: Path, root: Path):
        self.path, self.root = path, root
        self._checksums: dict[str, str] = {}
        self._read_state: tuple[int, int] | None = None
        # Files that were found as they should be, with what would change if they were written.
        self._checked: dict[str, tuple[int, int]] = {}

    def read(self) -> dict[str, str]:
        """Return the sha256 of every file that is listed, by its name; none where there is no list.

        Raises Problem where a line is not one of the list's.
        """
        state = _file_state(self.path)
        if state != self._read_state:
            checksums, damaged_lines = self._parse() if state else ({}, [])
            if damaged_lines:
                where = f"{self.path}, line {damaged_lines[0]},"
                raise damage_problem(f"{where} is not a checksum and a name")
            self._checksums, self._read_state = checksums, state
        return self._checksums

    def _parse(self) -> tuple[dict[str, str], list[int]]:
        """Return the checksum of each file that is listed, and the numbers of damaged lines."""
        checksums, damaged_lines = {}, []
        text = self.path.read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")[:-1]  # what is after the last line break was cut off
        for number, line in enumerate(lines, start=1):
            match = LINE.fullmatch(line)
            if match:
                checksums[match[2]] = match[1]
            else:
                damaged_lines.append(number)
        return checksums, damaged_lines

    def drop_damaged_lines(self) -> None:
        """Write the list again without the lines that are damaged, where there are any."""
        checksums, damaged_lines = self._parse() if self.path.is_file() else ({}, [])
        if damaged_lines:
            self._write(checksums)

    def add(self, files: Iterable[Path]) -> None:
        """List files as they are now; they and their lines are on disk then."""
        files = list(files)
        if not files:
            return
        names = [self.name_of(file) for file in files]
        with ThreadPoolExecutor() as pool:
            checksums = dict(zip(names, pool.map(_measure_durably, files), strict=True))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._append("".join(_format_lines(checksums)))
        for name, file in zip(names, files, strict=True):
            self._note_as_checked(name, file)

    def _append(self, text: str) -> None:
        is_new = not self.path.exists()
        with self.path.open("ab+") as stream:
            _cut_off_half_line(stream)
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        if is_new:
            sync_to_disk(self.path.parent)

    def remove(self, names: Iterable[str]) -> None:
        """Take files off the list: before they are removed, so that none is missed."""
        names = set(names)
        checksums = self.read()
        if not names.isdisjoint(checksums):
            self._write({name: checksums[name] for name in checksums if name not in names})

    def _write(self, checksums: dict[str, str]) -> None:
        write_text(self.path, "".join(_format_lines(checksums)))

    def check(self, files: Iterable[Path]) -> None:
        """Read files and compare them with the list, each once.

        Raises Problem for the first that is missing, is not listed, or differs.
        """
        checksums = self.read()
        unchecked = []
        for file in files:
            name = self.name_of(file)
            if self._checked.get(name, ()) != _file_state(file):
                unchecked.append((name, file))
        with ThreadPoolExecutor() as pool:
            faults = pool.map(lambda one: find_fault(one[1], checksums.get(one[0])), unchecked)
            for (name, file), fault in zip(unchecked, faults, strict=True):
                if fault:
                    raise _fault_problem(file, fault)
                self._note_as_checked(name, file)

    def find_faults(self) -> dict[str, str]:
        """Read every listed file again, and return what is wrong, a sentence by the file's name."""
        faults = {}
        for name, checksum in sorted(self.read().items()):
            fault = find_fault(self.root / name, checksum)
            if fault:
                faults[name] = fault
        return faults

    def name_of(self, file: Path) -> str:
        """Return what a file is listed as: its path below the root."""
        root = self.root if file.is_relative_to(self.root) else self.root.resolve()
        return file.relative_to(root).as_posix()

    def _note_as_checked(self, name: str, file: Path) -> None:
        state = _file_state(file)
        if state:
            self._checked[name] = state


def find_fault(file: Path, checksum: str | None) -> str | None:
    """Return how a file differs from the checksum that it was written with; None: it does not."""
    if not file.is_file():
        return f"the file {file} is missing"
    if checksum is None:
        return f"the checksum of the file {file} is missing"
    try:
        actual, _ = hash_file(file)
    except OSError as error:
        return f"the file {file} cannot be read: {error.strerror}"
    if actual != checksum:
        return f"the file {file} is damaged: it is not what was written (sha256 {checksum[:12]})"
    return None


def _fault_problem(file: Path, fault: str) -> Problem:
    if file.is_file() and not os.access(file, os.R_OK):
        return Problem(fault, "give the run read access to all of the store", "read-only")
    return damage_problem(fault)


def damage_problem(fault: str) -> Problem:
    """Return the Problem of a file that is not as it was written."""
    return Problem(
        fault,
        "put it back from a backup: servicekpi scrub --backup FILE.tar; without one, a new store"
        " takes in what landing still holds",
        "damaged-store",
    )


def _format_lines(checksums: dict[str, str]) -> list[str]:
    """Return the lines of a list, as `sha256sum` writes them."""
    lines = []
    for name, checksum in checksums.items():
        lines.append(f"{checksum}  {name}\n")
    return lines


def _measure_durably(file: Path) -> str:
    checksum, _ = hash_file(file)
    sync_to_disk(file)
    return checksum


def _file_state(file: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written; None where there is none."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size


def _cut_off_half_line(stream) -> None:
    """Remove from a list what a kill left of its last line."""
    stream.seek(0)
    content = stream.read()
    stream.truncate(content.rfind(b"\n") + 1)
