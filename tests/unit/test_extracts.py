"""Files of every supported kind hold the same rows once read."""

import pandas as pd
import pytest

from data import extracts
from data.problem import Problem
from data.profile import load

TEXT = '赔案号,机构代码,备注\nA1,0101,正常\nA2,0102,"两行\n备注"\n\nA3,0103\nA4,0104,完\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_detected(tmp_path, encoding):
    path = tmp_path / "claims.csv"
    path.write_bytes(TEXT.encode(encoding))
    reading = extracts.read(path)
    table = reading.batches.read_all()
    assert reading.encoding == encoding
    assert reading.headers == ["赔案号", "机构代码", "备注"]
    assert table["机构代码"].to_pylist() == ["0101", "0102", "0104"], "leading zeros stay"
    assert table["备注"].to_pylist()[1] == "两行\n备注"
    assert [(bad.cells, bad.expected, bad.first) for bad in reading.malformed] == [(2, 3, "A3")]
    assert table["_line"].to_pylist() == [2, 3, 5], "records are numbered, the malformed one too"


def test_latin_1_is_the_last_resort(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_bytes("claim_id;note\n1;caf\xe9 \xff\n".encode("latin-1"))
    reading = extracts.read(path)
    assert reading.encoding == "latin-1" and reading.batches.read_all()["note"].to_pylist() == ["café ÿ"]


def test_workbooks_read_as_their_csv_would(tmp_path):
    frame = pd.DataFrame({"机构代码": ["0101", "0102"], "月份": pd.to_datetime(["2012-01-01", "2012-02-01"]), "保费": [100.5, 3000]})
    frame.to_excel(tmp_path / "exposure.xlsx", index=False)
    table = extracts.read(tmp_path / "exposure.xlsx").batches.read_all()
    assert table["机构代码"].to_pylist() == ["0101", "0102"]
    assert table["保费"].to_pylist() == ["100.5", "3000"]
    assert [text[:10] for text in table["月份"].to_pylist()] == ["2012-01-01", "2012-02-01"]


def test_delimiters_are_sniffed(tmp_path):
    for delimiter in ",;\t|":
        path = tmp_path / "claims.csv"
        path.write_text(f"a{delimiter}b\n1{delimiter}2\n", encoding="utf-8")
        assert extracts.read(path).batches.read_all()["b"].to_pylist() == ["2"]


def test_the_extract_date_is_in_the_name():
    from datetime import date
    from pathlib import Path

    source = load("default").source_of(Path("claims_20121231.csv"))
    assert source.date_of(Path("claims_20121231_part2.csv"), date(2020, 1, 1)) == date(2012, 12, 31)
    assert source.date_of(Path("claims.csv"), date(2020, 1, 1)) == date(2020, 1, 1)
    with pytest.raises(Problem, match="20121331 in the file name is not a day"):
        source.date_of(Path("claims_20121331.csv"), date(2020, 1, 1))


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(Problem, match="use one of: .*default"):
        load("nobody")
