"""Keeping house: what goes, what stays although it is old, and a store that comes back from its
backup.
"""

import json
import os
import tarfile
import time
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable

from data.config import contract
from data.problem import Problem
from data.store import backup, incidents, migration
from data.store.lake import MAX_FILES_OF_A_BOOK, Lake
from data.store.store import Store
from flows.operations.vacuum import Retention, vacuum_store
from flows.publications import reproduce, retention, verify
from tests import stores
from tests.faults.conftest import CLAIMS, COMPLAINTS, landing, night  # noqa: F401
from tests.manifests import publish_manifest
from tests.stores import DELTA, JULY


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A store after two nights a month apart."""
    nights = stores.two_nights().copy(tmp_path_factory.mktemp("company") / "copy")
    return nights.store, *nights.outcomes


def test_a_restored_store_is_the_store(backed_up, tmp_path):
    """After a vacuum, a backup and the loss of the rest: the same files, and a publication can
    still be built again byte by byte.
    """
    store, first, second = backed_up
    orphan = (
        store.root / "lake/versions/claims/_delivered=2012-07-31/v00000009-of-a-killed-run.parquet"
    )
    orphan.write_bytes(b"half")
    removed = vacuum_store(store, Retention(publications=0), dry_run=True)
    assert removed[0] == "no publication" and orphan.exists(), (
        "both can still be asked to be reproduced; a dry run removes nothing"
    )
    vacuum_store(store, Retention(publications=0), dry_run=False)
    assert not orphan.exists()
    backup.write_backup(store.root, tmp_path / "backup.tar")
    backup.restore_backup(tmp_path / "backup.tar", tmp_path / "again")
    again = Store(tmp_path / "again")
    assert (again.publications(), again.current()) == (store.publications(), second.publication_id)
    assert verify.verify_publication(again, second.publication_id)[0] == []
    assert reproduce.reproduce_publication(again, second.publication_id)[0] == []
    assert {
        path.stat().st_mode & 0o222
        for path in again.publication(first.publication_id).rglob("*")
        if path.is_file()
    } == {0}


def test_a_backup_that_is_damaged_or_reaches_outside_makes_no_store(tmp_path):
    (tmp_path / "store/lake").mkdir(parents=True)
    (tmp_path / "store/lake/rows").write_bytes(b"rows of a claim")
    backup.write_backup(tmp_path / "store", tmp_path / "good.tar")
    (tmp_path / "bad.tar").write_bytes(
        (tmp_path / "good.tar").read_bytes().replace(b"rows of a claim", b"rows of a crime")
    )
    with pytest.raises(Problem, match="damaged: 1 files differ, such as lake/rows"):
        backup.restore_backup(tmp_path / "bad.tar", tmp_path / "new")
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.add(tmp_path / "good.tar", "../outside")
    with pytest.raises(Problem, match="cannot be restored"):
        backup.restore_backup(tmp_path / "evil.tar", tmp_path / "deep/new")
    with pytest.raises(Problem, match="is not empty"):
        backup.restore_backup(tmp_path / "good.tar", tmp_path / "store")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bad.tar",
        "evil.tar",
        "good.tar",
        "store",
    ]


def published(store: Store, day: str, compared: str | None, days: int = 100, **lake: int) -> str:
    """A publication as far as housekeeping looks at it."""
    publication_id = f"{day}-0"
    policy = {"reproduce_days": days}
    publish_manifest(store, publication_id, day, compared=compared, policy=policy, lake=lake)
    return publication_id


def test_what_is_promised_or_seen_stays_with_what_it_was_compared_with(tmp_path):
    store = Store(tmp_path)
    first = published(store, "2012-01-31", None, delivery=1)
    second = published(store, "2012-02-29", first, delivery=2)
    third = published(
        store, "2012-03-31", second, delivery=3
    )  # is compared with the second one, whose own time is over
    fourth = published(store, "2012-06-30", third, delivery=4)
    store.point(third)
    assert retention.publications_to_keep(store, date(2012, 6, 30)) == {second, third, fourth}
    assert retention.lake_versions_to_keep(store, date(2012, 6, 30)) == {"delivery": {2, 3, 4}}
    assert vacuum_store(store, Retention(), dry_run=False)[0] == "no publication", (
        "kept for ever where nobody says otherwise"
    )
    assert vacuum_store(store, Retention(publications=200), dry_run=False)[0] == "no publication"
    assert (
        vacuum_store(store, Retention(publications=1), dry_run=False)[0]
        == f"1 publications: {first}"
    )
    assert store.publications() == [second, third, fourth]


def test_an_old_store_can_be_read_as_it_was_after_a_hundred_deliveries_and_a_month(
    tmp_path, monkeypatch
):
    """Delta tables forget their log after a month unless told otherwise; the first format of a
    store did not tell them.
    """
    monkeypatch.setattr("data.store.lake.LOG_SETTINGS", {})
    lake, entry = (
        Lake(tmp_path),
        {
            "publication_id": "p",
            "decision": "hold",
            "reason": "r",
            "decided_by": "b",
            "decided_at": "t",
        },
    )
    lake.add("decision", [entry])
    monkeypatch.undo()
    migration.migrate_store(tmp_path)
    assert (tmp_path / "FORMAT").read_text() == f"{migration.FORMAT}\n"
    for _ in range(99):
        lake.add("decision", [entry])
    log = tmp_path / "lake/decision/_delta_log"
    for path in log.iterdir():
        os.utime(path, (time.time() - 40 * 86400,) * 2)
    for _ in range(2):
        lake.add("decision", [entry])
    assert DeltaTable(log.parent, version=5).to_pyarrow_table().num_rows == 5
    migration.migrate_store(tmp_path)
    (tmp_path / "FORMAT").write_text("99\n")
    with pytest.raises(Problem, match="has format 99"), Store(tmp_path).locked():
        pass


def test_incidents_of_an_older_format_are_read_and_written_with_their_new_names(tmp_path):
    store = Store(tmp_path)
    older = {"id": "a", "source": "run", "said": "the disk is full", "days": ["2026-11-25"]}
    older |= {"told": ["L. Chen"], "told_closed": []}
    store.incidents.write_text(json.dumps([older]))
    (tmp_path / "FORMAT").write_text("2\n")
    (read,) = incidents.read_incidents(store.incidents)
    assert (read.message, read.notified) == ("the disk is full", ["L. Chen"])
    with store.locked():
        assert (tmp_path / "FORMAT").read_text() == f"{migration.FORMAT}\n"
    (row,) = json.loads(store.incidents.read_text())
    assert row["message"] == "the disk is full" and not {"said", "told"} & row.keys()
    assert incidents.read_incidents(store.incidents) == [read]


def test_a_book_of_many_deliveries_stays_in_few_files_and_forgets_nothing(tmp_path):
    lake = Lake(tmp_path)
    for number in range(50):
        lake.add(
            "decision",
            [
                {
                    "publication_id": f"p{number}",
                    "decision": "hold",
                    "reason": "r",
                    "decided_by": "b",
                    "decided_at": "t",
                }
            ],
        )
    assert len(DeltaTable(tmp_path / "lake/decision").file_uris()) <= MAX_FILES_OF_A_BOOK
    assert lake.read("decision")["publication_id"].to_pylist() == sorted(
        f"p{number}" for number in range(50)
    )
    assert DeltaTable(tmp_path / "lake/decision", version=9).to_pyarrow_table().num_rows == 10, (
        "what a publication was made of is there as it was"
    )


def test_a_store_from_before_a_contract_had_a_column_and_a_rule(night, landing, monkeypatch):  # noqa: F811
    """The rows of then have no value in it; a later delivery has; the rule finds what is wrong in
    that one.
    """
    now = contract.load_contracts()["claims"]
    columns = tuple(column for column in now.columns if column.name != "has_injury")
    rules = tuple(
        rule
        for rule in now.rules
        if "has_injury" not in rule.sql and rule.id != "has_injury_unreadable"
    )
    claims = now.model_copy(update={"columns": columns, "rules": rules})
    then = {**contract.load_contracts(), "claims": claims}
    with monkeypatch.context() as older:
        for module in (
            "data.store.delta_tables",
            "flows.intake.landing",
            "flows.intake.take_in",
            "tests.faults.conftest",
        ):
            older.setattr(f"{module}.load_contracts", lambda: then)
        night()
    (landing / "claims_20120731.csv").write_text(DELTA.replace("是", "maybe"), encoding="utf-8")
    outcome = night()
    assert outcome.problems == [] and {row["claim_id"]: row["has_injury"] for row in outcome.rows()} == {
        "C1": None, "C2": None, "C3": False, "C4": False, "C9": False,
    }  # fmt: skip
    failed = [
        row
        for row in outcome.tables["quality_rule_result"].to_pylist()
        if row["rule_id"] == "has_injury_unreadable"
    ]
    assert [(row["extract_date"], row["rows_failed"]) for row in failed] == [(JULY, 1)]


def test_what_was_read_of_quarantined_rows_can_be_forgotten_and_changes_no_figure(night, landing):  # noqa: F811
    (landing / "claims_20120630.csv").write_text(
        CLAIMS.replace("2012-04-05 10:00:00,2012", "soon,2012"), encoding="utf-8"
    )
    before, lake = night(), Lake(landing.parent / "store")
    assert (
        lake.blank_quarantine(date(2012, 7, 1), dry_run=True)
        == lake.blank_quarantine(date(2012, 7, 1), dry_run=False)
        == 1
    )
    (row,) = night().tables["quality_quarantine"].to_pylist()
    (quarantined,) = before.tables["quality_quarantine"].to_pylist()
    assert quarantined["content"] and row == quarantined | {"content": None}
    assert lake.blank_quarantine(date(2012, 7, 1), dry_run=False) == 0


def test_the_files_of_what_was_replaced_go_and_what_a_kept_version_needs_stays(night, landing):  # noqa: F811
    night()
    lake = Lake(landing.parent / "store")
    then = lake.tables.versions()
    (landing / "claims_20120731.csv").write_text(DELTA, encoding="utf-8")
    night()
    (landing / "claims_20120831.csv").write_text(DELTA.replace("700", "800"), encoding="utf-8")
    rows = night().rows()
    lake.tables.vacuum({name: {version} for name, version in then.items()}, dry_run=False)
    assert (
        lake.pinned(then).read("delivery").num_rows == 2
        and len(lake.pinned(then).read("holding")) > 0
    )
    assert all(Path(file).is_file() for file in lake.pinned(then).current_files("claims"))
    assert night().rows() == rows
    assert (
        lake.tables.vacuum({}, dry_run=True)[0]
        > 0
        == lake.tables.vacuum({name: {version} for name, version in then.items()}, dry_run=True)[0]
    )
