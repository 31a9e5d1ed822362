"""The exit code of status: what somebody should look at, and what readers miss."""

import os
from datetime import timedelta

import pytest

from flows.operations import status
from tests.manifests import publish_manifest
from tests.unit.flows.conftest import DAY, NIGHT, record_night

DEADLINE = NIGHT + timedelta(hours=2)  # 04:00 in Shanghai


@pytest.fixture
def seen(store):
    """A store with a publication that readers see, that nothing is wrong with."""
    publish_manifest(store, "seen", str(DAY))
    store.point("seen")
    return store


def expect_claims(store) -> None:
    text = store.operations.read_text(encoding="utf-8")
    deadlines = '[arrival]\ndeadlines = { claims = "04:00" }\n'
    store.operations.write_text(deadlines + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("seconds", "exit_code"), [(-1, status.ALL_WELL), (0, status.ALL_WELL), (1, status.LOOK)]
)
def test_an_extract_is_overdue_after_its_deadline_not_at_it(seen, seconds, exit_code):
    expect_claims(seen)
    now = DEADLINE + timedelta(seconds=seconds)
    result = status.store_status(seen, seen.landing, "default", now)
    assert result["exit_code"] == exit_code
    assert [extract["arrived"] for extract in result["expected"]] == [False]


def test_an_extract_that_has_arrived_is_not_overdue(seen):
    expect_claims(seen)
    seen.landing.mkdir()
    path = seen.landing / f"claims_{DAY:%Y%m%d}.csv"
    path.write_text("claim_no\n", encoding="utf-8")
    os.utime(path, (NIGHT.timestamp(), NIGHT.timestamp()))
    result = status.store_status(seen, seen.landing, "default", DEADLINE + timedelta(hours=1))
    assert result["exit_code"] == status.ALL_WELL
    assert [extract["arrived"] for extract in result["expected"]] == [True]


def test_an_incident_is_to_be_looked_at_and_a_failed_run_to_be_acted_on(seen):
    def exit_code() -> int:
        return status.store_status(seen, seen.landing, "default", NIGHT)["exit_code"]

    assert exit_code() == status.ALL_WELL
    record_night(seen, 0, "the claims are late")
    assert exit_code() == status.LOOK
    record_night(seen, 1)
    assert exit_code() == status.ALL_WELL, "the incident is closed"
    record_night(seen, 2, "the disk is full", state="failed")
    assert exit_code() == status.ACT


def test_readers_who_see_nothing_miss_something(store):
    result = status.store_status(store, store.landing, "default", NIGHT)
    assert (result["exit_code"], result["readers_see"]) == (status.ACT, None)
    assert result["next_run"] == "2026-11-27T02:00+08:00", "the one after that of this moment"


def test_the_latest_publication_is_looked_at_where_readers_do_not_see_it(seen):
    publish_manifest(seen, "held", str(DAY + timedelta(days=1)), hold_reasons=["an audit failed"])
    result = status.store_status(seen, seen.landing, "default", NIGHT)
    assert (result["exit_code"], result["held"]) == (status.LOOK, {"held": "an audit failed"})


def test_an_older_publication_that_readers_do_not_see_wakes_nobody(seen):
    publish_manifest(seen, "held", str(DAY - timedelta(days=1)), hold_reasons=["an audit failed"])
    result = status.store_status(seen, seen.landing, "default", NIGHT)
    assert (result["exit_code"], list(result["held"])) == (status.ALL_WELL, ["held"])
