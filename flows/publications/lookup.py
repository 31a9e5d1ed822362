"""Finding a publication in a store, and which of two is the later one."""

from datetime import date
from pathlib import Path

from data.problem import Problem
from data.store.manifest import read_head
from data.store.store import Store


def get_publication(store: Store, publication_id: str) -> Path:
    """Return the folder of a publication.

    Raises Problem where there is no such publication.
    """
    if not store.is_published(publication_id):
        latest = ", ".join(store.publications()[-3:]) or "none yet"
        raise Problem(
            f"publication {publication_id} not found",
            f"the latest are: {latest} (servicekpi publications)",
        )
    return store.publication(publication_id)


def publication_age(store: Store, publication_id: str) -> tuple[date, str]:
    """Return what orders publications: their day, then when they were built."""
    head = read_head(store.publication(publication_id))
    return head.recipe.as_of, head.finished
