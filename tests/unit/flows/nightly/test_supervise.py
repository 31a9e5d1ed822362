"""What is recorded around a run, and what the watchdog makes of it."""

from datetime import timedelta

import pytest

from data.store import incidents as incident
from flows.nightly import supervise
from flows.nightly.run_options import RunOptions
from tests.unit.flows.conftest import NIGHT, REFUSED, record_night


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
