"""Packed files become plain ones in the work folder, within bounds."""

import gzip
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from data.problem import Problem

CHUNK_BYTES = 1 << 20
# What is packed may grow to the larger of MAX_RATIO times its size and ALWAYS_ALLOWED bytes. Gzip
# packs an extract 5 to 30 times, and nothing more than about 1,000 times.
MAX_RATIO = 200
ALWAYS_ALLOWED = 1 << 30
TAR_MARK, TAR_MARK_AT = b"ustar", 257


@dataclass(frozen=True)
class WorkFiles:
    """The work files of one extract: the folder they go to, and the paths made so far."""

    folder: Path
    paths: list[Path]

    def create(self) -> Path:
        """Return the path of a new empty file."""
        handle, name = tempfile.mkstemp(dir=self.folder)
        os.close(handle)
        self.paths.append(Path(name))
        return self.paths[-1]

    def remove(self) -> None:
        """Remove all of them."""
        for path in self.paths:
            path.unlink(missing_ok=True)


class ByteStream(Protocol):
    """What unpacking asks of a stream."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        ...

    def __enter__(self) -> "ByteStream": ...
    def __exit__(self, kind: Any, error: Any, traceback: Any, /) -> object: ...


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name, how many bytes it takes there, the stream that unpacks it."""

    name: str
    packed_bytes: int
    stream: ByteStream


@dataclass(frozen=True, kw_only=True)
class Packing:
    """A way to pack one file: the suffix, the first bytes, and how its member is opened."""

    name: str
    suffix: str
    magic: tuple[bytes, ...]
    open_member: Callable[[Path], Member]


def unpack(path: Path, packing: Packing, work: WorkFiles) -> tuple[Path, str]:
    """Unpack a file into the work folder; return the plain file and the name it had inside.

    Raises Problem for an archive of several files, with a password, with an empty file, or that
    expands without bound.
    """
    member = packing.open_member(path)
    plain = work.create()
    with member.stream as stream, plain.open("wb") as target:
        for chunk in read_within_bounds(stream, member.packed_bytes, path.name):
            target.write(chunk)

    if plain.stat().st_size == 0:
        raise Problem(f"{path.name}: the file in it is empty (0 bytes)", "deliver the file again")

    return plain, member.name


def read_within_bounds(stream: ByteStream, packed_bytes: int, name: str) -> Iterator[bytes]:
    """Yield the chunks that a packed stream unpacks to.

    Raises Problem once they are more than that many packed bytes may become.
    """
    limit = max_unpacked_bytes(packed_bytes)
    total = 0
    while chunk := stream.read(CHUNK_BYTES):
        total += len(chunk)
        if total > limit:
            raise expanding_file_problem(name, packed_bytes, limit)
        yield chunk


def max_unpacked_bytes(packed_bytes: int) -> int:
    """Return how many bytes a packed file may become."""
    return max(ALWAYS_ALLOWED, MAX_RATIO * packed_bytes)


def expanding_file_problem(name: str, packed_bytes: int, limit: int) -> Problem:
    """Return the Problem of a file that unpacks to more than `limit` bytes."""
    return Problem(
        f"{name} expands without bound:"
        f" {packed_bytes:,} packed bytes have become more than {limit:,}",
        "deliver the extract unpacked if it really is that large",
    )


def open_to_real_end(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ByteStream:
    """Open a member of a ZIP archive to its real end.

    The size that the archive declares is not believed; its checksum is.
    """
    member.file_size = 1 << 62
    return archive.open(member)


def _open_gzip(path: Path) -> Member:
    return Member(path.stem, path.stat().st_size, gzip.open(path))


def _open_zstd(path: Path) -> Member:
    stream = pa.CompressedInputStream(pa.OSFile(str(path), "r"), "zstd")
    return Member(path.stem, path.stat().st_size, stream)


def is_tar(path: Path) -> bool:
    """Return whether a plain file is a tar archive: its mark is not in its first bytes."""
    with path.open("rb") as stream:
        stream.seek(TAR_MARK_AT)
        return stream.read(len(TAR_MARK)) == TAR_MARK


def _open_tar(path: Path) -> Member:
    archive = tarfile.open(path, "r:")  # noqa: SIM115 - the stream of its member is read later
    members = []
    for member in archive.getmembers():
        # A Mac writes a hidden companion of each file.
        is_hidden = Path(member.name).name.startswith(".")
        if member.isfile() and not is_hidden:
            members.append(member)

    stream = archive.extractfile(members[0]) if len(members) == 1 else None
    if stream is None:
        names = ", ".join(member.name for member in members[:10]) or "nothing"
        raise Problem(
            f"the tar archive holds {len(members)} files: {names}", "pack each file by itself"
        )

    return Member(members[0].name, members[0].size, stream)


def _open_zip(path: Path) -> Member:
    archive = zipfile.ZipFile(path)
    members = [member for member in archive.infolist() if not _is_litter(member)]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:10]) or "nothing"
        raise Problem(
            f"{path.name} holds {len(members)} files: {names}", "pack each file by itself"
        )

    member = members[0]

    # The first bit of the flags says that a member is encrypted (APPNOTE, 4.4.4).
    if member.flag_bits & 1:
        raise Problem(f"{path.name} is locked with a password", "deliver the extract unlocked")

    stream = open_to_real_end(archive, member)
    return Member(member.filename, member.compress_size, stream)


def _is_litter(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a folder, or what a Mac adds to an archive."""
    name = member.filename
    return member.is_dir() or name.startswith("__MACOSX/") or Path(name).name.startswith(".")


# A zstd file may begin with frames that are to be skipped, of sixteen marks.
ZSTD_MARKS = (b"\x28\xb5\x2f\xfd", *(bytes([mark]) + b"\x2a\x4d\x18" for mark in range(0x50, 0x60)))
GZIP = Packing(name="gzip", suffix=".gz", magic=(b"\x1f\x8b",), open_member=_open_gzip)
ZSTD = Packing(name="zstd", suffix=".zst", magic=ZSTD_MARKS, open_member=_open_zstd)
# The second mark is that of an archive of nothing.
ZIP = Packing(
    name="zip", suffix=".zip", magic=(b"PK\x03\x04", b"PK\x05\x06"), open_member=_open_zip
)
# Only within another packing (.tar.gz): the mark is none of the first bytes.
TAR = Packing(name="tar", suffix=".tar", magic=(), open_member=_open_tar)
PACKINGS = (GZIP, ZSTD, ZIP)
