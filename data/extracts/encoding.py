"""The text of a file as UTF-8, whatever it was written in.

A file that is UTF-8 is read where it is; any other is transcoded once, into a work file, while it
is checked that it is what it is taken for. Where a file is of one encoding but for a few bytes, NUL
takes their place: a line with a NUL is malformed.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from data.extracts.encoding_survey import (
    Survey,
    is_gb2312,
    is_surely_utf8,
    recognize,
    survey_lines,
)
from data.extracts.packing import WorkFiles
from data.extracts.text_file import CHUNK_BYTES, HEAD_BYTES, TextFile
from data.problem import Problem

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MULTIBYTE = ("utf-8", "gb18030")
# What is not marked is tried in this order; the last one can read anything. `nul`: with damage.
ATTEMPTS = (
    ("utf-8", "strict"),
    ("gb18030", "strict"),
    ("utf-8", "nul"),
    ("gb18030", "nul"),
    ("windows-1252", "strict"),
    ("latin-1", "strict"),
)
# A file is damaged text of an encoding where this many characters are sound for one that is not.
SOUND_PER_DAMAGED = 4


def _replace_by_nul(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\0", error.end


codecs.register_error("nul", _replace_by_nul)


@dataclass
class Tally:
    """What decoding a file has counted.

    Bytes, characters, bytes of 128 and more, characters that could not be decoded.
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

        Taken for GB18030, the lone accents of a western text have an ASCII letter as their second.
        """
        return 3 * self.surplus <= 2 * self.high


class UndecodableError(Exception):
    """The text is not of the encoding it was taken for, at a byte offset (from 0)."""

    def __init__(self, offset: int):
        super().__init__(offset)
        self.offset = offset


def transcode_to_utf8(path: Path, name: str, declared: str | None, work: WorkFiles) -> TextFile:
    """Return the text of a file as declared, or else as detected over the whole of it.

    Raises Problem where it is not what is declared.
    """
    if declared:
        return _transcode_declared(path, name, declared, work)

    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)

    attempts = list(ATTEMPTS)
    marked = next((encoding for mark, encoding in BOMS.items() if head.startswith(mark)), None)
    if marked:
        attempts = [(marked, "strict"), (marked, "nul")]
    elif utf16 := _detect_unmarked_utf16(head):
        attempts.insert(0, (utf16, "strict"))
    elif (plain := _try_transcode(path, "utf-8", work, "strict")) is not None:
        return plain
    else:
        survey = survey_lines(path)
        if survey.is_mixed:
            return _transcode_by_line(path, survey, work)

        if survey.is_mostly_utf8:
            attempts.insert(0, ("utf-8", "nul"))
        elif recognized := recognize(survey.sample):
            attempts.insert(0, (recognized, "strict"))

    for encoding, errors in attempts:
        text = _try_transcode(path, encoding, work, errors)
        if text is not None:
            return text

    raise Problem(
        f"{name} is not text in any encoding that can be detected",
        "declare its `encoding` in the profile",
    )


def _transcode_by_line(path: Path, survey: Survey, work: WorkFiles) -> TextFile:
    """Return a text of lines in UTF-8 and lines in GB18030; a line that is neither has a NUL."""
    target = work.create()
    with path.open("rb") as stream, target.open("wb") as out:
        for line in stream:
            out.write(_decode_line(line, survey.is_mostly_utf8).encode())

    if survey.is_mostly_utf8:
        most, fewer = "UTF-8", "GB18030"
        count, lines = survey.gb2312, survey.first_lines["gb"]
    else:
        most, fewer = "GB18030", "UTF-8"
        count, lines = survey.utf8, survey.first_lines["utf8"]

    examples = ", ".join(map(str, lines))
    note = (
        f"{count:,} lines are {fewer} in a text of {most} (lines {examples}):"
        " it is read line by line; deliver it in one encoding"
    )
    return TextFile(target, "utf-8 and gb18030", notes=(note,))


def _decode_line(line: bytes, is_mostly_utf8: bool) -> str:
    line = line.removeprefix(codecs.BOM_UTF8)
    if line.isascii() or is_surely_utf8(line):
        return line.decode()
    if not is_mostly_utf8:
        return line.decode("gb18030", errors="nul")
    return line.decode("gb2312" if is_gb2312(line) else "utf-8", errors="nul")


def _transcode_declared(path: Path, name: str, declared: str, work: WorkFiles) -> TextFile:
    remedy = "correct `encoding` in the profile, or leave it out to have it detected"
    try:
        "a".encode(declared)  # a codec that is not one of text fails as well
    except LookupError:
        raise Problem(f"{name}: {declared!r} is not a known encoding", remedy) from None

    try:
        return _transcode(path, declared, work, "strict")[0]
    except UndecodableError as error:
        line = _line_at(path, declared, error.offset)
        raise Problem(
            f"{name} is not {declared}: byte {error.offset:,} (line {line:,}) cannot be read",
            remedy,
        ) from None


def _line_at(path: Path, encoding: str, offset: int) -> int:
    """Return the line of a byte, from 1."""
    decoder = codecs.getincrementaldecoder(encoding)("ignore")
    line, remaining = 1, offset
    with path.open("rb") as stream:
        while remaining > 0:
            chunk = stream.read(min(remaining, CHUNK_BYTES))
            line += decoder.decode(chunk).count("\n")
            remaining -= len(chunk)

    return line


def _try_transcode(path: Path, encoding: str, work: WorkFiles, errors: str) -> TextFile | None:
    """Return the text if it is of that encoding; of a damaged file (`nul`), if most of it is."""
    try:
        text, tally = _transcode(path, encoding, work, errors)
    except UndecodableError:
        return None

    if encoding not in MULTIBYTE:
        return text

    is_too_damaged = tally.surplus < SOUND_PER_DAMAGED * tally.damaged
    is_not_chinese = encoding == "gb18030" and not tally.is_chinese
    if is_too_damaged or is_not_chinese:
        text.path.unlink()
        return None

    return text


def _transcode(path: Path, encoding: str, work: WorkFiles, errors: str) -> tuple[TextFile, Tally]:
    """Return the text, and what decoding it has counted.

    Raises UndecodableError.
    """
    if errors == "strict" and codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        tally = _decode(path, encoding, None, errors)
        with path.open("rb") as stream:
            has_mark = stream.read(3) == codecs.BOM_UTF8
        return TextFile(path, encoding, 3 if has_mark else 0), tally

    target = work.create()
    try:
        with target.open("wb", buffering=0) as out:
            tally = _decode(path, encoding, out, errors)
    except UndecodableError:
        target.unlink()
        raise

    return TextFile(target, encoding), tally


def _decode(path: Path, encoding: str, out: BinaryIO | None, errors: str) -> Tally:
    """Decode a file and count; write it to `out`, if any, as UTF-8 without a byte order mark.

    Raises UndecodableError.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    tally = Tally()
    with path.open("rb") as stream:
        is_last = False
        while not is_last:
            chunk = stream.read(CHUNK_BYTES)
            is_last = not chunk
            tally.size += len(chunk)

            try:
                text = decoder.decode(chunk, final=is_last)
                if out:
                    is_first = not tally.characters
                    out.write((text.removeprefix("\ufeff") if is_first else text).encode())
            except UnicodeError as error:
                raise UndecodableError(tally.size - _undecoded_bytes(error, chunk)) from None

            tally.characters += len(text)
            if encoding == "gb18030":
                tally.high += int(np.count_nonzero(np.frombuffer(chunk, np.int8) < 0))
            if errors == "nul":
                tally.damaged += text.count("\0") - chunk.count(0)

    return tally


def _undecoded_bytes(error: UnicodeError, chunk: bytes) -> int:
    """Return how many bytes of what was read are at and behind the one that cannot be decoded."""
    if isinstance(error, UnicodeDecodeError):
        return len(error.object) - error.start
    return len(chunk)


def _detect_unmarked_utf16(head: bytes) -> str | None:
    """Return the byte order of UTF-16 without its mark; None where it does not look like UTF-16.

    ASCII among it has a NUL in every second byte, and always in the same: at least 5% of them, and
    eight times as many as in the other.
    """
    first, second, units = head[0::2].count(0), head[1::2].count(0), len(head) // 2
    most, fewest = max(first, second), min(first, second)
    if 20 * most < units or most <= 8 * fewest:
        return None

    return "utf-16-be" if first > second else "utf-16-le"
