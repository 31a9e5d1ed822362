"""One table, written in ten formats and spellings, gives the same keys and figures."""

import csv
import gzip
import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from data.config.contract import load_contracts
from data.config.profile_source import Source
from data.extracts.open_file import open_file
from expectations.judging.batch import Batch
from transforms.engine.duckdb_engine import DuckDB

HEADER = ["claim_id", "branch_code", "reported_at", "has_injury", "paid_amount"]
START = datetime(2012, 1, 1)
Row = tuple[int, int, datetime, bool, Decimal]


def as_csv(rows: list[list], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([HEADER, *rows])
    return stream.getvalue().encode(encoding)


def as_xlsx(*sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in [HEADER, *rows]:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_parquet(rows: list[Row], kind: pa.DataType, **options) -> bytes:
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(column) for column in columns]
    for position in (0, 1):
        arrays[position] = pa.array(map(str, columns[position])).cast(pa.string())
        if kind != pa.binary():
            arrays[position] = pa.array(columns[position], pa.int64())
        arrays[position] = arrays[position].cast(kind)
    stream = io.BytesIO()
    pq.write_table(pa.table(arrays, HEADER), stream, **options)
    return stream.getvalue()


def write_all(rows: list[Row]) -> dict[str, bytes]:
    """Return the table in every form, by the name of its file."""
    plain = [
        [key, branch, str(at), str(yes).lower(), amount] for key, branch, at, yes, amount in rows
    ]
    floats = [
        [f"{row[0]}.0", f"{row[1]}.0", row[2], "1.0" if row[3] == "true" else "0.0", row[4]]
        for row in plain
    ]
    tenths = [
        [f"{row[0]}.0000000000", f'="{row[1]}"', row[2], "是" if row[3] == "true" else "否", row[4]]
        for row in plain
    ]
    exponents = [
        [f"{Decimal(row[0]):E}", f"'{row[1]}", row[2], row[3].upper(), row[4]] for row in plain
    ]
    exponents = [
        [cells[0] if "." in cells[0] else row[0], *cells[1:]]
        for row, cells in zip(plain, exponents, strict=True)
    ]
    native = [[key, branch, at, yes, float(amount)] for key, branch, at, yes, amount in rows]
    objects = [dict(zip(HEADER, [*row[:4], float(row[4])], strict=True)) for row in plain]
    half = len(native) // 2
    return {
        "plain.csv": as_csv(plain),
        "floats.csv": as_csv(floats, delimiter=";"),
        "decimals.csv": as_csv(tenths, encoding="gb18030"),
        "exponents.csv": as_csv(exponents, encoding="utf-16"),
        "packed.csv.gz": gzip.compress(as_csv(plain)),
        "objects.jsonl": "\n".join(map(json.dumps, objects)).encode(),
        "one.xlsx": as_xlsx(native),
        "sheets.xlsx": as_xlsx(native[:half], native[half:]),
        "integers.parquet": as_parquet(rows, pa.int64()),
        "doubles.parquet": as_parquet(rows, pa.float64()),
        "decimals.parquet": as_parquet(rows, pa.decimal128(38, 10)),
        "bytes.parquet": as_parquet(rows, pa.binary()),
    }


def read_rows(path: Path, folder: Path) -> list[tuple]:
    source = Source(extract="claims", files="*")
    engine = DuckDB(folder / f"work_{path.name}", "Asia/Shanghai", 1)
    try:
        batch = Batch(engine, load_contracts()["claims"], source, date(2012, 12, 31))
        batch.read([(path.name, open_file(path, source, folder))])
        table = pq.read_table(batch.parts[0])
        assert set(table["_unreadable"].to_pylist()) == {0}, path.name
        return sorted(map(tuple, (row.values() for row in table.select(HEADER).to_pylist())))
    finally:
        engine.close()


ROWS = st.lists(
    st.tuples(
        st.integers(1, 10**15 - 1),
        st.integers(1, 999_999),
        st.integers(0, 300 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds)),
        st.booleans(),
        st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100),
    ),
    min_size=2,
    max_size=6,
    unique_by=lambda row: row[0],
)


@settings(max_examples=6, deadline=None)
@given(rows=ROWS)
def test_one_table_has_the_same_keys_and_figures_in_every_format(rows):
    offset = timedelta(hours=8)
    expected = sorted(
        (str(key), str(branch), at - offset, yes, amount.quantize(Decimal("0.01")))
        for key, branch, at, yes, amount in rows
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file_name, content in write_all(rows).items():
            path = folder / file_name
            path.write_bytes(content)
            assert read_rows(path, folder) == expected, file_name
