"""The store: the only code that knows a path.

landing/                      files as they arrived (default place; any folder will do)
lake/versions/<extract>/      every accepted row with its extract date: the truth (Delta)
lake/current/<extract>/       the latest version of each key (Delta, partitioned by month)
lake/delivery/                one row per file that was taken in; writing it commits the delivery (Delta)
lake/rule_result/             one row per extract and rule (Delta)
quarantine/                   one row per quarantined row (Delta)
published/<publication_id>/   manifest.json, tables/, report/, exports/
published/CURRENT             the id that readers see
work/                         what a run needs while it runs; emptied when the next one starts
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction

from data.problem import Problem
from data.published import tables

DELIVERY = tables()["quality_input_file"].schema
RULE_RESULT = tables()["quality_rule_result"].schema
QUARANTINE = tables()["quality_quarantine"].schema
PARTITION = {"versions": "_delivered", "current": "_month"}


class Store:
    """A folder that holds everything a run leaves behind."""

    def __init__(self, root: Path):
        self.root = root
        self.landing = root / "landing"
        self.published = root / "published"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time.

        Raises Problem where another run holds the store.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / ".lock").open("a")
        except OSError as error:
            raise Problem(
                f"the store {self.root} cannot be written: {error.strerror}", "give the run write access to it, or another --store"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Problem(f"another run is using the store {self.root}", "wait for it to end, or give this run its own --store") from None
            yield

    def work(self) -> Path:
        """An empty work folder. What a killed run left in it, or half built among the publications, goes."""
        self.clear()
        folder = self.root / "work"
        folder.mkdir(parents=True)
        return folder

    def clear(self) -> None:
        """Remove what only a running run needs."""
        shutil.rmtree(self.root / "work", ignore_errors=True)
        for stale in self.published.glob(".building-*"):
            shutil.rmtree(stale)

    # -- the lake -----------------------------------------------------------------------------------------------

    def _lake(self, *parts: str) -> Path:
        return self.root / "quarantine" if parts == ("quarantine",) else self.root.joinpath("lake", *parts)

    def _open(self, *parts: str) -> DeltaTable | None:
        try:
            return DeltaTable(str(self._lake(*parts)))
        except TableNotFoundError:
            return None

    def read(self, name: str, schema: pa.Schema, known_at: date | None = None) -> pa.Table:
        """A bookkeeping table (delivery, rule_result, quarantine), as known on a day, in total order."""
        table = self._open(name)
        rows = table.to_pyarrow_table().select(schema.names).cast(schema) if table else schema.empty_table()
        if known_at:
            rows = rows.filter(pc.less_equal(rows["extract_date"], known_at))
        return rows.sort_by([(column, "ascending") for column in schema.names])

    def deliveries(self, known_at: date | None = None) -> pa.Table:
        return self.read("delivery", DELIVERY, known_at)

    def replace(self, kind: str, extract: str, schema: pa.Schema, exported: Path, values: list[str] | None) -> None:
        """Put exported Parquet files into a lake table, in one transaction that replaces whole partitions.

        `kind` is `versions` (partitioned by _delivered, the extract date) or `current` (by _month); `exported` holds folders `<column>=<value>`;
        `values` are the partitions replaced, also where nothing is left of them; None: all. The folder is used up; repeating it all
        does no harm.
        """
        column = PARTITION[kind]
        path = self._lake(kind, extract)
        schema = schema.append(pa.field(column, pa.string()))
        table = self._open(kind, extract) or DeltaTable.create(str(path), schema, partition_by=[column])
        added = []
        for file in sorted(exported.rglob("*.parquet")):
            value = unquote(file.parent.name.removeprefix(f"{column}="))
            # The version makes the name new: what an earlier commit refers to is never touched.
            name = f"{file.parent.name}/v{table.version() + 1:08d}-{file.stem}.parquet"
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            size, rows = file.stat().st_size, pq.read_metadata(file).num_rows
            shutil.move(file, path / name)
            added.append(AddAction(name, size, {column: value}, 0, True, json.dumps({"numRecords": rows})))
        filters = [(column, "in", values)] if values is not None else None
        table.create_write_transaction(added, "overwrite", schema, [column], filters)
        shutil.rmtree(exported)

    def write_quality(self, name: str, extract: str, extract_date: date, rows: pa.Table) -> None:
        """Replace what a bookkeeping table holds of one extract."""
        self._write(rows, name, f"extract = '{extract}' AND extract_date = '{extract_date}'")

    def commit_delivery(self, rows: pa.Table) -> None:
        """The commit point of a delivery: before it a repeated run takes the files in again, after it never."""
        write_deltalake(str(self._lake("delivery")), rows, mode="append")

    def _write(self, rows: pa.Table, name: str, predicate: str) -> None:
        path = str(self._lake(name))
        write_deltalake(path, rows, mode="overwrite", predicate=predicate if DeltaTable.is_deltatable(path) else None)

    def files(self, kind: str, extract: str, extract_date: date | None = None) -> list[str]:
        """The Parquet files that are a lake table now (`versions` or `current`), in a fixed order."""
        table = self._open(kind, extract)
        if table is None:
            return []
        return sorted(unquote(file) for file in table.file_uris([(PARTITION["versions"], "=", str(extract_date))] if extract_date else None))

    def delivered(self, extract: str) -> list[dict]:
        """The files of one kind of extract that were taken in."""
        return [row for row in self.deliveries().to_pylist() if row["extract"] == extract]

    def is_merged(self, extract: str) -> bool:
        """Whether the current rows of an extract are in its current table; else the latest delivery alone is what is current."""
        rows = self.delivered(extract)
        dates = {row["extract_date"] for row in rows}
        return len(dates) > 1 and not any(row["delivery"] == "full" for row in rows if row["extract_date"] == max(dates))

    def current_files(self, extract: str) -> list[str]:
        """The Parquet files with the latest version of each key."""
        if self.is_merged(extract):
            return self.files("current", extract)
        dates = [row["extract_date"] for row in self.delivered(extract)]
        return self.files("versions", extract, max(dates)) if dates else []

    # -- publications -------------------------------------------------------------------------------------------

    def current(self) -> str | None:
        """The id of the publication that readers see."""
        pointer = self.published / "CURRENT"
        return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None

    def publication(self, publication_id: str) -> Path:
        return self.published / publication_id

    def is_published(self, publication_id: str) -> bool:
        return (self.publication(publication_id) / "manifest.json").is_file()

    def building(self, publication_id: str) -> Path:
        """A folder beside the publications, to build one in."""
        folder = self.published / f".building-{publication_id}"
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("tables", "report", "exports"):
            (folder / part).mkdir(parents=True)
        return folder

    def commit(self, publication_id: str, point: bool = True) -> Path:
        """Swap a built folder in: fsync, one rename, then the pointer. `point=False` holds it: kept, but not what readers see."""
        building = self.published / f".building-{publication_id}"
        for path in sorted(building.rglob("*")):
            if path.is_file():
                _fsync(path)
        target = self.publication(publication_id)
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
        _fsync(self.published)
        if point:
            self.point(publication_id)
        return target

    def point(self, publication_id: str) -> None:
        """Let readers see this publication."""
        aside = self.published / ".CURRENT"
        aside.write_text(publication_id + "\n", encoding="utf-8")
        _fsync(aside)
        aside.rename(self.published / "CURRENT")
        _fsync(self.published)


def write_parquet(table: pa.Table, path: Path) -> None:
    """A published table: the same rows give the same bytes."""
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd", write_statistics=True, store_schema=False)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
