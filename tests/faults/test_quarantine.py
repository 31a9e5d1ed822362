"""Quarantined rows are found, let pass, corrected and judged again; a key that a full extract
quarantines is not one that it leaves out.
"""

from datetime import date
from pathlib import Path

import pytest

from data.config import correction
from data.problem import Problem
from flows.intake import quarantine
from flows.intake.check_file import check_file
from tests.faults.conftest import CLAIMS, reasons, table, value

BAD = "C5,0101,车,2012-05-02 10:00:00,2012-05-01 10:00:00,,zero,否,0\n"


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "store"


def test_list_and_show_tell_rule_line_and_content(night, landing, store, capsys):
    (landing / "claims_20120630.csv").write_text(CLAIMS + BAD, encoding="utf-8")
    night()
    quarantine.print_quarantine(store)
    listed = capsys.readouterr().out
    assert "closed_before_reported" in listed and "claims_20120630.csv:6" in listed
    quarantine.print_rows(store, "closed_before_reported", 20)
    shown = capsys.readouterr().out
    assert "the claim was closed before it was reported" in shown and '"claim_id": "C5"' in shown
    with pytest.raises(Problem, match="quarantined rows of claims_20120630.csv:2 not found"):
        quarantine.print_rows(store, "claims_20120630.csv:2", 20)


def test_a_released_row_counts_from_the_next_run_on(night, landing, store):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS + BAD + "C6,0101,车,,,,,否,1\n", encoding="utf-8"
    )
    assert len(night().rows()) == 4
    with pytest.raises(
        Problem, match="no figure could count claims_20120630.csv:7: reported_at_missing"
    ):
        quarantine.release_rows(store, "claims_20120630.csv:7", "it is so", "me")
    quarantine.release_rows(
        store, "claims_20120630.csv:6", "the clock of the branch was wrong", "head of claims"
    )
    after = night()
    assert [row["claim_id"] for row in after.rows()] == ["C1", "C2", "C3", "C4", "C5"]
    assert reasons(after) == {"claims_20120630.csv:7": "reported_at_missing"}
    assert night().deliveries == 0, "it is judged again once, not every night"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",0101,车,2012-05-01 10:00:00,,,,否,1", "claim_id_missing"),
        ("C6,,车,2012-05-01 10:00:00,,,,否,1", "branch_code_missing"),
        ("C6,0101,车,yesterday,,,,否,1", "reported_at_unreadable"),
        ("C6,0101", "line_malformed"),
        # Two reasons, of which one alone could be released.
        (",0101,车,2012-05-02 10:00:00,2012-05-01 10:00:00,,zero,否,0", "claim_id_missing"),
    ],
)
def test_a_row_without_key_branch_or_date_cannot_be_released(night, landing, store, row, reason):
    (landing / "claims_20120630.csv").write_text(CLAIMS + row + "\n", encoding="utf-8")
    before = night()
    name = "claims_20120630.csv:6"
    assert reason in reasons(before)[name].split("; ")
    with pytest.raises(Problem, match=f"no figure could count {name}: {reason} - "):
        quarantine.release_rows(store, name, "it is so", "me")
    assert before.lake.read("release").num_rows == 0
    after = night()
    assert (after.deliveries, after.rows()) == (0, before.rows())


def test_only_one_row_or_a_refused_delivery_is_released(night, landing, store):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS + BAD + BAD.replace("C5", "C6"), encoding="utf-8"
    )
    taken = night()
    with pytest.raises(Problem, match="closed_before_reported is 2 quarantined rows"):
        quarantine.release_rows(store, "closed_before_reported", "it is so", "me")
    with pytest.raises(Problem, match="claims_20120630.csv:5 is 0 quarantined rows"):
        quarantine.release_rows(store, "claims_20120630.csv:5", "it is so", "me")
    for delivery in ("claims:2012-06-30", "claims:2012-07-01", "claims:2012-02-30"):
        with pytest.raises(Problem, match=f"refused delivery {delivery} not found"):
            quarantine.release_rows(store, delivery, "it is so", "me")
    assert taken.lake.read("release").num_rows == 0


