"""Files are waited for until they are there and whole, or their deadline has passed."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.config import operations, profile
from flows.intake import wait_for_files
from tests.unit.flows.conftest import DAY, NIGHT


def settings(**arrival) -> dict:
    return operations.load_operations(Path("nowhere")) | {
        "arrival": {"deadlines": {"claims": "04:00"}, "marker": "", "after_deadline": "publish"}
        | arrival
    }


class Clock:
    """Moves on only when somebody sleeps; then `happens` comes about."""

    def __init__(self, happens=lambda now: None):
        self.now, self.happens = NIGHT, happens

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.happens(self.now)


def delivered(landing, at: datetime, name="claims_20261125.csv", content="claim_no\n") -> None:
    path = landing / name
    path.write_text(content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def waited(folder, clock, **arrival) -> list[str]:
    landing = wait_for_files.LandingWatch(
        folder, profile.load_profile("default"), settings(**arrival), DAY
    )
    late = wait_for_files.wait_for_files(landing, clock, clock.sleep, lambda line: None)
    return [extract.why for extract in late] or sorted(landing.unread.values())


def test_a_late_file_is_waited_for_and_not_read_while_it_grows(tmp_path):
    growing = NIGHT + timedelta(minutes=20)
    clock = Clock(
        lambda now: (
            delivered(tmp_path, now) if growing - timedelta(minutes=5) <= now <= growing else None
        )
    )
    assert waited(tmp_path, clock) == []
    assert timedelta(0) < clock.now - growing <= timedelta(seconds=60)


def test_at_the_deadline_the_run_goes_on_without_what_is_missing(tmp_path):
    delivered(tmp_path, NIGHT - timedelta(days=1), "claims_20261124.csv")
    clock = Clock()
    assert waited(tmp_path, clock) == ["no file of 2026-11-25 has arrived"]
    assert clock.now == datetime(2026, 11, 25, 20, tzinfo=UTC), "04:00 in Shanghai"


def test_a_checksum_beside_a_file_is_held_against_it(tmp_path):
    before = NIGHT - timedelta(hours=1)
    delivered(tmp_path, before)
    assert waited(tmp_path, Clock(), marker=".sha256") == [
        "claims_20261125.csv has no claims_20261125.csv.sha256 yet"
    ]
    delivered(tmp_path, before, "claims_20261125.csv.sha256", "0" * 64)
    assert waited(tmp_path, Clock(), marker=".sha256") == [
        "claims_20261125.csv is not what claims_20261125.csv.sha256 says"
    ]
    delivered(
        tmp_path,
        before,
        "claims_20261125.csv.sha256",
        hashlib.sha256(b"claim_no\n").hexdigest() + "  claims_20261125.csv\n",
    )
    assert waited(tmp_path, Clock(), marker=".sha256") == []


def test_a_link_out_of_landing_is_looked_into_neither_for_a_checksum_nor_for_a_file(tmp_path):
    landing, outside = tmp_path / "landing", tmp_path / "outside"
    landing.mkdir()
    outside.mkdir()
    delivered(outside, NIGHT - timedelta(hours=1), "secret", "0" * 64)
    delivered(landing, NIGHT - timedelta(hours=1))
    (landing / "claims_20261125.csv.sha256").symlink_to(outside / "secret")
    (landing / "complaints_20261125.csv").symlink_to(outside / "secret")
    (landing / "complaints_20261125.csv.sha256").write_text("0" * 64)
    why = "claims_20261125.csv has claims_20261125.csv.sha256, which is a link out of the landing folder"
    assert waited(landing, Clock(), deadlines={}) == [why]


def test_a_checksum_that_was_delivered_counts_without_being_asked_for(tmp_path):
    delivered(tmp_path, NIGHT - timedelta(hours=1))
    delivered(tmp_path, NIGHT, "claims_20261125.csv.md5", "0" * 32)
    assert waited(tmp_path, Clock()) == [
        "claims_20261125.csv is not what claims_20261125.csv.md5 says"
    ]
    delivered(tmp_path, NIGHT, "claims_20261125.csv.md5", hashlib.md5(b"claim_no\n").hexdigest())
    assert waited(tmp_path, Clock()) == []


def test_no_file_is_read_while_it_grows_although_no_deadline_is_set(tmp_path):
    clock = Clock(lambda now: delivered(tmp_path, now, "complaints_20261125.csv"))
    clock.happens(NIGHT)
    assert waited(tmp_path, clock, deadlines={}) == [
        "complaints_20261125.csv is still being written"
    ]
    assert clock.now - NIGHT == wait_for_files.PATIENCE, "then the others go on without it"
    clock = Clock()
    assert waited(tmp_path, clock, deadlines={}) == [], "its last change was some time ago"
