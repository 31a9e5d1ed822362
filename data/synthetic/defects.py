"""One row for every rule of the contracts, which breaks it: what each rule is there to catch."""

from data.config.contract import Contract

# A row of each extract that breaks no rule.
SOUND: dict[str, dict[str, str]] = {}
SOUND["claims"] = {
    "claim_id": "D0000",
    "branch_code": "0101",
    "line": "商业车险",
    "occurred_at": "2012-05-01 08:00:00",
    "reported_at": "2012-05-01 09:00:00",
    "surveyed_at": "2012-05-01 09:20:00",
    "survey_agreed_at": "2012-05-01 09:30:00",
    "registered_at": "2012-05-02 09:00:00",
    "documents_complete_at": "2012-05-03 09:00:00",
    "approved_at": "2012-05-04 09:00:00",
    "closed_at": "2012-05-05 09:00:00",
    "paid_at": "2012-05-06 09:00:00",
    "previous_settled_at": "",
    "reopened_at": "",
    "outcome": "normal",
    "has_injury": "否",
    "first_estimate": "1000",
    "outstanding_estimate": "0",
    "paid_amount": "900",
}
SOUND["callbacks"] = {
    "callback_id": "D0000",
    "branch_code": "0101",
    "kind": "结案",
    "due_at": "2012-05-08 09:00:00",
    "first_dialled_at": "2012-05-08 08:00:00",
    "connected_at": "2012-05-08 08:01:00",
    "completed_at": "2012-05-08 08:05:00",
    "attempts": "1",
    "rating": "5",
    "qa_score": "95.5",
    "talk_seconds": "240",
}
SOUND["complaints"] = {
    "complaint_id": "D0000",
    "branch_code": "0101",
    "channel": "regulator",
    "received_at": "2012-05-08 09:00:00",
    "branch_contacted_at": "2012-05-08 10:00:00",
    "closed_at": "2012-05-10 09:00:00",
    "is_valid": "是",
    "outcome": "upheld",
    "complexity": "simple",
    "extended": "否",
    "escalation_level": "0",
}
SOUND["exposure"] = {
    "branch_code": "D0000",
    "month": "2012-05",
    "line": "车",
    "premium": "100",
    "policies_issued": "1",
    "policies_in_force": "9",
}
SOUND["benchmarks"] = {
    "kpi_id": "complaint_per_100m_premium",
    "period_kind": "ytd",
    "period_start": "2012-01-01",
    "period_end": "2012-07-01",
    "peer": "industry",
    "value": "1.34",
    "numerator": "134",
    "denominator": "100",
    "source": "甲",
}
SOUND["branches"] = {
    "branch_code": "D0000",
    "name": "甲",
    "parent_code": "",
    "level": "支公司",
    "region": "",
    "opened_on": "2001-01-01",
    "closed_on": "",
    "valid_from": "",
}
# Empty, but in the file: their rules are broken by other cells.
SOUND["callbacks"] |= {"subject_id": "", "agent_id": "", "reported_issue": "", "comment": ""}
SOUND["complaints"] |= {"category": "", "line": "", "claim_id": ""}
LATE = "2012-07-01 09:00:00"  # after the extract, which is of the end of June
# Cells that break a rule.
CELLS: dict[str, dict[str, str]] = {}
CELLS |= {
    "closed_before_reported": {"closed_at": "2012-04-30 09:00:00"},
    "paid_before_reported": {"paid_at": "2012-04-30 09:00:00"},
    "reported_before_occurred": {"occurred_at": "2012-05-01 09:10:00"},
    "registered_before_reported": {"registered_at": "2012-04-30 09:00:00"},
    "documents_complete_before_reported": {"documents_complete_at": "2012-04-30 09:00:00"},
    "approved_before_documents_complete": {"approved_at": "2012-05-02 10:00:00"},
    "paid_before_approved": {"paid_at": "2012-05-03 10:00:00"},
    "previous_settlement_without_reopening": {"previous_settled_at": "2012-05-05 08:00:00"},
    "reported_after_extract": {
        "reported_at": LATE,
        "registered_at": "",
        "surveyed_at": "",
        "documents_complete_at": "",
        "approved_at": "",
        "closed_at": "",
        "paid_at": "",
        "outcome": "",
    },
    "settled_after_extract": {"paid_at": LATE},
}
CELLS |= {
    "surveyed_before_reported": {"surveyed_at": "2012-05-01 08:30:00"},
    "documents_complete_before_registered": {"documents_complete_at": "2012-05-01 10:00:00"},
    "occurred_years_before_reported": {"occurred_at": "2007-04-30 09:00:00"},
    "reopened_before_reported": {"reopened_at": "2012-04-30 09:00:00"},
    "reopened_after_extract": {"reopened_at": LATE},
}
CELLS |= {
    "outcome_without_settlement": {"closed_at": "", "paid_at": ""},
    "paid_amount_without_normal_outcome": {"outcome": "rejected"},
    "closed_normal_without_amount": {"paid_amount": "0"},
    "paid_far_above_estimate": {"paid_amount": "100000.01", "first_estimate": "5000"},
    "approved_before_registered": {
        "approved_at": "2012-05-01 10:00:00",
        "documents_complete_at": "",
    },
    "paid_before_documents_complete": {"paid_at": "2012-05-02 10:00:00", "approved_at": ""},
    "paid_without_approval": {"approved_at": ""},
    "outstanding_although_settled": {"outstanding_estimate": "0.01"},
    "stage_after_extract": {"surveyed_at": LATE},
}
CELLS |= {
    "rating_outside_1_to_5": {"rating": "6"},
    "connected_before_dialled": {"connected_at": "2012-05-08 07:59:00"},
    "completed_before_connected": {"completed_at": "2012-05-08 08:00:30"},
    "completed_without_dial": {"first_dialled_at": ""},
    "rated_without_completion": {"completed_at": ""},
    "talk_over_four_hours": {"talk_seconds": "14401"},
    "dialled_after_extract": {"first_dialled_at": LATE},
    "connected_without_dial": {"first_dialled_at": "", "completed_at": ""},
    "completed_after_extract": {"completed_at": LATE},
    "dialled_without_attempt": {"attempts": "0"},
    "rated_without_connection": {"connected_at": ""},
}
CELLS |= {
    "closed_before_received": {"closed_at": "2012-05-08 08:00:00"},
    "received_after_extract": {
        "received_at": LATE,
        "branch_contacted_at": "",
        "closed_at": "",
        "outcome": "",
    },
    "contacted_before_received": {"branch_contacted_at": "2012-05-08 08:00:00"},
    "closed_after_extract": {"closed_at": LATE},
    "outcome_without_closing": {"closed_at": ""},
    "escalation_level_negative": {"escalation_level": "-1"},
    "contacted_after_extract": {"branch_contacted_at": LATE},
}
CELLS |= {
    "month_after_extract": {"month": "2012-07"},
    "policies_negative": {"policies_issued": "-1"},
}
CELLS |= {
    "period_ends_before_it_begins": {"period_end": "2012-01-01"},
    "benchmark_has_no_value": {"value": "", "numerator": ""},
}
CELLS |= {
    "closed_before_opened": {"closed_on": "2000-12-31"},
}
# The other rules that such cells cannot help breaking.
ALSO_BROKEN: dict[str, tuple[str, ...]] = {
    "paid_before_reported": (
        "paid_before_approved",
        "paid_before_documents_complete",
    ),
    "documents_complete_before_reported": ("documents_complete_before_registered",),
    "paid_before_documents_complete": ("paid_without_approval",),
    "completed_without_dial": ("connected_without_dial",),
    "dialled_after_extract": ("connected_before_dialled",),
    "connected_without_dial": ("rated_without_completion",),
}
# The other rules that an unreadable cell breaks.
ALSO_BROKEN_BY_UNREADABLE = {
    ("claims", "outcome"): ("outcome_empty_although_closed",),
    ("claims", "approved_at"): ("paid_without_approval",),
    ("callbacks", "first_dialled_at"): ("completed_without_dial", "connected_without_dial"),
    ("callbacks", "connected_at"): ("rated_without_connection",),
    ("callbacks", "completed_at"): ("rated_without_completion",),
    ("complaints", "closed_at"): ("outcome_without_closing",),
    ("complaints", "outcome"): ("outcome_empty_although_closed",),
}


