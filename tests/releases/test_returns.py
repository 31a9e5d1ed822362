"""Returns on a company small enough to count by hand; and a return of one's own, without Python."""

import json

import pytest

from data.config.return_layout import parse_layout
from data.problem import Problem
from flows.publications import releases
from flows.publications.release_request import ReleaseRequest
from tests.company import find_value, open_company
from tests.releases.conftest import SIGNED
from tests.releases.publication import publish
from transforms import build
from transforms.returns import returns

CLAIMS = [
    # line, reported, settled, outcome, previous settlement, reopened: what it is in the year 2012
    ("auto", "2011-01-05", "2011-02-05", "normal", None, None),  # long closed
    ("auto", "2011-12-01", "2012-01-31", "normal", None, None),  # open at start; paid after 61 days
    ("auto", "2012-02-01", "2012-03-02", "normal", None, None),  # opened; paid after 30 days
    (
        "auto",
        "2012-02-01",
        "2012-03-03",
        "rejected",
        None,
        None,
    ),  # opened; closed without payment after 31 days
    (
        "home",
        "2012-05-01",
        "2012-05-01",
        "cancelled",
        None,
        None,
    ),  # opened; closed without payment on the day
    ("home", "2012-06-01", None, None, None, None),  # opened; open at end, over six months old
    (
        "home",
        "2011-03-01",
        None,
        "normal",
        "2011-04-01",
        "2012-07-01",
    ),  # closed at start, reopened, open at end
    (
        "home",
        "2012-08-01",
        None,
        "normal",
        "2012-08-10",
        "2012-09-01",
    ),  # closed and reopened inside: opened, open at end
    (
        "auto",
        "2011-03-01",
        "2012-12-20",
        "normal",
        "2011-04-01",
        "2012-07-01",
    ),  # closed at start, reopened, paid after 660 days
]
COMPLAINTS = [
    # line, received (a Thursday), closed, outcome
    (
        "auto",
        "2012-05-31",
        "2012-07-02",
        "upheld",
    ),  # open at start of the half year; within 8 weeks
    ("auto", "2012-08-02", "2012-08-07", "partly_upheld"),  # third business day is the Tuesday
    ("auto", "2012-08-02", "2012-08-08", "rejected"),  # the fourth
    ("home", "2012-08-02", "2012-09-27", "rejected"),  # 56 days
    ("home", "2012-08-02", "2012-09-28", "withdrawn"),  # 57 days
    ("home", "2012-12-20", None, None),  # open, eleven days old
]


def rows() -> dict[str, list[dict]]:
    branches = [{"branch_code": "00", "name": "总公司", "level": "head_office"}]
    branches += [
        {"branch_code": code, "name": f"第{code}", "parent_code": "00", "level": "province"}
        for code in ("01", "02")
    ]
    claims = [
        {
            "claim_id": f"C{number}",
            "branch_code": "01" if line == "auto" else "02",
            "line": line,
            "reported_at": f"{reported} 09:00:00",
            "registered_at": f"{reported} 10:00:00",
            "closed_at": settled and f"{settled} 12:00:00",
            "paid_at": f"{settled} 12:00:00" if settled and outcome == "normal" else None,
            "outcome": outcome,
            "previous_settled_at": previous and f"{previous} 12:00:00",
            "reopened_at": reopened and f"{reopened} 12:00:00",
            "has_injury": False,
            "paid_amount": 1000,
        }
        for number, (line, reported, settled, outcome, previous, reopened) in enumerate(CLAIMS)
    ]
    complaints = [
        {
            "complaint_id": f"P{number}",
            "branch_code": "01",
            "line": line,
            "category": "claims" if line == "auto" else "sales",
            "channel": "company",
            "received_at": f"{received} 23:00:00",
            "closed_at": closed and f"{closed} 08:00:00",
            "outcome": outcome,
        }
        for number, (line, received, closed, outcome) in enumerate(COMPLAINTS)
    ]
    exposure = [
        {
            "branch_code": "01",
            "month": month,
            "line": line,
            "premium": 100,
            "policies_issued": 500,
            "policies_in_force": policies,
        }
        for month, policies in (("2012-11-01", 900), ("2012-12-01", 1000))
        for line in ("auto", "home")
    ]
    return {"branches": branches, "claims": claims, "complaints": complaints, "exposure": exposure}


