"""A manifest keeps its published keys, and one of the wrong form is a problem that says what is wrong."""

import json
from datetime import date

import pytest

from data.problem import Problem
from data.store.manifest import (
    ComparedWith,
    FileFacts,
    find_differences,
    make_recipe,
    read_manifest,
    write_manifest,
)
from tests.manifests import build_manifest

KEYS = [
    "publication_id", "made_of", "notes", "problems", "aside", "owners", "held_because", "compared_with",
    "state", "started", "finished", "seconds", "computed_by", "made_by", "lake", "checks", "tables", "files",
]  # fmt: skip
RECIPE_KEYS = ["as_of", "known_at", "timezone", "rendered", "code", "policy", "inputs"]
DELIVERY = {
    "extract": "claims",
    "extract_date": date(2012, 6, 30),
    "sha256": "a" * 64,
    "rows_accepted": 2,
    "rows_quarantined": 1,
}


@pytest.fixture
def written(tmp_path):
    manifest = build_manifest(
        "2012-06-30-0",
        "2012-06-30",
        {"level": 0.95, "floor": 5, "words": {"zh": "理赔"}},
        hold_request="backfill 1",
        compared_with=ComparedWith(publication_id="2012-05-31-0", manifest_sha256="b" * 64),
        lake={"delivery": 3},
        files={"tables/a.parquet": FileFacts(bytes=7, sha256="c" * 64)},
    )
    write_manifest(tmp_path, manifest)
    return tmp_path, manifest


def test_what_is_written_has_the_published_keys_and_is_read_as_it_was(written):
    folder, manifest = written
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(content) == KEYS and list(content["made_of"]) == RECIPE_KEYS
    assert content["made_of"]["as_of"] == "2012-06-30" and content["aside"] == "backfill 1"
    assert content["files"] == {"tables/a.parquet": {"bytes": 7, "sha256": "c" * 64}}
    assert read_manifest(folder) == manifest


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda content: content.pop("made_of"), "made_of: Field required"),
        (lambda content: content["made_of"].pop("policy"), r"made_of\.policy: Field required"),
        (lambda content: content["made_of"].update(as_of="tomorrow"), r"made_of\.as_of: .*date"),
        (lambda content: content.update(held_because="a word"), "held_because: .*list"),
        (lambda content: content["files"].update({"a": {"bytes": 1}}), r"files\.a\.sha256"),
    ],
)
def test_a_manifest_of_the_wrong_form_is_a_problem_that_names_the_key(written, change, sentence):
    folder, _ = written
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Problem, match=sentence) as problem:
        read_manifest(folder)
    assert str(path) in str(problem.value) and "docs/runbook/damaged-store.md" in str(problem.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "not valid JSON"), (b"\xff", "not valid JSON"), (b"[]", "the whole"), (None, "cannot be read")],
)  # fmt: skip
def test_a_file_that_is_no_manifest_is_a_problem(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(Problem, match=sentence):
        read_manifest(tmp_path)


def recipe(**changes):
    fields = {
        "as_of": date(2012, 6, 30),
        "known_at": None,
        "timezone": "Asia/Shanghai",
        "policy": {"level": 0.95},
        "deliveries": [DELIVERY],
        "rendered": True,
    }
    return make_recipe(**(fields | changes))


def test_the_id_follows_from_everything_that_a_publication_consists_of():
    ids = [
        recipe().identify(),
        recipe(as_of=date(2012, 7, 1)).identify(),
        recipe(known_at=date(2012, 6, 30)).identify(),
        recipe(timezone="UTC").identify(),
        recipe(policy={"level": 0.9}).identify(),
        recipe(rendered=False).identify(),
        *(recipe(deliveries=[DELIVERY | {name: value}]).identify() for name, value in
          {"extract": "callbacks", "extract_date": date(2012, 6, 29), "sha256": "b" * 64,
           "rows_accepted": 3, "rows_quarantined": 0}.items()),
    ]  # fmt: skip
    assert len(set(ids)) == len(ids) and ids[0].startswith("2012-06-30-")
    assert recipe(deliveries=[DELIVERY, DELIVERY]).identify() == ids[0]
    nothing = DELIVERY | {"sha256": "d" * 64, "rows_accepted": 0, "rows_quarantined": 0}
    assert recipe(deliveries=[nothing, DELIVERY]).identify() == ids[0], "it adds no row"


def test_an_id_is_the_same_after_it_was_written_and_keys_of_a_later_program_count(tmp_path):
    original = recipe(policy={"share": 0.1 + 0.2, "whole": 1.0, "number": 1, "words": ["中", None]})
    name = original.identify()
    folder = tmp_path / name
    folder.mkdir()
    write_manifest(folder, build_manifest(name, "2012-06-30", {}, recipe=original))
    assert find_differences(folder) == []
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["made_of"]["later"] = 1
    path.write_text(json.dumps(content), encoding="utf-8")
    (sentence,) = find_differences(folder)
    assert "the id is not that of" in sentence
