"""Call-backs and complaints a second time, in plain Python: see plain.py."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.property.plain import DAY, LIMITS, day, moment, within

HALF_HOUR = timedelta(minutes=30)


def callback(row: dict, complaints: dict[str, dict], as_of: date) -> dict:
    """What is known of a call-back; a complaint's call-back belongs to the complaint's branch."""
    known = {name: moment(row, name, as_of) for name in row if name.endswith("_at")}
    known["due_at"] = row["due_at"] and datetime.fromisoformat(row["due_at"])
    about = complaints.get(row["subject_id"]) if row["kind"] == "complaint" else None
    done = known["completed_at"] is not None
    return (
        row
        | known
        | {
            "about": about,
            "branch_code": about["branch_code"] if about else row["branch_code"],
            "rating": row["rating"] if done else None,
            "segments": {"kind": row["kind"], "issue": row["reported_issue"] if done else None},
        }
    )


def of(event: str, true, among=lambda c: True):
    """The cases whose event falls in the period, and those of them of which something is true."""

    def counted(c, s, e):
        member = within(c[event], s, e) and among(c)
        return int(member and bool(true(c))), int(member)

    return counted


def number(event: str, among=lambda c: True):
    return lambda c, s, e: (int(within(c[event], s, e) and bool(among(c))), None)


CALLBACKS = {
    "callback_count": number("first_dialled_at"),
    "callback_completion_pct": of("due_at", lambda c: c["completed_at"]),
    "callback_contact_pct": of("first_dialled_at", lambda c: c["connected_at"]),
    "callback_on_time_pct": of(
        "due_at", lambda c: c["first_dialled_at"] and c["first_dialled_at"] <= c["due_at"]
    ),
    "satisfaction_pct": of(
        "completed_at", lambda c: c["rating"] >= 4, lambda c: c["rating"] is not None
    ),
    "callback_issue_pct": of("completed_at", lambda c: c["segments"]["issue"]),
}


def complaint(row: dict, callbacks: list[dict], as_of: date) -> dict | None:
    """What is known of a complaint, its limits, and the earliest dial of its call-backs."""
    known = {name: moment(row, name, as_of) for name in row if name.endswith("_at")}
    if known["received_at"] is None:
        return None
    dials = [
        c["first_dialled_at"]
        for c in callbacks
        if c["kind"] == "complaint"
        and c["subject_id"] == row["complaint_id"]
        and c["first_dialled_at"]
    ]
    days = LIMITS[row["complexity"] or "simple"]
    days = (
        min((other for other in LIMITS.values() if other > days), default=days)
        if row["extended"]
        else days
    )
    return (
        row
        | known
        | {
            "limit": day(known["received_at"]) + days * DAY,
            "call_limit": known["received_at"] + HALF_HOUR,
            "dial": min(dials, default=None),
            "outcome": row["outcome"] if known["closed_at"] else None,
            "segments": {name: row[name] or "(missing)" for name in ("channel", "category")},
        }
    )


COMPLAINTS = {
    "complaint_count": number("received_at"),
    "complaint_valid_count": number("received_at", lambda c: c["is_valid"]),
    "complaint_escalated_count": number("received_at", lambda c: (c["escalation_level"] or 0) > 0),
    "complaint_on_time_pct": of(
        "limit", lambda c: c["closed_at"] and day(c["closed_at"]) <= c["limit"]
    ),
    "complaint_callback_30min_pct": of(
        "call_limit", lambda c: c["dial"] and c["dial"] <= c["call_limit"]
    ),
    "complaint_upheld_pct": of(
        "closed_at",
        lambda c: c["outcome"] in ("upheld", "partly_upheld"),
        lambda c: c["outcome"] not in (None, "withdrawn"),
    ),
}


def of_complaints(counted):
    """A KPI of complaint call-backs, by the channel and category of the complaint."""
    return lambda c, s, e: counted(c, s, e) if c["kind"] == "complaint" else (0, 0)


COMPLAINT_CALLBACKS = {
    "complaint_contacted_before_callback_pct": of_complaints(
        of(
            "connected_at",
            lambda c: (
                c["about"]
                and c["about"]["branch_contacted_at"]
                and c["about"]["branch_contacted_at"] <= c["connected_at"]
            ),
        )
    ),
    "complaint_handling_satisfaction_pct": of_complaints(CALLBACKS["satisfaction_pct"]),
}


def months_between(exposure: list[dict], start: date, end: date) -> set[date]:
    """The whole months of a period for which anybody has exposure."""
    months = {date.fromisoformat(row["month"]) for row in exposure}
    return {
        month for month in months if start <= month and (month + 31 * DAY).replace(day=1) <= end
    }


def exposed(
    complaints: list[dict], exposure: list[dict], below: set, start: date, end: date
) -> dict[str, tuple]:
    """Numerator and denominator of the KPIs that divide by exposure, for the branches `below` a
    branch.
    """
    months = months_between(exposure, start, end)
    counted = [
        c
        for c in complaints
        if c["channel"] == "regulator" and day(c["received_at"]).replace(day=1) in months
    ]
    rows = [row for row in exposure if date.fromisoformat(row["month"]) in months]
    mine = [row for row in rows if row["branch_code"] in below]
    cases = sum(c["branch_code"] in below for c in counted)
    premium, network = (
        sum(Fraction(row["premium"]) for row in exposed_rows) for exposed_rows in (mine, rows)
    )
    expected = premium * len(counted) / network if network else Fraction(0)
    return {
        "complaint_per_100m_premium": (cases, premium / 10**8),
        "complaint_per_10k_policies": (
            cases,
            Fraction(sum(row["policies_issued"] for row in mine), 10**4),
        ),
        "complaint_index": (cases, expected),
    }
