"""Every rule of every contract finds what it is there to find, once and by name, and nothing else;
critical ones quarantine, others warn.
"""

import csv
from collections import Counter

import pytest

from data.config.contract import load_contracts
from data.synthetic.defects import SOUND, make_defective_rows
from tests.faults.conftest import Night, reasons, table

# kpi-spec, section 1: required value missing or unreadable; closed or paid before reported
# (received); negative amount; rating outside 1 to 5. The fifth, a key that comes twice with other
# content, is about two rows.
CRITICAL = {
    "closed_before_reported",
    "paid_before_reported",
    "closed_before_received",
    "rating_outside_1_to_5",
}


@pytest.fixture
def judged(landing, night) -> Night:
    for extract in load_contracts():
        with (landing / f"{extract}_20120630.csv").open(
            "w", encoding="utf-8", newline=""
        ) as target:
            writer = csv.DictWriter(target, SOUND[extract])
            writer.writeheader()
            writer.writerows(
                [
                    SOUND[extract],
                    *(row for row, _ in make_defective_rows(load_contracts()[extract]).values()),
                ]
            )
    return night(quarantined_share=1.0)


def test_every_rule_finds_its_row(judged):
    assert judged.problems == []
    results = {
        (row["extract"], row["rule_id"]): row for row in table(judged, "quality_rule_result")
    }
    quarantined = reasons(judged)
    for name, contract in load_contracts().items():
        rows = make_defective_rows(contract)
        expected = Counter(rule for _, broken in rows.values() for rule in broken)
        assert {rule.id: results[name, rule.id]["rows_failed"] for rule in contract.rules} == {
            rule.id: expected[rule.id] for rule in contract.rules
        }
        critical = set()
        for line, (rule, (_, broken)) in enumerate(rows.items(), start=3):
            where = f"{name}_20120630.csv:{line}"
            assert where in results[name, rule]["examples"].split(", ") or expected[rule] > 3
            if where in quarantined:
                assert set(quarantined.pop(where).split("; ")) == set(broken)
                critical.add(rule)
        required = {
            rule.id
            for rule in contract.rules
            if rule.column
            and contract.column(rule.column).required
            and not rule.id.endswith("_damaged")
        }
        amounts = {
            f"{column.name}_negative" for column in contract.columns if column.type == "money"
        }
        assert critical == required | amounts | (CRITICAL & {rule.id for rule in contract.rules})
    assert quarantined == {}
