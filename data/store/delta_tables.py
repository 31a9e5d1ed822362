"""The Delta tables below a store: where they are, which versions they have, what may be removed."""

from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from data.config.contract import load_contracts
from data.problem import Problem
from data.store.books import BOOKS

# Readers of an old version need the log of all versions before it, for as long as its files are
# kept (`vacuum`). Delta's default forgets the log after 30 days.
LOG_SETTINGS = {"delta.enableExpiredLogCleanup": "false"}

# The kinds of tables of rows, and the column that each is partitioned by.
PARTITION_COLUMNS = {"versions": "_delivered", "current": "_month"}


class DeltaTables:
    """The Delta tables of a store, by their names.

    A name is the path below lake/: "delivery", "versions/claims". With `pinned_versions` (by name)
    the tables are as they were then, to be read only; those without a version did not exist.
    """

    def __init__(self, root: Path, pinned_versions: dict[str, int] | None = None):
        self.root = root
        self.pinned_versions = pinned_versions
        # Opening a table replays its log, and a run looks at the ledger a hundred times: tables are
        # kept open, and only what was added to their logs is read.
        self._open_tables: dict[str, DeltaTable] = {}

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
                table = DeltaTable(str(self.path(name)), version=version)
                self._open_tables[name] = table
            elif version is None:
                table.update_incremental()
            return table
        except TableNotFoundError:
            return None
        except DeltaError as error:
            reason = str(error).splitlines()[0]
            raise Problem(
                f"the table {self.path(name)} is damaged: {reason}",
                "restore the store from its last backup",
                "damaged-store",
            ) from None

    def open_all(self) -> dict[str, DeltaTable]:
        """Return every table that exists, by its name."""
        names = list(BOOKS)
        for kind in PARTITION_COLUMNS:
            names += [f"{kind}/{extract}" for extract in load_contracts()]
        tables = {name: self.open(name) for name in names}
        return {name: table for name, table in tables.items() if table is not None}

    def versions(self) -> dict[str, int]:
        """Return the version of every table now, but of the book of decisions.

        A decision is no part of what a publication is computed from.
        """
        tables = self.open_all()
        return {name: table.version() for name, table in tables.items() if name != "decision"}

    def keep_logs(self) -> None:
        """Let every table keep its log, also those that were created without the setting."""
        for table in self.open_all().values():
            settings = table.metadata().configuration
            if LOG_SETTINGS.items() - settings.items():
                table.alter.set_table_properties(LOG_SETTINGS)

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
                table.vacuum(dry_run=False, **options)
        return file_count, byte_count
