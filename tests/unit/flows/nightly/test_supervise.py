"""What is recorded around a run, and what the watchdog makes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data.config import operations
from data.problem import Problem
from data.store import incidents as incident
from data.store.store import Store
from flows.nightly import run_context, supervise
from flows.nightly.run_options import RunOptions
from tests.manifests import publish_manifest
from tests.unit.flows.conftest import DAY, NIGHT, REFUSED, record_night


def test_a_failed_run_closes_nothing(store):
    record_night(store, 0, REFUSED)
    assert len(record_night(store, 1, "the disk is full - make room", state="failed")) == 2


def test_the_watchdog_alerts_once_when_no_run_ended_and_a_run_calms_it(store, robot):
    record_night(store, 0)
    assert supervise.run_watchdog(store, 26, NIGHT + timedelta(hours=25)) == []
    for hours in (27, 28):
        (alert,) = supervise.run_watchdog(store, 26, NIGHT + timedelta(hours=hours))
        assert "has ended within 26 hours: the last one ended 2026-11-25T18:00:00" in alert.message
    assert len(robot.heard) == 1
    assert record_night(store, 2) == []


def test_a_full_disk_is_reported_although_nothing_can_be_written(store, robot, monkeypatch, caplog):
    monkeypatch.setattr(
        incident,
        "write_incidents",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OSError):
        record_night(store, 0, "the disk of the claims store is full - make room", state="failed")
    assert "the disk of the claims store is full" in robot.heard[0][1]
    (alert,) = supervise.run_watchdog(store, 26, NIGHT)
    assert (
        len(robot.heard) == 2
        and "none has ever ended" in alert.message
        and "will be sent again" in caplog.text
    )


def test_a_run_that_could_not_begin_is_reported(store, robot):
    outcome = supervise.run_supervised(
        RunOptions(landing=store.root, store=store.root, profile="claims_of_mars"), lambda: NIGHT
    )
    assert outcome.exit_code == 1 and "claims_of_mars" in robot.heard[0][1]


@pytest.mark.parametrize(("seconds", "is_alert"), [(-1, False), (0, False), (1, True)])
def test_the_watchdog_alerts_after_its_hours_not_at_them(store, seconds, is_alert):
    record_night(store, 0)
    now = NIGHT + timedelta(hours=26, seconds=seconds)
    assert bool(supervise.run_watchdog(store, 26, now)) is is_alert


# Midnight in Shanghai is 16:00 UTC.
@pytest.mark.parametrize(("seconds", "day"), [(-1, 24), (0, 25), (1, 25)])
def test_a_day_ends_at_midnight_by_the_clock_of_the_schedule(store, seconds, day):
    midnight = datetime(2026, 11, 25, 16, tzinfo=UTC)
    settings = operations.load_operations(store.operations)
    now = midnight + timedelta(seconds=seconds)
    assert supervise.last_ended_day(now, settings) == date(2026, 11, day)


@pytest.mark.parametrize(("days_ahead", "is_behind"), [(-1, False), (0, False), (1, True)])
def test_a_clock_is_behind_where_readers_see_a_later_day(
    tmp_path, monkeypatch, days_ahead, is_behind
):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return NIGHT.astimezone(tz)

    monkeypatch.setattr(run_context, "datetime", Clock)
    store = Store(tmp_path)
    publish_manifest(store, "seen", str(DAY + timedelta(days=days_ahead)))
    store.point("seen")
    if is_behind:
        with pytest.raises(Problem, match="readers see 2026-11-26"):
            run_context.last_ended_day(store, "Asia/Shanghai")
    else:
        assert run_context.last_ended_day(store, "Asia/Shanghai") == DAY
