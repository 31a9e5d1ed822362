"""A delivered file is opened as what it is, with its work files removed behind it."""

import re
from pathlib import Path

from data.config.profile_source import Source
from data.extracts import encoding, formats
from data.extracts.opened_file import OpenedFile, first_line_of
from data.extracts.packing import TAR, WorkFiles, is_tar, unpack
from data.extracts.plain_file import PlainFile, PlainText
from data.problem import Problem

HEAD_BYTES = 1024
WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|table|meta|style)", re.IGNORECASE)


def open_file(path: Path, source: Source, folder: Path) -> OpenedFile:
    """Open a file as its source declares it, or as its content shows.

    Cells come as text, those of Parquet as they are. `folder` is for work files: what is unpacked,
    or is not UTF-8; they are removed when the batches have been read to their end. Raises Problem
    where the file cannot be read.
    """
    work = WorkFiles(folder, [])
    try:
        reading = _open_packed_or_plain(path, source, work)
    except Exception as error:
        work.remove()
        if isinstance(error, Problem):
            raise

        kind = path.suffix.lstrip(".").upper()
        raise Problem(
            f"{path.name} cannot be read as {kind}: {first_line_of(error)}",
            "check that the file arrived whole and deliver it again",
        ) from error

    reading.guard_stream(path.name, work.remove)
    return reading


def _open_packed_or_plain(path: Path, source: Source, work: WorkFiles) -> OpenedFile:
    if path.stat().st_size == 0:
        raise Problem(f"{path.name} is empty (0 bytes)", "deliver the file again")

    packing = formats.detect_packing(path)
    if packing is None:
        file = PlainFile(path, path.name, source, is_original=True)
        return _open_plain(file, path.name, work)

    plain, inner_name = unpack(path, packing, work)

    # A tar.gz is two packings, one in the other, and nobody thinks of it as two.
    if is_tar(plain):
        plain, inner_name = unpack(plain, TAR, work)
    if formats.detect_packing(plain):
        raise Problem(f"{path.name} is an archive in an archive", "pack the extract once")

    file = PlainFile(plain, path.name, source, is_original=False)
    reading = _open_plain(file, inner_name, work)
    kind, *details = reading.format.split(", ", 1)
    reading.format = ", ".join([kind, packing.name, *details])

    return reading


def _open_plain(file: PlainFile, inner_name: str, work: WorkFiles) -> OpenedFile:
    """Open a file that is not packed; `inner_name` is the one it had in an archive."""
    # By its content: a workbook called .csv is a workbook.
    binary = formats.detect_binary_format(file.path)
    if binary is not None:
        return binary.open(file)

    _check_text(file, Path(inner_name).suffix.lower())
    text = encoding.transcode_to_utf8(file.path, file.name, file.source.encoding, work)
    text_format = formats.detect_text_format(text, inner_name)
    plain_text = PlainText(text, file.name, file.source)
    reading = text_format.open(plain_text)
    reading.notes += text.notes

    return reading


def _check_text(file: PlainFile, suffix: str) -> None:
    """Raise Problem where the file should not be text by its name, or is a web page."""
    if formats.is_text_impossible(suffix):
        kind = suffix.lstrip(".").upper()
        raise Problem(
            f"{file.name} is not what its name says: the content is not {kind}",
            "deliver it again under its right name",
        )

    with file.path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)

    if WEB_PAGE.match(head):
        raise Problem(
            f"{file.name} is a web page or XML under the name {suffix}",
            "save it as XLSX or CSV and deliver that",
        )
