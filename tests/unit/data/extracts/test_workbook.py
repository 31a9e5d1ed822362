"""Workbooks read as their CSV export would."""

import openpyxl
import pandas as pd
import pytest

from data.config.profile_source import Source
from data.extracts.open_file import open_file
from data.problem import Problem


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
    reading = open_file(tmp_path / "exposure.xls", Source(extract="exposure", files="*"), tmp_path)
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


def test_the_sheet_with_the_table_is_selected(read, tmp_path):
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