# Rules that every column of some type has: `<column>_<defect>`.
DEFECTIVE_CELLS = {
    "missing": "",
    "unreadable": "大概",
    "negative": "-0.01",
    "damaged": "1.23457E+17",  # what a spreadsheet makes of a long number
}

SPREADSHEET_ERROR = "#N/A"  # the one thing that cannot be read in a text


def make_defective_rows(contract: Contract) -> dict[str, tuple[dict, tuple[str, ...]]]:
    """Return for every rule of a contract a row that breaks it, and all rules that the row breaks.

    Each row has a key of its own, unless the key is what is broken.
    """
    rows = {}
    key = contract.key[0]
    for number, rule in enumerate(contract.rules, start=1):
        cells, also_broken = _defect(contract, rule.id, rule.column)
        row = SOUND[contract.name] | {key: f"D{number:04d}"} | cells
        rows[rule.id] = row, (rule.id, *also_broken)

    return rows


def _defect(
    contract: Contract, rule: str, column: str | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the cells that break a rule, and the other rules that they break."""
    if rule == "outcome_empty_although_closed":
        return {"outcome": ""}, ()

    defect = rule.removeprefix(f"{column}_")
    if column and defect in DEFECTIVE_CELLS:
        also_broken: tuple[str, ...] = ()
        if defect == "unreadable":
            also_broken = ALSO_BROKEN_BY_UNREADABLE.get((contract.name, column), ())

        is_text = contract.column(column).type == "text"
        if defect == "unreadable" and is_text:
            return {column: SPREADSHEET_ERROR}, also_broken

        return {column: DEFECTIVE_CELLS[defect]}, also_broken

    if rule not in CELLS:
        raise LookupError(
            f"no defective row for the rule {rule} of {contract.name}: add the cells that break it"
            " to CELLS in data/synthetic/defects.py"
        )

    return CELLS[rule], ALSO_BROKEN.get(rule, ())
