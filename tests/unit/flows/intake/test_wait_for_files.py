"""Files are waited for until they are there and whole, or their deadline has passed."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest

from data.config import profile
from data.config.operations import Arrival, Operations
from flows.intake import wait_for_files
from tests.unit.flows.conftest import DAY, NIGHT


def settings(**arrival) -> Operations:
    return Operations(arrival=Arrival(**({"deadlines": {"claims": "04:00"}} | arrival)))


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


def watched(folder, **arrival) -> wait_for_files.LandingWatch:
    return wait_for_files.LandingWatch(
        folder, profile.load_profile("default"), settings(**arrival), DAY
    )


def waited(folder, clock, **arrival) -> list[str]:
    watch = watched(folder, **arrival)
    late = wait_for_files.wait_for_files(watch, clock, clock.sleep, lambda line: None)
    return [extract.why for extract in late] or sorted(watch.unread.values())


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


def test_a_file_is_compared_with_the_checksum_next_to_it(tmp_path):
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


def test_a_checksum_that_was_delivered_counts_without_being_required(tmp_path):
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


@pytest.mark.parametrize(
    ("seconds", "is_growing"), [(9, True), (10, False), (11, False), (-9, True), (-10, False)]
)
def test_a_file_has_settled_after_ten_seconds_without_a_change(tmp_path, seconds, is_growing):
    """Negative: the sender's clock is ahead."""
    delivered(tmp_path, NIGHT - timedelta(seconds=seconds))
    [claims] = watched(tmp_path).expected(NIGHT)
    assert claims.why == ("claims_20261125.csv is still being written" if is_growing else None)


@pytest.mark.parametrize(
    ("name", "has_arrived"),
    [
        ("claims_20261124.csv", False),  # a day too old
        ("claims_20261125.csv", True),
        ("claims_20261126.csv", True),
        ("claims_251125.csv", False),  # a year ago
        ("claims_part2.csv", True),  # no day in it: that of its arrival counts
        ("claims_20261325.csv", False),  # a month 13: the run says what is wrong
    ],
)
def test_an_extract_has_arrived_from_its_day_on(tmp_path, name, has_arrived):
    delivered(tmp_path, NIGHT - timedelta(seconds=60), name)
    [claims] = watched(tmp_path).expected(NIGHT)
    assert claims.why == (None if has_arrived else "no file of 2026-11-25 has arrived")


@pytest.mark.parametrize(("seconds", "looks"), [(-1, 2), (0, 1), (1, 1)])
def test_at_its_deadline_an_extract_is_late(tmp_path, seconds, looks):
    deadline = datetime(2026, 11, 25, 20, tzinfo=UTC)  # 04:00 of the 26th in Shanghai
    clock, times = Clock(), []
    clock.now = deadline + timedelta(seconds=seconds)

    class CountingWatch(wait_for_files.LandingWatch):
        def expected(self, now):
            times.append(now)
            return super().expected(now)

    watch = CountingWatch(tmp_path, profile.load_profile("default"), settings(), DAY)
    [claims] = wait_for_files.wait_for_files(watch, clock, clock.sleep, lambda line: None)
    assert (claims.deadline, len(times)) == (deadline, looks)


def test_what_is_waited_for_is_logged_whenever_it_changes(tmp_path):
    lines = []
    clock = Clock(lambda now: now < NIGHT + timedelta(minutes=1) or delivered(tmp_path, NIGHT))
    wait_for_files.wait_for_files(watched(tmp_path), clock, clock.sleep, lines.append)
    assert lines == [
        "waiting: claims: no file of 2026-11-25 has arrived (deadline 2026-11-26 04:00)"
    ]
    assert clock.now - NIGHT == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("digits", "is_read"),
    [(31, True), (32, False), (33, True), (39, True), (40, False), (63, True), (64, False)],
)
def test_only_as_many_digits_as_a_checksum_has_are_one(tmp_path, digits, is_read):
    """A companion without a checksum says only that the file is complete."""
    delivered(tmp_path, NIGHT - timedelta(hours=1))
    delivered(tmp_path, NIGHT, "claims_20261125.csv.md5", "0" * digits)
    [claims] = watched(tmp_path).expected(NIGHT)
    assert (claims.why is None) == is_read


def test_a_folder_that_is_not_there_has_no_files(tmp_path):
    [claims] = watched(tmp_path / "nowhere").expected(NIGHT)
    assert claims.why == "no file of 2026-11-25 has arrived"


def test_the_last_deadline_is_waited_for(tmp_path):
    clock = Clock()
    deadlines = {"claims": "03:00", "complaints": "04:00"}
    assert len(waited(tmp_path, clock, deadlines=deadlines)) == 2
    assert clock.now == datetime(2026, 11, 25, 20, tzinfo=UTC), "04:00 in Shanghai"


@pytest.mark.parametrize(("seconds", "naps"), [(29, [29]), (30, [30]), (31, [30, 1]), (0.5, [1])])
def test_there_is_a_look_every_thirty_seconds_and_none_within_a_second(tmp_path, seconds, naps):
    clock, slept = Clock(), []
    clock.now = datetime(2026, 11, 25, 20, tzinfo=UTC) - timedelta(seconds=seconds)

    def sleep(nap: float) -> None:
        slept.append(nap)
        clock.sleep(nap)

    wait_for_files.wait_for_files(watched(tmp_path), clock, sleep, lambda line: None)
    assert slept == naps
