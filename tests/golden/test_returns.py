"""The return templates give published figures, of companies built to the published counts."""

import pytest

from tests.releases.publication import compute

# China, first half of 2012: items, rank, share of 6,651 items in %, items per 100m yuan of premium
# (kpi-definitions, section 2).
BULLETIN = [
    ("人保财险", 683, 1, 10.27, 0.68), ("平安财险", 449, 2, 6.75, 0.92), ("太保财险", 295, 3, 4.44, 0.84), ("阳光财险", 205, 4, 3.08, 2.87),
    ("安邦财险", 116, 5, 1.74, 3.17), ("中华财险", 92, 6, 1.38, 0.69), ("大地财险", 87, 7, 1.31, 0.97), ("国寿财险", 78, 8, 1.17, 0.69),
    ("天安保险", 65, 9, 0.98, 1.59), ("华安财险", 62, 10, 0.93, 2.10), ("天平车险", 61, 11, 0.92, 2.75), ("永诚财险", 49, 12, 0.74, 1.56),
    ("永安财险", 47, 13, 0.71, 1.27), ("太平财险", 36, 14, 0.54, 0.98), ("华泰财险", 30, 15, 0.45, 1.04), ("都邦财险", 29, 16, 0.44, 1.79),
    ("信达财险", 28, 17, 0.42, 2.98), ("渤海财险", 25, 18, 0.38, 3.14),
]  # fmt: skip
EVERYTHING = 6651


@pytest.fixture(scope="module")
def bulletin():
    """The market as one company: each insurer is a province, all others the head office itself."""
    branches = [{"branch_code": "00", "name": "全行业", "level": "head_office"}]
    complaints, exposure = [], []
    for number, (name, items, _, _, ratio) in enumerate(BULLETIN, start=1):
        code = f"{number:02}"
        branches.append(
            {"branch_code": code, "name": name, "parent_code": "00", "level": "province"}
        )
        complaints += [{"branch_code": code}] * items
        exposure.append(
            {"branch_code": code, "month": "2012-01-01", "premium": round(items / ratio * 1e8)}
        )
    complaints += [{"branch_code": "00"}] * (EVERYTHING - sum(row[1] for row in BULLETIN))
    complaints = [
        row
        | {
            "complaint_id": f"P{number}",
            "received_at": "2012-01-15 09:00:00",
            "channel": "regulator",
        }
        for number, row in enumerate(complaints)
    ]
    tables = compute("2012-06-30", branches=branches, complaints=complaints, exposure=exposure)
    return {
        row["branch_name"]: row for row in tables["reg_cn_complaint_bulletin"].to_pylist()
    }, tables


def test_bulletin_of_2012(bulletin):
    rows, tables = bulletin
    for name, items, rank, share, ratio in BULLETIN:
        row = rows[name]
        assert (
            row["complaints_count"],
            row["complaints_rank"],
            round(row["complaints_share_percent"], 2),
        ) == (items, rank, share), name
        assert round(row["complaints_per_100m_premium"], 2) == ratio
    assert (
        rows["全行业"]["complaints_count"] == EVERYTHING
        and rows["全行业"]["complaints_rank"] is None
    )
    # 0.69 and 0.69 have ranks of their own, on unrounded values: 92 complaints of 中华财险 come before
    # or after 78 of 国寿财险, never level with them.
    ranks = sorted(
        row["complaints_per_100m_premium_rank"]
        for row in rows.values()
        if row["complaints_per_100m_premium_rank"]
    )
    assert ranks == list(range(1, len(BULLETIN) + 1))
    assert all(
        row["sums_wrong"] == 0 and row["sums_checked"]
        for row in tables["reg_control"].to_pylist()
        if "bulletin" in row["return_id"]
    )


# United Kingdom, one firm, first half of 2017: opened, policies in force, per 1,000
# (golden-figures).
FIRM = [
    ("home", 1, 1_138, 0.88),
    ("insurance", 138, 911_505, 0.15),
    ("pensions", 158, 40_235, 3.93),
    ("investments", 274, 332_213, 0.82),
]


def test_complaints_return_of_2017():
    opened = [line for line, count, _, _ in FIRM for _ in range(count)]
    complaints = [
        {
            "complaint_id": f"P{number}",
            "branch_code": "00",
            "line": line,
            "received_at": "2017-03-01 09:00:00",
        }
        for number, line in enumerate(opened)
    ]
    # Complaints of the year before, so that the extract reaches back before the half year.
    complaints.append(
        {
            "complaint_id": "old",
            "branch_code": "00",
            "line": "home",
            "received_at": "2016-03-01 09:00:00",
            "closed_at": "2016-03-02 09:00:00",
        }
    )
    exposure = [
        {"branch_code": "00", "month": "2017-06-01", "line": line, "policies_in_force": policies}
        for line, _, policies, _ in FIRM
    ]
    tables = compute("2017-06-30", complaints=complaints, exposure=exposure)
    rows = {row["line"]: row for row in tables["reg_uk_complaints_return"].to_pylist()}
    for line, count, policies, ratio in [*FIRM, ("Total", 571, 1_285_091, 0.44)]:
        assert (rows[line]["opened_count"], rows[line]["policies_in_force_amount"]) == (
            count,
            policies,
        )
        assert round(rows[line]["opened_per_1000_policies"], 2) == ratio, line
