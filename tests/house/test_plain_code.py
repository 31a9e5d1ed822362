"""The code reads plainly (tests/house/plain_code.py), and retired names stay retired."""

import ast

import pytest

from tests.house.plain_code import (
    RETIRED,
    ROOMS,
    ROOT,
    bound_names,
    retired_names,
    sources,
    violations,
)

FILES = list(sources([ROOT / room for room in ROOMS]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_plain(path):
    assert violations(path) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f():\n    told = 1\n", "2: the name told uses told"),
        ("x = ['a'] * bool(y)\n", "1: a list or text times a condition; write `if`"),
        (
            "x = [[a for a in b] for b in c]\n",
            "1: a comprehension within a comprehension; name the inner one",
        ),
        ("def f():\n" + "    x = 1\n" * 50, "1: f has 51 lines, more than one screen"),
        ("x = 1\n" * 301, "1: the file has 301 lines, more than 300"),
    ],
)
def test_what_is_not_plain_is_seen(source, fault, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert violations(path) == [fault]


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("class League:\n    places: int\n", []),
        ("places: int = 1\n", ["1: the name places uses places"]),
        ("class League:\n    place: int\n", ["2: the name place uses place"]),
    ],
)
def test_a_setting_of_the_policy_keeps_the_name_that_owners_write(source, faults, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert violations(path) == faults


@pytest.mark.parametrize(
    "source", ["def f():\n" + "    x = 1\n" * 49, "x = 1\n" * 300, "x = [[a, b] for a in c]\n"]
)
def test_what_is_just_plain_passes(source, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert violations(path) == []


def test_retired_names_are_counted_in_every_kind_of_name():
    tree = ast.parse("class Told:\n    def said(self, asked):\n        self.found = held = 1\n")
    names = [name for node in ast.walk(tree) for name in bound_names(node)]
    assert {name.lower() for name in names} & RETIRED == {"told", "said", "asked", "found", "held"}


@pytest.mark.parametrize(
    "path", sources([ROOT / "tests"]), ids=lambda path: str(path.relative_to(ROOT))
)
def test_tests_use_no_retired_name(path):
    """Tests may be denser than the program, but their names follow the same glossary."""
    assert retired_names(path) == []
