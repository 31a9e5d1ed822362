"""A file is the former or the new one, never half of it."""

import pytest

from data.store import atomic


def test_the_new_file_replaces_the_former(tmp_path):
    path = tmp_path / "file.json"
    path.write_text("former")
    with atomic.replace_file(path) as sibling:
        sibling.write_text("new")
        assert path.read_text() == "former" and sibling.name == ".file.json"
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("former", [None, "former"])
def test_where_writing_fails_nothing_has_changed(tmp_path, former):
    path = tmp_path / "file.json"
    if former:
        path.write_text(former)

    def write_half():
        with atomic.replace_file(path) as sibling:
            sibling.write_text("half of the new")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert [other.read_text() for other in tmp_path.iterdir()] == ([former] if former else [])


def test_content_and_name_are_on_disk_before_it_returns(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(atomic, "sync_to_disk", lambda path: synced.append(path.name))
    atomic.write_text(tmp_path / "file.json", "text")
    assert synced == [".file.json", tmp_path.name]
