"""The flow on three public data sets agrees with what pandas counts in the raw files alone."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from data.problem import Problem
from data.store.table_files import read_table
from flows.samples.public_datasets import run_real
from tests.datasets import OUTCOMES, DatasetRun, raw, run_dataset

CLOCK_CHANGE = pd.Timestamp("2011-10-30 01:00", tz="UTC")


@pytest.fixture(scope="session")
def autobi(tmp_path_factory) -> DatasetRun:
    return run_dataset("aus_autobi_claims", tmp_path_factory)


@pytest.fixture(scope="session")
def bpic(tmp_path_factory) -> DatasetRun:
    return run_dataset("bpic2012", tmp_path_factory)


@pytest.fixture(scope="session")
def complaints(tmp_path_factory) -> DatasetRun:
    return run_dataset("ct_insurance_complaints", tmp_path_factory)


@pytest.fixture(scope="session")
def cases() -> pd.DataFrame:
    frame = pd.read_csv(raw("bpic2012_loans_calls/bpic2012_cases.csv"), dtype={"case_id": str})
    for name in ("open_ts", "close_ts"):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    return frame


def seconds(start: pd.Series, end: pd.Series) -> int:
    """Return the elapsed whole seconds in UTC, added up."""
    return int((end.dt.floor("s") - start.dt.floor("s")).dt.total_seconds().sum())


def row_counts(run: DatasetRun, extract: str) -> tuple[int, ...]:
    """Return the rows read, accepted, quarantined, superseded, skipped."""
    (row,) = [row for row in run.account.rows if row["extract"] == extract]
    return row["rows_read"], *(row[f"rows_{outcome}"] for outcome in OUTCOMES)


@pytest.mark.parametrize("name", ["autobi", "bpic", "complaints"])
def test_every_row_is_accounted_for(name, request):
    run = request.getfixturevalue(name)
    assert run.account.is_published and run.account.rows
    for row in run.account.rows:
        assert row["rows_read"] == sum(row[f"rows_{outcome}"] for outcome in OUTCOMES)


@pytest.mark.parametrize("name", ["autobi", "complaints"])
def test_closed_cases_only_is_noticed(name, request):
    warnings = request.getfixturevalue(name).account.warnings
    assert any("none is open" in warning for warning in warnings), warnings


def test_open_cases_are_not_taken_for_closed_ones(bpic):
    assert not any("none is open" in warning for warning in bpic.account.warnings)


@pytest.mark.parametrize(
    ("name", "kpi_id", "why"),
    [
        ("autobi", "claim_closure_pct", "holds closed cases only"),
        ("autobi", "callback_count", "no extract of callbacks"),
        ("autobi", "complaint_count", "no extract of complaints"),
        ("bpic", "satisfaction_pct", "no column callbacks.rating"),
        ("bpic", "claim_small_settlement_days_mean", "no column claims.has_injury"),
        ("complaints", "complaint_on_time_pct", "holds closed cases only"),
        ("complaints", "complaint_valid_count", "no column complaints.is_valid"),
        ("complaints", "complaint_per_100m_premium", "no extract of exposure"),
        ("complaints", "claim_settlement_days_mean", "no extract of claims"),
    ],
)
def test_what_a_set_cannot_answer_is_not_available(name, kpi_id, why, request):
    run = request.getfixturevalue(name)
    rows = run.values(kpi_id)
    assert (
        rows
        and {row["state"] for row in rows} == {"not_available"}
        and {row["value"] for row in rows} == {None}
    )
    assert all(why in row["reason"] for row in rows), rows[0]["reason"]
    assert kpi_id in [
        kpi for reason, kpis in run.account.missing.items() if why in reason for kpi in kpis
    ]


@pytest.mark.parametrize("name", ["autobi", "bpic"])
def test_without_branches_there_is_no_league(name, request):
    tables = Path(request.getfixturevalue(name).outcome.folder) / "tables"
    assert read_table(tables, "mart_league").num_rows == 0


def test_autobi_equal_rows_are_one_claim(autobi):
    frame = pd.read_csv(raw("aus_autobi_claims/*.csv"), dtype=str)
    repeated = int(frame.duplicated().sum())
    assert (len(frame), repeated) == (22_036, 2)
    assert row_counts(autobi, "claims") == (len(frame), len(frame) - repeated, 0, repeated, 0)


def test_autobi_settlement_cycle(autobi):
    """By civil days in Sydney, also across clock changes, and per injury."""
    frame = pd.read_csv(raw("aus_autobi_claims/*.csv"), dtype=str).drop_duplicates()
    dates = {
        name: pd.to_datetime(frame[name]).dt.tz_localize("Australia/Sydney").dt.tz_convert("UTC")
        for name in ("ReportDate", "FinDate")
    }
    settled = frame["FinDate"].between("1998-04-01", "1999-03-31")
    for is_counted, segment in (
        (settled, {}),
        (
            settled & (frame["InjType1"] == "minor injury"),
            {"segment_kind": "line", "segment": "minor injury"},
        ),
    ):
        row = autobi.value("claim_settlement_days_mean", "rolling12", "1998-04-01", **segment)
        assert int(row["denominator"]) == is_counted.sum() > 1000
        assert int(row["numerator"]) == seconds(
            dates["ReportDate"][is_counted], dates["FinDate"][is_counted]
        )


def test_autobi_amounts_are_rounded_to_cents(autobi):
    frame = pd.read_csv(raw("aus_autobi_claims/*.csv"), dtype=str).drop_duplicates()
    assert abs(
        float(autobi.current("claims")["paid_amount"].sum()) - frame["AggClaim"].astype(float).sum()
    ) < 0.01 * len(frame)


def test_bpic_counts(bpic, cases):
    calls = pd.read_csv(raw("bpic2012_loans_calls/bpic2012_call_workitems.csv"))
    no_start, no_end, still_open = (
        int(column.isna().sum())
        for column in (calls["start_ts"], calls["end_ts"], cases["close_ts"])
    )
    assert (len(cases), still_open, len(calls), no_start + no_end) == (13_087, 399, 40_283, 582)
    assert row_counts(bpic, "claims") == (len(cases), len(cases), 0, 0, 0)
    assert row_counts(bpic, "callbacks") == (len(calls), len(calls), 0, 0, 0)
    claims, callbacks = bpic.current("claims"), bpic.current("callbacks")
    assert claims["closed_at"].isna().sum() == claims["outcome"].isna().sum() == still_open
    assert (callbacks["first_dialled_at"].isna().sum(), callbacks["completed_at"].isna().sum()) == (
        no_start,
        no_end,
    )
    assert callbacks["agent_id"].isna().sum() == calls["agent"].isna().sum()
    assert bpic.rule("completed_without_dial") == no_start
    assert bpic.rule("outcome_unreadable") == 0
    words = {"APPROVED": "normal", "DECLINED": "rejected", "CANCELLED": "cancelled"}
    assert (
        claims["outcome"].value_counts().to_dict()
        == cases["status"].map(words).value_counts().to_dict()
    )


def test_bpic_settlement_time_across_the_clock_change(bpic, cases):
    """Reported at +02:00, closed after the change: what counts is the time that passed."""
    both = bpic.current("claims").merge(
        cases, left_on="claim_id", right_on="case_id", validate="one_to_one"
    )
    assert (both["reported_at"].dt.tz_localize("UTC") == both["open_ts"]).all()
    across = both[(both["open_ts"] < CLOCK_CHANGE) & (both["close_ts"] > CLOCK_CHANGE)]
    assert len(across) > 500
    assert (
        (across["closed_at"] - across["reported_at"]) == (across["close_ts"] - across["open_ts"])
    ).all()
    civil = cases["close_ts"].dt.tz_convert("Europe/Amsterdam").dt.strftime("%Y-%m")
    november = cases[(civil == "2011-11") & (cases["status"] == "APPROVED")]
    assert (november["open_ts"] < CLOCK_CHANGE).sum() > 100
    row = bpic.value("claim_settlement_days_mean", "month", "2011-11-01")
    assert int(row["denominator"]) == len(november)
    assert int(row["numerator"]) == seconds(november["open_ts"], november["close_ts"])


def test_bpic_closure_and_calls(bpic, cases):
    opened, closed = (
        cases[name].dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)
        for name in ("open_ts", "close_ts")
    )
    start = datetime(2012, 1, 1)
    settled = int((closed >= start).sum())
    stock, flow = int(((opened < start) & ~(closed < start)).sum()), int((opened >= start).sum())
    row = bpic.value("claim_closure_pct", "ytd", "2012-01-01")
    assert (int(row["numerator"]), int(row["denominator"])) == (settled, stock + flow)
    assert row["value"] == pytest.approx(100 * settled / (stock + flow))
    assert stock + flow - settled == 399
    calls = pd.read_csv(raw("bpic2012_loans_calls/bpic2012_call_workitems.csv"))["start_ts"]
    dialled = (
        pd.to_datetime(calls, utc=True, format="ISO8601")
        .dt.tz_convert("Europe/Amsterdam")
        .dt.strftime("%Y-%m")
    )
    assert (
        bpic.value("callback_count", "month", "2011-12-01")["value"]
        == (dialled == "2011-12").sum()
        > 1000
    )


def test_one_complaint_per_file_number(complaints):
    frame = pd.read_parquet(raw("ct_insurance_complaints/*.parquet"))
    numbers = frame["file_no"].nunique()
    assert (len(frame), numbers) == (75_045, 21_174)
    assert row_counts(complaints, "complaints") == (len(frame), numbers, 0, len(frame) - numbers, 0)
    first = frame.drop_duplicates("file_no")
    current = complaints.current("complaints")
    assert current["branch_code"].nunique() == first["company"].nunique() > 500
    assert (current["outcome"] == "upheld").sum() == (
        first["disposition"] == "Company Position Overturned"
    ).sum()
    assert complaints.rule("outcome_unreadable") == 0


def test_complaint_counts(complaints):
    first = pd.read_parquet(raw("ct_insurance_complaints/*.parquet")).drop_duplicates("file_no")
    received = pd.to_datetime(first["opened"])
    assert (
        complaints.value("complaint_count", "ytd", "2026-01-01")["value"]
        == (received >= "2026-01-01").sum()
    )
    year = first[(received >= "2025-05-02") & (received <= "2026-05-01")]
    insurer, count = next(year["company"].value_counts().items())
    assert (
        complaints.value("complaint_count", "rolling12", "2025-05-02", branch_code=insurer)["value"]
        == count
        > 100
    )


def test_a_folder_without_the_sets_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="holds none of the data sets"):
        run_real(tmp_path, tmp_path / "store")
