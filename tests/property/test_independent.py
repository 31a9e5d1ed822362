"""Every KPI of random small companies, computed a second time in plain Python: numerators,
denominators and values agree exactly.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.company import compute_values
from tests.property import companies, plain, plain_calls
from tests.property.companies import ABOVE, AS_OF, BRANCHES, FIRST, QUICK
from transforms.kpis.catalogue import load_kpis

SCALE = {model.name: Fraction(*model.header["scale"]) for model in load_kpis()}
KINDS = {model.name: model.header["segments"] for model in load_kpis()}
LATER = date(
    2016, 2, 15
)  # half of what the companies did was over before the first period that this day asks for
AVAILABLE = ("ok", "no_cases", "immature")
Cell = tuple[str, str, str]


def mart(rows: dict[str, list[dict]], kpi: str) -> dict[tuple, dict[Cell, dict]]:
    """A KPI's rows that have something to say, by period and then by branch and segment."""
    cells = defaultdict(dict)
    for row in rows[kpi]:
        if row["state"] in AVAILABLE:
            cells[row["period_start"], row["period_end"]][
                row["branch_code"], row["segment_kind"], row["segment"]
            ] = row
    return cells


def computed(as_of: date = AS_OF, **extracts) -> dict[str, list[dict]]:
    by_kpi = defaultdict(list)
    for row in compute_values(
        {model.name for model in load_kpis()}, as_of, branches=BRANCHES, **extracts
    ).to_pylist():
        by_kpi[row["kpi_id"]].append(row)
    return by_kpi


def added(
    cases: Iterable[dict], counted: Callable, kinds: list[str], start: date, end: date
) -> dict[Cell, list]:
    """Numerator and denominator of every branch and segment, case by case."""
    cells = defaultdict(lambda: [0, 0])
    for case in cases:
        numerator, denominator = counted(case, start, end)
        if numerator or denominator:
            segments = case["segments"] | (
                plain.age(case, end) if counted is plain.still_open else {}
            )
            for branch in ABOVE[case["branch_code"]]:
                for segment in [
                    ("all", "all"),
                    *((kind, segments[kind]) for kind in kinds if segments[kind]),
                ]:
                    cells[branch, *segment][0] += numerator
                    cells[branch, *segment][1] += denominator or 0
    return cells


def agree(kpi: str, rows: dict[Cell, dict], cells: dict[Cell, list], is_count: bool) -> None:
    for cell, (numerator, denominator) in cells.items():
        if cell[1] == "issue":
            denominator = cells[cell[0], "all", "all"][1]
            if not numerator:
                continue
        row = rows[cell]
        assert (row["numerator"], row["denominator"]) == (
            numerator,
            None if is_count else denominator,
        ), (kpi, row)
        value = (
            Fraction(numerator)
            if is_count
            else SCALE[kpi] * Fraction(numerator) / denominator
            if denominator
            else None
        )
        assert row["value"] == (value if value is None else float(value)), (kpi, row, value)
    for cell in rows.keys() - cells.keys():
        assert cell[1] == "all" and not rows[cell]["numerator"] and not rows[cell]["denominator"], (
            kpi,
            rows[cell],
        )


def compare(tables: dict, kpi: str, cases: list[dict], counted: Callable) -> int:
    checked = 0
    for (start, end), rows in mart(tables, kpi).items():
        agree(kpi, rows, added(cases, counted, KINDS[kpi], start, end), "count" in kpi)
        checked += 1
    return checked


