"""A figure is the sum of the rows that are shown for it, to the last digit.

That holds for every KPI, any branch, period and segment.
"""

import random
from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.company import open_company
from tests.property import companies, plain
from tests.property.companies import AS_OF, BRANCHES, QUICK
from transforms import build
from transforms.explain import Tracer
from transforms.kpis.catalogue import find_kpi, load_kpis
from transforms.kpis.periods import Period

CELLS = 1  # of each KPI, besides the head office's year


def select_cells(rows: list[dict], chance: random.Random) -> list[dict]:
    """Return some cells of one KPI that have cases, among them the head office's year."""
    rows = [row for row in rows if row["numerator"] or row["denominator"]]
    years = [
        row
        for row in rows
        if (row["branch_code"], row["period_kind"], row["segment_kind"]) == ("HQ", "ytd", "all")
    ]
    return years[-1:] + chance.sample(rows, min(CELLS, len(rows)))


@settings(QUICK, max_examples=2)
@given(companies.claims(), companies.complaints(), companies.callbacks(), companies.exposures())
def test_the_rows_shown_add_up_to_the_published_figure(claims, complaints, callbacks, exposure):
    chance = random.Random(len(claims) + len(complaints))
    with open_company(
        AS_OF,
        branches=BRANCHES,
        claims=claims,
        complaints=complaints,
        callbacks=callbacks,
        exposure=exposure,
    ) as (engine, inputs):
        by_kpi = defaultdict(list)
        for row in build.build(engine, inputs)["mart_kpi_value"].to_pylist():
            by_kpi[row["kpi_id"]].append(row)
        tracer = Tracer(engine, inputs)
        for kpi in load_kpis():
            for row in select_cells(by_kpi[kpi.name], chance):
                period = Period(row["period_kind"], row["period_start"], row["period_end"])
                segment = row["segment_kind"], row["segment"]
                explanation = tracer.explain(kpi, row["branch_code"], period, segment)
                assert explanation.totals() == (row["numerator"], row["denominator"]), row
                rows = explanation.rows.to_pylist()
                keys = [(counted["extract"], counted["key"]) for counted in rows]
                assert keys == sorted(set(keys)), "each row once, in order"
                if kpi.header["kind"] == "quantile":
                    share = Fraction(*kpi.header["percentile"])
                    seconds = [int(counted["numerator"]) for counted in rows]
                    assert row["value"] == pytest.approx(
                        float(plain.percentile(seconds, share) / 86400), rel=1e-15
                    )


def test_a_row_without_a_branch_or_of_an_unlisted_one_is_explained_as_unknown():
    claims = [
        {"claim_id": "1", "branch_code": None, "reported_at": "2012-03-01 00:00:00"},
        {"claim_id": "2", "branch_code": "9901", "reported_at": "2012-03-02 00:00:00"},
        {"claim_id": "3", "branch_code": "C1", "reported_at": "2012-03-03 00:00:00"},
        {"claim_id": "4", "branch_code": "C1", "reported_at": None},
    ]
    year = Period("ytd", date(2012, 1, 1), date(2013, 1, 1))
    kpi = find_kpi("claim_open_count")
    with open_company("2012-12-31", branches=BRANCHES, claims=claims) as (engine, inputs):
        tracer = Tracer(engine, inputs)
        keys = {}
        for branch in ("HQ", "(unknown)", "C1"):
            explanation = tracer.explain(kpi, branch, year, ("all", "all"))
            keys[branch] = explanation.rows["key"].to_pylist()
    assert keys == {"HQ": ["1", "2", "3"], "(unknown)": ["1", "2"], "C1": ["3"]}
