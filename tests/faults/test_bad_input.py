"""Bad input gets a sentence and loses nothing."""

import re
from datetime import date

import pytest

from flows.publications import build
from tests.faults.conftest import CLAIMS, counts, reasons, table, value


def test_a_missing_extract_leaves_the_others(run):
    outcome = run()
    assert outcome.state == "published" and outcome.exit_code == 0
    assert "no extract of callbacks has been delivered" in outcome.notes
    assert value(outcome, "claim_closure_pct")["value"] == 75.0
    satisfaction = value(outcome, "satisfaction_pct")
    assert (satisfaction["state"], satisfaction["value"], satisfaction["reason"]) == (
        "not_available",
        None,
        "no extract of callbacks has been delivered",
    )


def test_a_missing_required_column_fails_that_extract_only(night, landing):
    (landing / "claims_20120630.csv").write_text(
        CLAIMS.replace("reported_at", "when"), encoding="utf-8"
    )
    taken = night()
    assert len(taken.problems) == 1
    assert (
        "claims_20120630.csv: required column missing: reported_at" in taken.problems[0]
        and "报案时间" in taken.problems[0]
    )
    assert [file["extract"] for file in taken.files] == ["complaints"]
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    corrected = night()
    assert corrected.problems == [] and len(corrected.rows()) == 4


@pytest.mark.prefect
def test_policy_can_hold_the_publication_instead(run, landing, monkeypatch):
    """What is rendered knows that it is held, and what readers go on seeing; Prefect's pages are
    told what arrived.
    """
    good = run()
    (landing / "claims_20120701.parquet").write_bytes(b"PAR1 this is no Parquet file")
    from data.config import policy

    load = policy.load_policy
    monkeypatch.setattr(
        policy,
        "load_policy",
        lambda overrides, name: load({**overrides, "on_failed_extract": "hold"}, name),
    )
    rendered_facts, left = [], {}

    def rendered(folder, facts, progress):
        rendered_facts.append(facts)
        (folder / "exports" / "digest.txt").write_text("held\n")

    monkeypatch.setattr(build, "render_publication", rendered)
    monkeypatch.setattr(
        "prefect.artifacts.create_table_artifact", lambda key, table: left.update({key: table})
    )
    outcome = run(date(2012, 7, 1), render=True)
    assert outcome.state == "held" and outcome.exit_code == 3
    assert outcome.readers_see == good.publication_id != outcome.publication_id
    (facts,) = rendered_facts
    assert facts.hold_reasons == outcome.problems != []
    assert facts.compared_with == good.publication_id
    assert outcome.digest == ["held"]
    assert [
        (row["extract"], row["extract_date"], row["rows_read"]) for row in left["arrivals"]
    ] == [
        ("claims", "2012-06-30", 4),
        ("complaints", "2012-06-30", 2),
    ]


def test_an_unreadable_file_is_named_and_the_rest_goes_on(run, landing):
    (landing / "callbacks_20120630.parquet").write_bytes(b"PAR1 this is no Parquet file")
    (landing / "exposure_20120630.csv").write_bytes(b"")
    (landing / "branches_20120630.docx").write_bytes(b"PK")
    outcome = run()
    assert outcome.state == "published"
    text = "\n".join(outcome.problems)
    assert "callbacks_20120630.parquet cannot be read as PARQUET" in text
    assert "exposure_20120630.csv is empty (0 bytes)" in text
    assert "branches_20120630.docx: .docx is not a supported format" in text
    assert "Traceback" not in text
    assert value(outcome, "claim_closure_pct")["value"] == 75.0


def test_an_empty_landing_folder(run, tmp_path):
    (tmp_path / "nothing").mkdir()
    outcome = run(landing=tmp_path / "nothing")
    assert outcome.state == "failed" and outcome.exit_code == 1
    assert "is empty" in outcome.reason and "claims*" in outcome.reason
    assert run(landing=tmp_path / "nowhere").reason.startswith(
        f"the landing folder {tmp_path / 'nowhere'} does not exist"
    )


def test_only_a_header_is_not_taken_as_nothing_happened(night, landing):
    (landing / "callbacks_20120630.csv").write_text(
        "callback_id,branch_code,kind\n", encoding="utf-8"
    )
    taken = night()
    assert "callbacks_20120630.csv: no rows, only a header" in taken.problems[0]
    assert {file["extract"] for file in taken.files} == {"claims", "complaints"}