@pytest.fixture(scope="module")
def engine():
    with open_company("2012-12-31", **rows()) as (engine, inputs):
        published = build.build(engine, inputs)
        yield engine, published


@pytest.fixture(scope="module")
def read_return(engine):
    tables = returns.build_returns(engine[0])
    assert not [row for row in tables["reg_control"].to_pylist() if row["sums_wrong"]]

    def read(name: str, key: str) -> dict[str, dict]:
        return {row[key]: row for row in tables[name].to_pylist()}

    return read


def values(row: dict, *names: str) -> tuple:
    return tuple(row[name] for name in names)


FLOW = (
    "open_at_start_count",
    "opened_count",
    "closed_with_payment_count",
    "closed_without_payment_count",
    "open_at_end_count",
)


def test_mcas_counts_claims_once_as_they_stand_at_the_end(read_return):
    mcas = read_return("reg_us_mcas_claims", "line")
    assert values(mcas["auto"], *FLOW) == (1, 3, 3, 1, 0)
    assert values(mcas["home"], *FLOW) == (0, 4, 0, 1, 3)
    assert values(mcas["Total"], *FLOW) == (1, 7, 3, 2, 3)
    total = mcas["Total"]
    assert values(
        total,
        "paid_0_to_30_days_count",
        "paid_61_to_90_days_count",
        "paid_over_365_days_count",
        "median_days",
    ) == (1, 1, 1, 61.0)
    assert values(
        total, "unpaid_0_to_30_days_count", "unpaid_31_to_60_days_count", "suits_opened_count"
    ) == (1, 1, None)
    assert mcas["home"]["median_days"] is None


def test_irdai_tables_run_from_april(read_return):
    claims = read_return("reg_in_claims", "line")["Total"]
    # Before April: nothing was open; two are reopened, three reported, of which one is closed and
    # reopened since.
    assert values(claims, "open_at_start_count", "reported_count", "reopened_count") == (0, 3, 2)
    assert values(
        claims,
        "settled_by_payment_count",
        "repudiated_count",
        "closed_otherwise_count",
        "open_at_end_count",
    ) == (1, 0, 1, 3)
    assert values(
        claims,
        "open_3_to_6_months_count",
        "open_6_to_12_months_count",
        "open_1_year_and_over_count",
    ) == (1, 1, 1)
    assert claims["settlement_percent"] == pytest.approx(100 / 5)


def test_complaints_return_knows_business_days_and_eight_weeks(read_return):
    uk = read_return("reg_uk_complaints_return", "line")
    assert values(
        uk["Total"],
        "open_at_start_count",
        "opened_count",
        "closed_count",
        "open_at_end_count",
        "upheld_count",
    ) == (1, 5, 5, 1, 2)
    assert values(
        uk["Total"],
        "closed_within_3_business_days_count",
        "closed_within_8_weeks_count",
        "closed_later_count",
    ) == (1, 3, 1)
    assert values(
        uk["home"],
        "opened_count",
        "policies_in_force_amount",
        "opened_per_1000_policies",
        "redress_paid_amount",
    ) == (3, 1000, 3.0, None)
    # The complaints begin in May: from April nothing can be told, and nothing is guessed.
    assert values(
        read_return("reg_in_grievances", "subject")["Total"],
        "open_at_start_count",
        "additions_count",
        "pending_count",
    ) == (None, None, None)


