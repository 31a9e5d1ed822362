"""The store: the only code that knows a path.

FORMAT                        the number of the store's format (migration.py) policy.toml
the owner's settings, where they differ (data/config/policy.py); written by people only operations.toml
how it is run (data/config/operations.py); written by people only incidents.json, last_run.json what went
wrong, and how the last run ended backfills/                    requests to compute past days again
(data/store/backfill_requests.py) runs/                         what every run took and found, as tables
(history.py) landing/                      files as they arrived (default place; any folder will do)
lake/                         the rows that were taken in, and the books kept about them (see
lake.py) quarantine/                   one row per quarantined row published/<publication_id>/
manifest.json, manifest.sig, tables/, report/, exports/, diff/: read-only preview/<day>/
figures and cases for every branch before they are published, and answers to what it objected to
published/CURRENT             the id that readers see work/                         what a run needs
while it runs; emptied when the next one starts
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.safe_names import is_name
from data.store.lake import Lake
from data.store.lock import hold_lock
from data.store.migration import migrate_store
from data.store.run_history import RunHistory

PARTS = ("tables", "report", "exports", "diff")


class Store:
    """A folder that holds everything a run leaves behind."""

    def __init__(self, root: Path):
        self.root = root
        self.landing = root / "landing"
        self.published = root / "published"
        self.policy = root / "policy.toml"
        self.operations = root / "operations.toml"
        self.incidents = root / "incidents.json"
        self.last_run = root / "last_run.json"
        self.backfills = root / "backfills"
        self.history = RunHistory(root / "runs")
        self.lake = Lake(root)

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """One run at a time; `wait`: so many seconds for another to end.

        Raises Problem where another run holds the store.
        """
        with hold_lock(self.root, wait):
            migrate_store(self.root)
            yield

    def work(self) -> Path:
        """An empty work folder. What a killed run left in it, or half built among the publications,
        goes.
        """
        self.clear()
        folder = self.root / "work"
        folder.mkdir(parents=True)
        return folder

    def clear(self) -> None:
        """Remove what only a running run needs."""
        shutil.rmtree(self.root / "work", ignore_errors=True)
        for stale in (
            *self.published.glob(".building-*"),
            *(self.root / "releases").glob(".building-*"),
        ):
            shutil.rmtree(stale)
        (self.published / ".CURRENT").unlink(missing_ok=True)
        self.history.clear()

    # -- publications
    # -------------------------------------------------------------------------------------------

    def current(self) -> str | None:
        """The id of the publication that readers see; None also where the pointer names none that
        is there: the next run sets it anew.
        """
        pointer = self.published / "CURRENT"
        named = (
            pointer.read_text(encoding="utf-8", errors="replace").strip()
            if pointer.is_file()
            else ""
        )
        return named if self.is_published(named) else None

    def publication(self, publication_id: str) -> Path:
        return self.published / publication_id

    def publications(self) -> list[str]:
        """The ids of all publications, in order of their as-of days."""
        return sorted(path.parent.name for path in self.published.glob("[!.]*/manifest.json"))

    def is_published(self, publication_id: str) -> bool:
        return (
            is_name(publication_id)
            and (self.publication(publication_id) / "manifest.json").is_file()
        )

    def building(self, publication_id: str) -> Path:
        """A folder beside the publications, to build one in."""
        folder = self.published / f".building-{publication_id}"
        shutil.rmtree(folder, ignore_errors=True)
        for part in PARTS:
            (folder / part).mkdir(parents=True)
        return folder

    def commit(self, publication_id: str, point: bool = True) -> Path:
        """Swap a built folder in: read-only, fsync, one rename, then the pointer. `point=False`
        holds it: kept, but not what readers see.
        """
        building = self.published / f".building-{publication_id}"
        for path in sorted(building.rglob("*")):
            if path.is_file():
                path.chmod(0o444)
                _fsync(path)
        target = self.publication(publication_id)
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
        _fsync(self.published)
        if point:
            self.point(publication_id)
        return target

    def remove(self, publication_id: str) -> None:
        """Take a publication away, at once: a kill leaves it whole or a folder that the next run
        removes.
        """
        aside = self.published / f".building-{publication_id}"
        self.publication(publication_id).rename(aside)
        shutil.rmtree(aside)

    def point(self, publication_id: str) -> None:
        """Let readers see this publication."""
        aside = self.published / ".CURRENT"
        aside.write_text(publication_id + "\n", encoding="utf-8")
        _fsync(aside)
        aside.rename(self.published / "CURRENT")
        _fsync(self.published)


def write_parquet(table: pa.Table, path: Path) -> None:
    """A published table: the same rows give the same bytes."""
    pq.write_table(
        table.replace_schema_metadata(None),
        path,
        compression="zstd",
        write_statistics=True,
        store_schema=False,
    )


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
