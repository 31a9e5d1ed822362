"""Past days computed again.

A request is recorded. Every day of it is built by the steps and checks of a nightly run, but held,
and compared with what is published for that day. A second command publishes or drops all of them.
There is one request at a time; one that was interrupted goes on where it was.
"""

import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from data.problem import Problem
from data.store import backfill_requests, manifest
from data.store.backfill_requests import BackfillRequest, BackfillScope
from data.store.store import Store
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from flows.publications import decisions, lookup


def request_backfill(
    store: Store, scope: BackfillScope, reason: str, by: str, now: datetime
) -> BackfillRequest:
    """Record a request and return it; where the same was interrupted, return that one.

    Args:
        store: The store.
        scope: What to compute.
        reason: Why.
        by: Who asks for it.
        now: The moment.

    Raises:
        Problem: There is nothing to compute, or another request is in flight.
    """
    if not scope.days:
        raise _nothing_to_compute(store)
    numbers = [request.number for request in backfill_requests.list_requests(store.backfills)]
    new = BackfillRequest(
        number=max(numbers, default=0) + 1,
        days=scope.days,
        known_at=scope.known_at,
        profile=scope.profile,
        render=scope.render,
        reason=reason,
        requested_by=by,
        requested_at=now.isoformat(timespec="seconds"),
    )
    in_flight = backfill_requests.open_request(store.backfills)
    if in_flight is None:
        _record_request(store, new)
        return new
    if in_flight.scope != scope:
        raise Problem(
            f"{in_flight} is in flight",
            "publish it (servicekpi backfill-publish), or drop it (servicekpi backfill-drop)",
            "backfill",
        )
    return in_flight


def _nothing_to_compute(store: Store) -> Problem:
    days = days_with_runs(store)
    remedy = f"choose among {days[0]} to {days[-1]}" if days else "start with servicekpi run"
    return Problem("no extract or publication is of a day in that range", remedy)


def _record_request(store: Store, request: BackfillRequest) -> None:
    try:
        backfill_requests.enter_request(store.backfills, request)
    except FileExistsError:
        raise Problem(
            f"somebody else asked for backfill {request.number} at the same moment",
            "see servicekpi status",
            "backfill",
        ) from None


def days_with_runs(store: Store, first: date = date.min, last: date = date.max) -> list[date]:
    """Return the days from `first` to `last` that an extract or a publication is of.

    They are the days of the nightly runs that there were, or should have been.
    """
    days = {row["extract_date"] for row in store.lake.read("delivery").to_pylist()}
    for publication_id in store.publications():
        published = manifest.read_manifest(store.publication(publication_id))
        days.add(published.recipe.as_of)
    return sorted(day for day in days if first <= day <= last)


def build_backfill(
    store: Store, request: BackfillRequest, signing_key: Path | None = None, wait_minutes: float = 0
) -> Iterator[tuple[str, float]]:
    """Build the days that are not built yet.

    Yields each day once it is built, and the seconds left at the pace so far.

    Raises Problem where a day cannot be built: those before it stay, and the same request goes on
    from there.
    """
    missing = [day for day in request.days if not store.is_published(request.built.get(day, ""))]
    started = time.monotonic()
    for count, day in enumerate(missing, start=1):
        options = RunOptions(
            landing=None,
            store=store.root,
            as_of=date.fromisoformat(day),
            known_at=_known_at(request, day),
            profile=request.profile,
            render=request.render,
            signing_key=signing_key,
            wait_minutes=wait_minutes,
            hold_request=str(request),
        )
        outcome = run_nightly(options)
        if outcome.state == "failed" or outcome.publication_id is None:
            raise Problem(
                f"{day}: {outcome.reason}",
                "the days before it are kept; fix it, then ask for the same backfill again",
            )
        request.built[day] = outcome.publication_id
        backfill_requests.write_request(store.backfills, request)
        seconds_per_day = (time.monotonic() - started) / count
        yield day, seconds_per_day * (len(missing) - count)
    if request.state == "building":
        request.state = "built"
        backfill_requests.write_request(store.backfills, request)


def _known_at(request: BackfillRequest, day: str) -> date | None:
    if request.known_at is None:
        return None
    if request.known_at == "then":
        return date.fromisoformat(day)
    return date.fromisoformat(request.known_at)


