"""The registry of file formats: what a file may be, how it is known, guarded and read.

    packed file --packing--> plain file --encoding--> UTF-8 --text format----> OpenedFile
                             plain file ----------------------binary format--> OpenedFile

A new format is one entry here and one reader. Its guard is called before its reader, always: no
reader sees a file that its guard refused. What a file is, its first bytes say; its name decides
only between formats of text.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from data.extracts import delimited, guards, jsonlines, packing, parquet, workbook
from data.extracts.opened_file import OpenedFile
from data.extracts.packing import PACKINGS, Packing
from data.extracts.plain_file import PlainFile, PlainText
from data.extracts.text_file import TextFile

MAGIC_BYTES = 8  # the longest mark of a binary format
File = TypeVar("File", PlainFile, PlainText)


@dataclass(frozen=True, kw_only=True)
class Format(Generic[File]):
    """A file format.

    Attributes:
        name: what it is called in messages and in the ledger.
        suffixes: of the names of its files, in lower case.
        magic: the first bytes of a file of this format; any of them will do. Of text, those behind
            a byte order mark and blanks.
        guard: raises Problem for a file that would take all memory (see `guards.py`).
        read: opens a file that the guard let pass; called by `open` only.
        zip_member: of a format that is a ZIP archive itself, a file that is always in it.
        is_suffix_sure: text under its suffix is an error. (Many systems call text an .xls.)
    """

    name: str
    suffixes: tuple[str, ...]
    magic: tuple[bytes, ...]
    guard: Callable[[File], None]
    read: Callable[[File], OpenedFile]
    zip_member: str | None = None
    is_suffix_sure: bool = True

    def __post_init__(self):
        if not callable(self.guard):
            raise TypeError(f"the format {self.name} has no guard: write one in guards.py")

    def open(self, file: File) -> OpenedFile:
        """Open a file of this format, unless its guard refuses it.

        Raises Problem where it does, or the reader cannot read the file.
        """
        self.guard(file)
        return self.read(file)


JSON_LINES = Format(
    name="json lines",
    suffixes=(".jsonl", ".ndjson"),
    magic=(b"{",),
    guard=guards.refuse_endless_line,
    read=jsonlines.read_json_lines,
)
# Text that is nothing else is delimited.
DELIMITED = Format(
    name="csv",
    suffixes=(".csv", ".tsv", ".txt"),
    magic=(),
    guard=guards.refuse_endless_line,
    read=delimited.read_delimited,
)
XLSX = Format(
    name="xlsx",
    suffixes=(".xlsx",),
    magic=packing.ZIP.magic,
    zip_member="[Content_Types].xml",
    guard=guards.refuse_expanding_xlsx,
    read=workbook.read_xlsx,
)
XLS = Format(
    name="xls",
    suffixes=(".xls",),
    magic=(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    guard=guards.refuse_far_cells_of_xls,
    read=workbook.read_xls,
    is_suffix_sure=False,
)
PARQUET = Format(
    name="parquet",
    suffixes=(".parquet",),
    magic=(b"PAR1",),
    guard=guards.refuse_expanding_parquet,
    read=parquet.read_parquet_file,
)
TEXT_FORMATS: tuple[Format[PlainText], ...] = (DELIMITED, JSON_LINES)
BINARY_FORMATS: tuple[Format[PlainFile], ...] = (XLSX, XLS, PARQUET)


def accepted_suffixes() -> tuple[str, ...]:
    """Return every suffix that a delivered file may have, packed ones last."""
    suffixes: list[str] = []
    for one_format in (*TEXT_FORMATS, *BINARY_FORMATS):
        suffixes += one_format.suffixes
    return (*suffixes, *_packed_suffixes())


def _packed_suffixes() -> list[str]:
    return [packing.suffix for packing in PACKINGS]


def detect_packing(path: Path) -> Packing | None:
    """Return how a file is packed by its first bytes; None where it is not."""
    if detect_binary_format(path) is not None:
        return None
    head = _read_head(path)
    return next((packing for packing in PACKINGS if head.startswith(packing.magic)), None)


def detect_binary_format(path: Path) -> Format[PlainFile] | None:
    """Return the format of a plain file by its first bytes; None for text and what is packed."""
    head = _read_head(path)
    for binary in BINARY_FORMATS:
        if head.startswith(binary.magic) and _has_member(path, binary.zip_member):
            return binary
    return None


def detect_text_format(text: TextFile, name: str) -> Format[PlainText]:
    """Return the format of a text by its name or its first character; else it is delimited."""
    suffix = Path(name).suffix.lower()
    for text_format in TEXT_FORMATS:
        if text_format is DELIMITED:
            continue
        if suffix in text_format.suffixes or text.begins_with(text_format.magic):
            return text_format

    return DELIMITED


def is_text_impossible(suffix: str) -> bool:
    """Return whether a suffix promises something that is not text."""
    promised = _packed_suffixes()
    for binary in BINARY_FORMATS:
        if binary.is_suffix_sure:
            promised += binary.suffixes
    return suffix in promised


def _read_head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAGIC_BYTES)


def _has_member(path: Path, member: str | None) -> bool:
    if member is None:
        return True
    with zipfile.ZipFile(path) as archive:
        return member in archive.namelist()
