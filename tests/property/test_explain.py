"""A figure is the sum of the rows that are shown for it: every KPI, any branch, period and segment,
to the last digit.
"""

import random
from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.company import opened
from tests.property import companies, plain
from tests.property.companies import AS_OF, BRANCHES, QUICK
from transforms import build
from transforms.explain import Tracer
from transforms.kpis.catalogue import load_kpis
from transforms.kpis.periods import Period

CELLS = 1  # of each KPI, beside the head office's year


def chosen(rows: list[dict], chance: random.Random) -> list[dict]:
    """Cells of one KPI that say something, among them the head office's year."""
    told = [row for row in rows if row["numerator"] or row["denominator"]]
    year = [
        row
        for row in told
        if (row["branch_code"], row["period_kind"], row["segment_kind"]) == ("HQ", "ytd", "all")
    ]
    return year[-1:] + chance.sample(told, min(CELLS, len(told)))


@settings(QUICK, max_examples=2)
@given(companies.claims(), companies.complaints(), companies.callbacks(), companies.exposures())
def test_the_rows_shown_add_up_to_the_published_figure(claims, complaints, callbacks, exposure):
    chance = random.Random(len(claims) + len(complaints))
    with opened(
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
            for row in chosen(by_kpi[kpi.name], chance):
                period = Period(row["period_kind"], row["period_start"], row["period_end"])
                found = tracer.explain(
                    kpi, row["branch_code"], period, (row["segment_kind"], row["segment"])
                )
                assert found.totals() == (row["numerator"], row["denominator"]), row
                keys = list(
                    zip(
                        found.rows["extract"].to_pylist(),
                        found.rows["key"].to_pylist(),
                        strict=True,
                    )
                )
                assert keys == sorted(set(keys)), "each row once, in order"
                if kpi.header["kind"] == "quantile":
                    share = Fraction(*kpi.header["percentile"])
                    seconds = [int(taken) for taken in found.rows["numerator"].to_pylist()]
                    assert row["value"] == pytest.approx(
                        float(plain.percentile(seconds, share) / 86400), rel=1e-15
                    )
