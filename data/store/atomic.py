"""Whole files only: whoever reads a file, and whoever goes on after a kill or a power cut, has the
former content or the new one, never half of it.

A file is written to a hidden sibling, forced to disk, renamed into place, and the rename is forced
to disk as well: without the last step a power cut may undo it (https://danluu.com/file-consistency/).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield the path of a hidden sibling to write to; it takes the place of `path` at the end.

    Where writing fails the sibling is removed, and `path` is as it was.
    """
    sibling = path.with_name(f".{path.name}")
    try:
        yield sibling
        sync_to_disk(sibling)
        sibling.replace(path)
    finally:
        sibling.unlink(missing_ok=True)
    sync_to_disk(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole."""
    with replace_file(path) as sibling:
        sibling.write_text(text, encoding="utf-8")


def sync_to_disk(path: Path) -> None:
    """Wait until the disk has what was written to a file, or the names that a folder lists."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
