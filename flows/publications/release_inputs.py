"""What a release is built from: its request, its publication, and the release before it."""

from dataclasses import dataclass, field
from pathlib import Path

from data.config.return_layout import Layout
from data.problem import Problem
from data.store import table_files
from data.store.manifest import Manifest, read_manifest
from data.store.releases import Releases, parse_layouts, read_release_manifest, read_rows
from data.store.store import Store
from flows.publications import decisions, lookup
from flows.publications.release_request import ReleaseRequest

MarkedRow = tuple[dict, dict[str, str]]  # a row of a return, and the mark of each of its cells


@dataclass(frozen=True)
class ReleaseInputs:
    """What a release is built from.

    `former_columns` and `former_rows` are those of the version before it: columns as
    `RETURN.COLUMN`, rows by return and key. Empty for a first version.
    """

    request: ReleaseRequest
    releases: Releases
    publication: Path
    manifest: Manifest  # of the publication
    former_columns: list[str] = field(default_factory=list)
    former_rows: dict[str, dict[tuple, MarkedRow]] = field(default_factory=dict)

    def read_table(self, name: str) -> list[dict]:
        """Return the rows of a table of the publication."""
        return table_files.read_table(self.publication / "tables", name).to_pylist()

    def layout_texts(self) -> dict[str, str]:
        """Return the layout of every return of the publication, as TOML, by its id."""
        return {row["return_id"]: row["layout"] for row in self.read_table("dim_return")}


def open_inputs(store: Store, releases: Releases, request: ReleaseRequest) -> ReleaseInputs:
    """Return what a release is built from.

    Raises Problem where its publication, or the version before it, is not found, or readers must
    not see the publication.
    """
    publication = lookup.get_publication(store, request.publication_id)
    reason = decisions.hold_reason(store, request.publication_id)
    is_new = not request.version
    if reason and is_new:
        raise Problem(
            f"publication {request.publication_id} is held: {reason}",
            "release one that readers may see",
        )
    manifest = read_manifest(publication)
    if not request.before:
        return ReleaseInputs(request, releases, publication, manifest)
    folder = releases.folder(request.name, request.before)
    former_columns = []
    former_rows = {}
    for layout in parse_layouts(read_release_manifest(folder)):
        former_columns += list_columns(layout)
        rows, marks = read_rows(folder, layout)
        former_rows[layout.id] = index_rows(layout, rows, marks)
    return ReleaseInputs(request, releases, publication, manifest, former_columns, former_rows)


def list_columns(layout: Layout) -> list[str]:
    """Return the columns of a return as `RETURN.COLUMN`."""
    return [f"{layout.id}.{name}" for name in layout.schema.names]


def row_key(layout: Layout, row: dict) -> tuple:
    """Return the values of the key of a row."""
    return tuple(row[name] for name in layout.key)


def index_rows(
    layout: Layout, rows: list[dict], marks: list[dict[str, str]]
) -> dict[tuple, MarkedRow]:
    """Return the rows of a return with their marks, by key."""
    keys = [row_key(layout, row) for row in rows]
    return dict(zip(keys, zip(rows, marks, strict=True), strict=True))
