"""A name never leads out of its folder."""

import pytest

from data import safe_names
from data.config import profile
from data.problem import Problem
from data.store.releases import Releases
from data.store.store import Store

ESCAPES = [
    "../outside",
    "..",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "",
    ".hidden",
    "nul",
    "COM1.txt",
    "line\nfeed",
    "a" * 101,
]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_is_never_a_way_out(name, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "manifest.json").write_text("{}")
    store = Store(tmp_path / "store")
    (store.published).mkdir(parents=True)
    (store.published / "CURRENT").write_text("../../outside")
    assert store.current() is None and not store.is_published(name) and not safe_names.is_name(name)
    for reach in (
        profile.load_profile,
        Releases(store.root, "public").register,
        Releases(store.root, "public").building,
        lambda name: Releases(store.root, "public").folder("r", name),
    ):
        with pytest.raises(Problem, match="is not a valid name of a"):
            reach(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4401", "4401"),
        ("GZ.01-a_b", "GZ.01-a_b"),
        ("(unknown)", "%28unknown%29"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("总", "%E6%80%BB"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_code_of_a_source_can_still_be_read_in_the_name_of_its_folder(text, name):
    assert safe_names.encode_name(text) == name


@pytest.mark.parametrize("text", ["", "..", ".hidden", "nul", "COM1.txt", "a" * 101, "总" * 12])
def test_a_code_that_is_no_name_even_when_encoded_is_replaced_by_its_hash(text):
    name = safe_names.encode_name(text)
    assert safe_names.is_name(name) and len(name) == 17
    assert name != safe_names.encode_name(text + "x")