@QUICK
@given(companies.claims(), st.sampled_from([AS_OF, LATER]))
def test_claims_counted_again(rows, as_of):
    tables = computed(as_of, claims=rows)
    cases = [case for row in rows if (case := plain.claim(row, as_of))]
    for kpi, counted in plain.CLAIMS.items():
        assert compare(tables, kpi, cases, counted) >= 12, f"{kpi} has nothing to compare"
    for kpi, share in plain.QUANTILES.items():
        for (start, end), rows_of_period in mart(tables, kpi).items():
            times = defaultdict(list)
            for case in cases:
                taken, member = plain.CLAIMS["claim_settlement_days_mean"](case, start, end)
                for branch in ABOVE[case["branch_code"]] if member else ():
                    for segment in [("all", "all"), *case["segments"].items()]:
                        times[branch, *segment].append(taken)
            for cell, row in rows_of_period.items():
                wanted = (
                    float(plain.percentile(times[cell], share) / 86400) if times[cell] else None
                )
                assert (row["value"], row["denominator"]) == (wanted, len(times[cell])), row
            assert times.keys() <= rows_of_period.keys()


@QUICK
@given(companies.complaints(), companies.callbacks(), companies.exposures(), companies.claims(6))
def test_calls_and_complaints_counted_again(complaints, callbacks, exposure, claims):
    tables = computed(complaints=complaints, callbacks=callbacks, exposure=exposure, claims=claims)
    known = {row["complaint_id"]: row for row in complaints}
    calls = [plain_calls.callback(row, known, AS_OF) for row in callbacks]
    cases = [case for row in complaints if (case := plain_calls.complaint(row, calls, AS_OF))]
    case_of = {case["complaint_id"]: case for case in cases}
    about = []
    for call in calls:
        complaint = case_of.get(call["subject_id"]) if call["kind"] == "complaint" else None
        about.append(
            call
            | {
                "about": complaint,
                "segments": complaint["segments"]
                if complaint
                else {"channel": "(missing)", "category": "(missing)"},
            }
        )
    for family, members in (
        (plain_calls.CALLBACKS, calls),
        (plain_calls.COMPLAINTS, cases),
        (plain_calls.COMPLAINT_CALLBACKS, about),
    ):
        for kpi, counted in family.items():
            assert compare(tables, kpi, members, counted) >= 12, f"{kpi} has nothing to compare"
    for kpi in ("complaint_per_100m_premium", "complaint_per_10k_policies", "complaint_index"):
        for (start, end), rows in mart(tables, kpi).items():
            for branch in ("HQ", "P1", "P2", "C1", "S1"):
                below = {code for code, above in ABOVE.items() if branch in above}
                wanted = plain_calls.exposed(cases, exposure, below, start, end)[kpi]
                row = rows[branch, "all", "all"]
                shown = Fraction(int(wanted[1] * 10**10 + Fraction(1, 2)), 10**10)
                assert (row["numerator"], row["denominator"]) == (wanted[0], shown), (kpi, row)
                assert row["value"] == (float(wanted[0] / wanted[1]) if wanted[1] else None), (
                    kpi,
                    row,
                )
    registered = [case for row in claims if (case := plain.claim(row, AS_OF))]
    for (start, end), rows in mart(tables, "complaint_per_1000_claims").items():
        numerator = sum(
            plain.within(c["received_at"], start, end)
            and bool(c["claim_id"] or c["category"] == "claims")
            for c in cases
        )
        denominator = Fraction(
            sum(plain.within(c["registered_at"], start, end) for c in registered), 1000
        )
        assert (rows["HQ", "all", "all"]["numerator"], rows["HQ", "all", "all"]["denominator"]) == (
            numerator,
            denominator,
        )


def test_every_kpi_is_counted_again():
    again = {
        *plain.CLAIMS,
        *plain.QUANTILES,
        *plain_calls.CALLBACKS,
        *plain_calls.COMPLAINTS,
        *plain_calls.COMPLAINT_CALLBACKS,
    }
    again |= {
        "complaint_per_100m_premium",
        "complaint_per_10k_policies",
        "complaint_index",
        "complaint_per_1000_claims",
    }
    assert again == {model.name for model in load_kpis()}
    assert pytest.approx(1) == float(SCALE["complaint_count"]) and FIRST.year == 2011
