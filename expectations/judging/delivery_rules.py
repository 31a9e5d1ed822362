"""Rules over more than one row. Each is a `.sql` file whose SELECT returns, as `what`, one text for
everything that is wrong.

rules/batch/    about a delivery, over the relations of measure.py; critical: the delivery is
refused rules/across/   about the current rows of an extract and of others; always a warning
"""

from dataclasses import dataclass
from pathlib import Path

from data.config.contract import Contract
from data.config.sql_header import split_header
from expectations.judging.finding import Finding

RULES = Path(__file__).parents[1] / "rules"


@dataclass(frozen=True)
class DeliveryRule:
    """A rule over more than one row: `extracts` it is about (empty: all), other extracts and
    columns that it needs.
    """

    id: str
    sql: str
    meaning: dict
    severity: str = "warning"
    extracts: tuple = ()
    needs: tuple = ()
    columns: tuple = ()
    column: str | None = None


def load_rules(kind: str) -> list[DeliveryRule]:
    """The rules of a kind (`batch` or `across`) by name.

    Raises ValueError where a file has no header; TypeError where its header has a field that nobody
    reads.
    """
    rules = []
    for path in sorted((RULES / kind).glob("*.sql")):
        header, sql = split_header(path)
        rules.append(
            DeliveryRule(
                path.stem,
                sql,
                **{
                    name: tuple(value) if isinstance(value, list) else value
                    for name, value in header.items()
                },
            )
        )
    return rules


def run_cross_extract_rules(
    engine, contract: Contract, columns: dict[str, frozenset]
) -> list[dict]:
    """Judge the current rows of an extract by the rules across extracts. Returns rows of
    quality_rule_result, the extract apart.

    `columns` are the columns that each delivered extract has; the engine holds the extracts as
    relations.
    """
    due = []
    for rule in load_rules("across"):
        if (
            contract.name in rule.extracts
            and set(rule.needs) <= set(columns)
            and set(rule.columns) <= columns[contract.name]
        ):
            names = {
                "extract": contract.name,
                "key": contract.key_sql("r"),
                "moment": contract.history[0] if contract.history else "NULL",
            }
            due.append((rule, rule.sql.format(**names)))
    if not due:
        return []
    from expectations.judging import (
        gx_suite,  # Great Expectations takes seconds to import: only where something is judged
    )

    findings = gx_suite.run_suite(engine.connection, f"across {contract.name}", due, contract.name)
    shown = find_examples(engine, due, findings)
    return [
        {
            "rule_id": finding.rule,
            "severity": finding.severity,
            "column_name": finding.column,
            "meaning_zh": rule.meaning["zh"],
            "meaning_en": rule.meaning["en"],
            "success": finding.success,
            "rows_failed": finding.failed,
            "failing_since": None,
            "examples": shown.get(finding.rule),
        }
        for (rule, _), finding in zip(due, findings, strict=True)
    ]


def find_examples(engine, due: list, findings: list[Finding]) -> dict[str, str]:
    """Up to three of what each rule found, by rule id."""
    failed = {finding.rule for finding in findings if not finding.success}
    found = {}
    for rule, sql in due:
        if rule.id in failed:
            rows = engine.connection.execute(
                f"SELECT what FROM ({sql}) ORDER BY what LIMIT 3"
            ).fetchall()
            found[rule.id] = "; ".join(str(row[0]) for row in rows)
    return found
