"""Any file an insurer may deliver -> Arrow batches: the file's own columns plus `_line`, streamed
in bounded memory.

    packed file --packing--> plain file --encoding--> UTF-8 --delimited, jsonlines--> Reading
                             plain file ----------------------workbook, parquet----> Reading

What a file is, its first bytes say; its name only tells JSON Lines from delimited text.
"""

import hashlib
import re
from pathlib import Path

from data.config.profile import PACKED, Source
from data.extracts import delimited, encoding, jsonlines, packing, parquet, workbook
from data.extracts.day import read_extract_date
from data.extracts.reading import MalformedLines, OpenedFile, first_line_of
from data.problem import Problem

__all__ = ["MalformedLines", "OpenedFile", "hash_file", "open_file", "read_extract_date"]

CHUNK = 1 << 22
WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|table|meta|style)", re.IGNORECASE)
NOT_TEXT = (".xlsx", ".parquet", *PACKED)


def hash_file(path: Path) -> tuple[str, int]:
    """sha256 and size in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest(), path.stat().st_size


def open_file(path: Path, source: Source, folder: Path) -> OpenedFile:
    """Open a file as its source declares it, or as its content tells. Cells come as text, those of
    Parquet as they are.

    `folder` is for work files: what is unpacked, or is not UTF-8. They go when the batches have
    been read to their end. Raises Problem where the file cannot be read.
    """
    works: list[Path] = []
    try:
        reading = _open(path, source, packing.WorkFiles(folder, works))
    except Exception as error:
        _remove(works)
        if isinstance(error, Problem):
            raise
        raise Problem(
            f"{path.name} cannot be read as {path.suffix.lstrip('.').upper()}: {first_line_of(error)}",
            "check that the file arrived whole and deliver it again",
        ) from error
    reading.guard(path.name, lambda: _remove(works))
    return reading


def _open(path: Path, source: Source, work: packing.WorkFiles) -> OpenedFile:
    if path.stat().st_size == 0:
        raise Problem(f"{path.name} is empty (0 bytes)", "deliver the file again")
    plain, inner, how = packing.unpack(path, work)
    kind = packing.detect_kind(plain)
    if kind == "parquet":
        reading = parquet.read_parquet_file(plain, direct=plain == path)
    elif kind in ("xlsx", "xls"):
        reading = workbook.read_workbook(plain, path.name, kind, source)
    else:
        reading = _open_text(plain, path.name, inner, source, work)
    if how:
        kind, *rest = reading.format.split(", ", 1)
        reading.format = ", ".join([kind, how, *rest])
    return reading


def _open_text(
    plain: Path, name: str, inner: str, source: Source, work: packing.WorkFiles
) -> OpenedFile:
    with plain.open("rb") as stream:
        head = stream.read(1024)
    suffix = Path(inner).suffix.lower()
    if suffix in NOT_TEXT:
        raise Problem(
            f"{name} is not what its name says: the content is no {suffix.lstrip('.').upper()}",
            "deliver it again under its right name",
        )
    if WEB_PAGE.match(head):
        raise Problem(
            f"{name} is a web page or XML under the name {suffix}",
            "save it as XLSX or CSV and deliver that",
        )
    text = encoding.transcode_to_utf8(plain, name, source.encoding, work)
    if suffix in (".jsonl", ".ndjson") or text.begins_with(b"{"):
        return jsonlines.read_json_lines(text, name)
    return delimited.read_delimited(text, name, source)


def _remove(works: list[Path]) -> None:
    for path in works:
        path.unlink(missing_ok=True)