def test_a_template_of_ones_own_needs_no_python(engine, tmp_path):
    (tmp_path / "reg_xx_closures.sql").write_text(
        """/*
summary = "Settled claims of twelve months."
kind = "table"
*/
SELECT p.time_period, p.return_period AS time_identifier, k.geographic_level, k.branch_code, k.branch_code AS branch_name, k.numerator AS settled_count
FROM fct_return_kpi AS k
JOIN dim_return_period AS p ON p.return_period = 'rolling12'
WHERE k.kpi_id = 'claim_closure_rolling12_pct' AND k.claim_group = 'all'
""",
        encoding="utf-8",
    )
    layout = """
title = { zh = "结案", en = "Claims settled, by branch" }
regulator = { zh = "某监管", en = "Some regulator" }
period = { zh = "十二个月", en = "Twelve months" }
source = "none"
version = 1
order = ["settled_count"]
total = ["geographic_level", "company"]
[[column]]
name = "settled_count"
title = { zh = "结案", en = "Settled" }
unit = { zh = "件", en = "claims" }
type = "integer"
role = "count"
[[control]]
id = "settled_adds_up"
column = "settled_count"
"""
    (tmp_path / "reg_xx_closures.toml").write_text(layout, encoding="utf-8")
    tables = returns.build_returns(engine[0], tmp_path)
    assert {
        row["branch_code"]: row["settled_count"] for row in tables["reg_xx_closures"].to_pylist()
    } == {"00": 3, "01": 2, "02": 1, "(other)": 0}
    assert tables["reg_control"].to_pylist()[0]["sums_wrong"] == 0
    store = tmp_path / "store"
    publish(store, "2012-12-31-dddddddddddd", "2012-12-31", engine[1] | tables)
    request = ReleaseRequest(
        "xx",
        "2012-12-31-dddddddddddd",
        ("reg_xx_closures",),
        "regulator",
        "en",
        **SIGNED,
        publish_at="2013-01-15T09:30+08:00",
        next_release="2014-01",
    )
    folder = releases.make_release(store, request)
    assert (folder / "xx-closures.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[
        5
    ] == "3"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["returns"] == {
        "reg_xx_closures": layout
    }
    (tmp_path / "reg_xx_closures.toml").write_text(
        layout.replace('name = "settled_count"', 'name = "closed_count"', 1), encoding="utf-8"
    )
    with pytest.raises(
        Problem, match="names columns that it does not have, or one twice: settled_count"
    ):
        returns.build_returns(engine[0], tmp_path)


def test_a_control_total_that_does_not_hold_is_counted_with_its_example():
    layout = parse_layout(
        "reg_a",
        """
title = { zh = "甲", en = "A" }
regulator = { zh = "甲", en = "A" }
period = { zh = "甲", en = "A" }
source = ""
version = 1
order = []
filters = ["line"]
total = ["line", "Total"]
column = [
    { name = "line", title = { zh = "甲", en = "A" }, type = "text", role = "label" },
    { name = "in_count", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
    { name = "out_count", title = { zh = "甲", en = "A" }, type = "integer", role = "count" },
]
control = [{ id = "flow", left = ["in_count"], right = ["out_count"] }, { id = "adds", column = "in_count" }]
""",
    )
    labels = {
        "time_period": "2012",
        "time_identifier": "year",
        "geographic_level": "company",
        "branch_code": "00",
        "branch_name": "甲",
    }
    rows = [
        labels | {"line": line, "in_count": into, "out_count": out}
        for line, into, out in (("a", 1, 1), ("b", 2, 3), ("Total", 4, 4))
    ]
    flow, adds = (returns.check_control(layout, control, rows) for control in layout.controls)
    assert (flow["sums_checked"], flow["sums_wrong"], flow["examples"]) == (
        3,
        1,
        "2012 company 00 b: 2 is not 3",
    )
    assert (adds["sums_checked"], adds["sums_wrong"]) == (1, 1) and adds["examples"].endswith(
        "3 is not 4"
    )


def test_a_branch_with_hardly_any_premium_has_one_complaint_index():
    company = rows()
    for complaint in company["complaints"]:
        complaint |= {"channel": "regulator"}
    company["complaints"][0] |= {"branch_code": "02", "received_at": "2012-01-01 09:00:00"}
    company["exposure"] = [
        {"branch_code": branch, "month": month, "premium": premium}
        for branch, premium in (("01", "300000000"), ("02", "1.01"))
        for month in ("2012-01-01", "2012-12-01")
    ]
    with open_company("2012-12-31", **company) as (engine, inputs):
        values = build.build(engine, inputs)["mart_kpi_value"]
        table = returns.build_returns(engine)["reg_us_complaint_index"].to_pylist()
    of_return = next(row for row in table if row["branch_code"] == "02")["complaint_index"]
    of_kpi = find_value(values, "complaint_index", "02", "ytd", "2012-01-01", last="2012-12-31")
    assert of_kpi["value"] == pytest.approx(of_return, rel=1e-12)
    rounded = float(of_kpi["numerator"] / of_kpi["denominator"])
    assert rounded != pytest.approx(of_return, rel=1e-4)
