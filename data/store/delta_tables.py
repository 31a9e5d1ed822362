"""The Delta tables below a store: where they are, which versions they have, what may be removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from data.config.contract import load_contracts
from data.store.books import BOOKS
from data.store.checksum_list import damage_problem
from data.store.table_checksums import LOG, TableChecksums

# Readers of an old version need the log of all versions before it, for as long as its files are
# kept (`vacuum`). Delta's default forgets the log after 30 days.
LOG_SETTINGS = {"delta.enableExpiredLogCleanup": "false"}

# The kinds of tables of rows, and the column that each is partitioned by.
PARTITION_COLUMNS = {"versions": "_delivered", "current": "_month"}


class DeltaTables:
    """The Delta tables of a store, by their names.

    A name is the path below lake/: "delivery", "versions/claims". With `pinned_versions` (by name)
    the tables are as they were then, to be read only; those without a version did not exist. What
    is read of them is what was written: their files have checksums.
    """

    def __init__(self, root: Path, pinned_versions: dict[str, int] | None = None):
        self.root = root
        self.pinned_versions = pinned_versions
        # Opening a table replays its log, and a run looks at the ledger a hundred times: tables are
        # kept open, and only what was added to their logs is read.
        self._open_tables: dict[str, DeltaTable] = {}
        self._checksums: dict[str, TableChecksums] = {}

    def pinned(self, versions: dict[str, int] | None) -> Self:
        """Return the tables as they were in earlier versions; no file is checked a second time."""
        tables = type(self)(self.root, versions)
        tables._checksums = self._checksums
        return tables

    def path(self, name: str) -> Path:
        """Return the folder of a table, whether it exists or not."""
        return self.root / "quarantine" if name == "quarantine" else self.root / "lake" / name

    def open(self, name: str) -> DeltaTable | None:
        """Return a table; None where it does not exist yet.

        Raises Problem where its log or a file of it cannot be read.
        """
        version = None
        if self.pinned_versions is not None:
            if name not in self.pinned_versions:
                return None
            version = self.pinned_versions[name]
        try:
            table = self._open_tables.get(name)
            if table is None:
                self.checksums(name).check_log(version)
                table = DeltaTable(str(self.path(name)), version=version)
                self._open_tables[name] = table
            elif version is None:
                table.update_incremental()
            return table
        except TableNotFoundError:
            return None
        except DeltaError as error:
            reason = str(error).splitlines()[0]
            raise damage_problem(f"the table {self.path(name)} is damaged: {reason}") from None

    def checksums(self, name: str) -> TableChecksums:
        """Return the checksums of a table's files."""
        if name not in self._checksums:
            self._checksums[name] = TableChecksums(self.root, name, self.path(name))
        return self._checksums[name]

    @contextmanager
    def commit(self, name: str) -> Iterator[DeltaTable | None]:
        """Yield a table to be changed (None: to be created), and record what was committed to it.

        Rows of a book may be written again: they are checked before, or damage would get a checksum
        of its own.
        """
        if name in BOOKS:
            self.files(name)
        yield self.open(name)
        self.checksums(name).record(self.list_files(name))

    def record_unfinished(self) -> None:
        """Record commits that a kill left without checksums. Nobody may be writing meanwhile.

        Raises Problem where checksums have been lost.
        """
        for name in self.names():
            checksums = self.checksums(name)
            if not checksums.is_complete():
                checksums.check_recorded()
                checksums.record(self.list_files(name))

    def files(self, name: str, filters: list | None = None) -> list[str]:
        """Return the data files of a table now, or of some of its partitions, in their order.

        Raises Problem where one is not as it was written.
        """
        files = self.list_files(name, filters)
        self.checksums(name).check_data(files)
        return files

    def list_files(self, name: str, filters: list | None = None) -> list[str]:
        """Return the same files without a look into them."""
        table = self.open(name)
        if table is None:
            return []
        return sorted(unquote(file) for file in table.file_uris(filters))

    def names(self) -> list[str]:
        """Return the names of all tables that a store may have."""
        names = list(BOOKS)
        for kind in PARTITION_COLUMNS:
            names += [f"{kind}/{extract}" for extract in load_contracts()]
        return names

    def open_all(self) -> dict[str, DeltaTable]:
        """Return every table that exists, by its name."""
        tables = {name: self.open(name) for name in self.names()}
        return {name: table for name, table in tables.items() if table is not None}

    def versions(self) -> dict[str, int]:
        """Return the version of every table now, but of the book of decisions.

        No publication is computed from a decision.
        """
        tables = self.open_all()
        return {name: table.version() for name, table in tables.items() if name != "decision"}

    def keep_logs(self) -> None:
        """Let every table keep its log, also those that were created without the setting."""
        for name, table in self.open_all().items():
            settings = table.metadata().configuration
            if LOG_SETTINGS.items() - settings.items():
                with self.commit(name):
                    table.alter.set_table_properties(LOG_SETTINGS)

    def record_all(self) -> None:
        """Record the checksums of tables that have none, also those of their earlier versions."""
        for name in self.open_all():
            files = self.path(name).rglob("*.parquet")
            self.checksums(name).record([str(file) for file in files if file.parent.name != LOG])

    def vacuum(self, versions_to_keep: dict[str, set[int]], dry_run: bool) -> tuple[int, int]:
        """Remove the files that no version needs, and return how many, and their bytes.

        Needed are the present version and `versions_to_keep` (by name); what a killed run left
        behind is not. No run may be writing meanwhile. With `dry_run` nothing is removed.
        """
        file_count = byte_count = 0
        for name, table in self.open_all().items():
            options = {
                "retention_hours": 0,
                "enforce_retention_duration": False,
                "full": True,
                "keep_versions": sorted(versions_to_keep.get(name, ())),
            }
            candidates = [
                self.path(name) / unquote(file) for file in table.vacuum(dry_run=True, **options)
            ]
            # Files that an earlier vacuum removed are listed again.
            paths = [path for path in candidates if path.is_file()]
            file_count += len(paths)
            byte_count += sum(path.stat().st_size for path in paths)
            if paths and not dry_run:
                self.checksums(name).remove(paths)
                with self.commit(name):
                    table.vacuum(dry_run=False, **options)
        return file_count, byte_count
