"""The format of a store, and the way from each to the next. A store says which it is in; the first
one did not.

1  (until November 2026) tables of the lake lose the log of their old versions: after some months
nothing can be reproduced 2  they keep it
"""

from collections.abc import Callable
from pathlib import Path

from data.problem import Problem
from data.store.lake import Lake

FORMAT = 2
STEPS: dict[int, Callable[[Lake], None]] = {1: Lake.keep_logs}


def migrate_store(root: Path) -> None:
    """Bring a store to the format of this program; a new one is begun in it. Each step may be
    repeated: where one was cut off, it is taken again.

    Raises Problem where the store is of a later format, or does not say which.
    """
    said, lake = root / "FORMAT", Lake(root)
    held = _read(said) if said.is_file() else 1 if (root / "lake").is_dir() else FORMAT
    if held > FORMAT:
        raise Problem(
            f"the store {root} is of format {held}, this program knows those up to {FORMAT}",
            "run the program that wrote it, or a later one",
            "newer-store",
        )
    for step in range(held, FORMAT):
        STEPS[step](lake)
    if held < FORMAT or not said.is_file():
        aside = root / ".FORMAT"
        aside.write_text(f"{FORMAT}\n", encoding="ascii")
        aside.rename(said)


def _read(said: Path) -> int:
    text = said.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdecimal():
        raise Problem(
            f"{said} does not tell the store's format: it says {text[:20]!r}",
            f"restore it from a backup; this program writes {FORMAT}",
            "damaged-store",
        )
    return int(text)
