"""Checking that a publication is as it was published, and who signed it."""

from pathlib import Path

from data.store import signature
from data.store.checksum_list import damage_problem
from data.store.manifest import find_differences, manifest_sha256, read_manifest
from data.store.store import Store
from flows.publications.lookup import get_publication


def verify_publication(
    store: Store, publication_id: str, trusted: Path | None = None
) -> tuple[list[str], str | None]:
    """Return what is not as it was published, a sentence each, and the fingerprint of the signer.

    The fingerprint is None where nobody signed it. Raises Problem where the signature is not valid,
    or `trusted` (a PEM file) is given and another key, or none, signed.
    """
    folder = get_publication(store, publication_id)
    trusted_key = signature.load_public_key(trusted) if trusted else None
    signer = signature.check_signature(folder, trusted_key)
    differences = find_differences(folder)
    sha256 = manifest_sha256(folder)
    for other in store.publications():
        if other == publication_id:
            continue
        compared_with = read_manifest(store.publication(other)).compared_with
        if compared_with is None or compared_with.publication_id != publication_id:
            continue
        if compared_with.manifest_sha256 != sha256:
            differences.append(f"manifest.json: it is not the one that {other} was compared with")
    return differences, signer


def check_former(store: Store, publication_id: str) -> list[str]:
    """Check the publication that a run compares its own with, before a figure depends on it.

    Returns what is wrong with its report and exports, a sentence each. Raises Problem where a table
    or the manifest is not as it was published.
    """
    folder = store.publication(publication_id)
    differences = find_differences(folder)
    for difference in differences:
        if difference.startswith(("manifest.json:", "tables/")):
            raise damage_problem(f"a file of {folder} is damaged: {difference}")
    return [f"a file of {folder} is damaged: {difference}" for difference in differences]
