"""How a store stands, as plain data and as lines."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from data.config import operations, profile
from data.config.contract import load_contracts
from data.store import backfill_requests, incidents, lock, manifest
from data.store.incidents import Incident
from data.store.store import Store
from flows.intake.wait_for_files import ExpectedExtract, LandingWatch
from flows.monitoring.notify import format_nights
from flows.nightly.supervise import last_ended_day, read_last_run
from flows.operations import plan
from flows.publications import decisions, lookup

# As monitors have it: what wakes nobody, what somebody should look at, what readers miss.
ALL_WELL, LOOK, ACT = 0, 1, 2


def store_status(store: Store, landing: Path, profile_name: str, now: datetime) -> dict:
    """Return what readers see, how the last run ended, when the next starts, and what is expected,
    held and open; `exit_code` is 0 (all well), 1 (look) or 2 (act).
    """
    settings = operations.load_operations(store.operations)
    current = store.current()
    published = manifest.read_manifest(store.publication(current)) if current else None
    last_run = read_last_run(store)
    watch = LandingWatch(
        landing, profile.load_profile(profile_name), settings, last_ended_day(now, settings)
    )
    expected = watch.expected(now)
    all_incidents = incidents.read_incidents(store.incidents)
    open_incidents = [incident for incident in all_incidents if incident.closed is None]
    held = _held_publications(store)
    holder = lock.read_holder(store.root)
    starts = plan.planned_starts(settings["schedule"], now)
    request = backfill_requests.open_request(store.backfills)
    # Those of a rule or a branch are for the owner who asks about it.
    has_run_incident = any(not incident.is_owner_alert for incident in open_incidents)
    is_overdue = any(extract.why and extract.deadline < now for extract in expected)
    if current is None or (last_run and last_run["state"] == "failed"):
        exit_code = ACT
    elif has_run_incident or is_overdue or _latest_publication(store) in held:
        exit_code = LOOK
    else:
        exit_code = ALL_WELL
    return {
        "exit_code": exit_code,
        "readers_see": current,
        "as_of": published and str(published.recipe.as_of),
        "published": published and published.finished,
        "last_run": last_run,
        "running": asdict(holder) if holder else None,
        "next_run": starts[0].isoformat(timespec="minutes") if starts else None,
        "latest_extracts": _latest_extracts(store),
        "expected": [_extract_as_json(extract) for extract in expected],
        "held": held,
        "backfill": str(request) if request else None,
        "incidents": [_incident_as_json(incident, now) for incident in open_incidents],
    }


def _held_publications(store: Store) -> dict[str, str]:
    reasons = {name: decisions.hold_reason(store, name) for name in store.publications()}
    return {name: reason for name, reason in reasons.items() if reason}


def _latest_publication(store: Store) -> str | None:
    return max(
        store.publications(), key=lambda name: lookup.publication_age(store, name), default=None
    )


def _latest_extracts(store: Store) -> dict[str, str]:
    latest = {}
    for extract in load_contracts():
        days = [row["extract_date"] for row in store.lake.ledger(extract)]
        if days:
            latest[extract] = str(max(days))
    return latest


def _extract_as_json(extract: ExpectedExtract) -> dict:
    return asdict(extract) | {
        "deadline": extract.deadline.isoformat(timespec="minutes"),
        "arrived": extract.why is None,
    }


def _incident_as_json(incident: Incident, now: datetime) -> dict:
    return incident.model_dump() | {
        "nights": incident.nights,
        "muted": incident.is_muted(now.date()),
    }


def status_lines(status: dict) -> list[str]:
    """Return the status for people."""
    lines = [
        f"readers see  {_readers_see(status)}",
        f"last run     {_last_run(status['last_run'])}",
    ]
    running = status["running"]
    if running:
        process = f"process {running['pid']} on {running['host']}"
        lines.append(f"running      {process}, alive {running['seconds']} s ago")
    lines.append(f"next run     {status['next_run']}")
    extracts = [f"{extract} of {day}" for extract, day in status["latest_extracts"].items()]
    lines.append(f"extracts     {', '.join(extracts) or 'none were taken in'}")
    for extract in status["expected"]:
        state = f"{extract['why'] or 'arrived'} (deadline {extract['deadline']})"
        lines.append(f"expected     {extract['extract']}: {state}")
    for name, reason in status["held"].items():
        lines.append(f"held         {name}: {reason}")
    if status["backfill"]:
        lines.append(f"backfill     {status['backfill']}")
    for incident in status["incidents"]:
        lines.append(f"incident     {_incident_line(incident)}")
    return lines


def _readers_see(status: dict) -> str:
    if status["readers_see"] is None:
        return "nothing: there is no publication yet"
    return f"{status['readers_see']} (published {status['published']})"


def _last_run(last_run: dict | None) -> str:
    if last_run is None:
        return "none is on record"
    return f"{last_run['state']}, {last_run['ended']}: {last_run['reason']}"


def _incident_line(incident: dict) -> str:
    line = f"[{incident['id']}] {format_nights(incident['nights'])}"
    if incident["muted"]:
        line += f", muted until {incident['muted_until']} ({incident['muted_because']})"
    return f"{line}: {incident['message']}"
