"""Where a store may be, and which store somebody may have meant."""

import difflib
import re
from pathlib import Path

from data.problem import Problem

# Signs that the libraries below the store read as something else in a folder's name: patterns
# (DuckDB), escapes and addresses (delta-rs). Deltalake 1.6 and DuckDB 1.5, November 2026.
MISREAD = re.compile(r"[\[\]*?%\\\x00-\x1f\x7f]")
# Any of these is only in a store.
MARKS = ("FORMAT", "lake", "published", "last_run.json", "policy.toml", "operations.toml")


def check_location(folder: Path) -> None:
    """Raise Problem where a store in this folder could not be read again."""
    for path in (folder.absolute(), folder.resolve()):
        misread = MISREAD.search(str(path))
        if misread:
            raise Problem(
                f"no store can be in {path}: its libraries would misread the sign {misread[0]!r}",
                "choose a folder without any of [ ] * ? % \\ in its path; letters of any alphabet, "
                "blanks and other signs are fine",
                "settings",
            )
        if not _is_utf_8(str(path)):
            raise Problem(
                f"no store can be in {str(path)!r}: its path is not UTF-8",
                "choose a folder whose path is",
                "settings",
            )


def _is_utf_8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_store(folder: Path) -> bool:
    """Return whether a folder is a store, or has been prepared to become one."""
    return any((folder / mark).exists() for mark in MARKS)


def find_nearest_store(folder: Path) -> Path | None:
    """Return the store nearby whose path is most like that of a folder that is none."""
    parent = folder.absolute().parent
    while not parent.is_dir():
        parent = parent.parent
    nearby = {parent, *_subfolders(parent), *_subfolders(folder)}
    stores = {str(path): path for path in sorted(nearby) if is_store(path)}
    nearest = difflib.get_close_matches(str(folder.absolute()), stores, n=1, cutoff=0)
    return stores[nearest[0]] if nearest else None


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.absolute().iterdir() if path.is_dir()]
    except OSError:
        return []
