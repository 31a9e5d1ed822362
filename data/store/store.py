"""The store: the only code that knows a path.

FORMAT                        the number of the store's format (migration.py)
policy.toml                   the owner's settings, where they differ (data/config/policy.py);
                              written by people only
operations.toml               how it is run (data/config/operations.py); written by people only
incidents.json, last_run.json what went wrong, and how the last run ended
last_scrub.json               what the last full check found
backfills/                    requests to compute past days again (backfill_requests.py)
runs/                         what every run read and found, as tables (run_history.py)
landing/                      files as they arrived (default path; any folder will do)
lake/                         the rows that were taken in, and the books kept about them (lake.py)
quarantine/                   one row per quarantined row
published/<publication_id>/   manifest.json, manifest.sig, tables/, report/, exports/, diff/:
                              read-only
published/CURRENT             the id of the publication that readers see
published/manifests.sha256    the checksums of all manifests (checksum_list.py)
preview/<day>/                figures and cases for every branch before they are published, and
                              answers to its challenges
releases/<name>/<version>/    frozen releases (releases.py)
work/                         what a run needs while it runs; emptied when the next one starts
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.safe_names import is_name
from data.store.atomic import sync_to_disk, write_text
from data.store.lake import Lake
from data.store.location import check_location
from data.store.lock import hold_lock
from data.store.manifest import MANIFEST, manifest_list
from data.store.migration import migrate_store
from data.store.run_history import RunHistory

PARTS = ("tables", "report", "exports", "diff")


class Store:
    """A folder that holds everything a run leaves behind."""

    def __init__(self, root: Path):
        self.root = root
        self.landing = root / "landing"
        self.published = root / "published"
        self.releases = root / "releases"
        self.policy = root / "policy.toml"
        self.operations = root / "operations.toml"
        self.incidents = root / "incidents.json"
        self.last_run = root / "last_run.json"
        self.last_scrub = root / "last_scrub.json"
        self.backfills = root / "backfills"
        self.history = RunHistory(root / "runs")
        self.lake = Lake(root)

    @contextmanager
    def locked(self, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the store for one run, waiting for another one to end.

        Raises Problem where another run still holds it, or where no store can be.
        """
        check_location(self.root)
        with hold_lock(self.root, wait_seconds):
            migrate_store(self.root)
            self.record_unfinished()
            yield

    def work(self) -> Path:
        """Return an empty work folder; what a killed run left behind is removed."""
        self.clear()
        folder = self.root / "work"
        folder.mkdir(parents=True)
        return folder

    def clear(self) -> None:
        """Remove what only a running run needs."""
        shutil.rmtree(self.root / "work", ignore_errors=True)
        for folder in (self.published, self.releases):
            for unfinished in folder.glob(".building-*"):
                shutil.rmtree(unfinished)
        (self.published / ".CURRENT").unlink(missing_ok=True)
        self.history.clear()

    # -- publications ------------------------------------------------------------------------------

    def current(self) -> str | None:
        """Return the id of the publication that readers see.

        None also where the pointer names one that is missing: the next run sets it anew.
        """
        pointer = self.published / "CURRENT"
        if not pointer.is_file():
            return None
        publication_id = pointer.read_text(encoding="utf-8", errors="replace").strip()
        return publication_id if self.is_published(publication_id) else None

    def publication(self, publication_id: str) -> Path:
        """Return the folder of a publication, whether it exists or not."""
        return self.published / publication_id

    def publications(self) -> list[str]:
        """Return the ids of all publications, in order of their as-of days."""
        return sorted(path.parent.name for path in self.published.glob(f"[!.]*/{MANIFEST}"))

    def is_published(self, publication_id: str) -> bool:
        """Return whether a publication exists; false for text that is not a valid name."""
        if not is_name(publication_id):
            return False
        return (self.publication(publication_id) / MANIFEST).is_file()

    def record_unfinished(self) -> None:
        """Record the checksums of what was committed before a kill.

        Raises Problem where checksums have been lost.
        """
        self.lake.tables.record_unfinished()
        for folder, pattern in ((self.published, "[!.]*"), (self.releases, "[!.]*/*")):
            checksums = manifest_list(folder)
            listed = checksums.read()
            paths = sorted(folder.glob(f"{pattern}/{MANIFEST}"))
            checksums.add(path for path in paths if checksums.name_of(path) not in listed)

    def building(self, publication_id: str) -> Path:
        """Return an empty folder next to the publications, to build one in."""
        folder = self.building_path(publication_id)
        shutil.rmtree(folder, ignore_errors=True)
        for part in PARTS:
            (folder / part).mkdir(parents=True)
        return folder

    def commit(self, publication_id: str, point: bool = True) -> Path:
        """Swap a built folder in: read-only, synced to disk, one rename, then the pointer.

        Without `point` it is held: kept, but not what readers see. Returns its folder.
        """
        building = self.building_path(publication_id)
        for path in sorted(building.rglob("*")):
            if path.is_file():
                path.chmod(0o444)
                sync_to_disk(path)
        target = self.publication(publication_id)
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
        sync_to_disk(self.published)
        manifest_list(self.published).add([target / MANIFEST])
        if point:
            self.point(publication_id)
        return target

    def remove(self, publication_id: str) -> None:
        """Remove a publication; a kill leaves it whole, or a folder that the next run removes."""
        unfinished = self.building_path(publication_id)
        manifest_list(self.published).remove([f"{publication_id}/{MANIFEST}"])
        self.publication(publication_id).rename(unfinished)
        shutil.rmtree(unfinished)

    def point(self, publication_id: str) -> None:
        """Let readers see this publication."""
        write_text(self.published / "CURRENT", publication_id + "\n")

    def building_path(self, publication_id: str) -> Path:
        """Return the folder in which a publication is built."""
        return self.published / f".building-{publication_id}"
