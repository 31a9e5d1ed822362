"""A delivery that cannot be right as a whole is refused by name, and nothing of what it would have
replaced is lost.
"""

from datetime import date, timedelta

import pytest

from flows.intake.quarantine import release_rows
from tests.faults.conftest import CLAIMS, table

HEADER = "claim_id,branch_code,reported_at,closed_at,paid_amount,line"


def rows_of(day: date, branches: dict[str, int], line: str = "车", start: int = 0) -> str:
    lines = [HEADER]
    for branch, count in branches.items():
        lines += [
            f"{branch}-{day:%m%d}-{number},{branch},{day} 08:00:00,{day} 09:00:00,100,{line}"
            for number in range(start, start + count)
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def month(landing, night):
    """A night over three nightly deltas of two branches, 20 and 10 rows each, where three are
    enough to compare with. Returns the day after.
    """
    (landing / "claims_20120630.csv").unlink()
    days = [date(2012, 6, 1) + timedelta(days=number) for number in range(3)]
    for day in days:
        (landing / f"claims_{day:%Y%m%d}.csv").write_text(
            rows_of(day, {"0101": 20, "0102": 10}), encoding="utf-8"
        )
    assert night(deliveries=3).problems == []
    return days[-1] + timedelta(days=1)


def failing(outcome, extract: str = "claims") -> dict[str, dict]:
    latest = max(
        row["extract_date"]
        for row in table(outcome, "quality_rule_result")
        if row["extract"] == extract
    )
    rows = [
        row
        for row in table(outcome, "quality_rule_result")
        if row["extract"] == extract and row["extract_date"] == latest
    ]
    return {row["rule_id"]: row for row in rows if not row["success"]}


def test_a_delivery_outside_its_usual_volume_is_refused_until_someone_answers_for_it(
    night, landing, month, tmp_path
):
    (landing / f"claims_{month:%Y%m%d}.csv").write_text(
        rows_of(month, {"0101": 7, "0102": 7}), encoding="utf-8"
    )
    refused = night(deliveries=3)
    assert len(refused.problems) == 1
    assert (
        "far fewer or far more rows than in recent deliveries (14 rows; the last 3 deliveries had 30 to 30)"
        in refused.problems[0]
    )
    assert len(refused.rows()) == 90
    assert failing(refused)["rows_outside_usual_volume"]["severity"] == "critical"
    message = release_rows(tmp_path / "store", f"claims:{month}", "holiday", "head of claims")
    assert "the next run takes it in" in message
    passed = night(deliveries=3)
    assert passed.problems == [] and len(passed.rows()) == 104


def test_a_branch_that_vanished_and_a_column_that_went_empty_are_noticed(night, landing, month):
    (landing / f"claims_{month:%Y%m%d}.csv").write_text(
        rows_of(month, {"0101": 30}, line=""), encoding="utf-8"
    )
    taken = night(deliveries=3)
    assert "0102 had 10 to 10 rows in each of the last 3 deliveries" in taken.problems[0]
    assert (
        "line is empty in 100.0 % of the rows; in the last 3 deliveries 0.0 to 0.0 %"
        in failing(taken)["empty_cells_drifted"]["examples"]
    )


def test_bands_are_off_until_there_is_enough_history(night, landing):
    night()
    (landing / "claims_20120701.csv").write_text(
        rows_of(date(2012, 7, 1), {"0101": 400}), encoding="utf-8"
    )
    assert night().problems == []


def test_too_many_quarantined_rows_refuse_the_delivery(night, landing):
    bad = "".join(
        f"Z{number},0101,车,2012-05-02 10:00:00,2012-05-01 10:00:00,,normal,否,1\n"
        for number in range(12)
    )
    good = "".join(f"Y{number},0101,车,2012-05-02 10:00:00,,,,否,1\n" for number in range(88))
    (landing / "claims_20120630.csv").write_text(CLAIMS + good + bad, encoding="utf-8")
    taken = night()
    assert "12 of 104 rows would be quarantined, more than 10.0 %" in taken.problems[0]
    assert table(taken, "quality_quarantine") == [], (
        "a refused delivery leaves no row behind, good or bad"
    )


def test_a_delivery_is_compared_with_its_control_file(night, landing):
    (landing / "control_20120630.csv").write_text(
        "文件名,记录数,赔款金额\nclaims_20120630.csv,4,9800.00\ncomplaints_20120630.csv,3,\n",
        encoding="gb18030",
    )
    taken = night()
    assert len(taken.problems) == 1
    assert (
        "complaints_20120630.csv: rows is 2.0000, its control file says 3.0000" in taken.problems[0]
    )
    assert [file["file_name"] for file in taken.files] == ["claims_20120630.csv"]
    (landing / "control_20120630.csv").write_text(
        "file_name,rows\ncomplaints_20120630.csv,2\nclaims_20120629.csv,7\n", encoding="utf-8"
    )
    again = night()
    assert (
        len(again.problems) == 1
        and "control_20120630.csv lists claims_20120629.csv, which has not been delivered"
        in again.problems[0]
    )
    assert len(again.rows("complaints")) == 2


def test_a_control_file_that_is_none_is_named(night, landing):
    (landing / "control_1.csv").write_text("hello\nworld\n", encoding="utf-8")
    (landing / "control_2.csv").write_text(
        "file_name,rows\nclaims_20120630.csv,four\n", encoding="utf-8"
    )
    problems = "\n".join(night().problems)
    assert (
        "control_1.csv: a control file has a column file_name" in problems
        and "control_2.csv:2: 'four' is not a number" in problems
    )


def test_the_same_file_under_a_later_day_is_warned_of(night, landing):
    night()
    (landing / "claims_20120701.csv").write_text(CLAIMS, encoding="utf-8")
    taken = night()
    assert (
        failing(taken)["same_file_as_earlier"]["examples"]
        == "claims_20120701.csv is claims_20120630.csv of 2012-06-30 again"
    )
    assert taken.problems == []


def test_a_column_that_is_gone_is_warned_of(night, landing):
    night()
    (landing / "claims_20120701.csv").write_text(
        "claim_id,branch_code,reported_at,closed_at\nD1,0101,2012-07-01 08:00:00,\n",
        encoding="utf-8",
    )
    taken = night()
    column_vanished = failing(taken)["column_vanished"]
    assert (column_vanished["severity"], column_vanished["rows_failed"], taken.problems) == (
        "warning",
        5,
        [],
    )
    assert column_vanished["examples"].startswith(
        "has_injury was in the delivery of 2012-06-30 and is not in this one; line was"
    )
    assert any(
        "a column that the previous delivery had is missing" in warning
        for warning in taken.warnings
    )


def test_a_failure_says_since_when(night, landing):
    for day in (1, 2, 3):
        text = f"claim_id,branch_code,reported_at,closed_at,outcome\nD{day},0101,2012-07-0{day} 08:00:00,2012-07-09 08:00:00,{'' if day > 1 else 'normal'}\n"
        (landing / f"claims_2012070{day}.csv").write_text(text, encoding="utf-8")
        taken = night()
    row = failing(taken)["outcome_empty_although_closed"]
    assert (row["extract_date"], row["failing_since"]) == (date(2012, 7, 3), date(2012, 7, 2))


def test_rules_across_extracts_name_what_is_not_known(night, landing):
    (landing / "branches_20120630.csv").write_text(
        "branch_code,name,parent_code,level,opened_on,closed_on\nHQ,总公司,,总公司,,\n0101,甲,HQ,分公司,2012-02-01,\n0103,丙,0199,分公司,,\n"
        "0104,丁,0105,分公司,,\n0105,戊,0104,分公司,,\n0106,己,0106,分公司,,\n",
        encoding="utf-8",
    )
    (landing / "callbacks_20120630.csv").write_text(
        "callback_id,branch_code,kind,subject_id,due_at\nB1,0101,结案,C1,2012-02-01\nB2,0101,结案,C9,2012-02-01\nB3,0101,投诉,K9,2012-02-01\n",
        encoding="utf-8",
    )
    taken = night()
    assert taken.problems == []
    assert {
        rule: row["examples"] for rule, row in failing(taken).items() if rule.startswith("branch")
    } == {
        "branch_not_in_tree": "C3; C4",
        "branch_not_open": "C1",
    }
    calls = failing(taken, "callbacks")
    assert (
        calls["subject_not_among_claims"]["examples"] == "B2"
        and calls["subject_not_among_complaints"]["examples"] == "B3"
    )
    tree = failing(taken, "branches")
    assert (
        tree["parent_not_in_tree"]["examples"] == "0103"
        and tree["branch_above_itself"]["examples"] == "0104; 0105; 0106"
    )
