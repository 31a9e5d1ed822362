"""Every sheet of a workbook is accounted for."""

import io
import struct
from datetime import datetime

import openpyxl
import pytest

from data.extracts import workbook
from data.problem import Problem
from tests.unit.data.extracts.xls_file import compound_file, record, write_xls

HEADER = ["claim_id", "branch_code", "reported_at", "paid_amount"]


def make_book(sheets: dict[str, list[list]], hidden: tuple[str, ...] = (), **settings) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.epoch = settings.get("epoch", book.epoch)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
        for cells in settings.get("merged", ()):
            sheet.merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(*keys: str, amount: float = 1) -> list[list]:
    return [HEADER, *([key, "0101", "2012-10-03", amount] for key in keys)]


def test_sheets_with_the_header_are_one_table(read):
    other = [
        ["赔款金额", "机构代码", "赔案号", "报案时间", "备注"],
        [7, "0102", "C3", "2012-10-04", "x"],
    ]
    content = make_book(
        {"一月": rows_of("C1", "C2"), "说明": [["本表"]], "二月": [["标题"], *other]}
    )
    reading, rows = read(content, "claims.xlsx")
    assert reading.format == "xlsx, sheets 一月 + 二月"
    assert reading.headers == [*HEADER, "备注"]
    assert rows == [
        ["C1", "0101", "2012-10-03", "1", "", 2],
        ["C2", "0101", "2012-10-03", "1", "", 3],
        ["C3", "0102", "2012-10-04", "7", "x", 30_000_003],
    ]
    assert reading.notes == [
        "sheet '说明' (1 rows) is not read: it does not have the header",
        "2 sheets with the header are one table: 一月 (2 rows), 二月 (1 rows);"
        " a line such as 30,000,002 is row 2 of sheet '二月'",
    ]


def test_hidden_sheets_are_named_and_not_read(read):
    content = make_book({"old": rows_of("C1", amount=9), "new": rows_of("C1")}, hidden=("old",))
    reading, rows = read(content, "claims.xlsx")
    assert [row[3] for row in rows] == ["1"] and "sheet 'old' (2 rows) is hidden" in reading.notes[
        0
    ]
    assert read(content, "claims.xlsx", sheet="old")[1][0][3] == "9"
    content = make_book({"old": rows_of("C1"), "new": [["x"]]}, hidden=("old",))
    with pytest.raises(Problem, match="the only sheet with the header is hidden: 'old'"):
        read(content, "claims.xlsx")


def test_an_empty_template_is_not_the_table(read):
    explained = [HEADER, ["必填,文本", "必填", "日期", None]]
    content = make_book({"模板": [HEADER], "说明": explained, "数据": rows_of("C1")})
    reading, rows = read(content, "claims.xlsx")
    assert [row[0] for row in rows] == ["C1"]
    assert [note.split(" is ")[0] for note in reading.notes] == [
        "sheet '模板' (1 rows)",
        "sheet '说明' (2 rows)",
    ]


def test_units_that_differ_are_refused(read):
    one, other = (
        rows_of("C1"),
        [
            ["claim_id", "branch_code", "reported_at", "赔款金额(万元)"],
            ["C2", "1", "2012-10-03", 1],
        ],
    )
    with pytest.raises(Problem, match="another sheet the same column in None"):
        read(make_book({"a": one, "b": other}), "claims.xlsx")


def test_failed_cells_are_not_empty(read):
    rows = rows_of("C1", "C2", "C3", "C4")
    rows[1][3], rows[2][3], rows[3][3], rows[4][1] = "#N/A", "=A1*2", '=IF(1,"","")', "#REF!"
    content = make_book({"a": rows})
    table = read(content, "claims.xlsx")[1]
    assert [row[3] for row in table] == ["#N/A", "#FORMULA!", "#FORMULA!", "1"]
    assert table[3][1] == "#REF!"


def test_failed_cells_of_xls():
    facts_of = {0: "#NULL!", 7: "#DIV/0!", 23: "#REF!", 42: "#N/A"}
    for code, text in facts_of.items():
        body = struct.pack("<HHHBB", 4, 2, 0, code, 1)
        stream = record(0x0809, bytes(16)) + record(0x0205, body)
        formula = struct.pack("<HHHB", 5, 2, 0, 2) + bytes([0, code, 0, 0, 0, 255, 255]) + bytes(8)
        stream += record(0x0006, formula)
        yes = record(0x0205, struct.pack("<HHHBB", 6, 2, 0, 1, 0))
        content = compound_file((stream + yes).ljust(5000, b"\0"))
        assert _facts(content).failed[""] == {(4, 2): text, (5, 2): text}


def _facts(content: bytes):
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xls"
        path.write_bytes(content)
        return workbook.look_into_xls(path)


def test_both_date_systems(read):
    rows = rows_of("C1", "C2")
    rows[1][2], rows[2][2] = datetime(2012, 10, 3, 9), 39723.375
    table = read(make_book({"a": rows}, epoch=datetime(1904, 1, 1)), "claims.xlsx")[1]
    assert [row[2] for row in table] == ["2012-10-03 09:00:00", "41185.375"]
    rows[2][2] = 41185.375
    table = read(make_book({"a": rows}), "claims.xlsx")[1]
    assert [row[2] for row in table] == ["2012-10-03 09:00:00", "41185.375"]
    content = write_xls({(0, 0): 1.0})
    assert not _facts(content).is_1904
    mode = record(0x0809, bytes(16)) + record(0x0022, b"\1\0")
    assert _facts(compound_file(mode.ljust(5000, b"\0"))).is_1904


def test_merged_keys_are_the_cause(read):
    content = make_book({"a": rows_of("C1", "C2", "C3", "C4")}, merged=("A2:A3", "D2:D4"))
    reading, rows = read(content, "claims.xlsx")
    assert [row[0] for row in rows] == ["C1", "", "C3", "C4"]
    assert (
        "cells of claim_id are merged over several rows in 1 places (rows 2 to 3)"
        in reading.notes[0]
    )


@pytest.mark.parametrize(("last", "is_warned"), [(4, False), (5, True), (6, False)])
def test_a_table_that_ends_at_the_last_row_is_warned_of(read, monkeypatch, last, is_warned):
    monkeypatch.setattr(workbook, "LAST_ROWS", {"xls": 5})
    reading, _ = read(make_book({"a": rows_of(*map(str, range(1, last)))}), "claims.xlsx")
    assert bool(reading.notes) == is_warned
    assert not is_warned or "ends at row 5, the last that a workbook can have" in reading.notes[0]


def test_a_password_is_called_one(read):
    message = "claims.xls is protected by a password - save the workbook without one"
    for stream in (record(0x0809, bytes(16)) + record(0x002F, bytes(6)),):
        with pytest.raises(Problem, match=message):
            read(compound_file(stream.ljust(5000, b"\0")), "claims.xls")
    encrypted = compound_file(bytes(5000)) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(Problem, match="claims.xlsx is protected by a password"):
        read(encrypted, "claims.xlsx")
