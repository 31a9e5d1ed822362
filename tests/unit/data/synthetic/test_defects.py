"""A rule without a row that breaks it is named in a sentence that says what to add."""

import pytest

from data.config.contract import load_contracts
from data.synthetic.defects import make_defective_rows


@pytest.mark.parametrize("rule_id", ["paid_on_a_sunday", "paid_at_on_a_sunday"])
def test_a_new_rule_without_a_defective_row(rule_id):
    contract = load_contracts()["claims"]
    rule = next(rule for rule in contract.rules if rule.id == "settled_after_extract")
    rule = rule.model_copy(update={"id": rule_id, "column": "paid_at"})
    contract = contract.model_copy(update={"rules": (*contract.rules, rule)})
    with pytest.raises(LookupError, match=f"{rule_id} of claims: add .* data/synthetic/defects"):
        make_defective_rows(contract)
