"""A rule without a row that breaks it is named in a sentence that says what to add."""

from dataclasses import replace

import pytest

from data.config.contract import load_contracts
from data.synthetic.defects import make_defective_rows


def test_a_new_rule_without_a_defective_row():
    contract = load_contracts()["claims"]
    rule = next(rule for rule in contract.rules if rule.id == "settled_after_extract")
    contract = replace(contract, rules=[*contract.rules, replace(rule, id="paid_on_a_sunday")])
    with pytest.raises(
        LookupError, match="paid_on_a_sunday of claims: add .* data/synthetic/defects"
    ):
        make_defective_rows(contract)
