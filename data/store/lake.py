"""The lake: the rows that were taken in, as Delta tables, and the books kept about them.

lake/versions/<extract>/   every accepted row with its extract date: the truth, append-only
lake/current/<extract>/    the latest version of each key, partitioned by month lake/<book>/
one table per book; `delivery` is the ledger: writing it commits a delivery quarantine/
the book of quarantined rows
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
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction

from data.config.contract import load_contracts
from data.config.published_tables import load_published_tables
from data.problem import Problem

# Readers of an old version need the log of all before it, for as long as its files are kept
# (`vacuum`).
KEEPS_LOG = {"delta.enableExpiredLogCleanup": "false"}
LOOSE = 20  # files of a book before they are bound into one
PARTITION = {"versions": "_delivered", "current": "_month"}
OF_EXTRACT = [("extract", pa.string()), ("extract_date", pa.date32())]
BOOKS = {
    # `judged_by` is the fingerprint of the rules: where they changed, quarantined rows are judged
    # again.
    "delivery": load_published_tables()["quality_input_file"].schema.append(
        pa.field("judged_by", pa.string())
    ),
    "rule_result": load_published_tables()["quality_rule_result"].schema,
    "quarantine": load_published_tables()["quality_quarantine"].schema,
    "withdrawn": load_published_tables()["quality_withdrawn"].schema,
    "correction": load_published_tables()["quality_correction"].schema,
    # What was measured of a delivery, for the rules that compare it with those before: rows of a
    # branch, empty cells of a column.
    "measure": pa.schema(
        [
            *OF_EXTRACT,
            ("subject_kind", pa.string()),
            ("subject", pa.string()),
            ("amount", pa.int64()),
        ]
    ),
    # Rows and checksum of the current rows by month and branch, and which of them a delivery
    # changed.
    "holding": pa.schema(
        [
            *OF_EXTRACT,
            ("month", pa.string()),
            ("branch_code", pa.string()),
            ("rows", pa.int64()),
            ("checksum", pa.string()),
        ]
    ),
    "change": pa.schema(
        [
            *OF_EXTRACT,
            ("month", pa.string()),
            ("branch_code", pa.string()),
            ("rows_before", pa.int64()),
            ("rows_after", pa.int64()),
        ]
    ),
    # What a person let pass in spite of a rule: a line of a file, or (line 0) the delivery as a
    # whole.
    "release": pa.schema(
        [*OF_EXTRACT, ("file_name", pa.string()), ("line", pa.int64())]
        + [(name, pa.string()) for name in ("reason", "released_by", "released_at")]
    ),
    # What a person decided about a publication: hold, unhold or rollback. The latest decision
    # stands.
    "decision": pa.schema(
        [
            (name, pa.string())
            for name in ("decided_at", "publication_id", "decision", "reason", "decided_by")
        ]
    ),
}


class Lake:
    """The Delta tables of a store; with `at` (versions by table, as `versions()` tells them) as
    they were then, to be read only.
    """

    def __init__(self, root: Path, at: dict[str, int] | None = None):
        self.root = root
        self.at = at
        # Opening a table replays its log, and a night asks for the ledger a hundred times: both are
        # kept, and looked at anew where they changed.
        self._opened: dict[tuple, DeltaTable] = {}
        self._ledger: tuple[int, list[dict]] = (-1, [])

    def versions(self) -> dict[str, int]:
        """The Delta version of every table now, by its path below lake/ ("versions/claims",
        "delivery", ...).
        """
        return {
            name: table.version() for name, table in self._tables().items() if name != "decision"
        }

    def _tables(self) -> dict[str, DeltaTable]:
        names = [(book,) for book in BOOKS] + [
            (kind, extract) for kind in PARTITION for extract in load_contracts()
        ]
        return {"/".join(parts): table for parts in names if (table := self._open(*parts))}

    def _path(self, *parts: str) -> Path:
        return (
            self.root / "quarantine"
            if parts == ("quarantine",)
            else self.root.joinpath("lake", *parts)
        )

    def _open(self, *parts: str) -> DeltaTable | None:
        """A table, None where there is none yet.

        Raises Problem where its log or a file of it cannot be read.
        """
        if self.at is not None and "/".join(parts) not in self.at:
            return None
        try:
            if parts not in self._opened:
                self._opened[parts] = DeltaTable(
                    str(self._path(*parts)),
                    version=self.at["/".join(parts)] if self.at is not None else None,
                )
            elif self.at is None:
                self._opened[parts].update_incremental()
            return self._opened[parts]
        except TableNotFoundError:
            return None
        except DeltaError as error:
            said = str(error).splitlines()[0]
            raise Problem(
                f"the table {self._path(*parts)} is damaged: {said}",
                "restore the store from its last backup",
                "damaged-store",
            ) from None

    # -- books
    # ----------------------------------------------------------------------------------------------------

    def read(self, book: str, extract: str | None = None, known_at: date | None = None) -> pa.Table:
        """A book, of one kind of extract and as known on a day where these are given, in total
        order.
        """
        table, schema = self._open(book), BOOKS[book]
        wanted = [("extract", "=", extract)] if extract else None
        rows = (
            _as(schema, table.to_pyarrow_table(filters=wanted)) if table else schema.empty_table()
        )
        if known_at:
            rows = rows.filter(pc.less_equal(rows["extract_date"], known_at))
        return rows.sort_by([(column, "ascending") for column in schema.names])

    def write(
        self, book: str, rows: pa.Table, extract: str, extract_date: date | None = None
    ) -> None:
        """Replace what a book holds of a kind of extract, or of one extract date of it."""
        path, predicate = (
            str(self._path(book)),
            f"extract = '{extract}'"
            + (f" AND extract_date = '{extract_date}'" if extract_date else ""),
        )
        rows = rows.select(BOOKS[book].names).cast(BOOKS[book])
        replaced = predicate if DeltaTable.is_deltatable(path) else None
        write_deltalake(
            path,
            rows,
            mode="overwrite",
            predicate=replaced,
            schema_mode="merge",
            configuration=KEEPS_LOG,
        )
        self._bind(book)

    def add(self, book: str, rows: list[dict]) -> None:
        """Add rows to a book. Of the ledger `delivery` this is a delivery's commit point: before it
        a repeated run takes the files in again, after it never.
        """
        rows = pa.Table.from_pylist(rows, schema=BOOKS[book])
        write_deltalake(
            str(self._path(book)), rows, mode="append", schema_mode="merge", configuration=KEEPS_LOG
        )
        self._bind(book)

    def _bind(self, book: str) -> None:
        """Make one file of many: every delivery leaves a small one, and a book of a year of nights
        would take seconds to open.
        """
        table = self._open(book)
        if len(table.file_uris()) > LOOSE:
            table.optimize.compact()

    def forget(self, extract: str, extract_date: date) -> None:
        """Take a delivery out of the ledger: the next look at landing finds it as if it had never
        been taken in.
        """
        self._open("delivery").delete(f"extract = '{extract}' AND extract_date = '{extract_date}'")

    def delivered(self, extract: str) -> list[dict]:
        """The files of one kind of extract that were taken in."""
        table = self._open("delivery")
        if table is None:
            return []
        if table.version() != self._ledger[0]:
            self._ledger = (table.version(), self.read("delivery").to_pylist())
        return [dict(row) for row in self._ledger[1] if row["extract"] == extract]

    # -- rows
    # -----------------------------------------------------------------------------------------------------

    def replace(
        self, kind: str, extract: str, schema: pa.Schema, exported: Path, values: list[str] | None
    ) -> None:
        """Put exported Parquet files into a table of rows, in one transaction that replaces whole
        partitions.

        `kind` is `versions` (partitioned by _delivered, the extract date) or `current` (by _month);
        `exported` holds folders `<column>=<value>`; `values` are the partitions replaced, also
        where nothing is left of them; None: all. The folder is used up; repeating it all does no
        harm.
        """
        column = PARTITION[kind]
        path = self._path(kind, extract)
        schema = schema.append(pa.field(column, pa.string()))
        table = self._open(kind, extract) or DeltaTable.create(
            str(path), schema, partition_by=[column], configuration=KEEPS_LOG
        )
        added = []
        for file in sorted(exported.rglob("*.parquet")):
            value = unquote(file.parent.name.removeprefix(f"{column}="))
            # The version makes the name new: what an earlier commit refers to is never touched.
            name = f"{file.parent.name}/v{table.version() + 1:08d}-{file.stem}.parquet"
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            size, rows = file.stat().st_size, pq.read_metadata(file).num_rows
            shutil.move(file, path / name)
            added.append(
                AddAction(name, size, {column: value}, 0, True, json.dumps({"numRecords": rows}))
            )
        filters = [(column, "in", values)] if values is not None else None
        table.create_write_transaction(added, "overwrite", schema, [column], filters)
        shutil.rmtree(exported)

    def files(self, kind: str, extract: str, values: list[str] | None = None) -> list[str]:
        """The Parquet files that are a table of rows now (`versions` or `current`), or some
        partitions of it, in a fixed order.
        """
        table = self._open(kind, extract)
        if table is None or values == []:
            return []
        return sorted(
            unquote(file)
            for file in table.file_uris([(PARTITION[kind], "in", values)] if values else None)
        )

    def is_merged(self, extract: str) -> bool:
        """Whether the current rows of an extract are in its current table; else the latest delivery
        alone is what is current.
        """
        rows = self.delivered(extract)
        latest = [
            row for row in rows if row["extract_date"] == max(row["extract_date"] for row in rows)
        ]
        return len({row["extract_date"] for row in rows}) > 1 and not is_full_extract(latest)

    def current_files(self, extract: str) -> list[str]:
        """The Parquet files with the latest version of each key."""
        if self.is_merged(extract):
            return self.files("current", extract)
        dates = [row["extract_date"] for row in self.delivered(extract)]
        return self.files("versions", extract, [str(max(dates))]) if dates else []

    # -- housekeeping
    # -----------------------------------------------------------------------------------------------

    def keep_logs(self) -> None:
        """Let every table keep its log, also those that were made before this was asked of new
        ones.
        """
        for table in self._tables().values():
            if KEEPS_LOG.items() - table.metadata().configuration.items():
                table.alter.set_table_properties(KEEPS_LOG)

    def vacuum(self, kept: dict[str, set[int]], dry_run: bool) -> tuple[int, int]:
        """Remove the files that no version needs: neither the present one nor those of `kept`
        (versions by table), also what a killed run left behind. No run may be writing. Returns how
        many files, and their bytes.
        """
        files = size = 0
        for name, table in self._tables().items():
            asked = {
                "retention_hours": 0,
                "enforce_retention_duration": False,
                "full": True,
                "keep_versions": sorted(kept.get(name, ())),
            }
            # Files that an earlier vacuum removed are named again.
            paths = [
                path
                for file in table.vacuum(dry_run=True, **asked)
                if (path := self._path(*name.split("/")) / unquote(file)).is_file()
            ]
            files, size = files + len(paths), size + sum(path.stat().st_size for path in paths)
            if paths and not dry_run:
                table.vacuum(dry_run=False, **asked)
        return files, size

    def blank_quarantine(self, before: date, dry_run: bool) -> int:
        """Forget what was read of quarantined rows of extract dates before a day; key and reasons
        stay, since what stands depends on them. Returns of how many rows.
        """
        rows = self.read("quarantine")
        found = rows.filter(
            pc.and_(pc.less(rows["extract_date"], before), rows["content"].is_valid())
        ).num_rows
        if found and not dry_run:
            self._open("quarantine").update(
                updates={"content": "NULL"}, predicate=f"extract_date < '{before}'"
            )
        return found


def _as(schema: pa.Schema, rows: pa.Table) -> pa.Table:
    """Rows with the columns of a schema: those that a table did not have when it was written are
    empty.
    """
    for column in schema:
        if column.name not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
    return rows.select(schema.names).cast(schema)


def is_full_extract(latest: list[dict]) -> bool:
    """Whether the files of the latest delivery (rows of the ledger) are all that is current: a full
    extract of which no row was quarantined, since the former version of a quarantined row stays.
    """
    return all(row["delivery"] == "full" and not row["rows_quarantined"] for row in latest)
