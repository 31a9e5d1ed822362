"""Files of every supported kind hold the same rows once read, and every line of them is accounted
for.
"""

import gzip
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import extracts
from data.config.contract import load_contracts
from data.config.profile import Source
from data.extracts import packing
from data.problem import Problem

TEXT = '赔案号,机构代码,备注\nA1,0101,正常\nA2,0102,"两行\n备注"\n\nA3,0103\nA4,0104,完\n'


@pytest.fixture
def read(tmp_path):
    """Write a file and read it: the reading, and its rows as lists with their line at the end."""

    def go(content: str | bytes, name: str = "claims.csv", written: str = "utf-8", **declared):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
        reading = extracts.open_file(path, Source("claims", "*", **declared), tmp_path)
        return reading, [list(row.values()) for row in reading.batches.read_all().to_pylist()]

    return go


def reasons(reading) -> dict[int, str]:
    return {bad.line: bad.reason for bad in reading.malformed}


# -- encodings
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_encodings_are_detected(read, encoding):
    reading, rows = read(TEXT, written=encoding)
    assert (reading.encoding, reading.format) == (encoding, "csv, ','")
    assert reading.headers == ["赔案号", "机构代码", "备注"]
    assert rows == [
        ["A1", "0101", "正常", 2],
        ["A2", "0102", "两行\n备注", 3],
        ["", "", "", 5],
        ["A4", "0104", "完", 7],
    ], "leading zeros stay"
    assert (
        reasons(reading) == {6: "2 cells where the header has 3"}
        and reading.malformed[0].first == "A3"
    )


def test_western_text_is_not_taken_for_chinese(read):
    # Each accent and the letter behind it would be a rare Chinese character.
    reading, rows = read("claim_id;note\n1;Zoé Müller\n2;Gonçalves, García\n", written="latin-1")
    assert reading.encoding == "windows-1252" and [row[1] for row in rows] == [
        "Zoé Müller",
        "Gonçalves, García",
    ]
    reading, rows = read("claim_id;note\n1;It’s Hervé’s, they said…\n", written="windows-1252")
    assert reading.encoding == "windows-1252" and rows[0][1] == "It’s Hervé’s, they said…"
    reading, rows = read(b"claim_id;note\n1;caf\xe9 \x81\n")
    assert reading.encoding == "latin-1" and rows[0][1] == "café \x81"


def test_a_rare_character_does_not_make_chinese_western(read):
    reading, rows = read("赔案号,报案人\n1,朱镕\n2,陶喆\n", written="gbk")
    assert reading.encoding == "gb18030" and rows[1][1] == "陶喆"


def test_what_is_not_ascii_may_come_late(read):
    """The whole file is looked at: its first megabytes say nothing."""
    plain = "claim_id,note\n" + "1,nothing to say here\n" * 100_000
    assert read(plain + "2,客户已确认赔款\n", written="gb18030")[0].encoding == "gb18030"
    assert read(plain + "2,déjà vu, né\n", written="latin-1")[0].encoding == "windows-1252"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_damaged_bytes_cost_their_lines_only(read, encoding):
    reading, rows = read(
        TEXT.encode(encoding).replace("正常".encode(encoding), "正常".encode(encoding)[:-1]) * 3
    )
    assert reading.encoding == encoding
    assert [row[0] for row in rows] == [
        "A2",
        "",
        "A4",
        "赔案号",
        "A2",
        "",
        "A4",
        "赔案号",
        "A2",
        "",
        "A4",
    ]
    assert [
        line for line, reason in reasons(reading).items() if reason == "bytes in it are not text"
    ] == [2, 9, 16]


def test_a_file_that_is_not_what_is_declared_is_told_where(read):
    content = ("a,b\n" + "x,y\n" * 300_000).encode() + "é,赔\n".encode("gb18030")
    with pytest.raises(
        Problem,
        match=r"claims.csv is not utf-8: byte 1,200,004 \(line 300,002\) cannot be read - correct `encoding`",
    ):
        read(content, encoding="utf-8")
    with pytest.raises(Problem, match=r"claims.csv is not ascii: byte 7 \(line 2\)"):
        read("a,b\n1,2é\n", encoding="ascii")
    for unknown in ("klingon", "zip"):
        with pytest.raises(Problem, match=f"there is no encoding '{unknown}'"):
            read("a,b\n", encoding=unknown)


def test_a_declared_encoding_is_believed(read):
    reading, rows = read("claim_id,備註\n1,結案\n", written="big5", encoding="big5")
    assert (reading.encoding, reading.headers, rows) == (
        "big5",
        ["claim_id", "備註"],
        [["1", "結案", 2]],
    )


