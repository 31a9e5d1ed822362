"""What the company's systems show at the end of a day: tables with the canonical columns.

Events of later days are empty.
"""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import callbacks as calls
from . import claims as files
from . import complaints as letters
from .claims import NORMAL, Columns, first_settlement
from .clock import NEVER
from .tree import Tree, list_branches


def find_touched(columns: Columns, events: list[str], start: int, end: int) -> np.ndarray:
    """Return the rows that are new or show something new since `start`.

    The first event of the list creates the row.
    """
    created = columns[events[0]]
    has_news = np.zeros(len(created), bool)
    for event in events:
        has_news |= (columns[event] >= start) & (columns[event] < end)

    return np.flatnonzero(has_news & (created < end))


def _words(index: np.ndarray, vocabulary: list[str], missing: np.ndarray | None = None) -> pa.Array:
    """Return words by their position in a vocabulary; below 0 means none, if not said otherwise."""
    index = index.astype(np.int32)
    if missing is None:
        missing = index < 0
    indices = pa.array(index, pa.int32(), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, pa.array(vocabulary, pa.string()))


def _instants(times: np.ndarray, end: int | np.int64 = NEVER) -> pa.Array:
    """Return times as timestamps; those at `end` or later have not happened yet."""
    return pa.array(times.astype("datetime64[s]"), mask=times >= end)


def _money(cents: np.ndarray, missing: np.ndarray | None = None, digits: int = 18) -> pa.Array:
    """Return DECIMAL(digits, 2) from whole cents.

    Cents are the binary form of such a decimal: a low word, and the sign in the high word.
    """
    pair = np.stack([cents, cents >> 63], axis=1).astype(np.int64)
    kind = pa.decimal128(digits, 2)
    money = pa.Array.from_buffers(kind, len(cents), [None, pa.py_buffer(pair.tobytes())])
    if missing is None:
        return money

    return pc.if_else(pa.array(missing), pa.scalar(None, kind), money)


def _numbered(
    prefix: pa.Scalar | pa.Array, number: np.ndarray, missing: np.ndarray | None = None
) -> pa.Array:
    text = pa.array(number, mask=missing).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, pa.scalar(""))  # pyright: ignore


def claims_table(claims: Columns, codes: list[str], end: int) -> pa.Table:
    """Return the claims extract at `end`; `codes` are the branch codes by row of the tree."""
    is_back = claims["reopened"] < end
    is_open = claims["closed"] >= end
    injury = claims["injury"]
    columns: dict[str, pa.Array] = {}
    columns["claim_id"] = _numbered(pa.scalar("A"), claims["number"])
    columns["branch_code"] = _words(claims["branch"], codes)
    columns["line"] = _words(claims["line"], files.LINES)
    columns["occurred_at"] = _instants(claims["occurred"])
    columns["reported_at"] = _instants(claims["reported"])
    columns["surveyed_at"] = _instants(claims["surveyed"], end)
    columns["survey_agreed_at"] = _instants(claims["survey_agreed"])
    columns["registered_at"] = _instants(claims["registered"], end)
    columns["documents_complete_at"] = _instants(claims["documents"], end)
    columns["approved_at"] = _instants(claims["approved"], end)

    # The system overwrites close and payment of a claim that came back, and keeps one date.
    closed = np.where(is_back, claims["closed_again"], claims["closed"])
    paid = np.where(is_back, claims["paid_again"], claims["paid"])
    settled_before = np.where(is_back, first_settlement(claims), NEVER)
    columns["closed_at"] = _instants(closed, end)
    columns["paid_at"] = _instants(paid, end)
    columns["previous_settled_at"] = _instants(settled_before)
    columns["reopened_at"] = _instants(claims["reopened"], end)
    columns["outcome"] = _words(claims["outcome"], files.OUTCOMES, is_open)
    columns["has_injury"] = pa.array(injury == 1, mask=injury < 0)

    return pa.table(columns | _claim_amounts(claims, end))


def _claim_amounts(claims: Columns, end: int) -> dict[str, pa.Array]:
    """Return the amounts of claims as they are known at `end`."""
    is_back = claims["reopened"] < end
    is_registered = claims["registered"] < end
    settled = np.where(is_back, claims["paid_again"], first_settlement(claims))
    is_open = is_registered & (settled >= end)

    amount, amount_again = claims["amount"], claims["amount_again"]
    has_documents = claims["documents"] < end
    estimate = np.where(has_documents, claims["estimate_later"], claims["estimate"])
    outstanding = np.where(is_back, amount_again - amount, estimate)
    is_paid_again = claims["paid_again"] < end
    paid = np.where(is_paid_again, amount_again, amount)
    known_at = np.where(claims["outcome"] == NORMAL, claims["paid"], claims["closed"])

    columns: dict[str, pa.Array] = {}
    columns["first_estimate"] = _money(claims["estimate"], ~is_registered)
    columns["outstanding_estimate"] = _money(outstanding, ~is_open)
    columns["paid_amount"] = _money(paid, known_at >= end)

    return columns


