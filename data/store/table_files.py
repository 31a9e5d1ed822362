"""How published tables are kept: a small one as one Parquet file, a large one as a folder
with a file per period.

A period that nothing new was delivered for has the same file as in the publication before: equal
parts are one file on disk, with two names.
"""

import filecmp
import os
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.config.published_tables import load_published_tables

# Kind, first day, the day after the last.
PeriodKey = tuple[str, date, date]
PERIOD_KINDS = ("month", "quarter", "rolling12", "ytd")
PERIOD_COLUMNS = ("period_kind", "period_start", "period_end")


def table_path(folder: Path, name: str) -> Path:
    """Return the file of a table or, where it has parts, the folder of them."""
    table = load_published_tables().get(name)
    return folder / name if table and table.has_parts else folder / f"{name}.parquet"


def table_files(folder: Path, name: str) -> list[Path]:
    """Return the files of a table in the order of its rows; an empty list where there is none."""
    path = table_path(folder, name)
    if path.suffix:
        return [path] if path.is_file() else []
    return sorted(path.glob("*.parquet"))


def list_tables(folder: Path) -> list[str]:
    """Return the names of the tables in a folder, in order."""
    files = {path.stem for path in folder.glob("*.parquet")}
    folders = {path.parent.name for path in folder.glob("*/*.parquet")}
    return sorted(files | folders)


def read_table(
    folder: Path,
    name: str,
    where: pc.Expression | None = None,
    columns: list[str] | None = None,
    encoded: Iterable[str] = (),
) -> pa.Table:
    """Return a published table: all of it, or some of its rows and columns.

    The columns `encoded` stay dictionaries. Raises FileNotFoundError where it was not published.
    """
    files = table_files(folder, name)
    if not files:
        raise FileNotFoundError(f"{table_path(folder, name)} is missing")
    return read_parquet(files, where, columns, encoded)


def read_parquet(
    files: list[Path],
    where: pc.Expression | None = None,
    columns: list[str] | None = None,
    encoded: Iterable[str] = (),
) -> pa.Table:
    """Return the rows of files that this module wrote; the columns `encoded` stay dictionaries.

    Raises OSError where a page is not as it was written.
    """
    return pq.read_table(
        files if len(files) > 1 else files[0],
        filters=where,
        columns=columns,
        read_dictionary=list(encoded),
        page_checksum_verification=True,
    )


def read_part(folder: Path, name: str, period: PeriodKey) -> pa.Table:
    """Return the rows of a period of a table with parts; none where it has no such period."""
    path = table_path(folder, name) / part_name(period)
    if not path.is_file():
        return load_published_tables()[name].schema.empty_table()
    return read_parquet([path])


def differing_parts(former: Path, present: Path, name: str) -> list[tuple[Path, Path]]:
    """Return the files of the periods that a table has in both folders, where they differ."""
    names_before = {path.name for path in table_files(former, name)}
    pairs = [
        (table_path(former, name) / path.name, path)
        for path in table_files(present, name)
        if path.name in names_before
    ]
    return [pair for pair in pairs if not has_same_bytes(*pair)]


def has_same_bytes(first: Path, second: Path) -> bool:
    """Return whether two files have the same content: at once where they are one file."""
    return first.samefile(second) or filecmp.cmp(first, second, shallow=False)


def part_name(period: PeriodKey) -> str:
    """Return the name of a period's file; names are ordered as periods are in a key."""
    kind, start, end = period
    return f"{kind}_{start}_{end}.parquet"


def write_tables(folder: Path, tables: dict[str, pa.Table], former: Path | None = None) -> None:
    """Write published tables; those with parts have one for every period of `dim_period`.

    A part that the folder `former` has with the same bytes is the same file on disk.
    """
    for name, table in tables.items():
        path = table_path(folder, name)
        if path.suffix:
            write_parquet(table, path)
            continue
        path.mkdir()
        for period, rows in split_by_period(table, tables["dim_period"]).items():
            part = path / part_name(period)
            write_parquet(rows, part)
            if former is not None:
                _share_part(table_path(former, name) / part.name, part)


def _share_part(former: Path, part: Path) -> None:
    """Make a part the same file as the one of the publication before, where it is equal."""
    if former.is_file() and has_same_bytes(former, part):
        part.unlink()
        link_file(former, part)


def split_by_period(table: pa.Table, dim_period: pa.Table) -> dict[PeriodKey, pa.Table]:
    """Return the rows of each period of `dim_period`, in the order that they have in the table."""
    keys = number_periods(dim_period)
    order_of_periods = np.argsort(keys)
    position = np.searchsorted(keys, number_periods(table), sorter=order_of_periods)
    order = np.argsort(position, kind="stable")
    bounds = np.searchsorted(position, np.arange(len(keys) + 1), sorter=order)
    ordered = table.take(order)
    rows_of = {}
    for number, period in enumerate(order_of_periods.tolist()):
        first, end = bounds[number : number + 2].tolist()
        rows_of[period] = ordered.slice(first, end - first)
    periods = [tuple(row.values()) for row in dim_period.select(PERIOD_COLUMNS).to_pylist()]
    return {period: rows_of[position] for position, period in enumerate(periods)}


def number_periods(table: pa.Table) -> np.ndarray:
    """Return a number for the period of each row, the same for the same period in any table."""
    kinds = table["period_kind"].cast(pa.string())
    kind = pc.index_in(kinds, pa.array(PERIOD_KINDS)).cast(pa.int64()).to_numpy()
    start = table["period_start"].cast(pa.int32()).to_numpy()
    end = table["period_end"].cast(pa.int32()).to_numpy()
    days = (start.astype(np.int64) << 30) + end
    return (kind << 60) + days


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table so that the same rows give the same bytes, each page with its checksum."""
    pq.write_table(
        _compact_dictionaries(table).replace_schema_metadata(None),
        path,
        compression="zstd",
        write_statistics=True,
        store_schema=False,
        write_page_checksum=True,
    )


def _compact_dictionaries(table: pa.Table) -> pa.Table:
    """Return the table with dictionaries of the texts that its rows have, in order of appearance.

    A dictionary may hold texts of other rows, and is written as it is.
    """
    for position, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            encoded = table[column.name].combine_chunks()
            assert isinstance(encoded, pa.DictionaryArray)
            used = pc.unique(encoded.indices.drop_null())
            indices = pc.index_in(encoded.indices, used)
            compact = pa.DictionaryArray.from_arrays(indices, encoded.dictionary.take(used))
            table = table.set_column(position, column.name, compact)
    return table


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name; where the disk knows no such thing, copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
