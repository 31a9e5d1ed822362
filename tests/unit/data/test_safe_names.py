"""A name never leads out of its folder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


LONG = "中国人民财产保险股份有限公司内蒙古自治区呼伦贝尔市分公司营业部"


@pytest.mark.parametrize("key", ["0101", "BJ01", "总公司", LONG, "a.b", "-", "a" * 40])
def test_a_key_that_can_name_a_file_does(key):
    assert safe_names.name_files([key, "other"])[key] == key


@pytest.mark.parametrize(
    "key", ["", "a" * 41, "con", "COM1", "nul.x", "a/b", "..", "a.", " a", "a:b", "a\nb", "e\u0301"]
)
def test_a_key_that_cannot_is_named_by_its_hash(key):
    name = safe_names.name_files([key])[key]
    assert name != key and safe_names.PLAIN_FILE.fullmatch(name)


def test_keys_that_a_share_takes_for_one_have_names_of_their_own():
    keys = ["bj01", "BJ01", "ＢＪ01", "sh01"]
    names = safe_names.name_files(keys)
    assert names["sh01"] == "sh01"
    assert len({safe_names.fold_name(name) for name in names.values()}) == 4
    # Alone, each is its own name.
    assert [safe_names.name_files([key])[key] for key in keys[:2]] == keys[:2]


@given(st.sets(st.text(max_size=60), max_size=12))
def test_any_keys_make_different_names_that_fit_everywhere(keys):
    names = safe_names.name_files(keys)
    assert names.keys() == keys
    assert len({safe_names.fold_name(name) for name in names.values()}) == len(keys)
    for name in names.values():
        assert 0 < len(f"{name}.pdf".encode()) <= 255
        assert not set(name) & set('/\\:*?"<>|\0\n') and name[-1] != "."
