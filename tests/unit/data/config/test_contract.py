"""What a contract may say, and the sentence for what it may not."""

from typing import get_args

import pytest

from data.config.column_rules import UNREADABLE
from data.config.contract import MAX_RULES, Contract, load_contract
from data.config.contract_parts import ARROW_TYPES, ColumnType
from data.problem import Problem

WORDS = '{ zh = "甲", en = "A" }'
HEAD = f"""
name = "visits"
title = {WORDS}
key = ["visit_id"]
history = ["visited_on"]
month = "visited_on"
"""
COLUMNS = f"""
[[column]]
name = "visit_id"
type = "text"
identifier = true
required = true
meaning = {WORDS}
[[column]]
name = "branch_code"
type = "text"
identifier = true
meaning = {WORDS}
[[column]]
name = "visited_on"
type = "date"
meaning = {WORDS}
"""


def load(tmp_path, head: str = HEAD, columns: str = COLUMNS, rules: str = "") -> Contract:
    path = tmp_path / "visits.toml"
    path.write_text(head + columns + rules, encoding="utf-8")
    return load_contract(path)


def column(name: str = "more", kind: str = "text", rest: str = "") -> str:
    head = f'[[column]]\nname = "{name}"\ntype = "{kind}"\nmeaning = {WORDS}\n'
    return f"{COLUMNS}{head}{rest}\n"


def rule(rule_id: str = "early", rest: str = "") -> str:
    return f'[[rule]]\nid = "{rule_id}"\nsql = "FALSE"\nmeaning = {WORDS}\n{rest}\n'


def test_a_contract_has_the_rules_of_its_columns_and_then_its_own(tmp_path):
    contract = load(tmp_path, columns=column("fee", "money"), rules=rule())
    assert [(rule.id, rule.severity) for rule in contract.rules] == [
        ("visit_id_missing", "critical"),
        ("visit_id_unreadable", "critical"),
        ("visit_id_damaged", "warning"),
        ("branch_code_unreadable", "warning"),
        ("branch_code_damaged", "warning"),
        ("visited_on_unreadable", "warning"),
        ("fee_unreadable", "warning"),
        ("fee_negative", "critical"),
        ("early", "warning"),
    ]
    assert contract.rules[3].sql == "(_unreadable & 2) <> 0", "the bit of the second column"
    assert (contract.branch_column, contract.optional) == ("branch_code", False)


def test_free_text_is_always_read(tmp_path):
    contract = load(tmp_path, columns=column("remark", rest="free_text = true"))
    assert not [rule for rule in contract.rules if rule.column == "remark"]


def test_every_type_is_stored_and_has_words_for_what_cannot_be_read():
    assert set(ARROW_TYPES) == set(UNREADABLE) == set(get_args(ColumnType))


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"head": HEAD + "optionals = true"}, "optionals is not a setting (optional is the nearest)"),
        ({"head": HEAD.replace("history = [", "# ")}, "history is missing"),
        ({"head": HEAD.replace('["visit_id"]', "[]")}, "key is [], it must have 1 or more entries"),
        ({"head": HEAD.replace('key = ["visit_id"]', 'key = "visit_id"')}, "it must be a list, s"),
        ({"head": HEAD.replace('["visit_id"]', '["id"]')}, "it does not have, or one twice: id -"),
        ({"head": HEAD.replace('["visited_on"]', '["on"]')}, "not have, or one twice: on -"),
        ({"head": HEAD.replace('= "visited_on"', '= "on"')}, "not have, or one twice: on -"),
        ({"head": HEAD + 'branch_column = "b"'}, "it does not have, or one twice: b -"),
        ({"head": HEAD.replace(WORDS, '{ en = "A" }')}, "title must have both languages: {"),
        ({"head": HEAD.replace('"visits"', '"visit"')}, "name is 'visit', the file is 'visits' - "),
        ({"columns": ""}, "column is missing"),
        ({"columns": COLUMNS.replace("branch_code", "branch")}, "or one twice: branch_code -"),
        ({"columns": column("visit_id")}, "it does not have, or one twice: visit_id -"),
        ({"columns": column(kind="string")}, "column[4].type is 'string', it must be 'text', 'cod"),
        ({"columns": column(rest="alias = ['a']")}, "column[4].alias is not a setting (aliases i"),
        ({"columns": column(rest="aliases = 'a'")}, "column[4].aliases is 'a', it must be a list,"),
        ({"columns": column(rest="required = 1")}, "column[4].required is 1, it must be true or f"),
        ({"columns": column(kind="code")}, "column[4] is a code without values; write values ="),
        ({"columns": column(rest="values.a = 'b'")}, "column[4].values.a is 'b', it must be a lis"),
        ({"columns": column(kind="date", rest="free_text = true")}, "column[4] is of type date; on"),
        ({"columns": column(kind="date", rest="identifier = true")}, "only a text is free or an id"),
        ({"columns": column(rest="whole_month = true")}, "of type text; only a date can be a who"),
        ({"rules": rule(rest="severity = 'fatal'")}, "rule[1].severity is 'fatal', it must be 'cr"),
        ({"rules": rule(rest="column = 'c'")}, "it does not have, or one twice: c -"),
        ({"rules": rule() + rule()}, "has several rules with one id: early -"),
        ({"rules": rule("visit_id_missing")}, "has several rules with one id: visit_id_missing -"),
        ({"rules": "[[rule"}, "is not valid TOML in UTF-8"),
    ],
)  # fmt: skip
def test_a_message_names_file_and_key(contract, message, tmp_path):
    with pytest.raises(Problem) as caught:
        load(tmp_path, **contract)
    assert str(caught.value).startswith("data/contracts/visits.toml")
    assert message in str(caught.value)


def test_a_message_names_the_entry(tmp_path):
    with pytest.raises(Problem, match=r"visits.toml: early: rule\[1\].severity is 'fatal'"):
        load(tmp_path, rules=rule(rest="severity = 'fatal'"))
    with pytest.raises(Problem, match=r"visits.toml: more: column\[4\] is a code without values"):
        load(tmp_path, columns=column(kind="code"))
    with pytest.raises(Problem, match=r"visits.toml: rule\[1\].id is 7, it must be text"):
        load(tmp_path, rules=rule().replace('"early"', "7"))


@pytest.mark.parametrize("excess", [0, 1])
def test_a_contract_has_at_most_as_many_rules_as_a_number_has_bits(excess, tmp_path):
    of_columns = len(load(tmp_path).rules)
    rules = "".join(rule(f"r{number}") for number in range(MAX_RULES - of_columns + excess))
    if not excess:
        assert len(load(tmp_path, rules=rules).rules) == MAX_RULES == 62
        return
    with pytest.raises(Problem, match="has 63 rules with those of its columns; 62 are possible"):
        load(tmp_path, rules=rules)


def test_only_a_date_may_be_a_whole_month(tmp_path):
    for kind in ("date", "instant"):
        assert load(tmp_path, columns=column(kind=kind, rest="whole_month = true"))
