"""A run and what surrounds it.

Wait for what is expected, run, record what went wrong, notify the owners. And the watchdog, for a
day without any run.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.config.operations import Operations, load_operations
from data.config.profile import load_profile
from data.problem import Problem, runbook_page
from data.store.atomic import write_text
from data.store.incidents import Incident, edit_incidents, record_findings
from data.store.store import Store
from flows.intake.wait_for_files import ExpectedExtract, LandingWatch, wait_for_files
from flows.monitoring import lineage, notify, owner_alerts, run_record
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly.run_options import RunOptions

LOG = logging.getLogger("servicekpi")


def current_time() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def run_supervised(
    options: RunOptions,
    now: Callable[[], datetime] = current_time,
    sleep: Callable[[float], None] = time.sleep,
) -> RunOutcome:
    """Run the flow, with what comes before and after it, and return its outcome."""
    store = Store(options.store)
    try:
        with runbook_page("settings"):
            settings = load_operations(store.operations)
    except Problem as problem:
        # Whom to notify is in the settings: nobody can be.
        return RunOutcome.from_problem(problem, store.current())
    try:
        outcome = _wait_and_run(options, store, settings, now, sleep)
    except Problem as problem:
        outcome = RunOutcome.from_problem(problem, store.current())
    if options.render:
        _renew_run_page(store)
    try:
        still_open = record_end(store, settings, outcome, now())
        outcome.incidents = [notify.incident_sentence(incident) for incident in still_open]
    except OSError as error:
        # The run has reported what is wrong with the store, and its exit code says so to a monitor.
        LOG.error("how the run ended could not be recorded in %s: %s", store.root, error.strerror)
    return outcome


def _wait_and_run(
    options: RunOptions,
    store: Store,
    settings: Operations,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> RunOutcome:
    # Seconds to import (Prefect): status and the watchdog, which share this module, run no flow.
    from flows.nightly.flow import run_nightly

    with runbook_page("settings"):
        watch = LandingWatch(
            Path(options.landing or ""),
            load_profile(options.profile),
            settings,
            options.as_of or last_ended_day(now(), settings),
        )
    late = wait_for_files(watch, now, sleep, LOG.info)
    if late and settings.arrival.after_deadline == "hold":
        reason = f"{'; '.join(map(str, late))} (docs/runbook/late-extract.md)"
        outcome = RunOutcome("held", reason, readers_see=store.current())
    else:
        with run_record.recording() as record:
            lineage.emit_start(settings, store, record)
            outcome = run_nightly(replace(options, unread_files=watch.unread))
            lineage.emit_end(settings, store, record, outcome)
    # The run itself reports the files that it was not allowed to read.
    outcome.problems += [str(extract) for extract in late if not _is_unread(extract, watch)]
    return outcome


def _is_unread(extract: ExpectedExtract, watch: LandingWatch) -> bool:
    return extract.why in watch.unread.values()


def _renew_run_page(store: Store) -> None:
    """Renew the page of runs. That it cannot be written fails no run."""
    try:
        run_record.write_run_page(store, store.history.page)
    except (OSError, Problem) as error:
        LOG.warning("the page of runs could not be renewed: %s", error)


def last_ended_day(now: datetime, settings: Operations) -> date:
    """Return the day before `now`, by the clock in the schedule's time zone."""
    today = now.astimezone(ZoneInfo(settings.schedule.timezone)).date()
    return today - timedelta(days=1)


def record_end(
    store: Store, settings: Operations, outcome: RunOutcome, now: datetime
) -> list[Incident]:
    """Record what a run found and notify the owners. Returns the incidents that are open.

    A run that came to no publication looked at nothing else: it closes no incident.
    """
    sentences = list(outcome.problems)
    if outcome.state != "published" and outcome.reason not in sentences:
        sentences.append(outcome.reason)
    today = now.date()
    with edit_incidents(store.incidents) as incidents:
        has_built = outcome.folder is not None
        record_findings(incidents, "run", sentences, today, complete=has_built)
        record_findings(incidents, "watchdog", [], today)
        for source, alerts in _owner_alerts(settings, outcome, incidents).items():
            record_findings(incidents, source, alerts, today)
        notify.notify_owners(incidents, settings, now)
    last_run = {
        "ended": now.isoformat(timespec="seconds"),
        "state": outcome.state,
        "reason": outcome.reason,
    }
    write_text(store.last_run, json.dumps(last_run, ensure_ascii=False))
    return [incident for incident in incidents if incident.closed is None]


def _owner_alerts(
    settings: Operations, outcome: RunOutcome, incidents: list[Incident]
) -> dict[str, list[str]]:
    """Return what was found of each rule and branch that an owner asks about, by source.

    A source that no owner asks about any more has no sentences, so that its incidents close.
    """
    if not outcome.folder:
        return {}
    alerts = {}
    for incident in incidents:
        if incident.closed is None and incident.is_owner_alert:
            alerts[incident.source] = []
    owners = [owner for owner in settings.owners if owner.rules or owner.branches]
    if owners:
        alerts |= owner_alerts.find_alerts(Path(outcome.folder) / "tables", owners)
    return alerts


def run_watchdog(store: Store, hours: float, now: datetime) -> list[Incident]:
    """Alert where no run has ended within a number of hours.

    Returns the incidents that are open.
    """
    settings = load_operations(store.operations)
    last = read_last_end(store)
    sentences = []
    when = None
    if last is None:
        when = "none has ever ended"
    elif now - last > timedelta(hours=hours):
        when = f"the last one ended {last.isoformat()}"
    if when:
        sentences.append(
            f"no run of the store {store.root.resolve()} has ended within {hours:g} hours: {when}"
        )
    incidents: list[Incident] = []
    try:
        with edit_incidents(store.incidents) as incidents:
            record_findings(incidents, "watchdog", sentences, now.date())
            notify.notify_owners(incidents, settings, now)
    except OSError as error:
        LOG.error(
            "the notifications could not be recorded in %s, and will be sent again: %s",
            store.root,
            error.strerror,
        )
    return [incident for incident in incidents if incident.closed is None]


def mute_incident(store: Store, incident_id: str, until: date, because: str) -> str:
    """Notify nobody of an incident before a day. It stays open, and its days are counted."""
    with edit_incidents(store.incidents) as incidents:
        matching = [
            incident
            for incident in incidents
            if incident.id == incident_id and incident.closed is None
        ]
        if not matching:
            raise Problem(f"open incident {incident_id} not found", "see servicekpi status")
        matching[-1].muted_until = until.isoformat()
        matching[-1].muted_because = because
    return f"{incident_id} is muted until {until}: {because}"


def read_last_run(store: Store) -> dict | None:
    """Return how the last run ended; None: none has."""
    if not store.last_run.is_file():
        return None
    return json.loads(store.last_run.read_text(encoding="utf-8"))


def read_last_end(store: Store) -> datetime | None:
    """Return when the last run ended; None: none has."""
    last_run = read_last_run(store)
    return datetime.fromisoformat(last_run["ended"]) if last_run else None
