"""Delimited text: delimiters, headers, records, and what is no record."""

import pytest

from data.config.contract import load_contracts
from data.config.profile_source import Source
from data.problem import Problem
from tests.unit.data.extracts.conftest import reasons


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "','"), (";", "';'"), ("\t", "tab"), ("|", "'|'")]
)
def test_delimiters_are_detected_in_the_lines_not_in_the_header_alone(read, delimiter, name):
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
    origins = Source(extract="claims", files="*").resolve(
        load_contracts()["claims"], ["ＣＬＡＩＭ＿ＩＤ", "机 构\n代码", "Reported_At "]
    )
    assert {name: origin.header for name, origin in origins.items()} == {
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


def test_a_row_of_the_wrong_width_over_several_lines_is_reported_line_by_line(read):
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
    reading, rows = read("a,b\n1,\0\n   \n2,3\n\0\0\0\n")
    assert rows == [["2", "3", 4]]
    assert reasons(reading) == {2: "bytes in it are not text", 3: "", 5: "bytes in it are not text"}


def test_a_file_that_does_not_fit_its_header_is_refused(read):
    with pytest.raises(
        Problem,
        match="claims.csv: 150,000 of the first 150,002 lines are malformed; line 2: 3 cells where the header has 2",
    ):
        read("a,b\n" + "1,2,3\n" * 150_000)
