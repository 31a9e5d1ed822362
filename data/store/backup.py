"""A store as one file, and back: a tar of everything but what only a running run needs, with the
checksum of every file as its last member.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from data.problem import Problem

INVENTORY = "inventory.json"
PASSING = (
    "work",
    ".lock",
    ".holder",
    ".prefect",
    ".restoring",
)  # beside these, what is being built: its name begins with .building


class Hashing:
    """A stream, and the sha256 of what was read from it."""

    def __init__(self, stream: BinaryIO):
        self.stream, self.sha256 = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self.stream.read(size)
        self.sha256.update(content)
        return content


def write_backup(root: Path, target: Path) -> tuple[int, int]:
    """Write a store that nobody writes to meanwhile into a new file. Returns how many files it
    holds, and their bytes.

    Raises Problem where the target is there already, lies in the store, or cannot be written.
    """
    if target.exists():
        raise Problem(
            f"{target} is there already",
            "give the backup a name of its own, such as that of its day",
        )
    if target.resolve().is_relative_to(root.resolve()):
        raise Problem(f"{target} lies in the store itself", "write the backup to another disk")
    aside = target.with_name(f".{target.name}")
    try:
        with tarfile.open(aside, "w") as tar:
            held = {name: _add(tar, path, name) for name, path in _files(root)}
            told = json.dumps(held, indent=1, ensure_ascii=False).encode()
            info = tarfile.TarInfo(INVENTORY)
            info.size = len(told)
            tar.addfile(info, BytesIO(told))
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise Problem(
            f"the backup {target} cannot be written: {error.strerror}",
            "make room there, or choose another place",
            "backup",
        ) from None
    aside.rename(target)
    return len(held), sum(size for size, _ in held.values())


def restore_backup(archive: Path, root: Path) -> int:
    """Make a store out of a backup: beside it first, every file checked, then by one rename.
    Returns how many files it holds.

    Raises Problem where something is there already, or the backup is not whole.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Problem(
            f"{root} is not empty",
            "restore to a new folder; put it in the place of the old store yourself",
            "backup",
        )
    aside = root.with_name(f".restoring-{root.name}")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        held = _extract(archive, aside)
        wrong = sorted(name for name, entry in held.items() if not _is_as(aside / name, entry))
        if wrong:
            raise Problem(
                f"the backup {archive} is damaged: {len(wrong)} files differ, such as {wrong[0]}",
                "use an earlier one",
                "backup",
            )
        root.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(root)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise Problem(
            f"the backup {archive} cannot be restored: {error}",
            "use an earlier one, or make room",
            "backup",
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return len(held)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if (
            path.is_file()
            and not path.is_symlink()
            and parts[0] not in PASSING
            and not any(part.startswith(".building") for part in parts)
        ):
            yield path.relative_to(root).as_posix(), path


def _add(tar: tarfile.TarFile, path: Path, name: str) -> tuple[int, str]:
    info = tar.gettarinfo(str(path), name)
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.type = tarfile.REGTYPE  # a file with two names is two files
    info.size = path.stat().st_size
    with path.open("rb") as stream:
        tar.addfile(info, hashing := Hashing(stream))
    return info.size, hashing.sha256.hexdigest()


def _extract(archive: Path, folder: Path) -> dict[str, list]:
    """Everything in an archive but its inventory, which is returned. A member that is no plain
    file, or would lie outside, is refused.
    """
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            if not member.isfile():
                raise ValueError(f"it holds {member.name}, which is no file")
            if member.name != INVENTORY:
                tar.extract(member, folder, filter="tar")
        return json.load(tar.extractfile(INVENTORY))


def _is_as(path: Path, entry: list) -> bool:
    if not path.is_file() or path.stat().st_size != entry[0]:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == entry[1]
