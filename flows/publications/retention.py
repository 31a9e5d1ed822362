"""Which publications, and which versions of the lake, must be kept."""

from datetime import date, timedelta

from data.store.manifest import read_manifest
from data.store.store import Store


def publications_to_keep(store: Store, latest: date, keep_days: int = 0) -> set[str]:
    """Return the publications that must be kept on the day `latest`.

    These are: those that are no older than the policy that each was made by promises
    (`reproduce_days`), or than `keep_days` where that is longer, the last day included; the one
    that readers see; and those that they were compared with, without which they cannot be built
    again.
    """
    manifests = {
        publication_id: read_manifest(store.publication(publication_id))
        for publication_id in store.publications()
    }
    current = store.current()
    needed = {current} if current else set()
    for publication_id, manifest in manifests.items():
        days = max(keep_days, manifest.recipe.policy.get("reproduce_days", 0))
        if manifest.recipe.as_of >= latest - timedelta(days=days):
            needed.add(publication_id)
    compared_with = {
        former.publication_id
        for publication_id in needed
        if (former := manifests[publication_id].compared_with)
    }
    return needed | (compared_with & manifests.keys())


def lake_versions_to_keep(store: Store, latest: date) -> dict[str, set[int]]:
    """Return the Delta versions, by table, that the publications that must be kept were made of."""
    versions: dict[str, set[int]] = {}
    for publication_id in publications_to_keep(store, latest):
        manifest = read_manifest(store.publication(publication_id))
        for table, version in (manifest.lake or {}).items():
            versions.setdefault(table, set()).add(version)
    return versions
