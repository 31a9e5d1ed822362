"""Random small companies, computed a second time in plain Python straight from the specification, and the identities that must hold."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.company import compute

AS_OF = date(2012, 8, 15)
FIRST = datetime(2011, 1, 1)
BRANCHES = [
    {"branch_code": "HQ", "name": "总公司", "level": "head_office"},
    {"branch_code": "P1", "name": "甲", "parent_code": "HQ", "level": "province"},
    {"branch_code": "P2", "name": "乙", "parent_code": "HQ", "level": "province"},
    {"branch_code": "C1", "name": "甲一", "parent_code": "P1", "level": "central"},
    {"branch_code": "S1", "name": "甲一一", "parent_code": "C1", "level": "sub"},
]
BELOW = {"HQ": {"P1", "P2", "C1", "S1", "HQ", "elsewhere"}, "P1": {"P1", "C1", "S1"}, "P2": {"P2"}, "C1": {"C1", "S1"}, "S1": {"S1"}}
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

moments = st.integers(0, 620 * 86400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
maybe = st.one_of(st.none(), st.integers(0, 200 * 86400).map(lambda seconds: timedelta(seconds=seconds)))
codes = st.sampled_from(["P1", "P2", "C1", "S1", "elsewhere"])


@st.composite
def claims(draw):
    rows = [{"claim_id": "first", "branch_code": "P1", "reported_at": "2011-01-01 00:00:00", "has_injury": True, "closed_at": None, "paid_at": None}]
    for number in range(draw(st.integers(0, 25))):
        reported = draw(moments)
        previous, reopened, closed, paid = (draw(maybe) for _ in range(4))
        if previous is not None and draw(st.booleans()):
            previous, reopened, closed, paid = (delta and delta + previous for delta in (previous, reopened, closed, paid))
        row = {"claim_id": str(number), "branch_code": draw(codes), "reported_at": reported, "line": draw(st.sampled_from(["车", None]))}
        for name, delta in (("previous_settled_at", previous), ("reopened_at", reopened), ("closed_at", closed), ("paid_at", paid)):
            row[name] = None if delta is None else reported + delta
        row["outcome"] = draw(st.sampled_from([None, "normal", "normal", "zero", "rejected", "cancelled"]))
        row["has_injury"] = draw(st.sampled_from([True, False, None]))
        row["paid_amount"] = draw(st.sampled_from([None, 0, 2999, 3000, 3001]))
        rows.append({name: str(value) if isinstance(value, datetime) else value for name, value in row.items()})
    return rows


def known(row: dict, name: str):
    """An instant that has happened by the end of AS_OF, else None."""
    value = row.get(name) and datetime.fromisoformat(row[name])
    return value if value and value.date() <= AS_OF else None


def history(row: dict) -> dict | None:
    """Inflows and settlements of a claim, from the words of kpi-spec sections 1 and 2."""
    reported = known(row, "reported_at")
    if reported is None:
        return None
    outcome = row.get("outcome")
    if outcome is None and (row.get("closed_at") or row.get("paid_at")):
        outcome = "zero" if row.get("paid_amount") == 0 else "normal"
    settled = known(row, "paid_at") if outcome == "normal" else known(row, "closed_at")
    previous, reopened = known(row, "previous_settled_at"), known(row, "reopened_at")
    inflows, settlements = [reported], []
    before = [moment for moment in (previous, settled) if moment and reopened and moment < reopened]
    if before:
        inflows.append(reopened)
        later = settled if settled and settled >= reopened else None
        settlements = [previous if later or settled is None else settled] + ([later] if later else [])
    elif settled or previous:
        settlements = [settled or previous]
    latest = settled or previous
    return {"in": inflows, "out": settlements, "reported": reported, "latest": latest, "outcome": outcome if latest else None}


def rows_of(tables: dict, kpi: str) -> list[dict]:
    return [row for row in tables["mart_kpi_value"].to_pylist() if row["kpi_id"] == kpi and row["segment_kind"] == "all" and row["state"] == "ok"]


@QUICK
@given(claims())
def test_closure_rate_counted_again(rows):
    tables = compute(AS_OF, claims=rows, branches=BRANCHES)
    told = [(row["branch_code"], history(row)) for row in rows]
    checked = 0
    for row in rows_of(tables, "claim_closure_pct"):
        mine = [h for code, h in told if h and code in BELOW.get(row["branch_code"], {"elsewhere"})]
        start, end = row["period_start"], row["period_end"]
        flow_in = [moment.date() for h in mine for moment in h["in"]]
        flow_out = [moment.date() for h in mine for moment in h["out"]]
        open_at_start = sum(day < start for day in flow_in) - sum(day < start for day in flow_out)
        came_in = sum(start <= day < end for day in flow_in)
        went_out = sum(start <= day < end for day in flow_out)
        open_at_end = sum(day < end for day in flow_in) - sum(day < end for day in flow_out)
        assert (row["numerator"], row["denominator"]) == (went_out, open_at_start + came_in), row
        assert row["denominator"] == went_out + open_at_end, "opening + reported + reopened = settled + open"
        checked += 1
    assert checked


@QUICK
@given(claims())
def test_settlement_cycle_counted_again(rows):
    tables = compute(AS_OF, claims=rows, branches=BRANCHES)
    for kpi, small in (("claim_settlement_days_mean", False), ("claim_small_settlement_days_mean", True)):
        for row in rows_of(tables, kpi):
            mine = [
                (h["latest"] - h["reported"]).total_seconds()
                for given_row in rows
                if given_row["branch_code"] in BELOW.get(row["branch_code"], {"elsewhere"}) and (h := history(given_row))
                if h["outcome"] == "normal" and h["latest"] and row["period_start"] <= h["latest"].date() < row["period_end"]
                if not small
                or (given_row["has_injury"] is False and (given_row["paid_amount"] if given_row["paid_amount"] is not None else 9e9) <= 3000)
            ]
            assert (row["numerator"], row["denominator"]) == (sum(mine), len(mine)), row
            assert row["value"] == float(Fraction(int(sum(mine)), 86400 * len(mine)))


@QUICK
@given(claims(), st.randoms(use_true_random=False))
def test_children_and_segments_add_up_and_order_does_not_matter(rows, chance):
    tables = compute(AS_OF, claims=rows, branches=BRANCHES)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    again = compute(AS_OF, claims=shuffled, branches=BRANCHES, threads=1)
    assert all(tables[name].equals(again[name]) for name in tables)
    cells = {}
    for row in tables["mart_kpi_value"].to_pylist():
        if row["state"] in ("ok", "no_cases"):
            key = (row["kpi_id"], row["period_kind"], row["period_start"], row["branch_code"])
            cells.setdefault(key, {}).setdefault(row["segment_kind"], []).append((row["numerator"], row["denominator"]))
    for (kpi, kind, start, branch), kinds in cells.items():
        whole = kinds["all"][0]
        for segment in kinds.keys() - {"all"}:
            assert tuple(map(sum, zip(*kinds[segment], strict=True))) == whole
        if branch == "C1":
            below, above = cells[kpi, kind, start, "S1"]["all"][0], cells[kpi, kind, start, "P1"]["all"][0]
            assert below[1] <= whole[1] <= above[1]
