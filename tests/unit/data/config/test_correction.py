"""Declared corrections: how many rows they may find, and the sentence for what they may not be."""

import ast
import re
import tomllib

import pytest

from data.config import correction
from data.problem import Problem
from tests.house.walkthrough import ROOT

ENTRY = {
    "id": '"a"',
    "extract": '"claims"',
    "match": '{ branch_code = "0790" }',
    "set": '{ branch_code = "0709" }',
    "reason": '"moved"',
    "asked_by": '"claims"',
    "since": "2012-10-08",
    "expect": "[2, 4]",
}
PRODUCT = ("flows", "transforms", "expectations", "data", "reports")
SAMPLE = re.compile(r"\{+ ?\w+ = .*?\}+")


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setattr(correction, "FOLDER", tmp_path)

    def write_and_load(**changed: str | None) -> correction.Correction:
        entry = {name: value for name, value in (ENTRY | changed).items() if value is not None}
        lines = [f"{name} = {value}" for name, value in entry.items()]
        (tmp_path / "a.toml").write_text("\n".join(["[[correction]]", *lines]), encoding="utf-8")
        (loaded,) = correction.load_corrections()
        return loaded

    return write_and_load


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (0, "found none of its rows: the source seems to have been fixed, and expects 2 to 4"),
        (1, "found 1 rows, and expects 2 to 4"),
        (2, None),
        (4, None),
        (5, "found 5 rows, and expects 2 to 4"),
    ],
)
def test_it_finds_as_many_rows_as_are_expected(load, rows, message):
    if message is None:
        load().check(rows)
        return
    with pytest.raises(Problem, match=message):
        load().check(rows)


@pytest.mark.parametrize("bounds", ["[0, 0]", "[3, 3]", "[3, 4]"])
def test_least_may_be_most(load, bounds):
    assert list(load(expect=bounds).expect) == ast.literal_eval(bounds)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"expect": "[4, 3]"}, "correction[1].expect is [4, 3], it must be [least, most]"),
        ({"expect": "[-1, 3]"}, "correction[1].expect[1] is -1, it must be 0 or more"),
        ({"expect": "[1]"}, "correction[1].expect[2] is missing"),
        ({"expect": "['1', 3]"}, "correction[1].expect[1] is '1', it must be a whole number"),
        ({"match": "{ branch_code = 790 }"}, "match.branch_code is 790, it must be text in quotes"),
        ({"set": "{ branch_code = 709 }"}, "set.branch_code is 709, it must be text in quotes"),
        ({"match": "{}"}, "correction[1] matches every row"),
        ({"set": None}, "correction[1] must either replace cells or quarantine rows"),
        ({"set_aside": "true"}, "correction[1] must either replace cells or quarantine rows"),
        ({"reason": None}, "correction[1].reason is missing"),
        ({"requested_by": '"a"'}, "requested_by is not a setting"),
        (
            {"extract": '"claim"'},
            "extract is 'claim', it must be the name of an extract: benchmarks",
        ),
    ],
)
def test_a_message_names_file_entry_and_key(load, changed, message):
    with pytest.raises(Problem) as caught:
        load(**changed)
    assert message in str(caught.value) and "data/corrections/a.toml: " in str(caught.value)


def test_it_concerns_files_of_its_extract_alone(load):
    declared = load(files='"claims_201209*"')
    assert declared.concerns("claims", ["claims_20120831.csv", "claims_20120930.csv"])
    assert not declared.concerns("claims", ["claims_20121031.csv"])
    assert not declared.concerns("complaints", ["claims_20120930.csv"])


def test_samples_of_toml_in_messages_are_valid():
    samples = []
    for folder in PRODUCT:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    samples += SAMPLE.findall(node.value)
    assert '{ column = "value" }' in samples
    for sample in samples:
        assert tomllib.loads(f"sample = {sample}"), sample
