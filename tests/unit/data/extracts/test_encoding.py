"""Text of every encoding comes back, and damage costs its lines only."""

import pytest

from data.problem import Problem
from tests.unit.data.extracts.conftest import TEXT, reasons


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


def test_a_file_that_is_not_as_declared_is_refused_with_its_line(read):
    content = ("a,b\n" + "x,y\n" * 300_000).encode() + "é,赔\n".encode("gb18030")
    with pytest.raises(
        Problem,
        match=r"claims.csv is not utf-8: byte 1,200,004 \(line 300,002\) cannot be read - correct `encoding`",
    ):
        read(content, encoding="utf-8")
    with pytest.raises(Problem, match=r"claims.csv is not ascii: byte 7 \(line 2\)"):
        read("a,b\n1,2é\n", encoding="ascii")
    for unknown in ("klingon", "zip"):
        with pytest.raises(Problem, match=f"'{unknown}' is not a known encoding"):
            read("a,b\n", encoding=unknown)


def test_a_declared_encoding_is_believed(read):
    reading, rows = read("claim_id,備註\n1,結案\n", written="big5", encoding="big5")
    assert (reading.encoding, reading.headers, rows) == (
        "big5",
        ["claim_id", "備註"],
        [["1", "結案", 2]],
    )
