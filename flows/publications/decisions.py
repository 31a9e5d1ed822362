"""What people decide about publications: hold, unhold, roll back, restate.

Who decided what, and why, is on record; the latest decision about a publication counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from data.problem import Problem
from data.store.manifest import ManifestHead, read_head, read_manifest
from data.store.store import Store
from flows.publications.lookup import get_publication, publication_age


@dataclass(frozen=True)
class PublicationState:
    """How a publication stands with readers.

    `built` is an ISO instant. `hold_reason` is why readers must not see it, `replacement` which
    publication replaces it, and why; both are None where nothing does. `is_visible`: they see it.
    """

    publication_id: str
    as_of: date
    built: str
    hold_reason: str | None
    replacement: str | None
    is_visible: bool

    @property
    def age(self) -> tuple[date, str]:
        """Return what orders publications: their day, then when they were built."""
        return self.as_of, self.built


def list_states(store: Store) -> list[PublicationState]:
    """Return how every publication stands, in order of their ids."""
    decisions = _latest_decisions(store)
    current = store.current()
    states = []
    for publication_id in store.publications():
        head = read_head(store.publication(publication_id))
        decision = decisions.get(publication_id)
        state = PublicationState(
            publication_id=publication_id,
            as_of=head.recipe.as_of,
            built=head.finished,
            hold_reason=_decided_hold(decision) if decision else _own_hold(head),
            replacement=_replacement(decision),
            is_visible=publication_id == current,
        )
        states.append(state)
    return states


def hold_reason(store: Store, publication_id: str) -> str | None:
    """Return why readers must not see a publication; None: they may.

    That is what a person decided last, else what its own run found.
    """
    decision = _latest_decisions(store).get(publication_id)
    if decision:
        return _decided_hold(decision)
    return _own_hold(read_head(get_publication(store, publication_id)))


def list_publications(store: Store) -> list[str]:
    """Return a line per publication: its id, when it was built, and whether readers see it."""
    lines = []
    for state in list_states(store):
        words = state.replacement or ""
        if state.hold_reason:
            words = f"HELD: {state.hold_reason}"
        elif state.is_visible:
            words = "readers see it"
        lines.append(f"{state.publication_id}  {state.built}  {words}".rstrip())
    return lines


def publication_of_day(store: Store, day: date) -> str | None:
    """Return the publication that is valid for a day: none that is held or restated.

    It is the one that readers see, else the one that was built last.
    """
    valid = [
        state
        for state in list_states(store)
        if state.as_of == day and state.hold_reason is None and state.replacement is None
    ]
    if not valid:
        return None
    return max(valid, key=lambda state: (state.is_visible, state.age)).publication_id


def hold_publication(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Keep a publication from readers; where they see it now, they see the one before it.

    Returns what readers see then. Raises Problem where nothing would be left for them.
    """
    with store.locked():
        get_publication(store, publication_id)
        visible = store.current()
        if visible == publication_id:
            visible = _publication_before(store, publication_id)
            if visible is None:
                raise Problem(
                    f"readers would see nothing: no publication comes before {publication_id}",
                    "publish another first",
                )
        _record_decision(store, publication_id, "hold", reason, by)
        if visible:
            store.point(visible)
        seen = visible or "nothing: there is no publication yet"
        return f"{publication_id} is held. Readers see {seen}."


def unhold_publication(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Let readers see a publication again, or one that its own checks held.

    They see it now where its day is later than that of what they see, or the same and it was built
    later. Returns what they see then. Raises Problem where it is not held.
    """
    with store.locked():
        get_publication(store, publication_id)
        current = store.current()
        if hold_reason(store, publication_id) is None:
            raise Problem(f"{publication_id} is not held", "see servicekpi publications")
        _record_decision(store, publication_id, "unhold", reason, by)
        age = publication_age(store, publication_id)
        if current is None or age > publication_age(store, current):
            store.point(publication_id)
        return f"{publication_id} is no longer held. Readers see {store.current()}."


def roll_back(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Let readers see an earlier publication, and hold the one that they see.

    Raises Problem where it is held, or is what they see already.
    """
    with store.locked():
        get_publication(store, publication_id)
        current = store.current()
        hold = hold_reason(store, publication_id)
        if hold:
            raise Problem(
                f"{publication_id} is held ({hold})", f"servicekpi unhold {publication_id} first"
            )
        if publication_id == current:
            raise Problem(
                f"readers see {publication_id} already",
                "name an earlier one: servicekpi publications",
            )
        if current:
            _record_decision(store, current, "hold", reason, by)
        _record_decision(store, publication_id, "rollback", reason, by)
        store.point(publication_id)
        return f"Readers see {publication_id}. {current} is held."


def restate(store: Store, former: str | None, publication_id: str, reason: str, by: str) -> None:
    """Let a publication replace the former one of its day, which stays and says so."""
    _record_decision(store, publication_id, "unhold", reason, by)
    if former:
        _record_decision(store, former, "restate", f"{publication_id} replaces it: {reason}", by)


def _latest_decisions(store: Store) -> dict[str, dict]:
    """Return what was decided last about each publication; the book is in order of time."""
    decisions = store.lake.read("decision").to_pylist()
    return {row["publication_id"]: row for row in decisions}


def _decided_hold(decision: dict) -> str | None:
    if decision["decision"] != "hold":
        return None
    return f"held by {decision['decided_by']}: {decision['reason']}"


def _own_hold(head: ManifestHead) -> str | None:
    return "; ".join(head.hold_reasons) or None


def _replacement(decision: dict | None) -> str | None:
    if decision is None or decision["decision"] != "restate":
        return None
    return decision["reason"]


def _record_decision(
    store: Store, publication_id: str, decision: str, reason: str, by: str
) -> None:
    row = {
        "publication_id": publication_id,
        "decision": decision,
        "reason": reason,
        "decided_by": by,
        "decided_at": datetime.now(UTC).isoformat(),
    }
    store.lake.add("decision", [row])


def _publication_before(store: Store, publication_id: str) -> str | None:
    """Return the nearest publication that is not held, going back from one to what readers saw."""
    while store.is_published(publication_id):
        compared_with = read_manifest(store.publication(publication_id)).compared_with
        if compared_with is None:
            return None
        publication_id = compared_with.publication_id
        if store.is_published(publication_id) and hold_reason(store, publication_id) is None:
            return publication_id
    return None