# -- delimiters and headers
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "delimiter, name", [(",", "','"), (";", "';'"), ("\t", "tab"), ("|", "'|'")]
)
def test_delimiters_are_found_in_the_lines_not_in_the_header_alone(read, delimiter, name):
    other = ";" if delimiter == "," else ","
    reading, rows = read(
        f'a{delimiter}"b{other}{delimiter}{other}"\n1{delimiter}"2{other}"\n3{delimiter}4\n'
    )
    assert reading.format == f"csv, {name}" and [row[:2] for row in rows] == [
        ["1", f"2{other}"],
        ["3", "4"],
    ]


def test_decimal_commas_are_no_delimiters(read):
    reading, rows = read("a;b\n1,5;2,5\n3,5;4,5\n")
    assert reading.headers == ["a", "b"] and rows[0] == ["1,5", "2,5", 2]


def test_a_declared_delimiter_is_believed(read):
    assert read("a^b\n1^2\n", delimiter="^")[1] == [["1", "2", 2]]
    with pytest.raises(Problem, match="claims.csv: '::' cannot be a delimiter"):
        read("a::b\n", delimiter="::")


def test_headers_are_cleaned_and_distinct(read):
    reading, _ = read('\ufeff\n\n  赔案号 ,"机构\n代码",,x,X,_line\n1,2,3,4,5,6\n')
    assert reading.headers == ["赔案号", "机构\n代码", "column 3", "x", "X (2)", "_line (2)"]


def test_headers_are_matched_in_any_width_and_case():
    found = Source("claims", "*").resolve(
        load_contracts()["claims"], ["ＣＬＡＩＭ＿ＩＤ", "机 构\n代码", "Reported_At "]
    )
    assert {name: origin.header for name, origin in found.items()} == {
        "claim_id": "ＣＬＡＩＭ＿ＩＤ",
        "branch_code": "机 构\n代码",
        "reported_at": "Reported_At ",
    }


def test_titles_above_a_header_that_names_all_required_columns(read):
    reading, rows = read("理赔清单,2012年12月,\n制表:甲,,\n\n赔案号,机构代码,报案时间\n1,2,3\n")
    assert reading.headers == ["赔案号", "机构代码", "报案时间"] and rows == [["1", "2", "3", 5]]
    # Where no line does, nothing is guessed.
    assert read("理赔清单,2012年12月,\n赔案号,报案时间,金额\n1,2,3\n")[0].headers == [
        "理赔清单",
        "2012年12月",
        "column 3",
    ]


def test_the_line_of_the_header_can_be_declared(read):
    reading, rows = read('a "title\nx,y\n1,2\n', header_line=2)
    assert reading.headers == ["x", "y"] and rows == [["1", "2", 3]]
    with pytest.raises(Problem, match="claims.csv has no line 4 that could be its header"):
        read("a\nb\nc\n", header_line=4)


def test_a_delimiter_at_the_end_of_every_row(read):
    reading, rows = read("a,b\n1,2,\n3,4,\n5,6\n")
    assert reading.headers == ["a", "b", "column 3"] and [row[:2] for row in rows] == [
        ["1", "2"],
        ["3", "4"],
    ]
    assert reasons(reading) == {4: "2 cells where the header has 3"}
    assert read("a,b,\n1,2\n")[0].headers == ["a", "b"]


# -- lines
# -------------------------------------------------------------------------------------------------------


def test_an_unclosed_quote_swallows_nothing(read):
    body = "".join(f'C{n},"text, {n}",x\n' for n in range(3, 3000))
    reading, rows = read(f'a,b,c\nC1,ok,x\nC2,"open,x\n{body}Z,"open again,x\n')
    assert reasons(reading) == {
        3: "a quotation mark is not closed",
        3001: "a quotation mark is not closed",
    }
    assert (
        len(rows) == 2998
        and rows[0] == ["C1", "ok", "x", 2]
        and rows[1] == ["C3", "text, 3", "x", 4]
        and rows[-1][-1] == 3000
    )


def test_an_unclosed_quote_that_another_stray_one_seems_to_close(read):
    reading, rows = read('a,b,c\nC1,"open,x\nC2,2,x\nC3,3,x\nC4,4",x\nC5,5,x\n')
    assert reasons(reading) == {2: "a quotation mark is not closed"}
    assert [row[0] for row in rows] == ["C2", "C3", "C4", "C5"]


def test_a_row_of_the_wrong_width_over_several_lines_is_told_line_by_line(read):
    reading, rows = read('a,b,c\n1,"2\n3,4,5\n"\n6,7,8\n')
    assert [row[0] for row in rows] == ["3", "6"] and sorted(reasons(reading)) == [2, 4]


def test_quotes_in_the_middle_of_a_cell_are_text(read):
    assert read('a,b\n5" pipe,2\n"x" y,"say ""hi"""\n')[1] == [
        ['5" pipe', "2", 2],
        ["x y", 'say "hi"', 3],
    ]


