"""What vacuum keeps: exactly up to the last day that was named, and that day too."""

from datetime import date, timedelta

import pytest

from data.store.lake import Lake
from data.store.releases import AUDIENCES, Releases
from data.store.store import Store
from flows.operations.vacuum import Retention, vacuum_store
from flows.publications import retention
from tests.manifests import publish_manifest

LATEST = date(2012, 6, 30)
# Days before the latest publication's day, where 30 days are kept.
DAYS_KEPT = [(29, True), (30, True), (31, False)]


@pytest.fixture
def store(tmp_path):
    """A store whose latest publication, which readers see, is of LATEST."""
    store = Store(tmp_path / "store")
    publish_manifest(store, "latest", str(LATEST))
    store.point("latest")
    return store


def publish(store: Store, days_before: int, reproduce_days: int = 0) -> None:
    day = LATEST - timedelta(days=days_before)
    publish_manifest(store, "old", str(day), policy={"reproduce_days": reproduce_days})


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
def test_publications_are_kept_up_to_the_last_day(store, days_before, is_kept):
    publish(store, days_before)
    vacuum_store(store, Retention(publications=30), dry_run=False)
    assert store.is_published("old") is is_kept
    assert store.is_published("latest")


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
@pytest.mark.parametrize("keep_days", [0, 30])
def test_a_promise_to_reproduce_counts_where_it_is_longer(store, days_before, is_kept, keep_days):
    publish(store, days_before, reproduce_days=30 - keep_days)
    vacuum_store(store, Retention(publications=keep_days), dry_run=False)
    assert store.is_published("old") is is_kept


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
def test_versions_of_the_lake_are_kept_for_the_promise(tmp_path, days_before, is_kept):
    store = Store(tmp_path)
    publish_manifest(store, "latest", str(LATEST), lake={"delivery": 2})
    day = str(LATEST - timedelta(days=days_before))
    publish_manifest(store, "old", day, policy={"reproduce_days": 30}, lake={"delivery": 1})
    versions = retention.lake_versions_to_keep(store, LATEST)
    assert versions == {"delivery": {1, 2} if is_kept else {2}}


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
def test_previews_are_kept_up_to_the_last_day(store, days_before, is_kept):
    folder = store.root / "preview" / str(LATEST - timedelta(days=days_before))
    folder.mkdir(parents=True)
    lines = vacuum_store(store, Retention(previews=30), dry_run=True)
    assert folder.exists(), "a dry run removes nothing"
    assert vacuum_store(store, Retention(previews=30), dry_run=False) == lines
    assert folder.exists() is is_kept
    assert lines[-1] == f"{0 if is_kept else 1} previews"


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
def test_the_content_of_quarantined_rows_is_kept_up_to_the_last_day(store, days_before, is_kept):
    quarantine_row(store.lake, LATEST - timedelta(days=days_before))
    lines = vacuum_store(store, Retention(quarantine=30), dry_run=True)
    (content,) = store.lake.read("quarantine")["content"].to_pylist()
    assert content == "row", "a dry run removes nothing"
    assert vacuum_store(store, Retention(quarantine=30), dry_run=False) == lines
    (content,) = store.lake.read("quarantine")["content"].to_pylist()
    assert content == ("row" if is_kept else None)
    assert f"{0 if is_kept else 1} quarantined rows of before 2012-05-31" in lines[-1]


def test_content_is_removed_once_and_only_of_the_days_before(store):
    days = [LATEST - timedelta(days=30), LATEST - timedelta(days=31)]
    for day in days:
        quarantine_row(store.lake, day)
    for count in (1, 0):
        lines = vacuum_store(store, Retention(quarantine=30), dry_run=False)
        assert f"what was read of {count} quarantined rows" in lines[-1]
        rows = store.lake.read("quarantine").to_pylist()
        content = {row["extract_date"]: row["content"] for row in rows}
        assert content == {days[0]: "row", days[1]: None}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_publication_that_a_release_comes_from_is_kept(store, audience):
    publish(store, 31)
    releases = Releases(store.root, audience)
    releases.building("returns").rename(releases.root / "returns")
    releases.record("returns", [{"version": "1.0.0", "publication_id": "old"}])
    assert vacuum_store(store, Retention(publications=30), dry_run=False)[0] == "no publication"
    assert store.is_published("old")


def quarantine_row(lake: Lake, day: date) -> None:
    lake.add("quarantine", [{"extract": "claims", "extract_date": day, "content": "row"}])


@pytest.mark.parametrize(("days_before", "is_kept"), DAYS_KEPT)
def test_what_no_number_of_days_is_named_for_is_kept(store, days_before, is_kept):
    publish(store, days_before)
    quarantine_row(store.lake, LATEST - timedelta(days=days_before))
    lines = vacuum_store(store, Retention(), dry_run=False)
    assert (lines[0], len(lines)) == ("no publication", 2)
    assert store.is_published("old")


def test_a_store_without_a_publication_keeps_everything_that_is_named_by_days(tmp_path):
    store = Store(tmp_path)
    quarantine_row(store.lake, LATEST)
    assert len(vacuum_store(store, Retention(0, 0, 0), dry_run=False)) == 2
    assert store.lake.read("quarantine")["content"].to_pylist() == ["row"]
