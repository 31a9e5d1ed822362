"""Folders in which no store can be are refused; a folder that is none leads to one that is."""

import pytest

from data.problem import Problem
from data.store.location import check_location, find_nearest_store, is_store

MISREAD = ["a[b", "a]b", "a?b", "a*b", "a%20b", "100%", "a\\b", "a\nb", "a\udcffb"]
FINE = ["a'b", 'a"b', "a b", "中文", "é", "a#b", "a{b}", "a,b;c:d", "a$b", "~a", "-a", "a&b"]


@pytest.mark.parametrize("name", MISREAD)
def test_a_folder_that_a_library_would_misread_is_refused(name, tmp_path):
    with pytest.raises(Problem, match="no store can be in"):
        check_location(tmp_path / name / "store")


def test_a_link_to_such_a_folder_is_refused_too(tmp_path):
    (tmp_path / "a[b]").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a[b]")
    with pytest.raises(Problem, match="no store can be in"):
        check_location(tmp_path / "link")


@pytest.mark.parametrize("name", FINE)
def test_any_other_folder_is_fine(name, tmp_path):
    check_location(tmp_path / name / "store")


def test_the_nearest_store_is_the_one_whose_path_is_most_alike(tmp_path):
    for path in ("prod/store", "prod/test", "other/store"):
        (tmp_path / path / "lake").mkdir(parents=True)
    (tmp_path / "prod" / "landing").mkdir()
    for meant in ("prod/sotre", "prod/store2", "prod/store/lake", "prod/store/a/b"):
        nearest = find_nearest_store(tmp_path / meant)
        assert nearest == tmp_path / "prod/store", meant
    assert not is_store(tmp_path / "prod") and not is_store(tmp_path / "gone")
    assert find_nearest_store(tmp_path / "gone") is None
