"""Public data sets that show one thing each.

They are claims without a close date, confirmed complaints, patients' answers, and the complaints of
a small agency.
"""

from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.datasets import OUTCOMES, DatasetRun, raw, run_dataset


@pytest.fixture(scope="session")
def tsa(tmp_path_factory) -> DatasetRun:
    return run_dataset("tsa_claims", tmp_path_factory)


@pytest.fixture(scope="session")
def texas(tmp_path_factory) -> DatasetRun:
    return run_dataset("tx_insurance_complaints", tmp_path_factory)


@pytest.fixture(scope="session")
def surgeries(tmp_path_factory) -> DatasetRun:
    return run_dataset("gp_fft_survey", tmp_path_factory)


@pytest.fixture(scope="session")
def agency(tmp_path_factory) -> DatasetRun:
    return run_dataset("uwv_complaints", tmp_path_factory)


def counts(run: DatasetRun) -> list[tuple]:
    """Return per extract the rows read, accepted, quarantined, superseded, skipped."""
    columns = ["rows_read", *(f"rows_{outcome}" for outcome in OUTCOMES)]
    return [tuple(map(row.get, columns)) for row in run.account.rows]


def reasons(run: DatasetRun) -> Counter:
    rows = pq.read_table(Path(run.outcome.folder) / "tables" / "quality_quarantine.parquet")[
        "reasons"
    ].to_pylist()
    return Counter(reason for row in rows for reason in row.split("; "))


def why_not(run: DatasetRun, kpi_id: str) -> str:
    (reason,) = {row["reason"] for row in run.values(kpi_id) if row["state"] == "not_available"}
    return reason


def test_tsa_every_row_is_accounted_for_and_no_settlement_is_invented(tsa):
    assert counts(tsa) == [(47_912, 47_417, 495, 0, 0), (41_598, 41_279, 319, 0, 0)]
    # 495 blank airports; 318 "-", and a last line "<BR>" which has neither airport nor date.
    assert {rule: count for rule, count in reasons(tsa).items() if rule.endswith("_missing")} == {
        "branch_code_missing": 814,
        "reported_at_missing": 1,
    }
    assert tsa.rule("occurred_at_unreadable") >= 95, "accidents of the year 0002 and the like"
    for kpi_id in (
        "claim_closure_pct",
        "claim_settlement_days_mean",
        "claim_settled_within_30_days_pct",
    ):
        assert "closed_at or claims.paid_at" in why_not(tsa, kpi_id)
    assert len(tsa.current("claims")) == 47_417 + 41_279


def test_texas_confirmed_complaints_equal_a_count_by_hand(texas):
    assert counts(texas) == [(281_397, 281_356, 41, 0, 0)]
    assert reasons(texas) == {"branch_code_missing": 41}
    frame = pq.read_table(raw("tx_insurance_complaints/*.parquet")).to_pandas()
    frame = frame[frame["coverage_level"].notna()]
    march = frame["received_date"].astype(str).str.startswith("2026-03")
    assert texas.value("complaint_count", "month", "2026-03-01")["value"] == march.sum()
    assert (
        texas.value("complaint_valid_count", "month", "2026-03-01")["value"]
        == (march & frame["is_confirmed"]).sum()
    )
    closed = frame[frame["closed_date"].astype(str).str.startswith("2019-08")]
    assert len(closed) > 2 * 1_500, "the backlog of August 2019 is in the set"
    in_march = frame[frame["closed_date"].astype(str).str.startswith("2026-03")]
    upheld = texas.value("complaint_upheld_pct", "month", "2026-03-01")
    assert (int(upheld["numerator"]), int(upheld["denominator"])) == (
        in_march["is_confirmed"].sum(),
        len(in_march),
    )
    assert why_not(texas, "complaint_on_time_pct") == "the policy sets no time limits"
    assert any("none is open" in warning for warning in texas.account.warnings)


def test_answers_of_patients_count_and_dont_know_is_none(surgeries):
    assert counts(surgeries) == [(3_882, 3_882, 0, 0, 0)]
    frame = pd.read_csv(raw("gp_fft_survey/*.csv"))
    answers = surgeries.current("callbacks")
    assert answers["rating"].isna().sum() == (frame["rating"] == "Don't know").sum() == 19
    for month in ("2023-08", "2024-03"):
        of_month = frame[frame["time"].str.startswith(month)]
        row = surgeries.value("satisfaction_pct", "month", f"{month}-01")
        assert (int(row["numerator"]), int(row["denominator"])) == (
            (of_month["rating_score"] >= 4).sum(),
            of_month["rating_score"].notna().sum(),
        )
        for surgery, own in of_month.groupby("surgery"):
            row = surgeries.value("satisfaction_pct", "month", f"{month}-01", branch_code=surgery)
            assert (int(row["numerator"]), int(row["denominator"])) == (
                (own["rating_score"] >= 4).sum(),
                own["rating_score"].notna().sum(),
            )
    assert "first_dialled_at" in why_not(surgeries, "callback_count")


def test_a_small_agency_in_latin_1(agency):
    assert counts(agency) == [(289, 289, 0, 0, 0)]
    (row,) = pq.read_table(
        Path(agency.outcome.folder) / "tables" / "quality_input_file.parquet"
    ).to_pylist()
    assert (row["format"], row["encoding"]) == ("csv, ';'", "latin-1")
    frame = pd.read_csv(raw("uwv_complaints/*.csv"), sep=";", encoding="latin-1", dtype=str)
    for office, own in frame[frame["ContactDate"].str.startswith("2016-01")].groupby("Office_U"):
        assert agency.value("complaint_count", "month", "2016-01-01", branch_code=office)[
            "value"
        ] == len(own)
    for kpi_id in ("complaint_on_time_pct", "complaint_upheld_pct", "complaint_valid_count"):
        assert agency.values(kpi_id)[0]["state"] == "not_available"