def test_line_ends_may_be_mixed_and_the_last_one_missing(read):
    assert read("a,b\r\n1,2\n3,4\r5,6\r\n7,8")[1] == [
        ["1", "2", 2],
        ["3", "4", 3],
        ["5", "6", 4],
        ["7", "8", 5],
    ]
    assert read('a,b\r1,"2\r\n\r3"\r4,5\r')[1] == [["1", "2\r\n\r3", 2], ["4", "5", 5]]


def test_lines_with_nul_bytes_are_malformed_and_blank_ones_are_not(read):
    reading, rows = read("a,b\n1,\0\n   \n2,3\n\0\0\0")
    assert rows == [["2", "3", 4]]
    assert reasons(reading) == {2: "bytes in it are not text", 3: "", 5: "bytes in it are not text"}


def test_a_line_without_end_is_refused(read):
    with pytest.raises(Problem, match="claims.csv: line 2 is longer than 16,777,216 bytes"):
        read(b"a,b\n" + b"x" * (1 << 25))


def test_a_file_that_does_not_fit_its_header_is_refused(read):
    with pytest.raises(
        Problem,
        match="claims.csv: 150,000 of the first 150,002 lines are malformed; line 2: 3 cells where the header has 2",
    ):
        read("a,b\n" + "1,2,3\n" * 150_000)


# -- packed
# ------------------------------------------------------------------------------------------------------


