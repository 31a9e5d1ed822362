"""Codes and folders as they come: any alphabet, quotes, blanks, capitals. What cannot be is refused
in a sentence.
"""

import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from data.store.store import Store
from flows.nightly import supervise
from flows.nightly.run_options import RunOptions
from flows.publications.preview import write_preview
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.unit.data.test_safe_names import LONG

JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)
LATER = CLAIMS.replace(
    "C4,0102,交强险,2012-04-05 10:00:00,2012-04-06 10:00:00,,rejected,否,0\n", ""
)


def deliver(landing: Path, name: str, text: str) -> None:
    landing.mkdir(parents=True, exist_ok=True)
    (landing / name).write_text(text, encoding="utf-8")
    os.utime(landing / name, (0, 0))


@pytest.mark.parametrize("name", ['O\'Neill & "Sons"', "第三 财险#{2012}, 北京;é~$"])
def test_a_store_and_landing_folder_may_have_any_other_sign_in_their_names(name, tmp_path):
    landing, store = tmp_path / name / "landing", tmp_path / name / "store"
    deliver(landing, "claims_20120630.csv", CLAIMS)
    deliver(landing, "complaints_20120630.csv", COMPLAINTS)
    options = RunOptions(landing=landing, as_of=JUNE, store=store, render=False)
    first = supervise.run_supervised(options)
    assert (first.state, first.problems) == ("published", []), first.reason
    # A second night merges, compares and quarantines.
    broken = CLAIMS.splitlines()[1].replace("C1", "C9").replace("2012-01-05 10:00:00", "nonsense")
    deliver(landing, "claims_20120731.csv", f"{LATER}{broken}\n")
    second = supervise.run_supervised(
        RunOptions(landing=landing, as_of=JULY, store=store, render=False)
    )
    assert second.state == "published" and second.publication_id != first.publication_id
    (claims,) = [row for row in second.files if row["file_name"] == "claims_20120731.csv"]
    assert (claims["rows_accepted"], claims["rows_quarantined"]) == (3, 1)


@pytest.mark.parametrize("name", ["claims[1]_20120630.csv", "claims (1)'s %20 copy*?_20120630.csv"])
def test_a_landed_file_and_its_folder_may_have_any_name(name, tmp_path):
    landing = tmp_path / "l[a]n%20d?*"
    deliver(landing, name, CLAIMS)
    outcome = supervise.run_supervised(
        RunOptions(landing=landing, as_of=JUNE, store=tmp_path / "store", render=False)
    )
    assert outcome.state == "published", outcome.reason
    assert [row["file_name"] for row in outcome.files] == [name]


def test_a_run_for_a_store_that_cannot_be_is_refused_in_a_sentence(tmp_path):
    deliver(tmp_path / "landing", "claims_20120630.csv", CLAIMS)
    outcome = supervise.run_supervised(
        RunOptions(landing=tmp_path / "landing", as_of=JUNE, store=tmp_path / "a[b]")
    )
    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert "no store can be in" in outcome.reason and "'['" in outcome.reason


def test_a_panic_of_a_native_library_is_a_sentence_with_an_incident(tmp_path, monkeypatch):
    """delta-rs panics on a folder that it takes for an address."""
    deliver(tmp_path / "landing", "claims_20120630.csv", CLAIMS)

    def panic(*_):
        write_deltalake(str(tmp_path / "a[b]"), pa.table({"a": [1]}))

    monkeypatch.setattr("flows.publications.build.build_tables", panic)
    outcome = supervise.run_supervised(
        RunOptions(landing=tmp_path / "landing", as_of=JUNE, store=tmp_path / "store")
    )
    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert "PanicException" in outcome.reason and "docs/runbook/program-error.md" in outcome.reason
    assert len(outcome.incidents) == 1


def test_a_preview_has_a_folder_per_branch_whatever_its_code(tmp_path):
    codes = [LONG * 2, "../../outside", "CON", "bj01", "BJ01"]
    lines = CLAIMS.splitlines()
    rows = [
        lines[4].replace("C4,0102", f"X{number},{code}").replace("2012-04-0", "2012-06-0")
        for number, code in enumerate(codes)
    ]
    deliver(tmp_path / "landing", "claims_20120630.csv", "\n".join([*lines, *rows, ""]))
    tree = "".join(f"{code},{code},branch,HQ\n" for code in ["0101", "0102", *codes])
    header = "branch_code,name,level,parent_code\nHQ,总公司,head_office,\n"
    deliver(tmp_path / "landing", "branches_20120630.csv", header + tree)
    store = Store(tmp_path / "store")
    options = RunOptions(landing=tmp_path / "landing", as_of=JUNE, store=store.root, render=False)
    outcome = supervise.run_supervised(options)
    assert outcome.state == "published", outcome.reason
    preview, packs = write_preview(store, JUNE)
    folders = sorted((preview.folder / "branches").iterdir())
    assert packs == len(folders) == len(codes) + 1  # and that of a branch with a plain code
    assert len({folder.name.casefold() for folder in folders}) == packs
    assert not (tmp_path / "outside").exists()
