"""mart_survival, from claims to the published table by another way."""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from data.config.policy import load_policy
from tests.company import compute
from tests.unit.transforms.statistics.test_survival_curves import (
    SETTLED,
    WITHDRAWN,
    count_by_day,
    median_of_claims,
)
from transforms.kpis import catalogue
from transforms.kpis.periods import published_periods
from transforms.statistics.survival_curves import curve_limits, estimate_curves

AS_OF = date(2024, 3, 31)


@pytest.fixture(scope="module")
def claims() -> list[dict]:
    chance, rows = random.Random(5), []
    for number in range(1500):
        reported = date(2022, 3, 1) + timedelta(
            days=chance.randrange((AS_OF - date(2022, 3, 1)).days + 1)
        )
        settled = reported + timedelta(
            days=min(int(chance.expovariate(1 / (10 if number % 3 else 60))), 500)
        )
        outcome = chance.choice(["normal", "normal", "normal", "zero", "rejected", "cancelled"])
        branch = chance.choice(["11", "12", "21"])
        rows.append(
            {
                "claim_id": f"C{number}",
                "branch_code": branch,
                "line": chance.choice(["auto", "home"]),
                "reported_at": f"{reported} 09:00",
            }
        )
        if chance.random() < 0.9 and settled <= AS_OF:
            rows[-1] |= {
                "outcome": outcome,
                "closed_at": f"{settled} 18:00",
                "paid_at": f"{settled} 18:00" if outcome == "normal" else None,
            }
    return rows


@pytest.fixture(scope="module")
def survival(claims):
    tree = [{"branch_code": "HQ", "name": "HQ", "level": "head_office"}]
    tree += [
        {"branch_code": code, "name": code, "parent_code": "HQ", "level": "province"}
        for code in ("1", "2")
    ]
    tree += [
        {"branch_code": code, "name": code, "parent_code": code[0], "level": "central"}
        for code in ("11", "12", "21")
    ]
    return compute(AS_OF, claims=claims, branches=tree)["mart_survival"].to_pylist()


def list_claims(claims, start: date, end: date) -> tuple[list, list, list]:
    """Entry, exit and end of the claims of a period by their dates alone, as a person would write
    them down.
    """
    entry, exit, how = [], [], []
    for claim in claims:
        reported = date.fromisoformat(claim["reported_at"][:10])
        settled = date.fromisoformat(claim["closed_at"][:10]) if claim.get("closed_at") else None
        first, last = max(0, (start - reported).days), min((end - reported).days - 1, 365)
        if reported >= end or first > 365 or (settled and settled < start):
            continue
        entry.append(first)
        if settled is not None and (settled - reported).days <= last:
            exit.append((settled - reported).days)
            how.append(WITHDRAWN if claim["outcome"] == "cancelled" else SETTLED)
        else:
            exit.append(last)
            how.append(0)
    return entry, exit, how


def test_published_figures_are_those_of_the_claims_one_by_one(claims, survival):
    """The periods of the last quarter again from the dates of single claims: counts, shares with
    their limits, medians.
    """
    compared = Counter()
    for row in survival:
        if (
            row["period_end"] < date(2024, 2, 1)
            or row["segment_kind"] not in ("all", "line")
            or row["kpi_id"] == "claim_km_curve_pct"
        ):
            continue
        code = row["branch_code"]
        own = [
            c
            for c in claims
            if (code == "HQ" or c["branch_code"].startswith(code))
            and row["segment"] in ("all", c["line"])
        ]
        entry, exit, how = list_claims(own, row["period_start"], row["period_end"])
        counts = (
            len(entry),
            sum(e > 0 for e in entry),
            how.count(SETTLED),
            how.count(WITHDRAWN),
            how.count(0),
        )
        assert counts == tuple(
            row[f"claims{name}"] for name in ("", "_late", "_settled", "_withdrawn", "_open")
        ), row
        if row["state"] == "ok" and row["day"] is None:
            assert (row["value"], row["interval_low"], row["interval_high"]) == median_of_claims(
                exit, how, entry
            )
        elif row["state"] == "ok" and row["day"] < max(exit):
            curves = estimate_curves(*count_by_day(entry, exit, how))
            low, high = curve_limits(curves.settled, curves.error, 0.95)
            expected = [
                100 * values[0, row["day"]]
                for values in (curves.settled, curves.withdrawn, low, high)
            ]
            figures = [
                row[name] for name in ("value", "withdrawn_pct", "interval_low", "interval_high")
            ]
            assert np.array(figures, float) == pytest.approx(
                np.array(expected), rel=1e-9, nan_ok=True
            )
        compared[row["state"], row["segment_kind"]] += 1
    assert compared["ok", "all"] > 150 and compared["ok", "line"] > 20
    assert {row["period_start"] for row in survival} == {
        period.start for period in published_periods(AS_OF)
    }


def test_open_claims_show_and_the_curve_holds_its_figures(survival):
    year = [
        row
        for row in survival
        if row["branch_code"] == "HQ"
        and row["period_kind"] == "rolling12"
        and row["period_end"] > AS_OF
    ]
    whole = {(row["kpi_id"], row["day"]): row for row in year if row["segment"] == "all"}
    for day in (5, 10, 30):
        assert (
            whole["claim_km_curve_pct", day]["value"]
            == whole[f"claim_km_settled_within_{day}_days_pct", day]["value"]
        )
        assert whole["claim_km_curve_pct", day]["gap"] < 0
    shares = [
        whole["claim_km_curve_pct", day]["value"]
        for _, day in sorted(key for key in whole if key[0] == "claim_km_curve_pct")
    ]
    assert len(shares) == 80 and shares == sorted(shares)
    middle = whole["claim_km_median_days", None]
    assert middle["value"] > middle["closed_only_value"] and middle["closed_only_mean"] > 0


def test_closed_claims_alone_are_refused():
    supplies = {
        "claims": catalogue.ExtractSupply(
            frozenset({"reported_at", "closed_at", "paid_at"}),
            date(2023, 1, 1),
            AS_OF,
            closed_only=True,
        )
    }
    policy = load_policy()
    reasons = {
        row["kpi_id"]: row["reason"]
        for row in catalogue.build_dim_kpi_run(supplies, policy, AS_OF).to_pylist()
    }
    assert all(
        reasons[view.name] == "the extract of claims holds closed cases only"
        for view in catalogue.load_survival_views()
    )
