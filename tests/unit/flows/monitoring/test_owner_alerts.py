"""Owners of rules and managers of branches hear what is theirs."""

import json
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.flows.conftest import DAY, record_night

# -- those concerned
# ----------------------------------------------------------------------------------------------------


@pytest.fixture
def concerned(store, robot):
    """Somebody who asked about a rule, somebody who manages a branch, and what two nights found."""
    address = f'wecom = "file:{store.root}/robot"\n'
    rule = f'[[owner]]\nname = "rule"\nrules = ["key_missing"]\n{address}'
    store.operations.write_text(
        f'{rule}[[owner]]\nname = "branch 14"\nbranches = ["14"]\n{address}'
    )
    (store.root / "tables").mkdir()

    def night_of(day: date, *quarantined: tuple[str, str]) -> list[str]:
        """(branch, rule) of each quarantined row. Returns what was told."""
        about = {
            "extract": "claims",
            "extract_date": day,
            "rows_failed": 2,
            "meaning_en": "the key is missing",
            "examples": "claims.csv:7",
        }
        results = [
            about | {"rule_id": rule} for rule in sorted({rule for _, rule in quarantined})
        ] or [about | {"rule_id": "other", "rows_failed": 0}]
        rows = [
            about | {"reasons": rule, "content": json.dumps({"branch_code": branch})}
            for branch, rule in quarantined
        ]
        rows = rows or [
            about
            | {
                "extract_date": day - timedelta(days=1),
                "reasons": "key_missing",
                "content": '{"branch_code": "14"}',
            }
        ]
        tree = [
            {"branch_code": "14", "parent_code": "00"},
            {"branch_code": "1401", "parent_code": "14"},
            {"branch_code": "15", "parent_code": "00"},
        ]
        for name, table_rows in {
            "quality_rule_result": results,
            "quality_quarantine": rows,
            "dim_branch": tree,
        }.items():
            pq.write_table(
                pa.Table.from_pylist(table_rows), store.root / "tables" / f"{name}.parquet"
            )
        robot.heard.clear()
        record_night(store, (day - DAY).days)
        return [text for _, text in robot.heard]

    return night_of


def test_owners_of_rules_and_managers_of_branches_hear_what_is_theirs(concerned, store):
    of_rule, of_branch = concerned(
        DAY,
        ("15", "key_missing"),
        ("1401", "key_missing"),
        ("15", "paid_missing"),
        ("14", "paid_missing"),
    )
    assert (
        "key_missing: 2 rows of the claims extract of 2026-11-25 (the key is missing), such as claims.csv:7"
        in of_rule
        and "branch" not in of_rule
    )
    assert (
        "branch 14: 1 rows of the claims extract of 2026-11-25 are quarantined by key_missing"
        in of_branch
    ), "of the branch below it"
    assert "by paid_missing" in of_branch and "15" not in of_branch
    assert (
        concerned(DAY + timedelta(days=1), ("14", "paid_missing"), ("14", "key_missing")) == []
    ), "told already"
    of_rule, of_branch = concerned(DAY + timedelta(days=2))
    assert (
        of_branch.count("CLOSED, seen on 2 days") == 2
        and of_rule.count("CLOSED, seen on 2 days") == 1
    )
