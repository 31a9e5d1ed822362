"""Manifests of publications that no run made, as far as a test needs them."""

from datetime import date

from data.store.manifest import ComparedWith, Manifest, Recipe, write_manifest
from data.store.program import Program
from data.store.store import Store


def build_manifest(publication_id: str, as_of: str, policy: dict, **fields) -> Manifest:
    """Return a manifest of a publication without files that nothing holds."""
    recipe = Recipe(
        as_of=date.fromisoformat(as_of),
        known_at=None,
        timezone="Asia/Shanghai",
        rendered=False,
        code="0" * 64,
        policy=policy,
        inputs=[],
    )
    values = {
        "publication_id": publication_id,
        "recipe": recipe,
        "notes": [],
        "problems": [],
        "hold_reasons": [],
        "state": "published",
        "started": f"{as_of}T20:00:00+00:00",
        "finished": f"{as_of}T20:10:00+00:00",
        "program": Program(code="0" * 64),
        "files": {},
    }
    return Manifest(**(values | fields))


def publish_manifest(
    store: Store,
    publication_id: str,
    as_of: str,
    compared: str | None = None,
    policy: dict | None = None,
    **fields,
) -> None:
    """Put a publication that has nothing but a manifest into a store."""
    folder = store.publication(publication_id)
    folder.mkdir(parents=True)
    compared_with = None
    if compared:
        compared_with = ComparedWith(publication_id=compared, manifest_sha256="0" * 64)
    write_manifest(
        folder,
        build_manifest(publication_id, as_of, policy or {}, compared_with=compared_with, **fields),
    )
