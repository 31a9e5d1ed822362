"""How a store stands, as plain data and as lines."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from data.config import operations, profile
from data.config.contract import load_contracts
from data.store import backfill_requests, incidents, lock
from data.store.incidents import Incident
from data.store.store import Store
from flows.intake.wait_for_files import ExpectedExtract, LandingWatch
from flows.monitoring.notify import format_days
from flows.nightly.supervise import last_ended_day, read_last_run
from flows.operations import plan
from flows.publications import decisions
from flows.publications.decisions import PublicationState

# As monitors have it: what wakes nobody, what somebody should look at, what readers miss.
ALL_WELL, LOOK, ACT = 0, 1, 2


def store_status(store: Store, landing: Path, profile_name: str, now: datetime) -> dict:
    """Return what readers see, how the last run ended, what is planned, expected, held and open.

    `exit_code` is 0 (all well), 1 (look) or 2 (act). The keys are published: monitors read them.
    """
    settings = operations.load_operations(store.operations)
    last_run = read_last_run(store)
    expected = _expected_extracts(landing, profile_name, settings, now)
    open_incidents = [
        incident
        for incident in incidents.read_incidents(store.incidents)
        if incident.closed is None
    ]
    states = decisions.list_states(store)
    hold_reasons = {one.publication_id: one.hold_reason for one in states if one.hold_reason}
    latest = max(states, key=lambda state: state.age, default=None)
    holder = lock.read_holder(store.root)
    starts = plan.planned_starts(settings.schedule, now)
    request = backfill_requests.open_request(store.backfills)

    exit_code = ALL_WELL
    if (latest and latest.hold_reason) or _is_overdue(expected, now):
        exit_code = LOOK
    # Incidents of a rule or a branch are for the owner who asks about it.
    if any(not incident.is_owner_alert for incident in open_incidents):
        exit_code = LOOK
    if store.current() is None or (last_run and last_run["state"] == "failed"):
        exit_code = ACT

    return {
        "exit_code": exit_code,
        **_describe_current(states),
        "last_run": last_run,
        "running": asdict(holder) if holder else None,
        "next_run": starts[0].isoformat(timespec="minutes") if starts else None,
        "latest_extracts": _latest_extracts(store),
        "expected": [_extract_as_json(extract) for extract in expected],
        "held": hold_reasons,
        "backfill": str(request) if request else None,
        "incidents": [_incident_as_json(incident, now) for incident in open_incidents],
    }


def _expected_extracts(
    landing: Path, profile_name: str, settings: operations.Operations, now: datetime
) -> list[ExpectedExtract]:
    day = last_ended_day(now, settings)
    watch = LandingWatch(landing, profile.load_profile(profile_name), settings, day)
    return watch.expected(now)


def _is_overdue(expected: list[ExpectedExtract], now: datetime) -> bool:
    """Return whether an extract is missing after its deadline."""
    return any(extract.why and extract.deadline < now for extract in expected)


def _describe_current(states: list[PublicationState]) -> dict[str, str | None]:
    for state in states:
        if state.is_visible:
            return {
                "readers_see": state.publication_id,
                "as_of": str(state.as_of),
                "published": state.built,
            }
    return {"readers_see": None, "as_of": None, "published": None}


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
    lines += [f"incident     {_incident_line(incident)}" for incident in status["incidents"]]
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
    line = f"[{incident['id']}] seen on {format_days(incident['nights'])}"
    if incident["muted"]:
        line += f", muted until {incident['muted_until']} ({incident['muted_because']})"
    return f"{line}: {incident['message']}"