def test_as_many_rows_are_printed_as_were_requested(night, landing, store, capsys):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS + BAD + BAD.replace("C5", "C6"), encoding="utf-8"
    )
    night()
    for limit, more in ((1, "... and 1 more (--limit)"), (2, "")):
        quarantine.print_rows(store, "claims_20120630.csv", limit)
        lines = capsys.readouterr().out
        assert lines.count("the claim was closed before it was reported") == limit
        assert ("... and" in lines) == bool(more) and more in lines


def test_of_two_rows_with_one_key_the_released_one_counts(night, landing, store):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS + "C4,0101,车,2012-04-05 10:00:00,,,,否,\n", encoding="utf-8"
    )
    assert len(night().rows()) == 3
    quarantine.release_rows(
        store, "claims_20120630.csv:6", "the branch has moved", "head of claims"
    )
    after = night()
    assert after.rows()[-1]["claim_id"] == "C4" and after.rows()[-1]["branch_code"] == "0101"
    assert reasons(after) == {"claims_20120630.csv:5": "key_repeated_with_other_content"}


def test_retry_needs_the_landed_file_and_says_so(night, landing, store):
    (landing / "claims_20120630.csv").write_text(CLAIMS + BAD, encoding="utf-8")
    before = night()
    assert quarantine.retry_quarantined(store, landing, "default") == [
        "claims of 2012-06-30: 1 rows were quarantined, now 1"
    ]
    after = night()
    assert (after.deliveries, after.rows(), after.tables) == (0, before.rows(), before.tables), (
        "the same rules give the same rows"
    )
    (landing / "claims_20120630.csv").unlink()
    lines = quarantine.retry_quarantined(store, landing, "default")
    assert lines == [
        "1 quarantined rows of the claims extract of 2012-06-30 cannot be judged again: landing no longer holds claims_20120630.csv"
    ]
    assert night().rows() == before.rows(), "and what was accepted stays"


DECLARED = """
[[correction]]
id = "night_shift_of_may"
extract = "claims"
files = "claims_2012*"
match = {{ claim_id = "C5", closed_at = "2012-05-01 10:00:00" }}
{action}
reason = "typed a day early"
asked_by = "Jinhua claims department"
since = 2012-07-02
expect = [1, 1]
"""


@pytest.fixture
def declare(tmp_path, monkeypatch):
    folder = tmp_path / "corrections"
    folder.mkdir()
    monkeypatch.setattr(correction, "FOLDER", folder)

    def write(action: str) -> None:
        (folder / "may.toml").write_text(DECLARED.format(action=action), encoding="utf-8")

    return write


def test_a_declared_correction_changes_the_row_and_is_on_record(night, landing, declare):
    (landing / "claims_20120630.csv").write_text(CLAIMS + BAD, encoding="utf-8")
    assert len(reasons(night())) == 1
    declare('set = { closed_at = "2012-05-03 10:00:00" }')
    corrected = night()
    assert reasons(corrected) == {} and corrected.problems == []
    assert [row["claim_id"] for row in corrected.rows() if row["closed_at"]] == [
        "C1",
        "C2",
        "C4",
        "C5",
    ]
    [row] = table(corrected, "quality_correction")
    assert (row["correction_id"], row["rows_corrected"], row["asked_by"], row["since"]) == (
        "night_shift_of_may",
        1,
        "Jinhua claims department",
        date(2012, 7, 2),
    )


def test_a_correction_that_finds_nothing_fails_its_delivery(night, declare):
    declare('set = { closed_at = "2012-05-03 10:00:00" }')
    taken = night()
    assert (
        "the correction night_shift_of_may of claims found none of its rows: the source seems to have been fixed"
        in taken.problems[0]
    )
    assert [file["extract"] for file in taken.files] == ["complaints"]


