"""What a run can compute, and what it says of what it cannot."""

from datetime import date

import pytest

from data.config import policy as policies
from data.problem import Problem
from transforms.kpis.catalogue import (
    ExtractSupply,
    adapt_policy,
    build_dim_kpi,
    build_dim_kpi_run,
    find_kpi,
)

AS_OF = date(2012, 9, 30)
CLAIMS = ExtractSupply(frozenset({"reported_at", "paid_at"}), date(2011, 2, 15), AS_OF)
COMPLAINTS = ExtractSupply(frozenset(), date(2011, 5, 1), date(2012, 9, 28))


def run_of(kpi: str, **supplies: ExtractSupply) -> dict:
    rows = build_dim_kpi_run(supplies, policies.load_policy(), AS_OF).to_pylist()
    return next(row for row in rows if row["kpi_id"] == kpi)


def test_a_kpi_covers_what_all_of_its_extracts_do():
    one = run_of("claim_closure_pct", claims=CLAIMS)
    assert (one["history_from"], one["extract_as_of"]) == (date(2011, 2, 1), AS_OF)
    both = run_of("complaint_per_1000_claims", claims=CLAIMS, complaints=COMPLAINTS)
    assert (both["history_from"], both["extract_as_of"]) == (date(2011, 5, 1), date(2012, 9, 28))


def test_without_its_extract_a_kpi_says_which_is_missing():
    row = run_of("complaint_per_1000_claims", claims=CLAIMS)
    assert row["reason"] == "no extract of complaints has been delivered"
    assert (row["history_from"], row["extract_as_of"]) == (date(2011, 2, 1), AS_OF)


def test_a_kpi_has_the_minimum_volume_of_its_own_or_of_its_kind():
    settings = {"minimum_volume": {"share": 41, "satisfaction_pct": 7}}
    rows = {row["kpi_id"]: row for row in build_dim_kpi(policies.load_policy(settings)).to_pylist()}
    assert rows["satisfaction_pct"]["minimum_volume"] == 7
    assert rows["callback_contact_pct"]["minimum_volume"] == 41


@pytest.mark.parametrize(
    ("columns", "closing_point"),
    [({"paid_at"}, "payment"), (set(), "business_close")],
)
def test_without_payment_dates_a_claim_is_closed_by_business(columns, closing_point):
    policy = policies.load_policy({"closing_point": "payment"})
    supply = ExtractSupply(frozenset(columns), None, AS_OF)
    assert adapt_policy(policy, {"claims": supply}).closing_point == closing_point


def test_an_unknown_kpi_is_answered_with_similar_ones():
    assert find_kpi("satisfaction_pct").name == "satisfaction_pct"
    with pytest.raises(Problem, match="satisfaction_pc") as error:
        find_kpi("satisfaction_pc")
    assert "satisfaction_pct" in str(error.value)
