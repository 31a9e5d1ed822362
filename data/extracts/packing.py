"""Packed files -> plain ones in the work folder; what expands without bound is refused."""

import gzip
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from data.problem import Problem

PACKED = ("gzip", "zstd", "zip")
CHUNK = 1 << 20
RATIO, ALLOWED = (
    200,
    1 << 30,
)  # an archive may grow to the larger of so many times its size and so many bytes


@dataclass(frozen=True)
class WorkFiles:
    """Where work files of one extract go; `made` names them."""

    folder: Path
    made: list[Path]

    def new(self) -> Path:
        """A new empty file."""
        handle, name = tempfile.mkstemp(dir=self.folder)
        os.close(handle)
        self.made.append(Path(name))
        return self.made[-1]


def detect_kind(path: Path) -> str:
    """What a file's first bytes say it is: gzip, zstd, zip, xlsx, xls, parquet, else text."""
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        with zipfile.ZipFile(path) as archive:
            return "xlsx" if "[Content_Types].xml" in archive.namelist() else "zip"
    magics = {
        b"\x1f\x8b": "gzip",
        b"\x28\xb5\x2f\xfd": "zstd",
        b"PAR1": "parquet",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xls",
    }
    return next((kind for magic, kind in magics.items() if head.startswith(magic)), "text")


def unpack(path: Path, work: WorkFiles) -> tuple[Path, str, str | None]:
    """The plain file, the name it has inside, and how it was packed (None: it is the file itself).

    Raises Problem for an archive of several files, in another archive, with a password, or that
    expands without bound.
    """
    kind = detect_kind(path)
    if kind not in PACKED:
        return path, path.name, None
    inner, packed, stream = _opened(path, kind)
    plain = work.new()
    with stream, plain.open("wb") as target:
        for chunk in check_bounds(stream, packed, path.name):
            target.write(chunk)
    if plain.stat().st_size == 0:
        raise Problem(f"{path.name}: the file in it is empty (0 bytes)", "deliver the file again")
    if detect_kind(plain) in PACKED:
        raise Problem(f"{path.name} is an archive in an archive", "pack the extract once")
    return plain, inner, kind


def check_bounds(stream: BinaryIO, packed: int, name: str) -> Iterator[bytes]:
    """The chunks of what is packed in so many bytes.

    Raises Problem where they are too many.
    """
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > max(ALLOWED, RATIO * packed):
            raise Problem(
                f"{name} expands without bound: {packed:,} packed bytes have become more than {total - len(chunk):,}",
                "deliver the extract unpacked if it really is that large",
            )
        yield chunk


def check_expansion(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    """A member of an archive to its real end: the size that the archive declares is not believed,
    its checksum is.
    """
    member.file_size = 1 << 62
    return archive.open(member)


def _opened(path: Path, kind: str) -> tuple[str, int, BinaryIO]:
    """The name inside, how many bytes are packed, and the stream that unpacks them."""
    size = path.stat().st_size
    if kind == "gzip":
        return path.stem, size, gzip.open(path)
    if kind == "zstd":
        return path.stem, size, pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    archive = zipfile.ZipFile(path)
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not _is_litter(member.filename)
    ]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:10]) or "nothing"
        raise Problem(
            f"{path.name} holds {len(members)} files: {names}", "pack each file by itself"
        )
    if members[0].flag_bits & 1:
        raise Problem(f"{path.name} is locked with a password", "deliver the extract unlocked")
    return members[0].filename, members[0].compress_size, check_expansion(archive, members[0])


def _is_litter(member: str) -> bool:
    """What a Mac adds to an archive."""
    return member.startswith("__MACOSX/") or Path(member).name.startswith(".")