def test_the_same_date_with_other_content_is_an_error(night, landing):
    first = night()
    (landing / "claims_20120630_again.csv").write_text(
        CLAIMS.replace("800.00", "801.00"), encoding="utf-8"
    )
    second = night()
    assert (
        "the claims extract of 2012-06-30 was delivered before with other content"
        in second.problems[0]
    )
    assert (second.rows(), second.files) == (first.rows(), first.files), (
        "nothing of it went into the figures"
    )


def test_the_same_content_again_changes_nothing(run, landing):
    first = run()
    lines = CLAIMS.splitlines(keepends=True)
    (landing / "claims_20120630_b.csv").write_text(
        lines[0] + "".join(reversed(lines[1:])), encoding="utf-8"
    )
    (landing / "claims_copy_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    second = run()
    assert second.problems == []
    assert second.publication_id == first.publication_id
    again = next(row for row in second.files if row["file_name"] == "claims_20120630_b.csv")
    assert (again["rows_read"], again["rows_superseded"], again["rows_accepted"]) == (4, 4, 0)


def test_unchanged_content_of_a_later_day_keeps_the_figures_fresh(run, landing):
    run()
    (landing / "claims_20120731.csv").write_text(CLAIMS, encoding="utf-8")
    july = run(date(2012, 7, 31))
    assert value(july, "claim_closure_pct")["state"] == "ok"
    assert value(july, "complaint_count")["state"] == "stale"
    assert value(july, "complaint_count")["reason"] == "the latest extract is of 2012-06-30"


def test_bad_rows_are_quarantined_with_every_reason_and_no_row_disappears(night, landing):
    bad = (
        "B1,0101,车,2012-05-01 10:00:00,2012-04-30 10:00:00,,normal,否,-5\n"
        "B2,0101,车,2012-13-45,,,,否,1\n"
        "B3,0101,车,,,,,否,1\n"
        "C1,0101,车,2012-01-05 10:00:00,,,,否,\n"
        "B4,0101,车,2012-05-01\n"
        "B5,0101,车,2012-05-01 10:00:00,,,,大概,13812345678\n"
        "合计,,,,,,,,9800\n"
    )
    (landing / "claims_20120630.csv").write_text(CLAIMS + bad, encoding="utf-8")
    taken = night()
    assert counts(taken) == {
        "read": 11,
        "accepted": 4,
        "quarantined": 6,
        "superseded": 0,
        "skipped": 1,
    }
    assert {int(where.rpartition(":")[2]): why for where, why in reasons(taken).items()} == {
        2: "key_repeated_with_other_content",
        6: "paid_amount_negative; closed_before_reported",
        7: "reported_at_unreadable",
        8: "reported_at_missing",
        9: "key_repeated_with_other_content",
        10: "line_malformed",
    }
    assert not any("13812345678" in row["content"] for row in table(taken, "quality_quarantine"))
    rules = {
        row["rule_id"]: row
        for row in table(taken, "quality_rule_result")
        if row["extract"] == "claims" and not row["success"]
    }
    assert rules["has_injury_unreadable"]["severity"] == "warning"
    assert rules["reported_at_unreadable"]["examples"] == "claims_20120630.csv:7"


def test_a_later_delta_wins_and_history_can_be_read(run, landing):
    june = run()
    (landing / "claims_20120731.csv").write_text(
        CLAIMS.splitlines()[0]
        + "\nC3,0102,交强险,2012-03-05 10:00:00,2012-07-01 10:00:00,2012-07-02 10:00:00,normal,否,100\n",
        encoding="utf-8",
    )
    july = run(date(2012, 7, 31))
    assert value(july, "claim_closure_pct")["value"] == 100.0
    known_before = run(date(2012, 7, 31), known_at=date(2012, 6, 30))
    assert value(known_before, "claim_closure_pct")["value"] == 75.0
    assert value(known_before, "claim_closure_pct")["state"] == "stale"
    assert (
        re.fullmatch(r"2012-07-31-[0-9a-f]{12}", july.publication_id)
        and july.publication_id != june.publication_id
    )


def test_hostile_names_stay_text(run, landing):
    (landing / "branches_20120630.csv").write_text(
        'branch_code,name,level\nHQ,总公司,head_office\n0101,"=HYPERLINK(""x"")",province\n0102,<script>alert(1)</script>,province\n',
        encoding="utf-8",
    )
    outcome = run()
    assert {row["name"] for row in table(outcome, "dim_branch")} >= {
        '=HYPERLINK("x")',
        "<script>alert(1)</script>",
    }
