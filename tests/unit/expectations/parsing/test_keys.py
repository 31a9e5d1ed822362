"""One key has one spelling, whatever format it came in."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.config.column_rules import DAMAGED_NUMBER
from expectations.parsing.keys import spell_key
from tests.unit.expectations.parsing.test_cells import UNREADABLE, check, column, read_cells

SPELLINGS = {
    "14": "14",
    "14.0": "14",
    "14.": "14",
    "14.0000000000": "14",
    "1.4E1": "14",
    "1.40e+01": "14",
    '="14"': "14",
    "'14": "14",
    "１４．０": "14",
    "0014": "0014",
    "0014.0": "0014",
    "14.5": "14.5",
    "C14.0": "C14.0",
    "201210000001.0": "201210000001",
    "2.01210000001E11": "201210000001",
    "999999999999999.0": "999999999999999",
    "1234567890123456": "1234567890123456",
    "1234567890123456.0": "1234567890123456.0",
    "1234567890123456.0000000000": "1234567890123456",
    "1.4E2": "1.4E2",
    "1.234567890123456e+15": "1.234567890123456e+15",
    "#REF!": UNREADABLE,
    "#N/A": UNREADABLE,
    "#FORMULA!": UNREADABLE,
    "########": UNREADABLE,
    "#12": "#12",
}


def test_one_key_has_one_spelling(tmp_path):
    check(tmp_path, column("text", identifier=True), SPELLINGS)


def test_a_code_in_a_text_column_has_one_spelling(tmp_path):
    """Text keeps its widths, and long numbers in it may be of a person and are hidden."""
    short = {cell: key for cell, key in SPELLINGS.items() if cell.isascii() and len(cell) < 12}
    check(tmp_path, column("text"), short)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pa.array([14, 1402], pa.int64()), ["14", "1402"]),
        (
            pa.array([14.0, 201210000001.0, 1e15], pa.float64()),
            ["14", "201210000001", "1000000000000000.0"],
        ),
        (pa.array([14.0, 16777216.0], pa.float32()), ["14", "1.677722e+07"]),
        (
            pa.array([Decimal(14), Decimal(10**17 + 1)], pa.decimal128(38, 10)),
            ["14", str(10**17 + 1)],
        ),
    ],
    ids=["integer", "double", "float", "decimal"],
)
def test_keys_of_typed_columns(tmp_path, cells, expected):
    assert read_cells(tmp_path, column("text", identifier=True), cells) == expected
    assert read_cells(tmp_path, column("text"), cells)[0] == expected[0]


@pytest.mark.parametrize(
    ("key", "is_damaged"),
    [
        ("1.23457E+17", True),
        ("1.23457E17", True),
        ("1.23457e+17", True),
        ("1,23E+17", True),
        ("123.457E+15", True),
        ("1E5", True),
        ("1234567890123456.0", True),
        ("1.677722e+07", True),
        ("123456789012345.0", False),
        ("1234567890123456", False),
        ("12E5", False),
        ("C1.5E7", False),
    ],
)
def test_damaged_keys_are_seen(key, is_damaged):
    with_pattern = pc.match_substring_regex(pa.array([key]), f"^(?:{DAMAGED_NUMBER})$")
    assert with_pattern.to_pylist() == [is_damaged]


def test_words_of_a_profile_are_met_in_every_spelling(tmp_path):
    declared = {"values": {"1": "yes", "2.0": "no"}, "nulls": ["999"]}
    columns = {"x": {"column": "x", **declared}}
    code = column("code", values={"yes": [], "no": []})
    cells = ["1", "1.0", '="1"', "2", "999.0", "3"]
    expected = ["yes", "yes", "yes", "no", None, UNREADABLE]
    assert read_cells(tmp_path, code, cells, columns=columns) == expected
    assert spell_key("2.0") == "2"


def test_booleans_of_every_form(tmp_path):
    yes = ["1", "1.0", "true", "TRUE", "T", ".T.", "Y", "是", "√", "on", '="1"', "'1"]
    no = ["0", "0.0", "false", "F", ".F.", "N", "否", "×", "off", '="0"']
    for word, cells in ((True, yes), (False, no)):
        assert read_cells(tmp_path, column("boolean"), cells) == [word] * len(cells)
    for kind in (pa.int8(), pa.float64(), pa.bool_()):
        cells = pa.array([1, 0]).cast(kind)
        assert read_cells(tmp_path, column("boolean"), cells) == [True, False]
    tenths = pa.array([Decimal(1), Decimal(0)], pa.decimal128(3, 1))
    assert read_cells(tmp_path, column("boolean"), tenths) == [True, False]


def test_wrapped_text_is_cleaned_in_every_column(tmp_path):
    for given in ({}, {"free_text": True}, {"identifier": True}):
        cells = ['="A 1"', "'A 1", "A 1"]
        assert read_cells(tmp_path, column("text", **given), cells) == ["A 1"] * 3
    assert read_cells(tmp_path, column("date"), ['="2012-12-31"', "'2012-12-31"])[0] is not None


def test_a_month_as_a_number_is_never_january_by_itself(tmp_path):
    january, october = date(2012, 1, 1), date(2012, 10, 1)
    months = {
        "2012.1": UNREADABLE,
        "2012.10": october,
        "2012.01": january,
        "2012-1": january,
        "2012/10": october,
        "2012年1月": january,
        "2012.1月": january,
        "201210": october,
    }
    check(tmp_path, column("date", whole_month=True), months)
    numbers = pa.array([2012.1, 2012.11])
    values = read_cells(tmp_path, column("date", whole_month=True), numbers)
    assert values == [UNREADABLE, date(2012, 11, 1)]
