"""Whatever bytes arrive: a sentence or rows, and every line is one or the other. What is written in
any manner comes back cell for cell.
"""

import csv
import gzip
import io
import itertools
import json
import re
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from data.config.profile_source import Source
from data.extracts import delimited
from data.extracts.formats import accepted_suffixes
from data.extracts.open_file import open_file
from data.extracts.packing import PACKINGS
from data.problem import Problem

QUICK = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LINE_END = re.compile("\r\n|\r|\n")
COMMON = "保险理赔案号机构回访投诉结正常商业车交强"


def rows_of(reading) -> list[dict]:
    return reading.batches.read_all().to_pylist()


def packed(content: bytes, how: str, name: str = "claims.csv") -> bytes:
    if how == ".gz":
        return gzip.compress(content, mtime=0)
    if how == ".zst":
        return pa.Codec("zstd").compress(content, asbytes=True)
    if how == ".zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return buffer.getvalue()
    return content


def workbook(rows: list[list[str]]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def parquet(columns: dict) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue().to_pybytes()


WHOLE = [
    workbook([["a", "b"], ["1", "2"]]),
    parquet({"a": ["1", "2"]}),
    gzip.compress(b"a,b\n1,2\n", mtime=0),
    packed(b"a,b\n1,2\n", ".zip"),
]
texts = st.lists(
    st.sampled_from(
        [
            '"',
            '""',
            ",",
            ";",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "a",
            "b c",
            "赔案",
            "é",
            "\0",
            " ",
            "{",
            "}",
            ":",
            "|",
        ]
    ),
    max_size=60,
)
PACKED_SUFFIXES = [packing.suffix for packing in PACKINGS]
dirty = st.one_of(
    st.binary(max_size=200),
    texts.map(lambda parts: "".join(parts).encode()),
    texts.map(lambda parts: "".join(parts).encode("gb18030") + b"\xff"),
    texts.map(lambda parts: "".join(parts).encode("utf-16")),
    st.builds(
        lambda magic, rest: magic + rest,
        st.sampled_from([b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{"]),
        st.binary(),
    ),
    # Files that were whole once: cut off, and with a byte changed.
    st.builds(lambda whole, at: whole[: at % len(whole)], st.sampled_from(WHOLE), st.integers(0)),
    st.builds(
        lambda whole, at, byte: (
            whole[: at % len(whole)] + bytes([byte]) + whole[at % len(whole) + 1 :]
        ),
        st.sampled_from(WHOLE),
        st.integers(0),
        st.integers(0, 255),
    ),
)


@settings(QUICK, max_examples=400)
@given(
    content=dirty,
    how=st.sampled_from(["", *PACKED_SUFFIXES]),
    suffix=st.sampled_from(
        [suffix for suffix in accepted_suffixes() if suffix not in PACKED_SUFFIXES]
    ),
)
@example(content=b"\xff\xfe\x00", how="", suffix=".csv")
@example(content=b"", how=".gz", suffix=".csv")
@example(content=b'{"a": "\\ud800"}', how="", suffix=".jsonl")
def test_arbitrary_bytes_are_rows_or_a_problem(tmp_path, content, how, suffix):
    path = tmp_path / f"claims{suffix}{how}"
    path.write_bytes(packed(content, how, f"claims{suffix}"))
    try:
        reading = open_file(path, Source(extract="claims", files="*"), tmp_path)
        reading.batches.read_all()
    except Problem as problem:
        assert path.name in problem.what and "\n" not in problem.what and problem.remedy


# What a line may be made of; a line too long for its header is as likely as one that fits it.
pieces = st.sampled_from(
    [
        '"',
        '""',
        '","',
        ",",
        ",,",
        "a",
        "bc",
        "\r",
        "\0",
        ' "',
        '"x',
        "\n",
        "1,2,3\n",
        '1,"2",3\n',
        '1,"2\n2",3\n',
        "1,2\n",
    ]
)


@settings(QUICK, max_examples=300)
@given(body=st.lists(pieces, max_size=40).map("".join), size=st.integers(1, 40))
@example(body='1,"2\n1,2,3\n1,2,3\n1,"2",3\n', size=7)
@example(body='1,2,"3\r', size=5)
@example(body='1,2,"3\r3"\r\n1,2,3\n', size=12)
@example(body='"\r\r"\n\n', size=1)
def test_every_line_of_a_text_is_a_row_or_malformed_once(tmp_path, body, size):
    """However it is cut into blocks; a row has as many lines as there are line ends in its cells,
    and one more.
    """
    body = body.rstrip("\0\x1a")  # padding is no line
    path = tmp_path / "claims.csv"
    path.write_bytes(b"a,b,c\n" + body.encode())
    results = []
    for block in (size, delimited.BLOCK_BYTES):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "BLOCK_BYTES", block)
            reading = open_file(
                path,
                Source(extract="claims", files="*", encoding="utf-8", delimiter=",", header_line=1),
                tmp_path,
            )
            assume(reading.headers == ["a", "b", "c"])
            rows = rows_of(reading)
        results.append((rows, sorted(reading.malformed, key=lambda bad: bad.line)))
    assert results[0] == results[1], "the size of the blocks is of no account"
    lines = {
        row["_line"]: 1 + sum(len(LINE_END.findall(row[name])) for name in "abc") for row in rows
    }
    assert not lines.keys() & {bad.line for bad in reading.malformed}
    lines |= {bad.line: 1 for bad in reading.malformed}
    next_line = 2
    for line in sorted(lines):
        assert line == next_line
        next_line += lines[line]
    assert next_line == 2 + len(LINE_END.findall(body)) + (body[-1:] not in ("", "\r", "\n"))


plain_cells = st.text(st.sampled_from("abzAZ09 .-'%" + COMMON), max_size=6).map(str.strip)
nasty_cells = st.text(st.sampled_from("ab\",;|\t\r\n'é" + COMMON + "👍"), max_size=8)


@st.composite
def tables(draw, cells) -> list[list[str]]:
    """A header and rows as wide as it, with something written in each."""
    width = draw(st.integers(2, 5))
    header = [f"{letter}{COMMON}" for letter in "abcde"[:width]]
    body = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=12))
    return [header, *([f"x{row[0]}", *row[1:]] for row in body)]


@QUICK
@given(
    table=tables(nasty_cells),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=3),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    how=st.sampled_from(["", *PACKED_SUFFIXES]),
    titles=st.integers(0, 2),
    is_open=st.booleans(),
    size=st.sampled_from([16, 100, delimited.BLOCK_BYTES]),
)
def test_delimited_text_comes_back(
    tmp_path, table, delimiter, encoding, ends, quoting, how, titles, is_open, size
):
    # A quoted text of which most inner lines look like rows is not believed: that is what the test
    # above is about.
    assume(all(cell.count("\n") + cell.count("\r") < 2 for row in table for cell in row))
    text, numbers, ends = "", [], itertools.cycle(ends)
    written = ["\r" * titles, *(_line(row, delimiter, quoting) for row in table)]
    for line in written:
        numbers.append(len(LINE_END.findall(text)) + 1)
        text += line + (next(ends) if line != written[0] else "")
    text = text.removesuffix("\n").removesuffix("\r") if is_open else text
    path, work = tmp_path / f"claims.csv{how}", tmp_path / "work"
    work.mkdir(exist_ok=True)
    path.write_bytes(packed(text.encode(encoding), how))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", size)
        reading = open_file(path, Source(extract="claims", files="*", header_line=titles + 1), work)
        rows = rows_of(reading)
    assert reading.encoding == encoding and reading.malformed == []
    assert reading.headers == table[0]
    assert [list(row.values())[:-1] for row in rows] == table[1:]
    assert [row["_line"] for row in rows] == numbers[2:]
    assert not any(work.iterdir()), "work files go when the rows have been read"


