"""What the reader of workbooks does not say: cells that failed, formulas without a value, the date
system.

calamine gives an error and a formula that was saved without its value as an empty cell, and numbers
without a date format in the date system of the file. This looks into the file itself for them.
"""

import re
import struct
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename, join, normpath

from data.extracts.guards import column_number
from data.extracts.xls_extent import BOF, read_records

FORMULA_WITHOUT_VALUE = "#FORMULA!"
DAYS_FROM_1900_TO_1904 = 1462

SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
DATE_1904 = re.compile(rb'\bdate1904="(?:1|true)"')
ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.S
)
# A formula and no value behind it. Of type `str` that is its result: an empty text.
VALUELESS = re.compile(
    rb"<(?:\w+:)?c\b([^>/]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
REFERENCE = re.compile(rb"([A-Z]+)([0-9]+)")

# Records of an XLS: the date system, a cell of a truth value or an error, a formula with its value.
DATE_MODE, BOOLEAN_OR_ERROR, FORMULA, SHEET_NAME = 0x0022, 0x0205, 0x0006, 0x0085
ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}

FailedCells = dict[tuple[int, int], str]  # row and column from 0 -> what to show


@dataclass
class WorkbookFacts:
    """What a file says beyond its values: failed cells by sheet, whether days count from 1904."""

    failed: dict[str, FailedCells] = field(default_factory=lambda: defaultdict(dict))
    is_1904: bool = False


def look_into_xlsx(path: Path) -> WorkbookFacts:
    """Return the failed cells of each sheet of an XLSX, and its date system."""
    facts = WorkbookFacts()
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        book = next((name for name in names if basename(name) == "workbook.xml"), None)
        if book is None:
            return facts

        content = archive.read(book)
        facts.is_1904 = DATE_1904.search(content) is not None
        for sheet, member in _sheet_members(archive, book, content).items():
            if member in names:
                facts.failed[sheet] = _failed_cells(archive.read(member))

    return facts


def _sheet_members(archive: zipfile.ZipFile, book: str, content: bytes) -> dict[str, str]:
    """Return where in the archive each sheet is."""
    folder, _, _ = book.rpartition("/")
    relations = archive.read(f"{folder}/_rels/workbook.xml.rels".lstrip("/"))
    targets = {}
    for relation in RELATION.findall(relations):
        attributes = dict(ATTRIBUTE.findall(relation))
        target = attributes.get(b"Target", b"").decode()
        # A target counts from the folder of the workbook, unless it begins with a slash.
        is_absolute = target.startswith("/")
        member = target.lstrip("/") if is_absolute else normpath(join(folder, target))
        targets[attributes.get(b"Id")] = member

    members = {}
    for sheet in SHEET.findall(content):
        attributes = dict(ATTRIBUTE.findall(sheet))
        name = attributes.get(b"name", b"").decode(errors="replace")
        members[_unescape(name)] = targets.get(attributes.get(b"r:id"), "")
    return members


def _unescape(text: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        text = text.replace(entity, letter)
    return text.replace("&amp;", "&")


def _failed_cells(content: bytes) -> FailedCells:
    failed = {}
    if b't="e"' in content:
        for attributes, text in ERROR.findall(content):
            failed[_position_of(attributes)] = text.decode(errors="replace")

    if b"<f" in content or b":f" in content:
        for attributes in VALUELESS.findall(content):
            if b't="str"' not in attributes:
                failed[_position_of(attributes)] = FORMULA_WITHOUT_VALUE

    failed.pop(None, None)
    return failed


def _position_of(attributes: bytes) -> tuple[int, int] | None:
    """Return row and column of a cell from 0; None where it does not say them."""
    written = dict(ATTRIBUTE.findall(attributes)).get(b"r", b"")
    reference = REFERENCE.fullmatch(written)
    if reference is None:
        return None

    column, row = reference.groups()
    return int(row) - 1, column_number(column) - 1


def look_into_xls(path: Path) -> WorkbookFacts:
    """Return the failed cells of each sheet of an XLS, and its date system."""
    facts = WorkbookFacts()
    names: dict[int, str] = {}

    failed: FailedCells = {}
    for offset, kind, body in read_records(path.read_bytes()):
        if kind == SHEET_NAME:
            names[struct.unpack_from("<I", body)[0]] = _xls_name(body)
        elif kind == DATE_MODE:
            facts.is_1904 = body[:1] == b"\1"
        elif kind == BOF:
            failed = facts.failed[names.get(offset, "")]
        elif error := _xls_error(kind, body):
            failed[struct.unpack_from("<HH", body)] = error

    return facts


def _xls_name(body: bytes) -> str:
    """Return a sheet's name: one byte a character, or two."""
    is_wide = body[7] & 1
    return body[8:].decode("utf-16-le" if is_wide else "latin-1", errors="replace")


def _xls_error(kind: int, body: bytes) -> str | None:
    is_error_cell = kind == BOOLEAN_OR_ERROR and body[7:8] == b"\1"
    if is_error_cell:
        return ERROR_TEXTS.get(body[6], "#VALUE!")

    # A formula's value that is not a number ends in FF FF; 2 in front stands for an error.
    is_failed_formula = kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2
    if is_failed_formula:
        return ERROR_TEXTS.get(body[8], "#VALUE!")

    return None
