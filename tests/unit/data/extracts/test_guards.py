"""Files that would take all memory are refused before a reader sees them; those at the limit are read."""

import gzip
import io
import json
import struct
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.extracts import formats, guards, packing
from data.extracts.headers import MAX_COLUMNS
from data.extracts.xls_extent import measure_sheets
from data.problem import Problem
from tests.unit.data.extracts.xls_file import write_xls

LINE = guards.MAX_LINE_BYTES


def xlsx(cells: dict[str, object]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for address, value in cells.items():
        book.active[address] = value
    book.save(target)
    return target.getvalue()


def parquet(table: pa.Table, **options) -> bytes:
    target = pa.BufferOutputStream()
    pq.write_table(table, target, **options)
    return target.getvalue().to_pybytes()


def repeated(rows: int, columns: int = 1) -> pa.Table:
    return pa.table({f"c{number}": pa.array([7] * rows, pa.int8()) for number in range(columns)})


# One file per format that would take all memory; `ALWAYS_ALLOWED` is lowered to 100,000 bytes.
BOMBS = {
    "csv": lambda: b"x" * (LINE + 1),
    "json lines": lambda: b'{"a": "' + b"x" * LINE,
    "xlsx": lambda: xlsx({"A1": "x", "XFD1048576": "y"}),
    "xls": lambda: write_xls({(0, 0): 1, (65535, 255): 2}, *[{(0, 0): 1, (65535, 255): 2}] * 3),
    "parquet": lambda: parquet(repeated(600_000)),
}


@pytest.mark.parametrize(
    "form", [*formats.TEXT_FORMATS, *formats.BINARY_FORMATS], ids=lambda form: form.name
)
def test_every_format_has_a_guard_that_refuses_a_bomb(form, read, tmp_path, monkeypatch):
    assert form.name in BOMBS, f"write a file in BOMBS that the guard of {form.name} refuses"
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 100_000)
    # A registry is frozen: that its reader is not called shows in what a file of its name says.
    with pytest.raises(Problem) as refused:
        read(BOMBS[form.name](), f"claims{form.suffixes[0]}")
    words = ("too many to hold in memory", "expands without bound", "is longer than")
    assert any(word in refused.value.what for word in words)


# -- packed


def test_bombs_are_refused(read, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 1 << 26)
    with pytest.raises(
        Problem,
        match=r"claims.csv.gz expands without bound: 1\d\d,\d+ packed bytes have become more than 67,108,864",
    ):
        read(gzip.compress(bytes(1 << 25)) * 4, "claims.csv.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv.gz"], (
        "nothing of it stays in the work folder"
    )


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_may_unpack_to_exactly_what_is_allowed(read, monkeypatch, more):
    text = b"a,b\n" + b"1,2\n" * 1000
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", len(text) - more)
    monkeypatch.setattr(packing, "MAX_RATIO", 1)
    if more:
        with pytest.raises(Problem, match="have become more than 4,003"):
            read(gzip.compress(text), "claims.csv.gz")
    else:
        assert len(read(gzip.compress(text), "claims.csv.gz")[1]) == 1000


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_may_unpack_to_so_many_times_its_size(read, monkeypatch, more):
    packed = gzip.compress(bytes(5000), mtime=0)
    packed += b"\0" * (100 - len(packed))  # padding: exactly a hundred bytes
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 0)
    monkeypatch.setattr(packing, "MAX_RATIO", 50)
    assert packing.max_unpacked_bytes(100) == 5000
    stream = io.BytesIO(bytes(5000 + more))
    if more:
        with pytest.raises(Problem, match="x expands without bound"):
            list(packing.read_within_bounds(stream, 100, "x"))
    else:
        assert sum(map(len, packing.read_within_bounds(stream, 100, "x"))) == 5000


# -- lines and columns


def test_a_line_without_end_is_refused(read):
    with pytest.raises(Problem, match="claims.csv: line 2 is longer than 16,777,216 bytes"):
        read(b"a,b\n" + b"x" * (1 << 25))


@pytest.mark.parametrize("more", [0, 1])
def test_a_line_may_have_exactly_as_many_bytes_as_allowed(read, more):
    empty = len('{"claim_id": ""}\n')
    line = json.dumps({"claim_id": "x" * (LINE - empty + more)}).encode() + b"\n"
    assert len(line) == LINE + more
    content = b'{"claim_id": "1"}\n' + line
    if more:
        with pytest.raises(Problem, match="claims.jsonl: line 2 is longer than 16,777,216 bytes"):
            read(content, "claims.jsonl")
    else:
        assert len(read(content, "claims.jsonl")[1][1][0]) == LINE - empty


@pytest.mark.parametrize(("size", "is_refused"), [(LINE, False), (LINE + 1, True)])
def test_a_line_is_refused_by_the_byte(size, is_refused):
    if is_refused:
        with pytest.raises(Problem, match="line 1,000 is longer than"):
            guards.refuse_long_line("claims.csv", 1000, size)
    else:
        guards.refuse_long_line("claims.csv", 1000, size)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("more", [0, 1])