def _line(row: list[str], delimiter: str, quoting: int) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerow(row)
    return buffer.getvalue().removesuffix("\r\n")


@QUICK
@given(
    table=tables(nasty_cells),
    how=st.sampled_from(["", ".gz", ".zip"]),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_json_lines_come_back(tmp_path, table, how, end):
    header, *body = table
    objects = [dict(zip(header, row, strict=True)) for row in body]
    text = end.join(
        json.dumps({key: value for key, value in row.items() if value}, ensure_ascii=False)
        for row in objects
    )
    path = tmp_path / f"claims.jsonl{how}"
    path.write_bytes(packed(text.encode(), how, "claims.jsonl"))
    rows = rows_of(open_file(path, Source(extract="claims", files="*"), tmp_path))
    assert [{key: row.get(key, "") for key in header} for row in rows] == objects
    assert [row["_line"] for row in rows] == [
        1 + position * len(end.replace("\r", "")) for position in range(len(objects))
    ]


@settings(QUICK, max_examples=40)
@given(
    table=tables(plain_cells),
    how=st.sampled_from(["", ".gz", ".zip"]),
    blanks=st.integers(0, 2),
    suffix=st.sampled_from([".xlsx", ".xls"]),
)
def test_workbooks_come_back(tmp_path, table, how, blanks, suffix):
    path = tmp_path / f"claims{suffix}{how}"
    path.write_bytes(packed(workbook([[]] * blanks + table), how, "claims.xlsx"))
    reading = open_file(path, Source(extract="claims", files="*"), tmp_path)
    rows = rows_of(reading)
    assert reading.headers == table[0]
    assert [list(row.values())[:-1] for row in rows] == table[1:]
    assert [row["_line"] for row in rows] == list(range(blanks + 2, blanks + 1 + len(table)))


@QUICK
@given(table=tables(nasty_cells), how=st.sampled_from(["", ".gz", ".zip"]))
def test_parquet_comes_back(tmp_path, table, how):
    path = tmp_path / f"claims.parquet{how}"
    path.write_bytes(
        packed(
            parquet(dict(zip(table[0], zip(*table[1:], strict=True), strict=True))),
            how,
            "claims.parquet",
        )
    )
    reading = open_file(path, Source(extract="claims", files="*"), tmp_path)
    assert (reading.parquet == path) == (how == "")
    assert [list(row.values()) for row in rows_of(reading)] == [
        [*row, line] for line, row in enumerate(table[1:], start=1)
    ]
