"""The KPIs a second time, in plain Python straight from the words of the specification: what one
case adds to numerator and denominator.

Each function takes a case as a dictionary of known facts (see `claim`, `callback`, `complaint`) and
a period [start, end).
"""

from datetime import date, datetime, timedelta
from fractions import Fraction

DAY = timedelta(days=1)
AGES = [(30, "0-30"), (60, "31-60"), (90, "61-90"), (180, "91-180"), (365, "181-365")]
LIMITS = {"simple": 10, "complex": 30, "special": 60}  # China before 2020


def moment(row: dict, name: str, as_of: date) -> datetime | None:
    """An instant that has happened by the end of as_of, else None."""
    value = row.get(name) and datetime.fromisoformat(row[name])
    return value if value and value.date() <= as_of else None


def day(instant):
    """The civil date of an instant; None for none."""
    return instant and instant.date()


# -- claims ----------------------------------------------------------------------------------------


def claim(row: dict, as_of: date) -> dict | None:
    """What is known of a claim: its inflows and settlements, its latest settlement and outcome, its
    group.
    """
    row = row | {
        name: None if row[name] is None else Fraction(row[name])
        for name in ("first_estimate", "outstanding_estimate", "paid_amount")
    }
    known = {name: moment(row, name, as_of) for name in row if name.endswith("_at")}
    if known["reported_at"] is None:
        return None
    outcome = row["outcome"]
    if outcome is None and (row["closed_at"] or row["paid_at"]):
        outcome = "zero" if row["paid_amount"] == 0 else "normal"
    settled = known["paid_at"] if outcome == "normal" else known["closed_at"]
    previous, reopened = known["previous_settled_at"], known["reopened_at"]
    inflows, settlements = [known["reported_at"]], [settled or previous]
    if any(before and reopened and before < reopened for before in (previous, settled)):
        later = settled if settled and reopened and settled >= reopened else None
        inflows, settlements = (
            [*inflows, reopened],
            [previous if later or settled is None else settled, later],
        )
    latest = settled or previous
    amount = row["paid_amount"] if latest else row["first_estimate"]
    group = "unknown"
    if row["has_injury"]:
        group = "injury"
    elif row["has_injury"] is False and amount is not None:
        group = "small_non_injury" if amount <= 3000 else "other_non_injury"
    spells = [(day(begun), day(ended)) for begun, ended in zip(inflows, settlements, strict=True)]
    agreed = row["survey_agreed_at"] and datetime.fromisoformat(row["survey_agreed_at"])
    return (
        row
        | known
        | {
            "spells": spells,
            "latest": latest,
            "outcome": outcome if latest else None,
            "segments": {"line": row["line"] or "(missing)", "claim_group": group},
            "survey_limit": (agreed or known["reported_at"]) + timedelta(minutes=30),
        }
    )


def within(value: datetime | date | None, start: date, end: date) -> bool:
    value = value.date() if isinstance(value, datetime) else value
    return value is not None and start <= value < end


def open_on(spell: tuple, morning: date) -> bool:
    begun, ended = spell
    return begun < morning and (ended is None or ended >= morning)


def closure(c, s, e):
    ended = sum(within(spell[1], s, e) for spell in c["spells"])
    return ended, sum(open_on(spell, s) + within(spell[0], s, e) for spell in c["spells"])


def closure_stock(c, s, e):
    open_spells = [spell for spell in c["spells"] if open_on(spell, s)]
    return sum(within(spell[1], s, e) for spell in open_spells), len(open_spells)


def cohort(begin: str, excluded: tuple = ()):
    def counted(c, s, e):
        member = within(c[begin], s, e) and c["outcome"] not in excluded
        return int(member and within(c["latest"], s, e)), int(member)

    return counted


def rolling(c, s, e):
    last = e - DAY
    start = (
        last.replace(year=last.year - 1)
        if (last.month, last.day) != (2, 29)
        else date(last.year - 1, 2, 28)
    ) + DAY
    return cohort("registered_at", ("zero", "cancelled"))(c, start, e)


def amount(c, s, e):
    if not within(c["registered_at"], s, e):
        return 0, 0
    paid = (
        Fraction(c["paid_amount"] or 0)
        if c["outcome"] == "normal" and within(c["latest"], s, e)
        else 0
    )
    outstanding = (
        c["outstanding_estimate"] if c["outstanding_estimate"] is not None else c["first_estimate"]
    )
    estimate = outstanding if c["spells"][-1][1] is None else c["first_estimate"]
    return paid, paid + sum(open_on(spell, e) for spell in c["spells"]) * Fraction(estimate or 0)


