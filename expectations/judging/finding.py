"""What judging finds: one result per rule, and how a rule's rows are told apart."""

from dataclasses import dataclass

from data.config.contract import Contract
from data.config.contract_parts import Rule


@dataclass(frozen=True)
class Finding:
    """One expectation's result. `failed` is how many rows broke it."""

    rule: str
    severity: str
    column: str | None
    success: bool
    failed: int


def rule_sql_for(contract: Contract, rule: Rule) -> str:
    """True for a row that the row verdict found to break a rule: its bit of `_broken`."""
    return f"(_broken & {1 << contract.rules.index(rule)}) <> 0"