def summarize_days(store: Store, request: BackfillRequest) -> list[str]:
    """Return a line per day that was built.

    It says how the day differs from what is published, and whether its own checks hold it.
    """
    lines = []
    for day, publication_id in request.built.items():
        line = f"{day}  {publication_id}  {_describe_difference(store, day, publication_id)}"
        reason = _other_hold_reason(store, publication_id, request)
        if reason:
            line += f"; HELD: {reason}"
        lines.append(line)
    return lines


def _describe_difference(store: Store, day: str, publication_id: str) -> str:
    if publication_id == decisions.publication_of_day(store, date.fromisoformat(day)):
        return "as it is published"
    built = manifest.read_manifest(store.publication(publication_id))
    if built.compared_with is None:
        return "nothing is published for it yet"
    changes = built.tables.get("mart_change", 0)
    notices = built.tables.get("mart_notice", 0)
    former = built.compared_with.publication_id
    return (
        f"{changes:,} changes against {former}, {notices:,} of them for a notice: "
        f"{publication_id}/diff/"
    )


def publish_backfill(store: Store, by: str, now: datetime) -> list[str]:
    """Let the days of the request in flight replace what was published of them.

    Readers see another publication only where the day is that of the one they see, or a later one.
    Killed and asked again, it goes on. Returns a line per day, and what readers see.

    Raises Problem where no request is in flight, it is not built, or a check holds one of its days.
    """
    with store.locked():
        request = _require_request(store)
        _check_publishable(store, request)
        lines = []
        for day, publication_id in request.built.items():
            former = decisions.publication_of_day(store, date.fromisoformat(day))
            result = "is published"
            if former != publication_id:
                decisions.restate(store, former, publication_id, str(request), by)
                if former is not None:
                    result = f"replaces {former}"
            lines.append(f"{day}  {publication_id}  {result}")
            if _is_newer_than_current(store, publication_id):
                store.point(publication_id)
        _close(store, request, "published", by, now)
    return [*lines, f"Readers see {store.current()}."]


def _check_publishable(store: Store, request: BackfillRequest) -> None:
    if request.state != "built":
        raise Problem(
            f"{request} is not built yet: {len(request.built)} of {len(request.days)} days",
            "ask for the same backfill again",
            "backfill",
        )
    for day, publication_id in request.built.items():
        lookup.get_publication(store, publication_id)
        reason = _other_hold_reason(store, publication_id, request)
        if reason:
            raise Problem(
                f"{publication_id} of {day} is held: {reason}",
                "let readers see it (servicekpi unhold), or use servicekpi backfill-drop",
                "backfill",
            )


def _is_newer_than_current(store: Store, publication_id: str) -> bool:
    current = store.current()
    if current is None:
        return True
    return lookup.publication_age(store, publication_id) > lookup.publication_age(store, current)


def drop_backfill(store: Store, by: str, now: datetime) -> str:
    """End the request in flight without publishing it.

    What it built is removed; the request stays on record.
    """
    with store.locked():
        request = _require_request(store)
        for publication_id in request.built.values():
            # A day that came out as it was published before is not the request's to remove.
            if store.is_published(publication_id) and _is_built_by(store, publication_id, request):
                store.remove(publication_id)
        _close(store, request, "dropped", by, now)
    return f"{request} is dropped"


def _is_built_by(store: Store, publication_id: str, request: BackfillRequest) -> bool:
    built = manifest.read_manifest(store.publication(publication_id))
    return str(request) in built.hold_reasons


def _require_request(store: Store) -> BackfillRequest:
    request = backfill_requests.open_request(store.backfills)
    if request is None:
        raise Problem(
            "no backfill is in flight",
            "ask for one: servicekpi backfill FROM TO --reason ...",
            "backfill",
        )
    return request


def _other_hold_reason(store: Store, publication_id: str, request: BackfillRequest) -> str | None:
    """Return what holds a day other than the request itself: what its checks found, or a person."""
    reason = decisions.hold_reason(store, publication_id)
    if reason == str(request):
        return None
    return reason


def _close(store: Store, request: BackfillRequest, state: str, by: str, now: datetime) -> None:
    closing = {
        "state": state,
        "closed_by": by,
        "closed_at": now.isoformat(timespec="seconds"),
    }
    backfill_requests.write_request(store.backfills, request.model_copy(update=closing))
