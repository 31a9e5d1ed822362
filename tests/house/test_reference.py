"""Generated pages of the reference are current; the examples of the others are read by the program."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from data.config import contract, correction, profile, return_layout
from data.config.operations import load_operations
from tests.house.reference_pages import HEADER_KEYS, pages
from tests.house.walkthrough import ROOT, read_blocks
from transforms.kpis.catalogue import FIELDS, OPTIONAL

PAGES = pages()
# What people write, as far as it has a model.
MODELLED = [
    ROOT / "data/reference/policy.toml",
    ROOT / "data/reference/composite.toml",
    *sorted((ROOT / "data/contracts").glob("*.toml")),
    *sorted((ROOT / "data/profiles").glob("*.toml")),
    *sorted((ROOT / "data/corrections").glob("*.toml")),
    *sorted((ROOT / "transforms/sql/exports").glob("*.toml")),
    *sorted((ROOT / "docs/reference/examples").glob("*.toml")),
]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_current(path):
    assert path.read_text(encoding="utf-8") == PAGES[path], (
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


def test_the_example_of_a_contract_is_read(tmp_path):
    path = tmp_path / "visits.toml"
    path.write_text(_example("contract.md"), encoding="utf-8")
    assert contract.load_contract(path).rules[-1].id == "left_before_visited"


def test_the_example_of_a_layout_is_read():
    layout = return_layout.parse_layout("reg_example", _example("return-layout.md"))
    assert [column.name for column in layout.own_columns][-1] == "closure_percent"


def _find_schema(path: Path) -> Path | None:
    """Return the schema that a TOML file names in its first line."""
    first_line, _, _ = path.read_text(encoding="utf-8").partition("\n")
    name = first_line.removeprefix("#:schema ")
    return (path.parent / name).resolve() if name != first_line else None


@pytest.mark.parametrize("path", MODELLED, ids=lambda path: path.name)
def test_an_editor_finds_the_schema_of_what_people_write_and_has_no_complaint(path):
    schema = _find_schema(path)
    assert schema in PAGES, f"{path} does not begin with #:schema and the path of its schema"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    as_json = json.loads(json.dumps(content, default=str))
    jsonschema.validate(as_json, json.loads(schema.read_text(encoding="utf-8")))


def test_an_editor_marks_what_the_program_would_refuse():
    schema = PAGES[ROOT / "data/reference/schema/return-layout.schema.json"]
    content = tomllib.loads(_example("return-layout.md"))
    content["column"][0]["role"] = "total"
    with pytest.raises(jsonschema.ValidationError, match="'total' is not one of"):
        jsonschema.validate(content, json.loads(schema))


def test_the_example_of_a_profile_is_read(tmp_path, monkeypatch):
    (tmp_path / "example.toml").write_text(_example("profile.md"), encoding="utf-8")
    monkeypatch.setattr(profile, "PROFILES", tmp_path)
    assert profile.load_profile("example").timezone == "Europe/Berlin"
