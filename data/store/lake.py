"""The lake: the rows that were taken in, as Delta tables, and the books kept about them.

lake/versions/<extract>/   every accepted row with its extract date: the truth, append-only
lake/current/<extract>/    the latest version of each key, partitioned by month
lake/<book>/               one table per book (books.py); `delivery` is the ledger: writing to it
                           commits a delivery
quarantine/                the book of quarantined rows
"""

import json
import shutil
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from data.store.books import BOOKS
from data.store.delta_tables import LOG_SETTINGS, PARTITION_COLUMNS, DeltaTables
from data.store.parquet_files import read_parquet_files

# Every delivery leaves a small file in every book. After a year of runs the ledger took 4 s to
# open; merged into at most this many files it takes 0.04 s (decision 72).
MAX_FILES_OF_A_BOOK = 20


class Lake:
    """The lake of a store."""

    def __init__(self, root: Path):
        self.root = root
        self.tables = DeltaTables(root)
        self._ledger_version = -1
        self._ledger: list[dict] = []

    def pinned(self, versions: dict[str, int] | None) -> "Lake":
        """Return the lake as it was, to be read only.

        `versions` are as `tables.versions()` returned them then; None: as it is now.
        """
        lake = Lake(self.root)
        lake.tables = self.tables.pinned(versions)
        return lake

    # -- books -------------------------------------------------------------------------------------

    def read(self, book: str, extract: str | None = None, known_at: date | None = None) -> pa.Table:
        """Return the rows of a book, sorted by all of its columns.

        Given `extract`, only those about one kind of extract; given `known_at`, only those about
        deliveries up to that day.
        """
        rows = read_parquet_files(map(Path, self.tables.files(book)), BOOKS[book])
        if extract:
            rows = rows.filter(pc.field("extract") == extract)
        if known_at:
            rows = rows.filter(pc.field("extract_date") <= known_at)
        return rows.sort_by([(column, "ascending") for column in rows.column_names])

    def write(
        self, book: str, rows: pa.Table, extract: str, extract_date: date | None = None
    ) -> None:
        """Replace the rows of a book about a kind of extract, or about one extract date of it."""
        predicate = f"extract = '{extract}'"
        if extract_date:
            predicate += f" AND extract_date = '{extract_date}'"
        with self.tables.commit(book) as table:
            write_deltalake(
                str(self.tables.path(book)),
                rows.select(BOOKS[book].names).cast(BOOKS[book]),
                mode="overwrite",
                predicate=predicate if table else None,
                schema_mode="merge",
                configuration=LOG_SETTINGS,
            )
        self._compact(book)

    def add(self, book: str, rows: list[dict]) -> None:
        """Add rows to a book.

        Of the ledger `delivery` this is a delivery's commit point: before it a repeated run takes
        the files in again, after it never.
        """
        with self.tables.commit(book):
            write_deltalake(
                str(self.tables.path(book)),
                pa.Table.from_pylist(rows, schema=BOOKS[book]),
                mode="append",
                schema_mode="merge",
                configuration=LOG_SETTINGS,
            )
        self._compact(book)

    def _compact(self, book: str) -> None:
        """Merge the many small files of a book into one."""
        table = self.tables.open(book)
        if table is not None and len(table.file_uris()) > MAX_FILES_OF_A_BOOK:
            with self.tables.commit(book):
                table.optimize.compact()

    def ledger(self, extract: str) -> list[dict]:
        """Return the ledger's rows of one kind of extract: the files that were taken in."""
        table = self.tables.open("delivery")
        if table is None:
            return []
        if table.version() != self._ledger_version:
            self._ledger = self.read("delivery").to_pylist()
            self._ledger_version = table.version()
        return [dict(row) for row in self._ledger if row["extract"] == extract]

    def remove_delivery(self, extract: str, extract_date: date) -> None:
        """Remove a delivery from the ledger, as if its files had never been taken in."""
        with self.tables.commit("delivery") as table:
            if table is not None:
                table.delete(f"extract = '{extract}' AND extract_date = '{extract_date}'")

    def blank_quarantine(self, before: date, dry_run: bool) -> int:
        """Remove the content of quarantined rows of extract dates before a day; return how many.

        Keys and reasons stay: which version of a key counts depends on them. With `dry_run` nothing
        is removed.
        """
        is_old = pc.field("extract_date") < before
        has_content = pc.field("content").is_valid()
        count = self.read("quarantine").filter(is_old & has_content).num_rows
        if count and not dry_run:
            with self.tables.commit("quarantine") as table:
                assert table is not None, "it has rows"
                table.update(updates={"content": "NULL"}, predicate=f"extract_date < '{before}'")
        return count

    # -- rows --------------------------------------------------------------------------------------

    def replace_rows(
        self,
        kind: str,
        extract: str,
        schema: pa.Schema,
        exported: Path,
        partitions: list[str] | None,
    ) -> None:
        """Move exported Parquet files into a table of rows, replacing whole partitions of it.

        It is one transaction, and repeating it does no harm.

        Args:
            kind: `versions` (partitioned by _delivered, the extract date) or `current` (by _month).
            extract: the kind of extract.
            schema: the columns of the files.
            exported: a folder of folders `<column>=<value>`; used up.
            partitions: the values whose partitions are replaced, also where nothing is left of
                them; None: all.
        """
        name, column = f"{kind}/{extract}", PARTITION_COLUMNS[kind]
        path = self.tables.path(name)
        schema = schema.append(pa.field(column, pa.string()))
        with self.tables.commit(name) as existing:
            table = existing or DeltaTable.create(
                str(path), schema, partition_by=[column], configuration=LOG_SETTINGS
            )
            # The version makes a name new: files that an earlier commit refers to are never
            # touched.
            prefix = f"v{table.version() + 1:08d}"
            files = sorted(exported.rglob("*.parquet"))
            actions: list[AddAction | RemoveAction] = [
                _move_file(file, path, column, prefix) for file in files
            ]
            filters = None if partitions is None else [(column, "in", partitions)]
            table.create_write_transaction(actions, "overwrite", schema, [column], filters)
        shutil.rmtree(exported)

    def files(self, kind: str, extract: str, partitions: list[str] | None = None) -> list[str]:
        """Return the Parquet files that are a table of rows now, or some of its partitions.

        `kind` is `versions` or `current`. The order is always the same. Raises Problem where a file
        is not as it was written.
        """
        if partitions == []:
            return []
        filters = [(PARTITION_COLUMNS[kind], "in", partitions)] if partitions else None
        return self.tables.files(f"{kind}/{extract}", filters)

    def is_merged(self, extract: str) -> bool:
        """Return whether the current rows of an extract are in its table `current`.

        Else the latest delivery alone has all current rows.
        """
        ledger = self.ledger(extract)
        dates = {row["extract_date"] for row in ledger}
        if len(dates) < 2:
            return False
        return not is_full_extract([row for row in ledger if row["extract_date"] == max(dates)])

    def current_files(self, extract: str) -> list[str]:
        """Return the Parquet files with the latest version of each key."""
        if self.is_merged(extract):
            return self.files("current", extract)
        dates = [row["extract_date"] for row in self.ledger(extract)]
        return self.files("versions", extract, [str(max(dates))]) if dates else []


def is_full_extract(delivery: list[dict]) -> bool:
    """Return whether the files of a delivery (rows of the ledger) have all current rows.

    They do where it is a full extract without a quarantined row: the former version of a
    quarantined row stays.
    """
    return all(row["delivery"] == "full" and not row["rows_quarantined"] for row in delivery)


def _move_file(file: Path, table_path: Path, column: str, prefix: str) -> AddAction:
    """Move an exported file below a table, and return what enters it into the table's log."""
    value = unquote(file.parent.name.removeprefix(f"{column}="))
    name = f"{file.parent.name}/{prefix}-{file.stem}.parquet"
    size_bytes = file.stat().st_size
    statistics = json.dumps({"numRecords": pq.read_metadata(file).num_rows})
    (table_path / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, table_path / name)
    return AddAction(name, size_bytes, {column: value}, 0, True, statistics)
