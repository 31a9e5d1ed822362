"""Random small companies: rows of every extract, as text, with all that may be missing or out of
order.
"""

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

AS_OF = date(2012, 8, 15)
FIRST = datetime(2011, 1, 1)
BRANCHES = [
    {"branch_code": "HQ", "name": "总公司", "level": "head_office"},
    {"branch_code": "P1", "name": "甲", "parent_code": "HQ", "level": "province"},
    {"branch_code": "P2", "name": "乙", "parent_code": "HQ", "level": "province"},
    {"branch_code": "C1", "name": "甲一", "parent_code": "P1", "level": "central"},
    {"branch_code": "S1", "name": "甲一一", "parent_code": "C1", "level": "sub"},
]
# For which branches a row of a branch counts.
ABOVE = {
    "P1": ["P1", "HQ"],
    "P2": ["P2", "HQ"],
    "C1": ["C1", "P1", "HQ"],
    "S1": ["S1", "C1", "P1", "HQ"],
    "elsewhere": ["(unknown)", "HQ"],
}
# An example takes a second or two, so that a failing one is shown as it is.
QUICK = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
    phases=[Phase.reuse, Phase.generate],
)

days = st.one_of(
    st.just(0),
    st.integers(0, 40 * 86400),
    st.integers(0, 400).map(lambda number: number * 86400),
    st.sampled_from([1799, 1800, 1801]),
)
codes = st.sampled_from(list(ABOVE))
maybe = st.sampled_from([True, False, None])


@st.composite
def instants(draw, names: list[str], present: int = 3) -> dict[str, str | None]:
    """Instants one after the other, some of them missing, some before their time."""
    at = FIRST + timedelta(seconds=draw(st.integers(0, 600 * 86400)))
    stamps = {}
    for name in names:
        later = at + timedelta(seconds=draw(days))
        stamps[name] = str(later) if name == names[0] or draw(st.integers(0, present)) else None
        at = later if draw(st.integers(0, 4)) else at
    return stamps


@st.composite
def claims(draw, most: int = 25) -> list[dict]:
    names = [
        "reported_at",
        "surveyed_at",
        "registered_at",
        "documents_complete_at",
        "approved_at",
        "closed_at",
        "paid_at",
    ]
    rows = []
    for number in range(draw(st.integers(0, most)) + 1):
        row = {
            "claim_id": str(number),
            "branch_code": draw(codes),
            "line": draw(st.sampled_from(["车", "家", None])),
        } | draw(instants(names))
        again = (
            draw(instants(["previous_settled_at", "reopened_at"], 1)) if draw(st.booleans()) else {}
        )
        row |= {
            "previous_settled_at": again.get("previous_settled_at"),
            "reopened_at": again.get("reopened_at"),
        }
        row["survey_agreed_at"] = draw(st.sampled_from([None, row["surveyed_at"]]))
        row["outcome"] = draw(
            st.sampled_from([None, "normal", "normal", "normal", "zero", "rejected", "cancelled"])
        )
        row["has_injury"] = draw(maybe)
        for name in ("first_estimate", "outstanding_estimate", "paid_amount"):
            row[name] = draw(st.sampled_from([None, "0", "2999.99", "3000", "3000.01", "12"]))
        rows.append(row)
    rows[0] |= {
        "reported_at": str(FIRST),
        "closed_at": None,
        "paid_at": None,
        "previous_settled_at": None,
    }
    return [_accepted(row) for row in rows]


def _accepted(row: dict) -> dict:
    """What is settled before it is reported never gets so far: such a row is quarantined, or read
    without its previous settlement.
    """
    too_early = [
        name
        for name in ("closed_at", "paid_at", "previous_settled_at")
        if row[name] and row[name] < row["reported_at"]
    ]
    return row | dict.fromkeys(too_early)


@st.composite
def complaints(draw, most: int = 12) -> list[dict]:
    rows = []
    for number in range(draw(st.integers(0, most)) + 1):
        row = {"complaint_id": f"k{number}", "branch_code": draw(codes)} | draw(
            instants(["received_at", "branch_contacted_at", "closed_at"])
        )
        row["channel"] = draw(st.sampled_from(["regulator", "company", None]))
        row["category"] = draw(st.sampled_from(["claims", "销售", None]))
        row["claim_id"] = draw(st.sampled_from(["1", None]))
        row["outcome"] = draw(
            st.sampled_from([None, "upheld", "partly_upheld", "rejected", "withdrawn"])
        )
        row["complexity"] = draw(st.sampled_from([None, "simple", "complex", "special"]))
        row |= {
            "is_valid": draw(maybe),
            "extended": draw(maybe),
            "escalation_level": draw(st.sampled_from([None, 0, 1, 2])),
        }
        rows.append(row)
    rows[0]["received_at"] = str(FIRST)
    return rows


@st.composite
def callbacks(draw, most: int = 15) -> list[dict]:
    rows = []
    for number in range(draw(st.integers(0, most)) + 1):
        times = draw(instants(["due_at", "first_dialled_at", "connected_at", "completed_at"]))
        if draw(st.booleans()):
            times["due_at"], times["first_dialled_at"] = times["first_dialled_at"], times["due_at"]
        row = {
            "callback_id": f"c{number}",
            "branch_code": draw(codes),
            "kind": draw(st.sampled_from(["complaint", "complaint", "closed_claim"])),
        } | times
        row["subject_id"] = draw(st.sampled_from([None, "k0", "k1", "k2", "k3", "unknown"]))
        row["rating"] = draw(st.sampled_from([None, 1, 3, 4, 5]))
        row["reported_issue"] = draw(st.sampled_from([None, None, "慢", "远"]))
        rows.append(row)
    rows[0]["due_at"] = str(FIRST)
    return rows


@st.composite
def exposures(draw) -> list[dict]:
    months = draw(st.lists(st.dates(date(2011, 1, 1), date(2012, 9, 1)), max_size=8))
    branch_months = {
        (draw(codes), str(month.replace(day=1))) for month in [date(2011, 1, 1), *months]
    }
    return [
        {
            "branch_code": code,
            "month": month,
            "premium": draw(st.sampled_from(["100.01", "33.33", "7000000"])),
            "policies_issued": draw(st.integers(0, 9)),
        }
        for code, month in sorted(branch_months)
    ]
