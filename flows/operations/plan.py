"""When a run is planned, and whether it is still worth starting."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from data.config.operations import Schedule, load_operations
from data.problem import Problem
from data.store.store import Store


def planned_starts(
    schedule: Schedule, after: datetime, until: datetime | None = None
) -> list[datetime]:
    """Return the moments that a schedule names after `after`, up to and including `until`.

    Without `until` only the first one is returned. An empty cron line plans nothing.
    """
    if not schedule.cron:
        return []
    starts = _list_starts(schedule, after)
    if until is None:
        return list(islice(starts, 1))
    return list(takewhile(lambda moment: moment <= until, starts))


def _list_starts(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Yield what Prefect's schedule names, without the seconds that importing its server takes.

    In Debian's cron and in cronsim a day that begins with a star and a weekday must both hold; in
    Prefect, and here, either will do.
    """
    minute, hour, day, month, weekday = schedule.cron.split()
    if day != "*" and weekday != "*":
        day, weekday = day.replace("*", "1-31"), weekday.replace("*", "0-6")
    line = " ".join([minute, hour, day, month, weekday])
    yield from CronSim(line, after.astimezone(ZoneInfo(schedule.timezone)))


def is_too_late(moment: datetime | None, now: datetime, latest_start_minutes: int) -> bool:
    """Return whether a run planned for a moment is no longer worth starting.

    The next run makes up for it.
    """
    return moment is not None and now - moment > timedelta(minutes=latest_start_minutes)


def find_missed_run(schedule: Schedule, ended: datetime | None, now: datetime) -> datetime | None:
    """Return the last planned moment that no run has ended since, unless it is too late for it.

    Of several missed runs only the last is made up for: a run takes in all that has landed.
    """
    moments = _startable_moments(schedule, now)
    if moments and ended is not None and ended < moments[-1]:
        return moments[-1]
    return None


def _startable_moments(schedule: Schedule, now: datetime) -> list[datetime]:
    """Return the planned moments up to now that a run is not too late for."""
    minutes = schedule.latest_start_minutes
    # A second more, as `planned_starts` leaves out the moment that it looks from.
    earliest = now - timedelta(minutes=minutes, seconds=1)
    moments = planned_starts(schedule, earliest, now)
    return [moment for moment in moments if not is_too_late(moment, now, minutes)]


def skip_reason(store: Store, now: datetime) -> str | None:
    """Return why a run that a timer or cron starts now is not worth starting; None: it is.

    The rule is that of a scheduled run on a server.
    """
    try:
        schedule = load_operations(store.operations).schedule
    except Problem:
        return None  # the run itself says that the settings cannot be read
    if not schedule.cron:
        return None  # nothing is planned, so nothing can be late
    minutes = schedule.latest_start_minutes
    if _startable_moments(schedule, now):
        return None
    hour = f"{schedule.cron} ({schedule.timezone}, [schedule] of operations.toml)"
    return (
        f"no run was planned within the last {minutes} minutes, by {hour}: "
        "the next one makes up for it"
    )
