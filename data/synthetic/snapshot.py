"""What the company's systems show at the end of a day: tables with the canonical columns, later
events empty.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import callbacks as calls
from . import claims as files
from . import complaints as letters
from .claims import NORMAL, Columns, settled
from .clock import NEVER
from .tree import Tree, branch_rows


def take(c: Columns, rows: np.ndarray) -> Columns:
    return {name: column[rows] for name, column in c.items()}


def touched(c: Columns, events: list[str], start: int, end: int) -> np.ndarray:
    """Rows that are new or show something new since `start`; the first event of the list creates
    the row.
    """
    news = np.zeros(len(c[events[0]]), bool)
    for event in events:
        news |= (c[event] >= start) & (c[event] < end)
    return np.flatnonzero(news & (c[events[0]] < end))


def _words(index: np.ndarray, vocabulary: list[str], missing: np.ndarray | None = None) -> pa.Array:
    index = index.astype(np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(index, mask=(index < 0) if missing is None else missing), vocabulary
    )


def _instants(times: np.ndarray, end: int | np.int64 = NEVER) -> pa.Array:
    return pa.array(times.astype("datetime64[s]"), mask=times >= end)


def _money(cents: np.ndarray, missing: np.ndarray | None = None, digits: int = 18) -> pa.Array:
    """DECIMAL(digits,2) from whole cents, which are its binary form: a low word, and the sign in
    the high word.
    """
    pair = np.stack([cents, cents >> 63], axis=1).astype(np.int64)
    whole = pa.Array.from_buffers(pa.decimal128(digits, 2), len(cents), [None, pa.py_buffer(pair)])
    return (
        whole
        if missing is None
        else pc.if_else(pa.array(missing), pa.scalar(None, whole.type), whole)
    )


def _numbered(
    prefix: str | pa.Array, number: np.ndarray, missing: np.ndarray | None = None
) -> pa.Array:
    text = pa.array(number, mask=missing).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, "")


def claims_table(c: Columns, codes: list[str], end: int) -> pa.Table:
    first, back = settled(c), c["reopened"] < end
    closed_now = np.where(back, c["closed_again"], c["closed"])
    paid_now = np.where(back, c["paid_again"], c["paid"])
    settled_now = np.where(back, c["paid_again"], first)
    again = c["paid_again"] < end
    paid = np.where(again, c["amount_again"], c["amount"])
    known_paid = np.where(c["outcome"] == NORMAL, c["paid"], c["closed"]) < end
    left = np.where(
        back,
        c["amount_again"] - c["amount"],
        np.where(c["documents"] < end, c["estimate_later"], c["estimate"]),
    )
    is_open = (settled_now >= end) & (c["registered"] < end)
    return pa.table(
        {
            "claim_id": _numbered("A", c["number"]),
            "branch_code": _words(c["place"], codes),
            "line": _words(c["line"], files.LINES),
            "occurred_at": _instants(c["occurred"]),
            "reported_at": _instants(c["reported"]),
            "surveyed_at": _instants(c["surveyed"], end),
            "survey_agreed_at": _instants(c["survey_agreed"]),
            "registered_at": _instants(c["registered"], end),
            "documents_complete_at": _instants(c["documents"], end),
            "approved_at": _instants(c["approved"], end),
            "closed_at": _instants(closed_now, end),
            "paid_at": _instants(paid_now, end),
            "previous_settled_at": _instants(np.where(back, first, NEVER)),
            "reopened_at": _instants(c["reopened"], end),
            "outcome": _words(c["outcome"], files.OUTCOMES, c["closed"] >= end),
            "has_injury": pa.array(c["injury"] == 1, mask=c["injury"] < 0),
            "first_estimate": _money(c["estimate"], c["registered"] >= end),
            "outstanding_estimate": _money(left, ~is_open),
            "paid_amount": _money(paid, ~known_paid),
        }
    )


def callbacks_table(c: Columns, codes: list[str], end: int) -> pa.Table:
    undialled, undone = c["dialled"] >= end, c["completed"] >= end
    waiting = (c["connected"] >= end) & (c["connected"] < NEVER)  # more dials are still to come
    attempts = np.where(undialled, 0, np.where(waiting, 1, c["attempts"]))
    owner = pa.array(["A", "A", "J", "T"]).take(pa.array(c["kind"]))
    return pa.table(
        {
            "callback_id": _numbered("H", c["number"]),
            "branch_code": _words(c["place"], codes),
            "kind": _words(c["kind"], calls.KINDS),
            "subject_id": _numbered(owner, c["subject"]),
            "agent_id": _words(
                c["agent"], [f"A{n + 1:04d}" for n in range(calls.AGENTS)], undialled
            ),
            "due_at": _instants(c["due"]),
            "first_dialled_at": _instants(c["dialled"], end),
            "connected_at": _instants(c["connected"], end),
            "completed_at": _instants(c["completed"], end),
            "attempts": pa.array(attempts.astype(np.int32)),
            "rating": pa.array(c["rating"].astype(np.int32), mask=undone | (c["rating"] == 0)),
            "reported_issue": _words(c["issue"], calls.ISSUES, undone | (c["issue"] < 0)),
            "comment": _words(c["comment"], calls.COMMENTS, undone | (c["comment"] < 0)),
            "qa_score": _money(c["quality"], undone | (c["quality"] < 0), 5),
            "talk_seconds": pa.array(c["talk"].astype(np.int32), mask=undone),
        }
    )


def complaints_table(c: Columns, codes: list[str], end: int) -> pa.Table:
    return pa.table(
        {
            "complaint_id": _numbered("T", c["number"]),
            "branch_code": _words(c["place"], codes),
            "channel": _words(c["channel"], letters.CHANNELS),
            "received_at": _instants(c["received"]),
            "branch_contacted_at": _instants(c["contacted"], end),
            "closed_at": _instants(c["closed"], end),
            "is_valid": pa.array(c["valid"]),
            "outcome": _words(c["outcome"], letters.OUTCOMES, c["closed"] >= end),
            "category": _words(c["category"], letters.CATEGORIES),
            "line": _words(c["line"], files.LINES),
            "claim_id": _numbered("A", c["claim"], c["claim"] == 0),
            "complexity": _words(c["complexity"], letters.COMPLEXITIES),
            "extended": pa.array(c["extended"]),
            "escalation_level": pa.array(
                np.where(c["escalated"] < end, c["escalation"], 0).astype(np.int32)
            ),
        }
    )


def exposure_table(c: Columns, codes: list[str]) -> pa.Table:
    return pa.table(
        {
            "branch_code": _words(c["place"], codes),
            "month": pa.array(c["month"].astype("datetime64[s]")).cast(pa.date32()),
            "line": _words(c["line"], files.LINES),
            "premium": _money(c["premium"]),
            "policies_issued": pa.array(c["issued"]),
            "policies_in_force": pa.array(c["in_force"]),
        }
    )


def branches_table(tree: Tree, day) -> pa.Table:
    text, date32 = pa.string(), pa.date32()
    schema = pa.schema(
        [
            ("branch_code", text),
            ("name", text),
            ("parent_code", text),
            ("level", text),
            ("region", text),
            ("opened_on", date32),
            ("closed_on", date32),
            ("valid_from", date32),
        ]
    )
    return pa.Table.from_pylist(branch_rows(tree, day), schema)


def plain(table: pa.Table) -> pa.Table:
    """Words instead of dictionaries."""
    return pa.table(
        {
            name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
