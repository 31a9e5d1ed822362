"""Generated pages of the reference are current; the examples of the others are read by the program."""

import pytest

from data.config import correction, profile
from data.config.operations import load_operations
from tests.house.reference_pages import HEADER_KEYS, pages
from tests.house.walkthrough import ROOT, read_blocks
from transforms.kpis.catalogue import FIELDS, OPTIONAL


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_a_generated_page_is_current(path):
    assert path.read_text(encoding="utf-8") == pages()[path], (
        f"{path.relative_to(ROOT)} is not current: python -m tests.house.reference_pages"
    )


def test_every_key_of_a_header_is_explained():
    assert set(HEADER_KEYS) == FIELDS | OPTIONAL


def _example(page: str) -> str:
    (block,) = read_blocks(ROOT / "docs" / "reference" / page)
    return block.content


def test_the_example_of_operations_is_read(tmp_path):
    path = tmp_path / "operations.toml"
    path.write_text(_example("operations.md"), encoding="utf-8")
    load_operations(path)


def test_the_example_of_a_correction_is_read(tmp_path, monkeypatch):
    (tmp_path / "example.toml").write_text(_example("correction.md"), encoding="utf-8")
    monkeypatch.setattr(correction, "FOLDER", tmp_path)
    assert [each.id for each in correction.load_corrections()] == ["jinhua_code_of_september"]


def test_the_example_of_a_profile_is_read(tmp_path, monkeypatch):
    (tmp_path / "example.toml").write_text(_example("profile.md"), encoding="utf-8")
    monkeypatch.setattr(profile, "PROFILES", tmp_path)
    assert profile.load_profile("example").timezone == "Europe/Berlin"
