"""The store: the only code that knows a path.

FORMAT                        the number of the store's format (migration.py)
policy.toml                   the owner's settings, where they differ (data/policy.py); written by people only
landing/                      files as they arrived (default place; any folder will do)
lake/                         the rows that were taken in, and the books kept about them (see lake.py)
quarantine/                   one row per quarantined row
published/<publication_id>/   manifest.json, manifest.sig, tables/, report/, exports/, diff/: read-only
preview/<day>/                figures and cases for every branch before they are published, and answers to what it objected to
published/CURRENT             the id that readers see
work/                         what a run needs while it runs; emptied when the next one starts
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.lake import Lake
from data.lock import held
from data.migration import migrate

NAME = re.compile(r"\w[\w.-]*")  # of a publication: a folder's name, never a path
PARTS = ("tables", "report", "exports", "diff")


class Store:
    """A folder that holds everything a run leaves behind."""

    def __init__(self, root: Path):
        self.root = root
        self.landing = root / "landing"
        self.published = root / "published"
        self.policy = root / "policy.toml"
        self.lake = Lake(root)

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """One run at a time; `wait`: so many seconds for another to end.

        Raises Problem where another run holds the store.
        """
