"""A publication in a store, from tables computed of a small company: what a release is made from,
without a run.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config import policy, published_tables
from data.store.manifest import write_manifest
from data.store.store import Store
from data.store.table_files import write_tables
from tests.company import open_company
from tests.manifests import build_manifest
from transforms import build
from transforms.returns import returns

FILE = {
    "extract": "claims",
    "file_name": "claims.csv",
    "sha256": "0" * 64,
    "bytes": 1,
    "delivery": "full",
    "profile": "default",
    "format": "csv",
}
FILE |= {
    "encoding": "utf-8",
    "columns": "claim_id",
    "columns_ignored": "",
    "closed_only": False,
    "warnings": "",
}


def compute(*arguments, **extracts) -> dict[str, pa.Table]:
    """Published tables of a company whose extracts are given as lists of rows, its returns among
    them.
    """
    with open_company(*arguments, **extracts) as (engine, inputs):
        return build.build(engine, inputs) | returns.build_returns(engine)


def publish(
    root: Path,
    publication_id: str,
    as_of: str,
    tables: dict[str, pa.Table],
    overrides: dict | None = None,
) -> str:
    """Put tables into a store as a publication that readers see. Returns its id."""
    store = Store(root)
    store.published.mkdir(parents=True, exist_ok=True)
    folder = store.building(publication_id)
    day = date.fromisoformat(as_of)
    rows = {
        "rows_read": 10,
        "rows_accepted": 7,
        "rows_quarantined": 1,
        "rows_superseded": 1,
        "rows_skipped": 1,
    }
    file = FILE | {"extract_date": day, "history_from": day, **rows}
    files = pa.Table.from_pylist(
        [file], schema=published_tables.load_published_tables()["quality_input_file"].schema
    )
    write_tables(folder / "tables", {**tables, "quality_input_file": files})
    recorded = policy.load_policy(overrides).model_dump(mode="json")
    write_manifest(folder, build_manifest(publication_id, as_of, recorded))
    store.commit(publication_id)
    return publication_id
