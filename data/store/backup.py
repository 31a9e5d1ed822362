"""A store as one file, and back.

The file is a tar of everything but what only a running run needs, with the checksum of every file
as its last member.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from data.problem import Problem
from data.store.atomic import replace_file

INVENTORY = "inventory.json"
# What only a running run needs; so is what is being built, whose name begins with .building.
TEMPORARY = ("work", ".lock", ".holder", ".prefect", ".restoring")

# Size in bytes and sha256 of each file, by its path below the store.
Inventory = dict[str, tuple[int, str]]


class HashingReader:
    """A stream, and the sha256 of what was read from it."""

    def __init__(self, stream: IO[bytes]):
        self.stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes of the stream."""
        content = self.stream.read(size)
        self.sha256.update(content)
        return content


def write_backup(root: Path, target: Path) -> tuple[int, int]:
    """Write a store into a new file, and return the number of files in it and their bytes.

    Nobody may write to the store meanwhile. Raises Problem where the target exists, is in the
    store, or cannot be written.
    """
    if target.exists():
        raise Problem(
            f"{target} exists already",
            "give the backup a name of its own, such as that of its day",
        )
    if target.resolve().is_relative_to(root.resolve()):
        raise Problem(f"{target} is in the store itself", "write the backup to another disk")
    try:
        with replace_file(target) as sibling:
            inventory = _write_archive(root, sibling)
    except OSError as error:
        raise Problem(
            f"the backup {target} cannot be written: {error.strerror}",
            "free some space there, or choose another path",
            "backup",
        ) from None
    return len(inventory), sum(size for size, _ in inventory.values())


def restore_backup(archive: Path, root: Path) -> int:
    """Make a store out of a backup, and return the number of its files.

    It is unpacked next to its path, every file is checked, and one rename puts it there. Raises
    Problem where something exists there already, or the backup is damaged.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Problem(
            f"{root} is not empty",
            "restore to a new folder, then move it to where the old store was",
            "backup",
        )
    unpacked = root.with_name(f".restoring-{root.name}")
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        inventory = _extract(archive, unpacked)
        _check_files(archive, unpacked, inventory)
        root.parent.mkdir(parents=True, exist_ok=True)
        unpacked.rename(root)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise Problem(
            f"the backup {archive} cannot be restored: {error}",
            "use an earlier one, or free some space",
            "backup",
        ) from None
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return len(inventory)


def read_inventory(archive: Path) -> Inventory:
    """Return what a backup has. Raises Problem where it cannot be read."""
    with _open_archive(archive) as tar:
        return _read_inventory(tar)


def put_back(archive: Path, root: Path, wanted: dict[str, str]) -> list[str]:
    """Replace files of a store by those of a backup.

    `wanted` has the sha256 of each file by its path below the store. Returns the paths. Raises
    Problem where the backup cannot be read, or has another file.
    """
    with _open_archive(archive) as tar:
        for name, sha256 in sorted(wanted.items()):
            _put_back_file(tar, name, root, sha256)
    return sorted(wanted)


@contextmanager
def _open_archive(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, "r:") as tar:
            yield tar
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise Problem(
            f"the backup {archive} cannot be read: {error}", "use an earlier one", "backup"
        ) from None


def _put_back_file(tar: tarfile.TarFile, name: str, root: Path, sha256: str) -> None:
    """Replace a file by its copy in an archive. Raises ValueError where the copy is damaged."""
    member = tar.getmember(name)
    stream = tar.extractfile(member)
    assert stream is not None, "the inventory names files only"
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    reader = HashingReader(stream)
    with replace_file(path) as sibling:
        with sibling.open("wb") as target:
            shutil.copyfileobj(reader, target)
        if reader.sha256.hexdigest() != sha256:
            raise ValueError(f"{name} is not what was written to it")
        sibling.chmod(member.mode)


def _write_archive(root: Path, path: Path) -> Inventory:
    inventory: Inventory = {}
    first_names: dict[tuple[int, int], str] = {}
    with tarfile.open(path, "w") as tar:
        for name, file in _files_to_keep(root):
            facts = file.stat()
            first = first_names.setdefault((facts.st_dev, facts.st_ino), name)
            if first == name:
                inventory[name] = _add_file(tar, file, name)
            else:
                _add_link(tar, file, name, first)
                inventory[name] = inventory[first]
        content = json.dumps(inventory, indent=1, ensure_ascii=False).encode()
        member = tarfile.TarInfo(INVENTORY)
        member.size = len(content)
        tar.addfile(member, BytesIO(content))
    return inventory


def _files_to_keep(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        is_temporary = parts[0] in TEMPORARY or any(part.startswith(".building") for part in parts)
        if path.is_file() and not path.is_symlink() and not is_temporary:
            yield path.relative_to(root).as_posix(), path


def _add_file(tar: tarfile.TarFile, path: Path, name: str) -> tuple[int, str]:
    """Add a file without its owner, and return its size in bytes and its sha256."""
    member = tar.gettarinfo(str(path), name)
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.type = tarfile.REGTYPE
    member.size = path.stat().st_size
    with path.open("rb") as stream:
        reader = HashingReader(stream)
        tar.addfile(member, reader)
    return member.size, reader.sha256.hexdigest()


def _add_link(tar: tarfile.TarFile, path: Path, name: str, first: str) -> None:
    """Add a second name of a file: publications share the parts that did not change."""
    member = tarfile.TarInfo(name)
    member.type = tarfile.LNKTYPE
    member.mode = path.stat().st_mode & 0o777
    member.linkname = first
    tar.addfile(member)


def _extract(archive: Path, folder: Path) -> Inventory:
    """Unpack an archive and return its inventory, which is not unpacked.

    Raises ValueError, or an error of tarfile, for a member that is neither a plain file nor a
    second name of one, or would leave the folder.
    """
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            if not member.isfile() and not member.islnk():
                raise ValueError(f"it contains {member.name}, which is not a file")
            if member.name != INVENTORY:
                tar.extract(member, folder, filter="tar")
        return _read_inventory(tar)


def _read_inventory(tar: tarfile.TarFile) -> Inventory:
    stream = tar.extractfile(INVENTORY)
    if stream is None:
        raise ValueError(f"{INVENTORY} is not a file")
    entries = json.load(stream)
    return {name: (size, sha256) for name, (size, sha256) in entries.items()}


def _check_files(archive: Path, folder: Path, inventory: Inventory) -> None:
    wrong = [
        name
        for name, (size, sha256) in sorted(inventory.items())
        if not _is_same_file(folder / name, size, sha256)
    ]
    if wrong:
        raise Problem(
            f"the backup {archive} is damaged: {len(wrong)} files differ, such as {wrong[0]}",
            "use an earlier one",
            "backup",
        )


def _is_same_file(path: Path, size: int, sha256: str) -> bool:
    if not path.is_file() or path.stat().st_size != size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
