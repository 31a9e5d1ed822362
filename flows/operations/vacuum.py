"""Keeping house: what a store need not keep goes, and nothing that a promise to reproduce needs."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta

from data.store import manifest
from data.store.releases import Releases, read_release_manifest
from data.store.store import Store
from flows.publications import retention as retained


@dataclass(frozen=True)
class Retention:
    """For how many days before the latest publication's as-of day something is kept; None: for
    ever.

    The day of the store, not of the clock: a clock that is wrong removes nothing.
    """

    publications: int | None = None
    previews: int | None = None
    quarantine: int | None = None


def vacuum_store(store: Store, retention: Retention, dry_run: bool) -> list[str]:
    """Remove what nobody needs; or, `dry_run`, only tell. Returns a sentence for each kind of
    thing.

    Kept in any case: publications for the `reproduce_days` of the policy each was made by, with the
    one it is compared with and the versions of the lake that both need; the one that readers see;
    those that a release was made of; all releases.
    """
    with store.locked():
        if not dry_run:
            store.clear()
        gone, rest = _publications(store, retention.publications), _latest(store)
        told = [f"{len(gone)} publications: {', '.join(gone)}" if gone else "no publication"]
        if not dry_run:
            for publication_id in gone:
                store.remove(publication_id)
        files, size = store.lake.tables.vacuum(
            retained.lake_versions_to_keep(store, rest) if rest else {}, dry_run
        )
        told.append(f"{files:,} files of the lake that no version needs, {size:,} bytes")
        if retention.previews is not None and rest:
            told.append(
                f"{_previews(store, rest - timedelta(days=retention.previews), dry_run)} previews"
            )
        if retention.quarantine is not None and rest:
            before = rest - timedelta(days=retention.quarantine)
            told.append(
                f"what was read of {store.lake.blank_quarantine(before, dry_run):,} quarantined rows of before {before} (keys and reasons stay)"
            )
        return told


def _latest(store: Store) -> date | None:
    return max(
        (_as_of(store, publication_id) for publication_id in store.publications()), default=None
    )


def _as_of(store: Store, publication_id: str) -> date:
    return manifest.read_manifest(store.publication(publication_id)).recipe.as_of


def _publications(store: Store, keep: int | None) -> list[str]:
    """The publications whose time is over."""
    if keep is None or not (latest := _latest(store)):
        return []
    releases = Releases(store.root)
    of_releases = {
        read_release_manifest(releases.folder(name, entry["version"]))["asked"]["publication_id"]
        for name in releases.names()
        for entry in releases.register(name)
    }
    needed = retained.publications_to_keep(store, latest, keep) | of_releases
    return [
        publication_id for publication_id in store.publications() if publication_id not in needed
    ]


def _previews(store: Store, before: date, dry_run: bool) -> int:
    old = [
        path
        for path in sorted((store.root / "preview").glob("????-??-??"))
        if path.name < before.isoformat()
    ]
    for path in () if dry_run else old:
        shutil.rmtree(path)
    return len(old)