def test_a_file_may_have_exactly_as_many_columns_as_allowed(read, suffix, more):
    names = [f"c{number}" for number in range(MAX_COLUMNS + more)]
    text = ",".join(names) if suffix == "csv" else json.dumps(dict.fromkeys(names, "1"))
    if more:
        with pytest.raises(Problem, match=f"claims.{suffix} has 10,001 columns"):
            read(text + "\n", f"claims.{suffix}")
    else:
        assert read(text + "\n", f"claims.{suffix}")[0].headers == names


# -- workbooks


def test_workbook_bombs_are_refused(read, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 1 << 22)
    with zipfile.ZipFile(tmp_path / "made", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 23))
        # What it says of itself is not believed.
        archive.getinfo("xl/worksheets/sheet1.xml").file_size = 1
    with pytest.raises(Problem, match="claims.xlsx expands without bound"):
        read((tmp_path / "made").read_bytes(), "claims.xlsx")


def test_a_cell_far_away_does_not_take_all_memory(read):
    with pytest.raises(Problem, match="a sheet spans 1,048,576 rows by 16,384 columns"):
        read(xlsx({"A1": "x", "XFD1048576": "y"}), "claims.xlsx")


@pytest.mark.parametrize(("address", "is_refused"), [("C4", False), ("D4", True), ("C5", True)])
def test_a_sheet_may_span_exactly_as_many_cells_as_allowed(read, monkeypatch, address, is_refused):
    monkeypatch.setattr(guards, "MAX_SHEET_CELLS", 12)
    content = xlsx({"A1": "claim_id", address: "y"})
    if is_refused:
        with pytest.raises(Problem, match="too many to hold in memory"):
            read(content, "claims.xlsx")
    else:
        assert len(read(content, "claims.xlsx")[1]) == 3


@pytest.mark.parametrize(
    ("letters", "number"),
    [(b"A", 1), (b"Z", 26), (b"AA", 27), (b"AZ", 52), (b"BA", 53), (b"XFD", 16_384)],
)
def test_letters_of_a_column_are_its_number(letters, number):
    assert guards.column_number(letters) == number


@pytest.mark.parametrize("padding", [0, 4096, 300_000], ids=["small sectors", "short", "long"])
def test_the_extent_of_an_xls_is_computed_without_reading_its_cells(read, padding):
    sheets = ({(0, 0): 1, (0, 1): 2, (2, 0): 3.5}, {(5, 2): 7})
    content = write_xls(*sheets, padding=padding)
    assert measure_sheets(content) == [(0, 0), (3, 2), (6, 3)], (
        "of the workbook itself, then sheets"
    )
    reading, rows = read(content, "claims.xls")
    assert (reading.format, reading.headers) == ("xls, sheet s0", ["1", "2"])
    assert rows == [["", "", 2], ["3.5", "", 3]]


@pytest.mark.parametrize(
    ("sheets", "limit", "is_refused"),
    [
        (({(3, 2): 1},), 12, False),
        (({(3, 2): 1},), 11, True),
        (({(3, 2): 1}, {(0, 1): 1}), 14, False),
        (({(3, 2): 1}, {(0, 1): 1}), 13, True),
    ],
)
def test_sheets_of_an_xls_are_read_at_once(read, monkeypatch, sheets, limit, is_refused):
    monkeypatch.setattr(guards, "MAX_SHEET_CELLS", limit)
    if is_refused:
        with pytest.raises(Problem, match="too many to hold in memory"):
            read(write_xls(*sheets), "claims.xls")
    else:
        read(write_xls(*sheets), "claims.xls")


def test_an_xls_that_declares_more_than_it_holds_is_refused(read):
    """Calamine takes the memory that is declared, and the program ends."""
    with pytest.raises(Problem, match="spans 4,000,000,000 rows by 60,000 columns"):
        read(write_xls({(0, 0): 1}, declared=(4_000_000_000, 60_000)), "claims.xls")


def test_damaged_xls_files_are_a_sentence(read):
    content = bytearray(write_xls({(0, 0): 1}, padding=300_000))
    circle = content.index(struct.pack("<III", 3, 4, 5))
    content[circle : circle + 12] = struct.pack("<III", 1, 1, 1)
    for damaged in (bytes(content), bytes(content[:2000]), bytes(content[:600])):
        with pytest.raises(Problem, match="claims.xls cannot be read as XLS"):
            read(damaged, "claims.xls")


# -- Parquet


@pytest.mark.parametrize(("rows", "is_refused"), [(100_000, False), (100_001, True)])
def test_parquet_may_hold_exactly_as_many_values_as_allowed(read, monkeypatch, rows, is_refused):
    """A million times the same value takes a few bytes."""
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 200_000)
    monkeypatch.setattr(packing, "MAX_RATIO", 1)
    content = parquet(repeated(rows, columns=2))
    assert len(content) < 2000
    if is_refused:
        with pytest.raises(Problem, match="claims.parquet expands without bound"):
            read(content, "claims.parquet")
    else:
        assert len(read(content, "claims.parquet")[1]) == rows


def test_parquet_that_unpacks_to_too_much_is_refused(read, monkeypatch):
    content = parquet(pa.table({"a": ["x" * 1_000_000]}), compression="zstd", use_dictionary=False)
    monkeypatch.setattr(packing, "ALWAYS_ALLOWED", 500_000)
    with pytest.raises(Problem, match="claims.parquet expands without bound"):
        read(content, "claims.parquet")