def callbacks_table(callbacks: Columns, codes: list[str], end: int) -> pa.Table:
    """Return the call-backs extract at `end`; `codes` are the branch codes by row of the tree."""
    kind, dialled = callbacks["kind"], callbacks["dialled"]
    kind_of_subject = pa.array(["A", "A", "J", "T"])  # claim, claim, rescue, complaint
    prefix = kind_of_subject.take(pa.array(kind, pa.int8()))
    agents = [f"A{number + 1:04d}" for number in range(calls.AGENTS)]
    attempts = _attempts_until(callbacks, end)

    columns: dict[str, pa.Array] = {}
    columns["callback_id"] = _numbered(pa.scalar("H"), callbacks["number"])
    columns["branch_code"] = _words(callbacks["branch"], codes)
    columns["kind"] = _words(kind, calls.KINDS)
    columns["subject_id"] = _numbered(prefix, callbacks["subject"])

    # Who will dial is not known before it is done.
    columns["agent_id"] = _words(callbacks["agent"], agents, dialled >= end)
    columns["due_at"] = _instants(callbacks["due"])
    columns["first_dialled_at"] = _instants(dialled, end)
    columns["connected_at"] = _instants(callbacks["connected"], end)
    columns["completed_at"] = _instants(callbacks["completed"], end)
    columns["attempts"] = pa.array(attempts.astype(np.int32))

    return pa.table(columns | _call_answers(callbacks, end))


def _attempts_until(callbacks: Columns, end: int) -> np.ndarray:
    connected = callbacks["connected"]
    # Of a call that gets through later, more dials are still to come.
    is_waiting = (connected >= end) & (connected < NEVER)
    attempts = np.where(is_waiting, 1, callbacks["attempts"])
    is_dialled = callbacks["dialled"] < end
    return np.where(is_dialled, attempts, 0)


def _call_answers(callbacks: Columns, end: int) -> dict[str, pa.Array]:
    """Return what calls completed before `end` brought."""
    not_completed = callbacks["completed"] >= end
    rating, issue = callbacks["rating"], callbacks["issue"]
    comment, quality = callbacks["comment"], callbacks["quality"]
    rating_is_missing = not_completed | (rating == 0)
    issue_is_missing = not_completed | (issue < 0)
    comment_is_missing = not_completed | (comment < 0)
    quality_is_missing = not_completed | (quality < 0)
    talk = callbacks["talk"].astype(np.int32)

    columns: dict[str, pa.Array] = {}
    columns["rating"] = pa.array(rating.astype(np.int32), mask=rating_is_missing)
    columns["reported_issue"] = _words(issue, calls.ISSUES, issue_is_missing)
    columns["comment"] = _words(comment, calls.COMMENTS, comment_is_missing)
    columns["qa_score"] = _money(quality, quality_is_missing, 5)
    columns["talk_seconds"] = pa.array(talk, mask=not_completed)

    return columns


def complaints_table(complaints: Columns, codes: list[str], end: int) -> pa.Table:
    """Return the complaints extract at `end`; `codes` are the branch codes by row of the tree."""
    is_escalated = complaints["escalated"] < end
    level = np.where(is_escalated, complaints["escalation"], 0).astype(np.int32)
    claim = complaints["claim"]
    columns: dict[str, pa.Array] = {}
    columns["complaint_id"] = _numbered(pa.scalar("T"), complaints["number"])
    columns["branch_code"] = _words(complaints["branch"], codes)
    columns["channel"] = _words(complaints["channel"], letters.CHANNELS)
    columns["received_at"] = _instants(complaints["received"])
    columns["branch_contacted_at"] = _instants(complaints["contacted"], end)
    columns["closed_at"] = _instants(complaints["closed"], end)
    columns["is_valid"] = pa.array(complaints["valid"])
    columns["outcome"] = _words(
        complaints["outcome"], letters.OUTCOMES, complaints["closed"] >= end
    )
    columns["category"] = _words(complaints["category"], letters.CATEGORIES)
    columns["line"] = _words(complaints["line"], files.LINES)
    columns["claim_id"] = _numbered(pa.scalar("A"), claim, claim == 0)
    columns["complexity"] = _words(complaints["complexity"], letters.COMPLEXITIES)
    columns["extended"] = pa.array(complaints["extended"])

    return pa.table(columns | {"escalation_level": pa.array(level)})


def exposure_table(exposure: Columns, codes: list[str]) -> pa.Table:
    """Return the exposure extract; `codes` are the branch codes by row of the tree."""
    months = pa.array(exposure["month"].astype("datetime64[s]"))
    return pa.table(
        {
            "branch_code": _words(exposure["branch"], codes),
            "month": months.cast(pa.date32()),
            "line": _words(exposure["line"], files.LINES),
            "premium": _money(exposure["premium"]),
            "policies_issued": pa.array(exposure["issued"]),
            "policies_in_force": pa.array(exposure["in_force"]),
        }
    )


def branches_table(tree: Tree, day: date) -> pa.Table:
    """Return the branches extract of a day."""
    texts = ("branch_code", "name", "parent_code", "level", "region")
    dates = ("opened_on", "closed_on", "valid_from")
    fields = [(name, pa.string()) for name in texts]
    fields += [(name, pa.date32()) for name in dates]
    # With a schema: on a day without a closed branch the type of `closed_on` cannot be inferred.
    return pa.Table.from_pylist(list_branches(tree, day), pa.schema(fields))


def decode(table: pa.Table) -> pa.Table:
    """Return the table with words instead of dictionaries."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        is_encoded = pa.types.is_dictionary(column.type)
        columns[name] = column.cast(pa.string()) if is_encoded else column

    return pa.table(columns)