def test_a_correction_can_quarantine_rows_with_its_reason(night, landing, declare):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS + BAD.replace("2012-05-02", "2012-04-30"), encoding="utf-8"
    )
    declare("set_aside = true")
    taken = night()
    assert reasons(taken) == {"claims_20120630.csv:6": "set_aside_by_night_shift_of_may"}
    meaning = next(
        row
        for row in table(taken, "quality_rule_result")
        if row["rule_id"] == "set_aside_by_night_shift_of_may"
    )
    assert (
        meaning["meaning_en"] == "quarantined by a declared correction: typed a day early"
        and meaning["rows_failed"] == 1
    )


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("", "must either replace cells or quarantine rows"),
        ('set = { when = "x" }', "names when, which claims does not have"),
        ("colour = 1\nset_aside = true", "colour is not a setting"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_by_name(declare, action, message):
    declare(action)
    with pytest.raises(Problem, match=message):
        correction.load_corrections()


FULL = "branch_code,name,parent_code,level,opened_on,closed_on\nHQ,总公司,,总公司,,\n0101,甲,HQ,分公司,,\n0102,乙,HQ,分公司,,\n"


def test_a_key_that_a_full_extract_leaves_out_is_withdrawn_and_one_it_quarantines_is_not(
    night, landing
):
    (landing / "branches_20120630.csv").write_text(FULL, encoding="utf-8")
    assert [row["branch_code"] for row in night().rows("branches")] == ["0101", "0102", "HQ"]
    later = (
        FULL.replace("0102,乙,HQ,分公司,,\n", "").replace("0101,甲,HQ", "0101,,HQ")
        + "0103,丙,HQ,分公司,,\n"
    )
    (landing / "branches_20120701.csv").write_text(later, encoding="utf-8")
    taken = night()
    assert reasons(taken) == {"branches_20120701.csv:3": "name_missing"}
    assert {row["branch_code"]: row["name"] for row in taken.rows("branches")} == {
        "0101": "甲",
        "0103": "丙",
        "HQ": "总公司",
    }
    withdrawn = table(taken, "quality_withdrawn")
    assert [
        (row["key"].split("|")[0], row["extract_date"], row["last_seen"]) for row in withdrawn
    ] == [("0102", date(2012, 7, 1), date(2012, 6, 30))]
    changed = {
        (row["branch_code"], row["rows_before"], row["rows_after"])
        for row in taken.lake.read("change", "branches").to_pylist()
    }
    assert {("0102", 1, 0), ("0103", 0, 1)} <= changed


def test_landing_is_kept_as_long_as_requested(run, night, landing):
    night()
    assert len(list(landing.iterdir())) == 2
    outcome = run(date(2012, 7, 3), keep_landing=3)
    assert (
        not any("removed" in note for note in outcome.notes)
        and (landing / "claims_20120630.csv").exists()
    )
    outcome = run(date(2012, 7, 3), keep_landing=2)
    assert (
        "2 files of more than 2 days ago removed from landing" in outcome.notes
        and list(landing.iterdir()) == []
    )
    assert value(outcome, "claim_closure_pct")["value"] == 75.0


def test_check_tells_what_a_run_would_and_stores_nothing(landing, tmp_path, capsys):
    file = landing / "claims_20120630.csv"
    file.write_text(CLAIMS + BAD, encoding="utf-8")
    assert check_file(file, "default", None, None, 5, tmp_path / "work")
    text = capsys.readouterr().out
    assert "5 rows read = 4 accepted + 1 quarantined + 0 superseded + 0 skipped" in text
    assert (
        "critical: closed_before_reported: 1, the claim was closed before it was reported (claims_20120630.csv:6)"
        in text
    )
    assert '"closed_at": "2012-05-01 10:00:00"' in text, "in civil time, as the file has it"
    assert (
        "claims_20120630.csv:5  accepted, with a warning: closed_normal_without_amount" not in text
    )
    assert not (tmp_path / "store").exists() and not (tmp_path / "work" / "nothing").exists()
    file.write_text(
        CLAIMS + "".join(BAD.replace("C5", f"Z{number}") for number in range(120)), encoding="utf-8"
    )
    assert not check_file(file, "default", None, None, 5, tmp_path / "refused")
    assert "a run would refuse it: more of its rows would be quarantined" in capsys.readouterr().out
    with pytest.raises(Problem, match="matches no pattern of profile default"):
        check_file(Path(__file__), "default", None, None, 5, tmp_path / "none")