def zipped(path: Path, **members: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


def test_packed_files(read, tmp_path):
    plain = TEXT.encode("gb18030")
    expected = read(plain)[1]
    reading, rows = read(
        gzip.compress(plain[:40]) + gzip.compress(plain[40:]) + b"\0" * 100, "claims.csv.gz"
    )
    assert (reading.format, reading.encoding, rows) == ("csv, gzip, ','", "gb18030", expected), (
        "two members and padding are one file"
    )
    reading, rows = read(pa.Codec("zstd").compress(plain, asbytes=True), "claims.csv.zst")
    assert (reading.format, rows) == ("csv, zstd, ','", expected)
    reading, rows = read(
        zipped(
            tmp_path / "made", **{"2012/": b"", "2012/理赔.csv": plain, "__MACOSX/._理赔.csv": b"x"}
        ),
        "claims.zip",
    )
    assert (reading.format, rows) == ("csv, zip, ','", expected)


def test_archives_of_several_files_and_of_archives_are_refused(read, tmp_path):
    with pytest.raises(
        Problem, match="claims.zip holds 2 files: a.csv, b.csv - pack each file by itself"
    ):
        read(zipped(tmp_path / "made", **{"a.csv": b"a,b\n", "b.csv": b"a,b\n"}), "claims.zip")
    with pytest.raises(Problem, match="claims.zip holds 0 files: nothing"):
        read(zipped(tmp_path / "made"), "claims.zip")
    with pytest.raises(Problem, match="claims.zip is an archive in an archive"):
        read(zipped(tmp_path / "made", **{"a.csv.gz": gzip.compress(b"a,b\n")}), "claims.zip")


def test_a_locked_archive_is_told(read, tmp_path):
    content = bytearray(zipped(tmp_path / "made", **{"a.csv": b"a,b\n1,2\n"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + place] |= 1
    with pytest.raises(
        Problem, match="claims.zip is locked with a password - deliver the extract unlocked"
    ):
        read(bytes(content), "claims.zip")


def test_truncated_archives_are_refused(read):
    with pytest.raises(
        Problem, match="claims.csv.gz cannot be read as GZ: .* - check that the file arrived whole"
    ):
        read(gzip.compress(TEXT.encode() * 1000)[:-20], "claims.csv.gz")


def test_bombs_are_refused(read, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ALLOWED", 1 << 26)
    with pytest.raises(
        Problem,
        match=r"claims.csv.gz expands without bound: 1\d\d,\d+ packed bytes have become more than 67,108,864",
    ):
        read(gzip.compress(bytes(1 << 25)) * 4, "claims.csv.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv.gz"], (
        "nothing of it stays in the work folder"
    )


def test_workbook_bombs_are_refused(read, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ALLOWED", 1 << 22)
    with zipfile.ZipFile(tmp_path / "made", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 23))
        archive.getinfo(
            "xl/worksheets/sheet1.xml"
        ).file_size = 1  # what it says of itself is not believed
    with pytest.raises(Problem, match="claims.xlsx expands without bound"):
        read((tmp_path / "made").read_bytes(), "claims.xlsx")


def test_a_cell_far_away_does_not_take_all_memory(read, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active["XFD1048576"] = "y"
    book.save(tmp_path / "made")
    with pytest.raises(Problem, match="a sheet spans 1,048,576 rows by 16,384 columns"):
        read((tmp_path / "made").read_bytes(), "claims.xlsx")


# -- other formats
# -----------------------------------------------------------------------------------------------


def test_workbooks_read_as_their_csv_would(tmp_path):
    frame = pd.DataFrame(
        {
            "机构代码": ["0101", "0102"],
            "月份": pd.to_datetime(["2012-01-01", "2012-02-01"]),
            "保费": [100.5, 3000],
        }
    )
    frame.to_excel(tmp_path / "exposure.xlsx", index=False)
    (tmp_path / "exposure.xlsx").rename(tmp_path / "exposure.xls")
    reading = extracts.open_file(tmp_path / "exposure.xls", Source("exposure", "*"), tmp_path)
    table = reading.batches.read_all()
    assert reading.format == "xlsx, sheet Sheet1" and reading.encoding is None
    assert table["机构代码"].to_pylist() == ["0101", "0102"]
    assert table["保费"].to_pylist() == ["100.5", "3000"]
    assert [text[:10] for text in table["月份"].to_pylist()] == ["2012-01-01", "2012-02-01"]
    assert table["_line"].to_pylist() == [2, 3]


def test_a_key_too_long_for_a_workbook_is_seen_to_be_damaged(read, tmp_path):
    """Fifteen digits are kept: the rest would come back as other digits, and look like a key."""
    book = openpyxl.Workbook()
    for row in (["赔案号", "机构代码"], [605012012110100012345, 101], [605012012110100, 102]):
        book.active.append(row)
    book.save(tmp_path / "made")
    rows = read((tmp_path / "made").read_bytes(), "claims.xlsx")[1]
    assert rows == [["6.050120121101e+20", "101", 2], ["605012012110100", "102", 3]]


def test_the_sheet_with_the_table_is_found(read, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "空"
    book.create_sheet("说明").append(["本表由系统导出"])
    sheet = book.create_sheet("理赔")
    for row in (
        [],
        ["理赔清单"],
        ["赔案号", "机构代码", "报案时间", None],
        ["C1", "0101", "2012-01-05", "x"],
    ):
        sheet.append(row)
    book.save(tmp_path / "made")
    content = (tmp_path / "made").read_bytes()
    reading, rows = read(content, "claims.xlsx")
    assert reading.format == "xlsx, sheet 理赔"
    assert reading.headers == ["赔案号", "机构代码", "报案时间", "column 4"] and rows == [
        ["C1", "0101", "2012-01-05", "x", 4]
    ]
    assert read(content, "claims.xlsx", sheet="说明")[0].headers == ["本表由系统导出"]
    with pytest.raises(Problem, match="claims.xlsx has no sheet '机构'; it has: 空, 说明, 理赔"):
        read(content, "claims.xlsx", sheet="机构")


def test_text_under_the_name_of_a_workbook(read):
    """Many systems call what they export a workbook."""
    assert read("a\tb\n1\t2\n", "claims.xls", written="gb18030")[1] == [["1", "2", 2]]
    with pytest.raises(Problem, match="claims.xls is a web page or XML under the name .xls"):
        read("<html><table><tr><td>赔案号", "claims.xls")
    with pytest.raises(Problem, match="claims.xlsx is not what its name says"):
        read("a,b\n1,2\n", "claims.xlsx")


def test_json_lines(read):
    text = '{"claim_id": "1", "paid": 10.50}\n\n{"claim_id": 2, "ok": true, "note": null, "more": {"x": [1.0]}}\n{"claim_id": "3",\n[1]\n{"a": 1, "a": 2}\n'
    reading, rows = read(text, "claims.jsonl")
    assert reading.headers == ["claim_id", "paid", "ok", "note", "more"]
    assert rows == [["1", "10.50", "", "", "", 1], ["2", "", "true", "", '{"x": ["1.0"]}', 3]]
    found = reasons(reading)
    assert (
        sorted(found) == [2, 4, 5, 6]
        and found[2] == ""
        and found[4].startswith("it is no JSON: ")
        and found[5] == "it is no JSON object"
    )
    assert found[6] == "it is no JSON: a key comes twice"
    reading, again = read(gzip.compress(text.encode("gb18030")), "claims.txt.gz")
    assert reading.format == "json lines, gzip" and again == rows


def test_parquet_with_names_that_would_clash(tmp_path):
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"a": pa.array(["x", "x"]).dictionary_encode(), "_line": [5, 6]}), path)
    reading = extracts.open_file(path, Source("claims", "*"), tmp_path)
    assert reading.headers == ["a", "_line (2)"] and reading.parquet is None and reading.rows == 2
    assert reading.batches.read_all().to_pylist() == [
        {"a": "x", "_line (2)": 5, "_line": 1},
        {"a": "x", "_line (2)": 6, "_line": 2},
    ]
