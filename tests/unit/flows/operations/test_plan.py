"""When a run is planned, missed, or too late."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from data.config.operations import Schedule, load_operations
from data.problem import Problem
from data.store.store import Store
from flows.cli.main import app
from flows.monitoring.run_outcome import RunOutcome
from flows.operations import plan
from flows.operations.plan import find_missed_run, is_too_late, planned_starts
from tests.unit.flows.conftest import NIGHT


def test_the_next_run_follows_the_zone_of_the_schedule():
    berlin = Schedule(cron="0 4 * * *", timezone="Europe/Berlin")
    (moment,) = planned_starts(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert moment == datetime(2026, 3, 29, 2, tzinfo=UTC), "summer time began that night"
    assert planned_starts(Schedule(), NIGHT) == [NIGHT + timedelta(days=1)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "UTC"])
@pytest.mark.parametrize(
    "line",
    [
        "0 4 * * *",
        "*/20 22-23 * * *",
        "15 4,16 1 * *",
        "0 4 * * MON-FRI",
        "0 4 * * 0",
        "0 4 * * 7",
        "0 4 13 * 5",  # the 13th, and every Friday
        "0 4 */9 * 5",
        "0 4 13 * */2",
        "0 4 29 2 *",
    ],
)
@pytest.mark.parametrize("start", ["2026-03-27T12:00", "2026-10-23T12:00:30"])
def test_runs_are_planned_for_when_the_server_starts_them(line, zone, start):
    """`servicekpi serve` follows Prefect's schedule; `status` must not name another hour."""
    from prefect.server.schemas.schedules import CronSchedule

    after = datetime.fromisoformat(start).replace(tzinfo=UTC)
    until = after + timedelta(days=1500)
    served = CronSchedule(cron=line, timezone=zone).get_dates(20, after + timedelta(seconds=1))
    expected = [moment.astimezone(UTC) for moment in asyncio.run(served)]
    planned = planned_starts(Schedule(cron=line, timezone=zone), after, until)
    planned = [moment.astimezone(UTC) for moment in planned[:20]]
    assert planned == expected[: len(planned)] and planned


def test_a_run_planned_for_an_hour_that_summer_time_skips_starts_when_the_clocks_go_on():
    """As Debian's cron does; Prefect's hour depends on the version of Python (3.8, November 2026)."""
    night = Schedule(cron="30 2 * * *", timezone="Europe/Berlin")
    (moment,) = planned_starts(night, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert moment == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("line", ["0 2 * * *", "0 2 * * mon", "*/5 1-3,5 1 JAN 0"])
def test_a_cron_line_is_read(line):
    assert Schedule(cron=line).cron == line


@pytest.mark.parametrize(
    "line",
    ["nonsense", "0 2 * *", "0 0 2 * * *", "0 25 * * *", "0 2 31 2 *", "@daily", "0 2 L * *"],
)
def test_a_cron_line_that_names_no_moment_is_a_sentence(line, tmp_path):
    path = tmp_path / "operations.toml"
    path.write_text(f'[schedule]\ncron = "{line}"\n', encoding="utf-8")
    with pytest.raises(Problem, match="schedule.cron is '.*', it must be a cron line of five"):
        load_operations(path)


def test_an_empty_cron_line_plans_nothing_and_so_nothing_is_late(tmp_path):
    schedule = Schedule(cron="")
    assert planned_starts(schedule, NIGHT) == []
    assert planned_starts(schedule, NIGHT, NIGHT + timedelta(days=3)) == []
    assert find_missed_run(schedule, NIGHT - timedelta(days=3), NIGHT) is None
    store = Store(tmp_path)
    store.operations.write_text('[schedule]\ncron = ""\n')
    assert plan.skip_reason(store, NIGHT) is None


def test_a_timer_that_fires_long_after_its_hour_starts_no_run(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    store.root.mkdir()
    store.operations.write_text(
        '[schedule]\ncron = "0 2 * * *"\ntimezone = "Asia/Shanghai"\nlatest_start_minutes = 90\n'
    )
    two = datetime(2026, 11, 25, 18, tzinfo=UTC)  # in Shanghai
    assert [plan.skip_reason(store, two + timedelta(minutes=late)) for late in (0, 89)] == [
        None,
        None,
    ]
    assert "planned within the last 90 minutes, by 0 2 * * * (Asia/Shanghai" in plan.skip_reason(
        store, two + timedelta(minutes=91)
    )
    started = []
    monkeypatch.setattr(
        "flows.nightly.supervise.run_supervised",
        lambda options: started.append(options) or RunOutcome("published", "said"),
    )
    command = ["run", "--landing", str(tmp_path), "--store", str(store.root), "--scheduled"]
    for late, line in ((91, "SKIPPED: no run was planned"), (1, "PUBLISHED")):
        monkeypatch.setattr(
            "flows.nightly.supervise.current_time", lambda late=late: two + timedelta(minutes=late)
        )
        ended = CliRunner().invoke(app, command)
        assert ended.exit_code == 0 and line in ended.stdout, ended.output
    assert len(started) == 1
    store.operations.write_text("[schedule]\nlatest_start_minutes = 'long'\n")
    assert plan.skip_reason(store, two) is None, (
        "the run itself says what is wrong with the settings"
    )


def test_the_last_missed_run_is_caught_up_on_unless_it_is_too_late():
    schedule = Schedule()
    before, hour = NIGHT - timedelta(days=3), timedelta(hours=1)
    assert find_missed_run(schedule, before, NIGHT + 3 * hour) == NIGHT
    assert find_missed_run(schedule, before, NIGHT + 5 * hour) is None, "later than 240 minutes"
    assert find_missed_run(schedule, NIGHT + hour, NIGHT + 3 * hour) is None, "it ran"
    assert find_missed_run(schedule, None, NIGHT + 3 * hour) is None, (
        "a new store has missed nothing"
    )
    assert is_too_late(NIGHT, NIGHT + 5 * hour, 240) and not is_too_late(
        NIGHT, NIGHT + 3 * hour, 240
    )


@pytest.mark.parametrize(
    ("minutes_late", "is_late"), [(59, False), (60, False), (60.001, True), (61, True)]
)
def test_a_start_is_too_late_beyond_its_minutes(minutes_late, is_late):
    planned = datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert is_too_late(planned, planned + timedelta(minutes=minutes_late), 60) == is_late


@pytest.mark.parametrize(("seconds_after", "is_missed"), [(-1, True), (0, False), (1, False)])
def test_a_run_that_ended_at_the_planned_moment_has_missed_nothing(seconds_after, is_missed):
    planned = datetime(2026, 11, 26, 2, tzinfo=UTC)
    schedule = Schedule(cron="0 2 * * *", timezone="UTC", latest_start_minutes=60)
    ended = planned + timedelta(seconds=seconds_after)
    missed = find_missed_run(schedule, ended, planned + timedelta(minutes=5))
    assert missed == (planned if is_missed else None)


@pytest.mark.parametrize(
    ("seconds_late", "may_start"), [(0, True), (3_599, True), (3_600, True), (3_601, False)]
)
def test_a_missed_run_is_caught_up_with_up_to_the_last_minute_and_on_it(seconds_late, may_start):
    planned = datetime(2026, 11, 26, 2, tzinfo=UTC)
    schedule = Schedule(cron="0 2 * * *", timezone="UTC", latest_start_minutes=60)
    now = planned + timedelta(seconds=seconds_late)
    missed = find_missed_run(schedule, planned - timedelta(days=1), now)
    assert missed == (planned if may_start else None)
