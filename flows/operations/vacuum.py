"""Housekeeping: what a store need not keep is removed.

Nothing is removed that a promise to reproduce a publication needs.
"""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta

from data.store import manifest
from data.store.releases import AUDIENCES, Releases
from data.store.store import Store
from flows.publications import retention as promises


@dataclass(frozen=True)
class Retention:
    """For how many days before the latest publication's as-of day something is kept.

    None means for ever; the last day is included. It is the day of the store, not of the clock: a
    clock that is wrong removes nothing.
    """

    publications: int | None = None
    previews: int | None = None
    quarantine: int | None = None


def vacuum_store(store: Store, retention: Retention, dry_run: bool) -> list[str]:
    """Remove what nobody needs; with `dry_run` only say what that is.

    Kept in any case: publications for the `reproduce_days` of the policy each was made by, with the
    one it is compared with and the versions of the lake that both need; the one that readers see;
    those that a release was made of; all releases. Returns a sentence for each kind of thing.
    """
    with store.locked():
        if not dry_run:
            store.clear()
        latest = _latest_day(store)
        lines = [_remove_publications(store, latest, retention.publications, dry_run)]
        lines.append(_remove_lake_files(store, latest, dry_run))
        if latest is None:
            return lines
        if retention.previews is not None:
            before = latest - timedelta(days=retention.previews)
            lines.append(f"{_remove_previews(store, before, dry_run)} previews")
        if retention.quarantine is not None:
            before = latest - timedelta(days=retention.quarantine)
            count = store.lake.blank_quarantine(before, dry_run)
            lines.append(
                f"what was read of {count:,} quarantined rows of before {before} "
                "(keys and reasons stay)"
            )
        return lines


def _latest_day(store: Store) -> date | None:
    """Return the as-of day of the latest publication; None where there is none."""
    days = []
    for publication_id in store.publications():
        published = manifest.read_manifest(store.publication(publication_id))
        days.append(published.recipe.as_of)
    return max(days, default=None)


def _remove_publications(
    store: Store, latest: date | None, keep_days: int | None, dry_run: bool
) -> str:
    if latest is None or keep_days is None:
        return "no publication"
    needed = promises.publications_to_keep(store, latest, keep_days) | _released(store)
    expired = [name for name in store.publications() if name not in needed]
    if not expired:
        return "no publication"
    if not dry_run:
        for publication_id in expired:
            store.remove(publication_id)
    return f"{len(expired)} publications: {', '.join(expired)}"


def _released(store: Store) -> set[str]:
    """Return the ids of the publications that a release was made of."""
    shelves = [Releases(store.root, audience) for audience in AUDIENCES]
    return {
        entry["publication_id"]
        for releases in shelves
        for name in releases.names()
        for entry in releases.register(name)
    }


def _remove_lake_files(store: Store, latest: date | None, dry_run: bool) -> str:
    versions_to_keep = {}
    if latest is not None:
        versions_to_keep = promises.lake_versions_to_keep(store, latest)
    file_count, byte_count = store.lake.tables.vacuum(versions_to_keep, dry_run)
    return f"{file_count:,} files of the lake that no version needs, {byte_count:,} bytes"


def _remove_previews(store: Store, before: date, dry_run: bool) -> int:
    folders = (store.root / "preview").glob("????-??-??")
    old_folders = [folder for folder in folders if folder.name < before.isoformat()]
    if not dry_run:
        for folder in old_folders:
            shutil.rmtree(folder)
    return len(old_folders)
