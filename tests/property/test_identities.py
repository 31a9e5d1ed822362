"""Identities of the specification, on random small companies."""

from collections import defaultdict
from datetime import timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.company import compute, compute_values
from tests.property import companies
from tests.property.companies import AS_OF, BRANCHES, QUICK
from transforms.kpis.catalogue import load_kpis

# Of these, numerators and denominators add up over branches and over segments; percentiles do not,
# an index to within its rounding.
ADDED = {model.name for model in load_kpis() if model.header["kind"] not in ("quantile", "index")}
CHILDREN = {"HQ": ["P1", "P2", "(unknown)"], "P1": ["C1"], "C1": ["S1"]}


def cells(values: pa.Table) -> dict:
    """Numerator and denominator by KPI, period, branch and segment, where there is a value or could
    be one.
    """
    counts = {}
    for row in values.to_pylist():
        if row["state"] != "not_available":
            period = (row["period_kind"], row["period_start"], row["period_end"])
            counts[
                row["kpi_id"], period, row["branch_code"], row["segment_kind"], row["segment"]
            ] = (row["numerator"], row["denominator"])
    return counts


@QUICK
@given(companies.claims(), companies.complaints(5))
def test_the_books_balance(claims, complaints):
    counts = cells(
        compute_values(
            {kpi.name for kpi in load_kpis()},
            AS_OF,
            claims=claims,
            complaints=complaints,
            branches=BRANCHES,
        )
    )
    segments = defaultdict(lambda: [0, 0])
    for (kpi, period, branch, kind, segment), (numerator, denominator) in counts.items():
        whole = (kpi, period, branch, "all", "all")
        if kpi in ADDED and kind != "all":
            segments[whole, kind][0] += numerator
            segments[whole, kind][1] += denominator or 0
        if kpi == "claim_closure_pct":
            still_open = counts.get(("claim_open_count", period, branch, kind, segment), (0, None))[
                0
            ]
            assert denominator == numerator + still_open, (
                "open at the start + reported + reopened = settled + open at the end"
            )
        if kpi == "claim_report_to_documents_days_mean":
            stages = [
                counts[f"claim_{stage}_days_mean", period, branch, kind, segment]
                for stage in ("documents_to_approval", "approval_to_payment")
            ]
            assert {count for _, count in stages} == {denominator}, (
                "the stages are those of one population"
            )
        if kpi in ADDED and kind == "all" and branch in CHILDREN:
            below = [
                counts.get((kpi, period, child, kind, segment), (0, 0))
                for child in CHILDREN[branch]
            ]
            assert sum(child[1] or 0 for child in below) <= (denominator or 0)
        if kpi in ADDED and kind == "all" and branch == "HQ":
            below = [
                counts.get((kpi, period, child, kind, segment), (0, 0))
                for child in CHILDREN[branch]
            ]
            assert (sum(n for n, _ in below), sum(d or 0 for _, d in below)) == (
                numerator,
                denominator or 0,
            ), "the head office is everything"
    for (whole, kind), added in segments.items():
        numerator, denominator = counts[whole]
        assert added == [numerator, denominator or 0], (whole, kind)


@settings(QUICK, max_examples=2)
@given(companies.claims(), companies.complaints(5), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_number_of_threads_matters(claims, complaints, chance):
    tables = compute(AS_OF, claims=claims, complaints=complaints, branches=BRANCHES)
    shuffled = list(claims)
    chance.shuffle(shuffled)
    again = compute(
        AS_OF, claims=shuffled, complaints=complaints[::-1], branches=BRANCHES, threads=1
    )
    assert [name for name in tables if not tables[name].equals(again[name])] == []


@QUICK
@given(companies.claims(15))
def test_the_stages_add_up_to_the_whole(claims):
    """On claims that have all four stamps, settle by payment and are not reopened, the three stages
    make up report to payment.
    """
    still_to_come = str(
        AS_OF + timedelta(days=1)
    )  # a stamp from then on has not happened: its claim has not all four
    for row in claims[1:]:
        row |= {"previous_settled_at": None, "reopened_at": None, "outcome": "normal"}
        for name in ("documents_complete_at", "approved_at"):
            row[name] = row[name] if row[name] and row[name] < still_to_come else row["reported_at"]
    stages = [
        f"claim_{stage}_days_mean"
        for stage in ("report_to_documents", "documents_to_approval", "approval_to_payment")
    ]
    counts = cells(
        compute_values(
            {"claim_settlement_days_mean", *stages}, AS_OF, claims=claims, branches=BRANCHES
        )
    )
    for (kpi, *rest), (numerator, denominator) in counts.items():
        if kpi == "claim_settlement_days_mean":
            parts = [counts[stage, *rest] for stage in stages]
            assert sum(seconds for seconds, _ in parts) == numerator and {
                count for _, count in parts
            } == {denominator}
