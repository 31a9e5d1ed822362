"""Rules over more than one row. Each is a `.sql` file whose SELECT returns, as `what`, one text for
everything that is wrong.

rules/batch/    about a delivery, over the relations of delivery_profile.py; critical: it is refused
rules/across/   about the current rows of an extract and of others; always a warning
"""

from dataclasses import dataclass
from pathlib import Path

from data.config.contract import Contract
from data.config.sql_header import split_header
from expectations.judging.finding import Finding
from expectations.judging.judging_engine import JudgingEngine

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
    """Return the rules of a kind (`batch` or `across`) by name.

    Raises ValueError where a file has no header; TypeError where its header has a field that nobody
    reads.
    """
    rules = []
    for path in sorted((RULES / kind).glob("*.sql")):
        header, sql = split_header(path)
        for name in ("extracts", "needs", "columns"):
            header[name] = tuple(header.get(name, ()))
        rules.append(DeliveryRule(path.stem, sql, **header))

    return rules


def run_cross_extract_rules(
    engine: JudgingEngine, contract: Contract, columns: dict[str, frozenset]
) -> list[dict]:
    """Judge the current rows of an extract by the rules across extracts.

    `columns` are the columns that each delivered extract has; the engine holds the extracts as
    relations. Returns rows of quality_rule_result, the extract apart.
    """
    queries = []
    for rule in load_rules("across"):
        if _applies(rule, contract, columns):
            moment = contract.history[0] if contract.history else "NULL"
            key = contract.key_sql("r")
            sql = rule.sql.format(extract=contract.name, key=key, moment=moment)
            queries.append((rule, sql))

    if not queries:
        return []

    # Great Expectations takes seconds to import: only where something is judged.
    from expectations.judging import gx_suite

    findings = gx_suite.run_suite(
        engine.connection, f"across {contract.name}", queries, contract.name
    )
    examples = find_examples(engine, queries, findings)

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
            "examples": examples.get(finding.rule),
        }
        for (rule, _), finding in zip(queries, findings, strict=True)
    ]


def find_examples(
    engine: JudgingEngine, queries: list[tuple[DeliveryRule, str]], findings: list[Finding]
) -> dict[str, str]:
    """Return up to three of what each broken rule selects, by rule id."""
    broken = {finding.rule for finding in findings if not finding.success}
    examples = {}
    for rule, sql in queries:
        if rule.id not in broken:
            continue
        # In order: three of many are to be the same ones every time.
        query = f"SELECT what FROM ({sql}) ORDER BY what LIMIT 3"
        rows = engine.connection.execute(query).fetchall()
        examples[rule.id] = "; ".join(str(what) for (what,) in rows)

    return examples


def _applies(rule: DeliveryRule, contract: Contract, columns: dict[str, frozenset]) -> bool:
    """Return whether an extract has what a rule across extracts needs."""
    if contract.name not in rule.extracts:
        return False
    if not set(rule.needs) <= set(columns):
        return False
    return set(rule.columns) <= columns[contract.name]
