"""How a store stands, as plain data and as lines."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from data.config import operations, profile
from data.config.contract import load_contracts
from data.store import backfill_requests, incidents, lock, manifest
from data.store.store import Store
from flows.intake import wait_for_files
from flows.nightly.supervise import day_that_ended, read_last_run
from flows.operations import schedule
from flows.publications import decisions, lookup


def store_status(store: Store, landing: Path, profile_name: str, now: datetime) -> dict:
    """What readers see, how the last run ended, when the next starts, what is expected, held and
    open; `exit_code` 0 well, 1 look, 2 act.
    """
    settings, current, last = (
        operations.load_operations(store.operations),
        store.current(),
        read_last_run(store),
    )
    seen = manifest.read_manifest(store.publication(current)) if current else None
    expected = wait_for_files.LandingWatch(
        landing, profile.load_profile(profile_name), settings, day_that_ended(now, settings)
    ).expected(now)
    open_now = [one for one in incidents.read_incidents(store.incidents) if one.closed is None]
    of_runs = [
        one for one in open_now if " " not in one.source
    ]  # those of a rule or a branch are for whoever asked about it
    overdue = any(one.why and one.deadline < now for one in expected)
    built = store.publications()
    held = {name: why for name in built if (why := decisions.hold_reason(store, name))}
    upcoming = schedule.planned_starts(settings["schedule"], now)
    latest = max(built, key=lambda name: lookup.publication_age(store, name), default=None)
    exit_code = (
        2
        if not current or (last and last["state"] == "failed")
        else 1
        if of_runs or latest in held or overdue
        else 0
    )
    return {
        "exit_code": exit_code,
        "readers_see": current,
        "as_of": seen and str(seen.recipe.as_of),
        "published": seen and seen.finished,
        "last_run": last,
        "running": asdict(holder) if (holder := lock.read_holder(store.root)) else None,
        "next_run": upcoming[0].isoformat(timespec="minutes") if upcoming else None,
        "latest_extracts": {
            extract: str(max(row["extract_date"] for row in rows))
            for extract in load_contracts()
            if (rows := store.lake.delivered(extract))
        },
        "expected": [
            asdict(one)
            | {"deadline": one.deadline.isoformat(timespec="minutes"), "arrived": one.why is None}
            for one in expected
        ],
        "held": held,
        "backfill": str(request)
        if (request := backfill_requests.open_request(store.backfills))
        else None,
        "incidents": [
            one.model_dump(by_alias=True)
            | {"nights": one.nights, "muted": one.is_muted(now.date())}
            for one in open_now
        ],
    }


def status_lines(told: dict) -> list[str]:
    """The same for people."""
    seen = (
        f"{told['readers_see']} (published {told['published']})"
        if told["readers_see"]
        else "nothing: there is no publication yet"
    )
    last, running = told["last_run"], told["running"]
    said = [f"readers see  {seen}"]
    said.append(
        f"last run     {last['state']}, {last['ended']}: {last['reason']}"
        if last
        else "last run     none is on record"
    )
    if running:
        said.append(
            f"running      process {running['pid']} on {running['host']}, alive {running['seconds']} s ago"
        )
    said.append(f"next run     {told['next_run']}")
    said.append(
        "extracts     "
        + (
            ", ".join(f"{extract} of {day}" for extract, day in told["latest_extracts"].items())
            or "none were taken in"
        )
    )
    said += [
        f"expected     {one['extract']}: {one['why'] or 'arrived'} (deadline {one['deadline']})"
        for one in told["expected"]
    ]
    said += [f"held         {name}: {why}" for name, why in told["held"].items()]
    said += [f"backfill     {told['backfill']}"] * bool(told["backfill"])
    for one in told["incidents"]:
        muted = (
            f", muted until {one['muted_until']} ({one['muted_because']})" if one["muted"] else ""
        )
        said.append(
            f"incident     [{one['id']}] {one['nights']} night{'s' * (one['nights'] > 1)}{muted}: {one['said']}"
        )
    return said
