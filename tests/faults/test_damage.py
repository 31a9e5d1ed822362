"""Files of the store that a disk changed: a run stops before a figure depends on one, and says how
to get it back.
"""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.store.backup import write_backup
from data.store.scrub import check_store
from data.store.store import Store
from flows.cli.main import app
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.stores import DELTA

JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A landing folder whose second delivery is still to be taken in, a store and its backup."""
    folder = tmp_path_factory.mktemp("sound")
    landing = folder / "landing"
    landing.mkdir()
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    (landing / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    options = RunOptions(landing=landing, as_of=JUNE, store=folder / "store", render=False)
    assert run_nightly(options).state == "published"
    write_backup(folder / "store", folder / "backup.tar")
    (landing / "claims_20120731.csv").write_text(DELTA, encoding="utf-8")
    return folder


@pytest.fixture
def store(sound, tmp_path) -> Store:
    """The same, in a test's own folder."""
    shutil.copytree(sound, tmp_path / "copy")
    return Store(tmp_path / "copy" / "store")


@pytest.fixture
def run(store):
    """Run the night after."""
    landing = store.root.parent / "landing"
    return lambda: run_nightly(RunOptions(landing, JULY, store=store.root, render=False))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def scrub(store: Store, *options: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["scrub", "--store", str(store.root), *options])
    return ended.exit_code, ended.output


def first_file(store: Store, kind: str) -> Path:
    published = store.publication(store.current())
    return {
        "rows": lambda: Path(store.lake.current_files("claims")[0]),
        "log": lambda: min((store.root / "lake/versions/claims/_delta_log").glob("*.json")),
        "ledger": lambda: Path(store.lake.tables.files("delivery")[0]),
        "table": lambda: published / "tables" / "dim_kpi.parquet",
        "part": lambda: min((published / "tables" / "mart_league").iterdir()),
        "manifest": lambda: published / "manifest.json",
    }[kind]()


@pytest.mark.parametrize("kind", ["rows", "log", "ledger", "table", "part", "manifest"])
def test_a_flipped_bit_stops_a_run_and_the_backup_has_the_file(store, run, kind):
    seen, path = store.current(), first_file(store, kind)
    flip(path)
    outcome = run()
    assert outcome.state == "failed" and outcome.readers_see == seen, outcome.reason
    assert path.name in outcome.reason and "servicekpi scrub --backup" in outcome.reason
    assert outcome.reason.endswith("(docs/runbook/damaged-store.md)")

    code, output = scrub(store)
    assert code == 1 and str(path) in output and "DAMAGED: 1 of" in output
    (incident,) = json.loads(store.incidents.read_text())
    assert incident["source"] == "scrub" and incident["closed"] is None

    code, output = scrub(store, "--backup", str(store.root.parent / "backup.tar"))
    assert code == 0 and f"put back: {path.relative_to(store.root)}" in output, output
    assert json.loads(store.incidents.read_text())[0]["closed"]
    if kind == "rows":
        assert run().state == "published"


def test_a_missing_file_of_versions_is_noticed(store):
    """No run reads it while a current table has its rows; without it nothing can be reproduced."""
    path = Path(store.lake.files("versions", "claims")[0])
    path.unlink()
    code, output = scrub(store)
    assert code == 1 and f"the file {path} is missing" in output


def test_of_a_damaged_report_a_run_only_tells(store, run):
    """Tonight's publication takes its place; no figure depends on it."""
    page = store.publication(store.current()) / "report" / "index.html"
    page.write_text("a page")
    outcome = run()
    assert outcome.state == "published"
    assert any("report/index.html: the manifest does not name it" in note for note in outcome.notes)


@pytest.mark.parametrize("damage", ["line", "digit", "tail", "list"])
def test_damaged_checksums_are_put_right_from_the_backup(store, damage):
    path = store.root / "lake/checksums/delivery.sha256"
    lines = path.read_text().splitlines(keepends=True)
    if damage == "line":
        lines[0] = "x" + lines[0][1:]
    elif damage == "digit":
        lines[0] = f"{int(lines[0][0], 16) ^ 1:x}" + lines[0][1:]
    elif damage == "tail":
        lines = lines[:1]
    path.write_text("".join(lines))
    if damage == "list":
        path.unlink()
    code, output = scrub(store)
    assert code == 1 and "delivery" in output
    code, output = scrub(store, "--backup", str(store.root.parent / "backup.tar"))
    assert code == 0 and "put back: checksum of lake/delivery/" in output, output
    assert check_store(Store(store.root)).faults == {}


def test_what_no_backup_has_stays_named(store, run):
    assert run().state == "published"
    path = Path(Store(store.root).lake.current_files("claims")[0])
    flip(path)
    code, output = scrub(store, "--backup", str(store.root.parent / "backup.tar"))
    assert code == 1 and str(path) in output and "put back" not in output


def test_a_backup_that_is_damaged_itself_puts_nothing_back(store):
    path, archive = first_file(store, "rows"), store.root.parent / "backup.tar"
    content = path.read_bytes()
    archive.write_bytes(archive.read_bytes().replace(content, content[::-1]))
    flip(path)
    damaged = path.read_bytes()
    ended = CliRunner().invoke(app, ["scrub", "--store", str(store.root), "--backup", str(archive)])
    assert "is not what was written to it" in str(ended.exception)
    assert path.read_bytes() == damaged
