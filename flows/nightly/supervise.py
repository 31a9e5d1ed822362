"""A night around the run: wait for what is expected, run, enter what went wrong, tell those
concerned. And the watchdog, for a night without any.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.config import operations, profile
from data.problem import Problem, runbook_page
from data.store import incidents as incident
from data.store.atomic import write_text
from data.store.incidents import Incident
from data.store.store import Store
from flows.intake import wait_for_files
from flows.monitoring import lineage, notify, owner_alerts, run_record
from flows.nightly.flow import RunOutcome, run_nightly

LOG = logging.getLogger("servicekpi")


def current_time() -> datetime:
    return datetime.now(UTC)


def run_supervised(
    asked: dict,
    now: Callable[[], datetime] = current_time,
    sleep: Callable[[float], None] = time.sleep,
) -> RunOutcome:
    """The run that was asked for (`run_nightly`), with what comes before and after it."""
    store = Store(Path(asked["store"]))
    try:
        with runbook_page("settings"):
            settings = operations.load_operations(store.operations)
    except Problem as problem:  # whom to tell stands in it
        return _failed(store, problem)
    try:
        with runbook_page("settings"):
            late, unread = _waited(asked, settings, now, sleep)
        if late and settings["arrival"]["after_deadline"] == "hold":
            outcome = RunOutcome(
                "held",
                f"{'; '.join(map(str, late))} (docs/runbook/late-extract.md)",
                readers_see=store.current(),
            )
        else:
            with run_record.recording() as record:
                lineage.emit_start(settings, store, record)
                outcome = run_nightly(**asked, unread=unread)
                lineage.emit_end(settings, store, record, outcome)
            outcome.problems += [str(one) for one in late if one.why not in unread.values()]
    except Problem as problem:
        outcome = _failed(store, problem)
    if asked.get("render", True):
        _show(store)
    try:
        outcome.incidents = [
            notify.incident_sentence(one) for one in record_end(store, settings, outcome, now())
        ]
    except (
        OSError
    ) as error:  # the run has said what is wrong with the store, and its exit code tells a monitor
        LOG.error("how the run ended could not be entered into %s: %s", store.root, error.strerror)
    return outcome


def _show(store: Store) -> None:
    """Renew the page of the nights. That it cannot be written fails no night."""
    try:
        run_record.write_run_page(store, store.history.page)
    except (OSError, Problem) as error:
        LOG.warning("the page of the nights could not be renewed: %s", error)


def _failed(store: Store, problem: Problem) -> RunOutcome:
    return RunOutcome("failed", str(problem), readers_see=store.current(), problems=[str(problem)])


def _waited(
    asked: dict, settings: dict, now: Callable[[], datetime], sleep: Callable[[float], None]
) -> tuple[list[wait_for_files.ExpectedExtract], dict[str, str]]:
    """What is late, and which files must not be read, by their names."""
    as_of = asked.get("as_of") or day_that_ended(now(), settings)
    landing = wait_for_files.LandingWatch(
        Path(asked["landing"]),
        profile.load_profile(asked.get("profile", "default")),
        settings,
        as_of,
    )
    return wait_for_files.wait_for_files(landing, now, sleep, LOG.info), landing.unread


def day_that_ended(now: datetime, settings: dict) -> date:
    return now.astimezone(ZoneInfo(settings["schedule"]["timezone"])).date() - timedelta(days=1)


def record_end(store: Store, settings: dict, outcome: RunOutcome, now: datetime) -> list[Incident]:
    """Enter what a run found. One that came to no publication looked at nothing else: it closes no
    incident.
    """
    said = outcome.problems + [outcome.reason] * (
        outcome.state != "published" and outcome.reason not in outcome.problems
    )
    with incident.edit_incidents(store.incidents) as incidents:
        incident.record_findings(
            incidents, "run", said, now.date(), complete=outcome.folder is not None
        )
        incident.record_findings(incidents, "watchdog", [], now.date())
        for source, sentences in _concerning(settings, outcome, incidents).items():
            incident.record_findings(incidents, source, sentences, now.date())
        notify.notify_owners(incidents, settings, now)
    ended = {
        "ended": now.isoformat(timespec="seconds"),
        "state": outcome.state,
        "reason": outcome.reason,
    }
    write_text(store.last_run, json.dumps(ended, ensure_ascii=False))
    return [one for one in incidents if one.closed is None]


def _concerning(
    settings: dict, outcome: RunOutcome, incidents: list[Incident]
) -> dict[str, list[str]]:
    """What was found of rules and branches that somebody asked about; of those that nobody asks
    about any more, nothing.
    """
    owners = [owner for owner in settings["owner"] if owner["rules"] or owner["branches"]]
    if not outcome.folder:
        return {}
    gone = {one.source: [] for one in incidents if one.closed is None and " " in one.source}
    return gone | (
        owner_alerts.find_alerts(Path(outcome.folder) / "tables", owners) if owners else {}
    )


def run_watchdog(store: Store, hours: float, now: datetime) -> list[Incident]:
    """Alert where no run has ended for so many hours. Returns the incidents that are open."""
    settings, last = operations.load_operations(store.operations), read_last_end(store)
    silent = last is None or now - last > timedelta(hours=hours)
    when = f"the last one ended {last.isoformat()}" if last else "none has ever ended"
    said = [
        f"no run of the store {store.root.resolve()} has ended within {hours:g} hours: {when}"
    ] * silent
    try:
        with incident.edit_incidents(store.incidents) as incidents:
            incident.record_findings(incidents, "watchdog", said, now.date())
            notify.notify_owners(incidents, settings, now)
    except OSError as error:
        LOG.error(
            "what was told could not be entered into %s, and will be told again: %s",
            store.root,
            error.strerror,
        )
    return [one for one in incidents if one.closed is None]


def mute_incident(store: Store, incident_id: str, until: date, because: str) -> str:
    """Tell nobody of an incident before a day. It stays open, and counts on."""
    with incident.edit_incidents(store.incidents) as incidents:
        chosen = [one for one in incidents if one.id == incident_id and one.closed is None]
        if not chosen:
            raise Problem(f"there is no open incident {incident_id}", "see servicekpi status")
        chosen[-1].muted_until, chosen[-1].muted_because = until.isoformat(), because
    return f"{incident_id} is muted until {until}: {because}"


def read_last_run(store: Store) -> dict | None:
    return (
        json.loads(store.last_run.read_text(encoding="utf-8")) if store.last_run.is_file() else None
    )


def read_last_end(store: Store) -> datetime | None:
    last = read_last_run(store)
    return datetime.fromisoformat(last["ended"]) if last else None