def seconds(begin: str, end: str, condition=lambda c: True, event: str = "latest"):
    def counted(c, s, e):
        if c["outcome"] != "normal" or not within(c[event], s, e) or not condition(c):
            return 0, 0
        return int((c[end] - c[begin]).total_seconds()), 1

    return counted


def stage(begin: str, end: str):
    stamps = ("reported_at", "documents_complete_at", "approved_at", "paid_at")
    return seconds(begin, end, lambda c: all(c[name] for name in stamps), "paid_at")


def settled_within(days: int):
    def counted(c, s, e):
        member = within(day(c["reported_at"]) + days * DAY, s, e) and c["outcome"] != "cancelled"
        return int(
            member
            and c["latest"] is not None
            and day(c["latest"]) - day(c["reported_at"]) <= days * DAY
        ), int(member)

    return counted


def survey(c, s, e):
    member = within(c["survey_limit"], s, e) and c["outcome"] != "cancelled"
    return int(
        member and c["surveyed_at"] is not None and c["surveyed_at"] <= c["survey_limit"]
    ), int(member)


def paid_within(c, s, e):
    member = (
        c["approved_at"] is not None
        and within(day(c["approved_at"]) + 10 * DAY, s, e)
        and c["outcome"] in (None, "normal")
    )
    return int(
        member
        and c["paid_at"] is not None
        and day(c["paid_at"]) - day(c["approved_at"]) <= 10 * DAY
    ), int(member)


def by_outcome(wanted: str, among: tuple):
    def counted(c, s, e):
        member = within(c["latest"], s, e) and c["outcome"] in among
        return int(member and c["outcome"] == wanted), int(member)

    return counted


def deviation(c, s, e):
    estimate, paid = c["first_estimate"], c["paid_amount"]
    if (
        c["outcome"] != "normal"
        or not within(c["latest"], s, e)
        or estimate is None
        or paid is None
    ):
        return 0, 0
    return abs(Fraction(estimate) - Fraction(paid)), Fraction(paid)


def still_open(c, s, e):
    return sum(open_on(spell, e) for spell in c["spells"]), None


def age(c, e) -> dict:
    days = (e - DAY - day(c["reported_at"])).days
    return {"age": next((name for limit, name in AGES if days <= limit), ">365")}


ANY, DECIDED = ("normal", "zero", "rejected", "cancelled"), ("normal", "rejected")
CLAIMS = {
    "claim_closure_pct": closure,
    "claim_closure_stock_pct": closure_stock,
    "claim_closure_registered_pct": cohort("registered_at"),
    "claim_closure_reported_pct": cohort("reported_at", ("cancelled",)),
    "claim_closure_rolling12_pct": rolling,
    "claim_closure_amount_pct": amount,
    "claim_settlement_days_mean": seconds("reported_at", "latest"),
    "claim_small_settlement_days_mean": seconds(
        "reported_at", "latest", lambda c: c["segments"]["claim_group"] == "small_non_injury"
    ),
    "claim_report_to_documents_days_mean": stage("reported_at", "documents_complete_at"),
    "claim_documents_to_approval_days_mean": stage("documents_complete_at", "approved_at"),
    "claim_approval_to_payment_days_mean": stage("approved_at", "paid_at"),
    "claim_settled_within_5_days_pct": settled_within(5),
    "claim_settled_within_10_days_pct": settled_within(10),
    "claim_settled_within_30_days_pct": settled_within(30),
    "claim_survey_on_time_pct": survey,
    "claim_paid_within_10_days_pct": paid_within,
    "claim_zero_pct": by_outcome("zero", ANY),
    "claim_cancelled_pct": by_outcome("cancelled", ANY),
    "claim_rejected_pct": by_outcome("rejected", DECIDED),
    "claim_paid_share_pct": by_outcome("normal", DECIDED),
    "claim_reopened_pct": lambda c, s, e: (
        int(within(c["reopened_at"], s, e)),
        int(within(c["registered_at"], s, e)),
    ),
    "claim_estimate_deviation_pct": deviation,
    "claim_open_count": still_open,
}
QUANTILES = {
    "claim_settlement_days_p50": Fraction(1, 2),
    "claim_settlement_days_p90": Fraction(9, 10),
}


def percentile(values: list[int], share: Fraction) -> Fraction:
    """PERCENTILE.INC: on a ruler from the smallest to the largest value, with the others at equal
    distances between.
    """
    ordered, position = sorted(values), (len(values) - 1) * share
    low = ordered[int(position)]
    return low + (ordered[min(int(position) + 1, len(ordered) - 1)] - low) * (
        position - int(position)
    )
