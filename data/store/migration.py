"""The format of a store, and the way from each format to the next.

1   (until November 2026, without a file FORMAT) tables of the lake lose the log of their old
    versions: after some months nothing can be reproduced
2   tables keep it; incidents call their fields `said`, `told` and `told_closed`
3   incidents call them message, notified and notified_closed
4   files of the lake have checksums
"""

from collections.abc import Callable
from pathlib import Path

from data.problem import Problem
from data.store.atomic import write_text
from data.store.delta_tables import DeltaTables
from data.store.incidents import edit_incidents

FORMAT = 4


def keep_logs(root: Path) -> None:
    """Let the tables of the lake keep the log of their old versions."""
    DeltaTables(root).keep_logs()


def rename_incident_fields(root: Path) -> None:
    """Write the incidents with the names that their fields have now."""
    path = root / "incidents.json"
    if path.is_file():
        with edit_incidents(path):
            pass  # read by either name, written by the new one


def record_checksums(root: Path) -> None:
    """Record the checksums of the lake's files, as they are."""
    DeltaTables(root).record_all()


STEPS: dict[int, Callable[[Path], None]] = {
    1: keep_logs,
    2: rename_incident_fields,
    3: record_checksums,
}


def migrate_store(root: Path) -> None:
    """Bring a store to the format of this program; a new store begins in it.

    A step may be repeated: where one was cut off, it is taken again. Raises Problem where the store
    is of a later format, or does not say which.
    """
    path = root / "FORMAT"
    store_format = _store_format(root)
    if store_format > FORMAT:
        raise Problem(
            f"the store {root} has format {store_format}; this program knows those up to {FORMAT}",
            "run the program that wrote it, or a later one",
            "newer-store",
        )
    for step in range(store_format, FORMAT):
        STEPS[step](root)
    if store_format < FORMAT or not path.is_file():
        write_text(path, f"{FORMAT}\n")


def _store_format(root: Path) -> int:
    path = root / "FORMAT"
    if path.is_file():
        return _read_format(path)
    is_new = not (root / "lake").is_dir()
    return FORMAT if is_new else 1


def _read_format(path: Path) -> int:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdecimal():
        raise Problem(
            f"{path} does not give the store's format: it says {text[:20]!r}",
            f"restore it from a backup; this program writes {FORMAT}",
            "damaged-store",
        )
    return int(text)
