"""Which deliveries are judged again."""

from dataclasses import replace
from datetime import date

import pytest

from data.config.contract import load_contracts
from data.config.profile import load_profile
from data.config.profile_source import ColumnMapping
from flows.intake.judging_fingerprint import JudgingFingerprint, find_files_to_judge_again

DAY, NEXT_DAY = date(2012, 6, 30), date(2012, 7, 1)
RULES = JudgingFingerprint(load_profile("default"), [], [])
JUDGED_BY = RULES.fingerprint("claims", DAY)
FILE_A, FILE_B = ("claims", DAY, "a"), ("claims", DAY, "b")


def ledger_row(sha256: str = "a", quarantined: int = 1, judged_by: str = JUDGED_BY) -> dict:
    return {
        "extract": "claims",
        "extract_date": DAY,
        "file_name": f"{sha256}.csv",
        "sha256": sha256,
        "rows_quarantined": quarantined,
        "judged_by": judged_by,
    }


@pytest.mark.parametrize(
    ("quarantined", "judged_by", "retry", "is_again"),
    [
        (0, "other rules", True, False),
        (1, "other rules", False, True),
        (1, JUDGED_BY, False, False),
        (1, JUDGED_BY, True, True),
    ],
)
def test_a_delivery_comes_again_for_its_quarantined_rows(quarantined, judged_by, retry, is_again):
    ledger = [ledger_row(quarantined=quarantined, judged_by=judged_by)]
    again, notes = find_files_to_judge_again(ledger, {FILE_A}, RULES, retry)
    assert again == ({FILE_A} if is_again else set()) and notes == []


def test_one_file_with_quarantined_rows_brings_its_whole_delivery():
    ledger = [ledger_row("a", 0), ledger_row("b", 1, judged_by="other rules")]
    again, notes = find_files_to_judge_again(ledger, {FILE_A, FILE_B}, RULES, retry=False)
    assert again == {FILE_A, FILE_B} and notes == []


def test_a_delivery_whose_files_are_not_all_there_cannot_come_again():
    ledger = [ledger_row("a", 1500), ledger_row("b", 1)]
    again, notes = find_files_to_judge_again(ledger, {FILE_B}, RULES, retry=True)
    assert again == set()
    assert notes == [
        "1,501 quarantined rows of the claims extract of 2012-06-30 cannot be judged again:"
        " landing no longer holds a.csv"
    ]


def test_a_file_of_another_day_is_not_the_one_that_was_judged():
    again, notes = find_files_to_judge_again(
        [ledger_row()], {("claims", NEXT_DAY, "a")}, RULES, retry=True
    )
    assert again == set() and len(notes) == 1


def test_the_fingerprint_changes_with_what_judges_the_delivery_and_nothing_else():
    release = {"extract": "claims", "extract_date": DAY, "file_name": "a.csv", "line": 6}
    released = replace(RULES, releases=[release])
    assert released.fingerprint("claims", DAY) != JUDGED_BY
    assert released.fingerprint("claims", NEXT_DAY) == RULES.fingerprint("claims", NEXT_DAY)
    assert released.fingerprint("complaints", DAY) == RULES.fingerprint("complaints", DAY)
    elsewhere = replace(RULES, profile=RULES.profile.model_copy(update={"timezone": "UTC"}))
    assert elsewhere.fingerprint("claims", DAY) != JUDGED_BY


@pytest.mark.parametrize(
    ("extract", "settings", "is_other"),
    [
        ("claims", {"decimal": ","}, True),
        ("claims", {"columns": {"line": ColumnMapping(constant="auto")}}, True),
        ("claims", {"decimal": ".", "nulls": (), "columns": {}}, False),
        ("complaints", {"decimal": ","}, False),
    ],
)
def test_a_source_counts_for_its_extract_by_what_differs_from_the_defaults(
    extract, settings, is_other
):
    sources = [
        source.model_copy(update=settings) if source.extract == extract else source
        for source in RULES.profile.sources
    ]
    rules = replace(RULES, profile=RULES.profile.model_copy(update={"sources": tuple(sources)}))
    assert (rules.fingerprint("claims", DAY) != JUDGED_BY) is is_other


def test_a_rule_of_the_contract_counts(monkeypatch):
    contracts = load_contracts()
    claims = contracts["claims"]
    fewer = claims.model_copy(update={"rules": claims.rules[:-1]})
    monkeypatch.setattr(
        "flows.intake.judging_fingerprint.load_contracts", lambda: contracts | {"claims": fewer}
    )
    assert RULES.fingerprint("claims", DAY) != JUDGED_BY
