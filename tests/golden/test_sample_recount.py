"""The synthetic sample meets the published figures when its files are counted a second time."""

from collections import Counter
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest

from data.synthetic import FAULTS, SAMPLE_DAY, write_delivery
from tests.golden import recount

REASON = {
    "closed_before_reported": "closed before reported",
    "paid_before_reported": "paid before reported",
    "reported_at_missing": "reported_at missing",
    "reported_at_unreadable": "reported_at missing",
    "received_at_missing": "received_at missing",
    "received_at_unreadable": "received_at missing",
    "kind_missing": "kind missing",
    "closed_before_received": "closed before received",
    "negative_amount": "negative amount",
    "rating_outside": "rating outside 1..5",
    "same_row_twice": "same row again",
    "same_key_different_content": "one key, different content",
    "header_repeated": "stray line",
    "totals_line": "stray line",
}


@pytest.fixture(scope="session")
def files(landing):
    return recount.read(landing)


@pytest.fixture(scope="session")
def landed(files):
    return recount.current(files)


def printed(value, digits: int) -> str:
    """Return the value rounded half away from zero, as a report prints it."""
    return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(fraction: tuple[int, int], digits: int = 2) -> str:
    numerator, denominator = fraction
    return printed(Decimal(100 * numerator) / denominator, digits)


def test_head_office(landed):
    figures = recount.head_office(landed)
    assert percent(figures["closure_2011"]) == "89.06"
    assert percent(figures["closure_2012"]) == "91.60"
    (done, due), (done_before, due_before) = figures["closure_2012"], figures["closure_2011"]
    assert printed(100 * (done / due - done_before / due_before), 2) == "2.54"
    assert percent(figures["satisfaction"]) == "95.68"


def test_call_backs_of_every_month(landed):
    calls = recount.head_office(landed)["calls"]
    assert sorted(calls) == list(range(1, 13))
    assert all(130_000 < count < 155_000 for count in calls.values())


def test_complaints_to_the_regulator(landed):
    figures = recount.head_office(landed)
    assert figures["regulator"] == 131
    assert printed(figures["per_100m"], 4) == "0.9689"


def test_jiangxi(landed):
    figures = recount.jiangxi(landed)
    on_time, limits = figures["on_time"]
    assert on_time == limits > 100
    assert figures["handling"] == (133, 138)
    assert percent(figures["handling"]) == "96.38"
    assert percent(figures["closure"]) == "92.00"
    # At the end of November 27.00 and 4.70: claims that December settled again are not in them.
    assert printed(figures["days"], 0) == "27"
    assert printed(figures["small_days"], 1) == "4.7"


def test_jinhua_has_business_but_no_valid_complaint(landed):
    figures = recount.jinhua(landed)
    assert figures["valid"] == 0
    assert 1 <= figures["complaints"] <= 2
    assert figures["claims"] > 1_000
    assert figures["premium"] > 1e7


def test_all_planted_faults_are_left_out_and_nothing_else(files):
    planted = Counter()
    for extract, faults in FAULTS.items():
        for fault, count in faults.items():
            planted[extract, REASON[fault]] += (
                2 * count if fault == "same_key_different_content" else count
            )
    left_out = Counter()
    for (file, reason), count in files.left_out.items():
        left_out[file.partition("_")[0], reason] += count
    assert +left_out == planted


def test_unknown_branches(landed):
    assert recount.unknown_branches(landed) == {
        "claims": 6,
        "callbacks": 8,
        "complaints": 2,
        "exposure": 0,
    }


def test_reopened_claims(landed):
    claims = landed["claims"]
    back = claims[claims.reopened_at.notna()]
    assert 0.005 < len(back) / len(claims) < 0.015
    assert (back.previous_settled_at < back.reopened_at).all()
    assert ((back.paid_at > back.reopened_at) | back.paid_at.isna()).all()
    assert ((back.closed_at > back.reopened_at) | back.closed_at.isna()).all()


def test_every_complaint_of_the_time_is_called_back(landed):
    letters, calls = landed["complaints"], landed["callbacks"]
    due = letters[letters.received_at >= "2011-07-01"]
    assert due.complaint_id.isin(calls.subject_id[calls.kind == "complaint"]).all()


def test_provinces_differ_as_branches_do(landed):
    table = recount.provinces(landed)
    assert len(table) == 36
    assert 0.8 < table.closure.std() < 2.0
    assert 0.6 < table.satisfaction.std() < 1.6
    assert table.days.between(15, 55).all()


def test_the_same_bytes_again(landing, tmp_path):
    for path in write_delivery(tmp_path, SAMPLE_DAY):
        assert path.read_bytes() == (landing / path.name).read_bytes()


def test_a_delivery_since_a_day_is_what_was_new_or_changed(landed, tmp_path):
    """Rows of the last day alone: as in the whole extract, and every one with an event of it."""
    write_delivery(tmp_path, SAMPLE_DAY, since=SAMPLE_DAY - timedelta(1))
    new = recount.current(recount.read(tmp_path, "claims"))["claims"]
    old = landed["claims"].set_index("claim_id")
    assert 0 < len(new) < len(old) / 100
    pd.testing.assert_frame_equal(new.set_index("claim_id"), old.loc[new.claim_id], check_like=True)
    times = new.select_dtypes("datetime").drop(columns="survey_agreed_at")
    assert (times.max(axis=1).dt.date == SAMPLE_DAY).all()
