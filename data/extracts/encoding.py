"""The text of a file as UTF-8, whatever it was written in.

A file that is UTF-8 is read where it is; any other is transcoded once, into a work file, while it
is being found out whether it is what it is taken for. Where a file is one encoding but for a few
bytes, NUL takes their place: a line with a NUL is malformed.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from data.extracts.packing import WorkFiles
from data.problem import Problem

CHUNK = 1 << 19
HEAD = 1 << 16
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MULTIBYTE = ("utf-8", "gb18030")
# a file is damaged text of an encoding where this many characters are sound for one that is not
SOUND = 4

codecs.register_error("nul", lambda error: ("\0", error.end))


@dataclass(frozen=True)
class TextFile:
    """A UTF-8 file, how it was encoded when it came, and where its text begins (behind a byte order
    mark).
    """

    path: Path
    encoding: str
    start: int = 0

    def begins_with(self, mark: bytes) -> bool:
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            return stream.read(HEAD).lstrip().startswith(mark)


@dataclass
class Tally:
    """What decoding a file has counted: bytes, characters, bytes of 128 and more, characters that
    could not be decoded.
    """

    size: int = 0
    characters: int = 0
    high: int = 0
    damaged: int = 0

    @property
    def surplus(self) -> int:
        """Bytes beyond one per character: none in ASCII, one for each two-byte character."""
        return self.size - self.characters

    @property
    def is_chinese(self) -> bool:
        """Whether most two-byte characters have two high bytes, as the common ones of GB18030 have.
        Taken for GB18030, the lone accents of a western text have an ASCII letter as their
        second.
        """
        return 3 * self.surplus <= 2 * self.high


class Undecodable(Exception):
    """The text is not of the encoding it was taken for, at a byte offset (from 0)."""

    def __init__(self, offset: int):
        super().__init__(offset)
        self.offset = offset


def transcode_to_utf8(path: Path, name: str, declared: str | None, work: WorkFiles) -> TextFile:
    """The text of a file as declared, or else as found out over the whole of it.

    Raises Problem where it is not what is declared.
    """
    if declared:
        return _as_declared(path, name, declared, work)
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    marked = next((encoding for mark, encoding in BOMS.items() if head.startswith(mark)), None)
    if marked:
        return _text(path, marked, work) or _text(path, marked, work, "nul")
    # The last one can read anything.
    return (
        _text(path, _unmarked_utf16(head), work)
        or _text(path, "utf-8", work)
        or _text(path, "gb18030", work)
        or _text(path, "utf-8", work, "nul")
        or _text(path, "gb18030", work, "nul")
        or _text(path, "windows-1252", work)
        or _text(path, "latin-1", work)
    )


def _as_declared(path: Path, name: str, declared: str, work: WorkFiles) -> TextFile:
    remedy = "correct `encoding` in the profile, or leave it out to have it found out"
    try:
        "a".encode(declared)  # a codec that is not one of text fails as well
    except LookupError:
        raise Problem(f"{name}: there is no encoding {declared!r}", remedy) from None
    try:
        return _written(path, declared, work, "strict")[0]
    except Undecodable as error:
        line = _line_at(path, declared, error.offset)
        raise Problem(
            f"{name} is not {declared}: byte {error.offset:,} (line {line:,}) cannot be read",
            remedy,
        ) from None


def _line_at(path: Path, encoding: str, offset: int) -> int:
    """The line of a byte, from 1."""
    decoder, line = codecs.getincrementaldecoder(encoding)("ignore"), 1
    with path.open("rb") as stream:
        while offset > 0:
            chunk = stream.read(min(offset, CHUNK))
            line, offset = line + decoder.decode(chunk).count("\n"), offset - len(chunk)
    return line


def _text(
    path: Path, encoding: str | None, work: WorkFiles, errors: str = "strict"
) -> TextFile | None:
    """The text, if it is of that encoding; of a file that is mended (`nul`), if most of it is."""
    if encoding is None:
        return None
    try:
        text, tally = _written(path, encoding, work, errors)
    except Undecodable:
        return None
    if encoding in MULTIBYTE and (
        tally.surplus < SOUND * tally.damaged or (encoding == "gb18030" and not tally.is_chinese)
    ):
        text.path.unlink()
        return None
    return text


def _written(path: Path, encoding: str, work: WorkFiles, errors: str) -> tuple[TextFile, Tally]:
    """The text, and what it was made of.

    Raises Undecodable.
    """
    if errors == "strict" and codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        tally = _decode(path, encoding, None, errors)
        with path.open("rb") as stream:
            return TextFile(path, encoding, 3 if stream.read(3) == codecs.BOM_UTF8 else 0), tally
    target = work.new()
    try:
        with target.open("wb", buffering=0) as out:
            return TextFile(target, encoding), _decode(path, encoding, out, errors)
    except Undecodable:
        target.unlink()
        raise


def _decode(path: Path, encoding: str, out: BinaryIO | None, errors: str) -> Tally:
    """Decode a file and count; write it as UTF-8 where that is asked for.

    Raises Undecodable.
    """
    decoder, tally = codecs.getincrementaldecoder(encoding)(errors), Tally()
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            tally.size += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
                if out:
                    out.write((text if tally.characters else text.removeprefix("\ufeff")).encode())
            except UnicodeError as error:
                behind = (
                    len(error.object) - error.start
                    if isinstance(error, UnicodeDecodeError)
                    else len(chunk)
                )
                raise Undecodable(tally.size - behind) from None
            tally.characters += len(text)
            if encoding == "gb18030":
                tally.high += int(np.count_nonzero(np.frombuffer(chunk, np.int8) < 0))
            if errors == "nul":
                tally.damaged += text.count("\0") - chunk.count(0)
            if not chunk:
                return tally


def _unmarked_utf16(head: bytes) -> str | None:
    """The byte order of UTF-16 without its mark: ASCII among it has a NUL in every second byte, and
    always in the same.
    """
    first, second, units = head[0::2].count(0), head[1::2].count(0), len(head) // 2
    if 20 * max(first, second) < units or max(first, second) <= 8 * min(first, second):
        return None
    return "utf-16-be" if first > second else "utf-16-le"
