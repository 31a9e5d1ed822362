"""Past days computed again: a recorded request, every day built aside by the steps and checks of a
night, compared with what is published for that day, and published, or dropped, by a second command.
One request at a time; one that was interrupted goes on where it was.
"""

import logging
import time
from collections.abc import Iterator
from datetime import date, datetime

from data.problem import Problem
from data.store import backfill_requests, manifest
from data.store.backfill_requests import BackfillRequest
from data.store.store import Store
from flows.nightly.flow import run_nightly
from flows.publications import decisions, lookup

LOG = logging.getLogger("servicekpi")


def request_backfill(
    store: Store,
    days: list[date],
    known_at: str | None,
    profile: str,
    render: bool,
    reason: str,
    by: str,
    now: datetime,
) -> BackfillRequest:
    """The request, entered; one that was interrupted, where the same is asked for.

    Raises Problem where there is nothing to compute, or another request is in flight.
    """
    if not days:
        had = [f"{day}" for day in days_with_runs(store)]
        raise Problem(
            "no extract and no publication is of a day in that range",
            f"choose among {had[0]} to {had[-1]}" if had else "run a night first",
        )
    number = (
        max((one.number for one in backfill_requests.list_requests(store.backfills)), default=0) + 1
    )
    new = BackfillRequest(
        number=number,
        days=[f"{day}" for day in days],
        known_at=known_at,
        profile=profile,
        render=render,
        reason=reason,
        requested_by=by,
        requested_at=now.isoformat(timespec="seconds"),
    )
    open_now = backfill_requests.open_request(store.backfills)
    if open_now and open_now.scope != new.scope:
        raise Problem(
            f"{open_now} is in flight",
            "publish it (servicekpi backfill-publish), or drop it (servicekpi backfill-drop)",
            "backfill",
        )
    if open_now is None:
        try:
            backfill_requests.enter_request(store.backfills, new)
        except FileExistsError:
            raise Problem(
                f"somebody else asked for backfill {number} at the same moment",
                "see servicekpi status",
                "backfill",
            ) from None
    return open_now or new


def days_with_runs(store: Store, first: date = date.min, last: date = date.max) -> list[date]:
    """The days of a range that an extract or a publication is of: the nights that there were, or
    should have been.
    """
    days = {row["extract_date"] for row in store.lake.read("delivery").to_pylist()}
    days |= {
        manifest.read_manifest(store.publication(name)).recipe.as_of
        for name in store.publications()
    }
    return sorted(day for day in days if first <= day <= last)


def build_backfill(
    store: Store, wanted: BackfillRequest, **settings
) -> Iterator[tuple[str, float | None]]:
    """Build the days that are not built yet; `settings` as a night takes them. Yields each day once
    it is built, and the seconds left by the pace so far.

    Raises Problem where a day cannot be built: those before it stay, and the same request goes on
    from there.
    """
    missing = [day for day in wanted.days if not store.is_published(wanted.built.get(day, ""))]
    started = time.monotonic()
    for done, day in enumerate(missing, start=1):
        of = date.fromisoformat(day)
        known_at = (
            of
            if wanted.known_at == "then"
            else wanted.known_at and date.fromisoformat(wanted.known_at)
        )
        outcome = run_nightly(
            landing=None,
            store=store.root,
            as_of=of,
            known_at=known_at,
            profile=wanted.profile,
            render=wanted.render,
            aside=str(wanted),
            **settings,
        )
        if outcome.state == "failed":
            raise Problem(
                f"{day}: {outcome.reason}",
                "the days before it are kept; mend it, then ask for the same again",
            )
        wanted.built[day] = outcome.publication_id
        backfill_requests.write_request(store.backfills, wanted)
        yield day, (time.monotonic() - started) / done * (len(missing) - done)
    if wanted.state == "building":
        wanted.state = "built"
        backfill_requests.write_request(store.backfills, wanted)


def summarize_days(store: Store, wanted: BackfillRequest) -> list[str]:
    """A line per day that was built: how it differs from what is published, and whether its own
    checks hold it.
    """
    lines = []
    for day, publication_id in wanted.built.items():
        made = manifest.read_manifest(store.publication(publication_id))
        if publication_id == decisions.publication_of_day(store, date.fromisoformat(day)):
            said = "as it is published"
        elif made.compared_with is None:
            said = "nothing is published for it yet"
        else:
            changes, notices = (made.tables.get(name, 0) for name in ("mart_change", "mart_notice"))
            said = f"{changes:,} changes against {made.compared_with.publication_id}, {notices:,} of them for a notice: {publication_id}/diff/"
        stopped = _stopped_by(store, publication_id, wanted)
        lines.append(f"{day}  {publication_id}  {said}" + (f"; HELD: {stopped}" if stopped else ""))
    return lines


def publish_backfill(store: Store, by: str, now: datetime) -> list[str]:
    """Let the days of the request in flight stand for what was published of them. Readers see
    another publication only where the day is that of the one they see, or a later one. Killed, and
    asked again, it goes on.

    Raises Problem where no request is in flight, it is not built, or a check holds one of its days.
    """
    with store.locked():
        wanted = _open(store)
        if wanted.state != "built":
            raise Problem(
                f"{wanted} is not built yet: {len(wanted.built)} of {len(wanted.days)} days",
                "ask for the same backfill again",
                "backfill",
            )
        for day, publication_id in wanted.built.items():
            lookup.get_publication(store, publication_id)
            if stopped := _stopped_by(store, publication_id, wanted):
                raise Problem(
                    f"{publication_id} of {day} is held: {stopped}",
                    "let it pass (servicekpi unhold), or drop the request",
                    "backfill",
                )
        lines = []
        for day, publication_id in wanted.built.items():
            former = decisions.publication_of_day(store, date.fromisoformat(day))
            if former != publication_id:
                decisions.restate(store, former, publication_id, str(wanted), by)
            lines.append(
                f"{day}  {publication_id}  "
                + (
                    f"stands for {former}"
                    if former and former != publication_id
                    else "is published"
                )
            )
            if not (current := store.current()) or lookup.publication_age(
                store, publication_id
            ) > lookup.publication_age(store, current):
                store.point(publication_id)
        _close(store, wanted, "published", by, now)
    return [*lines, f"Readers see {store.current()}."]


def drop_backfill(store: Store, by: str, now: datetime) -> str:
    """End the request in flight without publishing; what it built goes, the request stays on
    record.
    """
    with store.locked():
        wanted = _open(store)
        for publication_id in wanted.built.values():
            if (
                store.is_published(publication_id)
                and str(wanted)
                in manifest.read_manifest(store.publication(publication_id)).hold_reasons
            ):
                store.remove(publication_id)
        _close(store, wanted, "dropped", by, now)
    return f"{wanted} is dropped"


def _open(store: Store) -> BackfillRequest:
    wanted = backfill_requests.open_request(store.backfills)
    if wanted is None:
        raise Problem(
            "no backfill is in flight",
            "ask for one: servicekpi backfill FROM TO --reason ...",
            "backfill",
        )
    return wanted


def _stopped_by(store: Store, publication_id: str, wanted: BackfillRequest) -> str | None:
    """What holds a day beside the request itself: what its checks found, or a person."""
    why = decisions.hold_reason(store, publication_id)
    return None if why in (None, str(wanted)) else why


def _close(store: Store, wanted: BackfillRequest, state: str, by: str, now: datetime) -> None:
    backfill_requests.write_request(
        store.backfills,
        wanted.model_copy(
            update={
                "state": state,
                "closed_by": by,
                "closed_at": now.isoformat(timespec="seconds"),
            }
        ),
    )
