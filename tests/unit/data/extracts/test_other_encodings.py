"""A few lines of another encoding never change how a file is read, nor is one taken for another."""

import pytest

from tests.unit.data.extracts.conftest import reasons

HEADER = "赔案号,机构代码,备注\n"
LINES = [f"C{number},0101,客户已确认赔款，结案正常\n" for number in range(1, 21)]


def joined(most: str, fewer: str, at: tuple[int, ...]) -> bytes:
    parts = [HEADER.encode(most)]
    for number, line in enumerate(LINES):
        parts.append(line.encode(fewer if number in at else most))
    return b"".join(parts)


@pytest.mark.parametrize(("most", "fewer"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
@pytest.mark.parametrize("at", [(0,), (19,), (3, 7, 8, 12)])
def test_lines_of_another_encoding_are_read_as_theirs(read, most, fewer, at):
    reading, rows = read(joined(most, fewer, at))
    assert reading.headers == ["赔案号", "机构代码", "备注"] and not reading.malformed
    assert {row[2] for row in rows} == {"客户已确认赔款，结案正常"} and len(rows) == 20
    assert reading.encoding == "utf-8 and gb18030"
    expected = ", ".join(str(number + 2) for number in at[:3])
    assert f"(lines {expected})" in reading.notes[0]
    assert f"{len(at)} lines are {fewer.upper()} in a text of {most.upper()}" in reading.notes[0]


def test_a_damaged_line_among_mixed_ones_is_quarantined(read):
    content = joined("utf-8", "gb18030", (3,)).replace("常\nC9,".encode(), "常\nC9,".encode()[1:])
    reading, rows = read(content)
    assert len(rows) == 19 and reasons(reading) == {9: "bytes in it are not text"}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "客戶已確認賠款結案正常處理完畢車輛損失險"),
        ("shift_jis", "お客様の事故のご連絡をうけつけましたありがとうございます"),
        ("euc_kr", "고객이보험금지급을확인하였습니다사고접수완료"),
        ("windows-1251", "клиент подтвердил выплату по договору страхования"),
    ],
)
def test_rare_encodings_are_recognized(read, encoding, text):
    lines = "".join(f"C{number},0101,{text}\n" for number in range(5))
    reading, rows = read("claim_id,branch_code,note\n" + lines, written=encoding)
    assert reading.encoding == encoding and rows[0][2] == text


def test_a_file_that_stops_within_a_cell_is_cut(read):
    text = "claim_id,amount\n" + "".join(f"C{number},{number}00.00\n" for number in range(1, 6))
    for end, is_cut in (("C6,600.00", False), ("C6,600.0", True), ("C6,60", True), ("C6,", False)):
        reading, rows = read(text + end)
        assert bool(reading.malformed) == is_cut and len(rows) == (5 if is_cut else 6)
        reading, rows = read(text + end + "\n")
        assert not reading.malformed and len(rows) == 6
    reading, _ = read(text + "C6,60")
    assert reasons(reading)[7].startswith("has no end") and reading.malformed[0].first == "C6"
    assert reading.notes[0].startswith("line 7, the last, has no end")
    days = "claim_id,closed_at\n" + "".join(
        f"C{number},2012-12-0{number}\n" for number in range(1, 6)
    )
    assert read(days + "C6,2012-12-")[0].malformed and not read(days + "C6,2012-12-06")[0].malformed
    mixed = "claim_id,amount\nC1,1.5\nC2,2\nC3,3.25\nC4,4\nC5,5.5\nC6,6"
    assert not read(mixed)[0].malformed
