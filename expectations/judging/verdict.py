"""What judging one extract comes to, and the words of its rules."""

from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.config.contract import Contract
from data.config.correction import Correction
from expectations.judging.batch import FileCount
from expectations.judging.finding import Finding

MALFORMED = "line_malformed"
REPEATED = "key_repeated_with_other_content"
MEANINGS = {
    MALFORMED: {
        "zh": "该行不是有效记录",
        "en": "the line is not a valid row (its content says why)",
    },
    REPEATED: {
        "zh": "同一主键在同一批数据中重复出现且内容不同",
        "en": "the key occurs again in the extract with different content",
    },
}


@dataclass
class Verdict:
    """The outcome of judging one extract (one kind, one date). Accepted rows are in the relation
    `accepted`.

    `refusals` say why the delivery as a whole must not be taken in; empty: it may.
    """

    contract: Contract
    extract_date: date
    columns: tuple[str, ...]
    unmapped: tuple[str, ...]
    files: list[FileCount]
    findings: list[Finding]
    quarantine: pa.Table
    examples: dict[str, str]
    meanings: dict[str, dict[str, str]]
    refusals: list[str]
    measures: list[dict]
    corrected: dict[str, int]
    history_from: date | None = None
    closed_only: bool = False
    warnings: list[str] = field(default_factory=list)


def correction_rule(correction: Correction) -> str:
    """Return the rule id of rows that a declared correction quarantines."""
    return f"set_aside_by_{correction.id}"


def correction_meanings(corrections: list[Correction]) -> dict[str, dict[str, str]]:
    """Return why declared corrections quarantine rows, by rule id, in words (zh, en)."""
    return {
        correction_rule(correction): {
            "zh": f"按声明暂扣：{correction.reason}",
            "en": f"quarantined by a declared correction: {correction.reason}",
        }
        for correction in corrections
    }


def load_rule_meanings(contract: Contract) -> dict[str, dict[str, str]]:
    """Return what each rule id says, in words (zh, en)."""
    return {rule.id: rule.meaning for rule in contract.rules} | MEANINGS
