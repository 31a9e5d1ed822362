"""Cron lines, as Prefect reads them."""

import asyncio
from datetime import datetime


def cron_moments(
    cron: str, timezone: str, after: datetime, until: datetime | None = None
) -> list[datetime]:
    """Return the moments that a cron line names after `after`, up to and including `until`.

    Without `until` only the first one is returned.
    """
    # Here, as it takes most of a second to import: Prefect's server comes with it. A schedule of
    # Prefect rather than a smaller library, so that status names the hours that serve keeps.
    from prefect.server.schemas.schedules import CronSchedule

    schedule = CronSchedule(cron=cron, timezone=timezone)
    if until:
        moments = asyncio.run(schedule.get_dates(None, after, until))
    else:
        # Two, as Prefect counts a start at `after` itself as the first.
        moments = asyncio.run(schedule.get_dates(2, after))
    later: list[datetime] = [moment for moment in moments if moment > after]
    return later if until else later[:1]
