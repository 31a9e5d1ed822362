"""Survival curves against published ones and a library's, at the edges, and from claims to the
published table by another way.
"""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from tests.company import compute
from transforms.kpis import catalogue
from transforms.kpis.periods import published_periods
from transforms.statistics.survival_curves import curve_limits, estimate_curves, median_time

AS_OF = date(2024, 3, 31)
SETTLED, WITHDRAWN = 1, 2


def counted(entry, exit, how) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Claims by day as one row: at risk, settled, withdrawn. A claim is observed from its entry up
    to and including its exit.
    """
    days = np.arange(max(exit) + 1)
    entry, exit, how = (np.asarray(values)[:, None] for values in (entry, exit, how))
    ends = (days == exit).astype(float)
    at_risk = ((entry <= days) & (days <= exit)).sum(axis=0)
    return tuple(
        counts[None, :].astype(float)
        for counts in (
            at_risk,
            (ends * (how == SETTLED)).sum(axis=0),
            (ends * (how == WITHDRAWN)).sum(axis=0),
        )
    )


def one_median(exit, how, entry=None, level=0.95) -> tuple:
    at_risk, settled, withdrawn = counted(entry or [0] * len(exit), exit, how)
    found = median_time(estimate_curves(at_risk, settled, withdrawn), level, settled.sum(axis=1))
    return tuple(None if np.isnan(value[0]) else float(value[0]) for value in found)


def test_leukaemia_published():
    """Miller (1981), Survival Analysis: the maintained and the other group of the acute myelogenous
    leukaemia trial; shares and errors as R's survfit.
    """
    weeks, how = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    found = estimate_curves(*counted([0] * 11, weeks, how))
    days = [9, 13, 18, 23, 31, 34, 48]
    assert 1 - found.settled[0, days] == pytest.approx(
        [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=6e-4
    )
    assert found.error[0, days] == pytest.approx(
        [0.0867, 0.1163, 0.1397, 0.1526, 0.1642, 0.1627, 0.1535], abs=6e-5
    )
    # Seven ends are too few for limits of a median.
    assert one_median(weeks, how) == (31, None, None)
    weeks, how = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1] * 5 + [0] + [1] * 6
    assert estimate_curves(*counted([0] * 12, weeks, how)).error[0, [5, 12, 43]] == pytest.approx(
        [0.1076, 0.1423, 0.0919], abs=6e-5
    )
    assert one_median(weeks, how)[0] == 23


def test_lung_cancer_published():
    """Loprinzi et al. (1994), patients of ECOG grade 0: 37 of 63 died; R's survfit tells a median
    of 394 days, 340 to 558 on the log-log scale.
    """
    died = [
        455,
        883,
        81,
        371,
        394,
        574,
        433,
        303,
        643,
        189,
        53,
        246,
        65,
        5,
        428,
        705,
        11,
        176,
        791,
        147,
        655,
        166,
        15,
        201,
        442,
        558,
        353,
        267,
        337,
    ]
    died += [353, 31, 340, 320, 285, 348, 350, 286]
    lived = [
        175,
        1010,
        821,
        840,
        588,
        559,
        543,
        444,
        315,
        384,
        266,
        382,
        269,
        300,
        284,
        292,
        332,
        259,
        225,
        276,
        240,
        202,
        235,
        224,
        252,
        191,
    ]
    assert (len(died), len(lived)) == (37, 26)
    assert one_median(died + lived, [SETTLED] * len(died) + [0] * len(lived)) == (394, 340, 558)


@pytest.mark.parametrize("seed", range(3))
def test_as_a_library_with_late_entry_or_competing_ends(seed):
    chance = np.random.default_rng(seed)
    entry = np.where(chance.random(300) < 0.3, chance.integers(1, 20, 300), 0)
    exit, how = entry + chance.geometric(0.05, 300) - 1, chance.integers(0, 2, 300)
    found, library = (
        estimate_curves(*counted(entry, exit, how)),
        SurvfuncRight(exit, how, entry=entry - 0.5),
    )
    # Where all are settled the library has no error.
    told = library.surv_prob > 0
    days = library.surv_times.astype(int)[told]
    assert found.settled[0, days] == pytest.approx(1 - library.surv_prob[told], abs=1e-12)
    assert found.error[0, days] == pytest.approx(library.surv_prob_se[told], abs=1e-12)
    assert one_median(exit, how, entry.tolist())[1:] == library.quantile_ci(0.5, method="cloglog")
    how = chance.integers(0, 3, 300)
    found, library = estimate_curves(*counted(entry * 0, exit, how)), CumIncidenceRight(exit, how)
    told = np.isfinite(library.cinc_se[0])
    days = library.times.astype(int)[told]
    assert found.settled[0, days] == pytest.approx(library.cinc[0][told], abs=1e-12)
    assert found.withdrawn[0, days] == pytest.approx(library.cinc[1][told], abs=1e-12)
    assert found.error[0, days] == pytest.approx(library.cinc_se[0][told], abs=1e-12)


def test_edges_are_told_as_they_are():
    # Nothing settled: 0 % to the last day observed, no median, no limits.
    found = estimate_curves(*counted([0, 0], [3, 5], [0, 0]))
    assert (
        found.settled[0, :6].tolist() == [0] * 6
        and np.isnan(curve_limits(found.settled, found.error, 0.95)[0]).all()
    )
    assert one_median([3, 5], [0, 0]) == (None, None, None)
    # One claim, and all claims on one day: everything is settled then, and nothing can be said of
    # chance.
    for claims in (1, 50):
        assert one_median([4] * claims, [SETTLED] * claims) == (4, None, None)
    # Just half are settled: reached on that day, whatever the last bits of a product say.
    for claims in (2, 6, 14, 98):
        assert one_median(range(1, claims + 1), [SETTLED] * claims)[0] == claims / 2
    # Withdrawn claims are never settled: half of all cannot be reached.
    assert one_median([1, 2, 3, 4], [WITHDRAWN, SETTLED, WITHDRAWN, WITHDRAWN])[0] is None
    # A young claim settled on its day says nothing of the older ones that go on; nor is anything
    # told after a gap.
    cut, gap = (
        estimate_curves(*counted([0, 3], [0, 9], [SETTLED, 0])),
        estimate_curves(*counted([0, 3], [1, 9], [0, SETTLED])),
    )
    assert (cut.known_days[0], cut.is_cut[0]) == (0, True) and (
        gap.known_days[0],
        gap.is_cut[0],
    ) == (2, False)


def test_twice_the_claims_narrow_the_limits():
    entry, exit, how = [0] * 40, list(range(1, 41)), [SETTLED, SETTLED, 0, WITHDRAWN] * 10
    once, twice = (
        estimate_curves(*(times * counts for counts in counted(entry, exit, how)))
        for times in (1, 2)
    )
    assert once.settled == pytest.approx(twice.settled, abs=1e-12)
    (low, high), (narrow_low, narrow_high) = (
        curve_limits(found.settled[0, 1:-1], found.error[0, 1:-1], 0.95) for found in (once, twice)
    )
    assert (narrow_low > low).all() and (narrow_high < high).all()


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


def told(claims, start: date, end: date) -> tuple[list, list, list]:
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
        is_ended = settled is not None and (settled - reported).days <= last
        entry.append(first)
        exit.append((settled - reported).days if is_ended else last)
        how.append((WITHDRAWN if claim["outcome"] == "cancelled" else SETTLED) if is_ended else 0)
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
        entry, exit, how = told(own, row["period_start"], row["period_end"])
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
            assert (row["value"], row["interval_low"], row["interval_high"]) == one_median(
                exit, how, entry
            )
        elif row["state"] == "ok" and row["day"] < max(exit):
            found = estimate_curves(*counted(entry, exit, how))
            low, high = curve_limits(found.settled, found.error, 0.95)
            expected = [
                100 * held[0, row["day"]] for held in (found.settled, found.withdrawn, low, high)
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
    policy = {"minimum_volume": {kind: 30 for kind in catalogue.KINDS}, "jurisdiction": "CN"}
    reasons = {
        row["kpi_id"]: row["reason"]
        for row in catalogue.build_dim_kpi_run(supplies, policy, AS_OF).to_pylist()
    }
    assert all(
        reasons[view.name] == "the extract of claims holds closed cases only"
        for view in catalogue.load_survival_views()
    )
