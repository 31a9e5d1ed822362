"""What becomes of each row of a batch: the relations `released`, `repeated`, `broken`, `rejected`
and `accepted`.
"""

from collections.abc import Callable

import pyarrow as pa

from data.config.contract import Contract
from data.config.contract_parts import Rule
from data.config.correction import Correction
from expectations.judging.batch import PART, Batch
from expectations.judging.judging_engine import JudgingEngine
from expectations.parsing.text import quote_sql


def decide_outcomes(batch: Batch, released: frozenset, corrections: list[Correction]) -> None:
    """Decide every row's fate. `released`: (file name, line) of rows that a person let pass;
    `corrections`: those that concern the batch.
    """
    engine, contract = batch.engine, batch.contract
    _mark_released(engine, released)
    _mark_repeated(batch)

    # Few rows break a rule: they alone are what the suite looks at, rule by rule. A row that only
    # repeats another is not a finding.
    engine.create(
        "broken",
        "SELECT _row_id, _file_name, _line, _broken FROM batch WHERE _broken <> 0"
        " AND _row_id NOT IN (SELECT _row_id FROM repeated WHERE fate = 'superseded')",
        "table",
    )
    _mark_rejected(batch, [correction.id for correction in corrections if correction.quarantines])
    names = ", ".join(column.name for column in contract.columns)
    engine.create(
        "accepted",
        f"SELECT {names}, _extract_date FROM batch AS b"
        " WHERE NOT EXISTS (SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id)",
        "view",
    )

    for position, file in enumerate(batch.files):
        within = f"BETWEEN {position << PART} AND {(position + 1 << PART) - 1}"
        fates = dict(
            engine.connection.execute(
                f"SELECT fate, count(*) FROM rejected WHERE _row_id {within} GROUP BY fate"
            ).fetchall()
        )
        file.quarantined += fates.get("quarantined", 0)
        file.superseded += fates.get("superseded", 0)
        file.accepted -= sum(fates.values())
        file.check()


def rule_bits(contract: Contract, is_counted: Callable[[Rule], bool]) -> int:
    """Return the bits of `_broken` that stand for the contract's rules of a kind."""
    bits = 0
    for position, rule in enumerate(contract.rules):
        if is_counted(rule):
            bits |= 1 << position
    return bits


def has_correction_sql(ids: list[str]) -> str:
    """Return the condition of a row in which one of these declared corrections was corrected."""
    if not ids:
        return "FALSE"
    corrected = "string_split(coalesce(_corrected, ''), '; ')"
    return f"list_has_any({corrected}, [{', '.join(map(quote_sql, ids))}])"


def _mark_released(engine: JudgingEngine, released: frozenset) -> None:
    lines = sorted(released)
    names = pa.array([name for name, _ in lines], pa.string())
    numbers = pa.array([line for _, line in lines], pa.int64())
    engine.create_table_from("released_line", pa.table({"file_name": names, "line": numbers}))
    engine.create(
        "released",
        "SELECT b._row_id FROM batch AS b"
        " JOIN released_line AS r ON r.file_name = b._file_name AND r.line = b._line",
        "table",
    )


def _mark_repeated(batch: Batch) -> None:
    """Create the table `repeated`: rows whose key comes more than once; the first of identical ones
    is left out.
    """
    contract = batch.contract
    key = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in contract.key)
    names = ", ".join(column.name for column in contract.columns)
    content = f"row({names}, _unreadable, coalesce(_raw, ''))"
    present = " AND ".join(f"{name} IS NOT NULL" for name in contract.key[:1])
    keep_first = "TRUE" if batch.source.repeats == "keep_first" else "contents = 1"
    batch.engine.create(
        "repeated",
        # By hash first: a number is cheaper to group than a text, and only its few repeats are
        # looked at whole.
        f"""WITH hashed AS (SELECT hash({key}) AS _hash FROM batch WHERE {present}),
        suspect AS (SELECT _hash FROM hashed GROUP BY _hash HAVING count(*) > 1),
        keyed AS (
            SELECT concat_ws(chr(31), {key}) AS _key, * FROM batch
            WHERE {present} AND hash({key}) IN (SELECT _hash FROM suspect)
        ),
        several AS (SELECT _key FROM keyed GROUP BY _key HAVING count(*) > 1),
        copies AS (
            SELECT _key, _file_name, _line, _row_id, hash({content}) AS content FROM keyed
            WHERE _key IN (SELECT _key FROM several)
        ),
        judged AS (
            SELECT _row_id,
                row_number() OVER (PARTITION BY _key ORDER BY _file_name, _line) AS copy,
                count(DISTINCT content) OVER (PARTITION BY _key) AS contents
            FROM copies
        )
        SELECT _row_id, CASE WHEN {keep_first} THEN 'superseded' ELSE 'quarantined' END AS fate
        FROM judged
        WHERE (NOT ({keep_first}) OR copy > 1) AND _row_id NOT IN (SELECT _row_id FROM released)""",
        "table",
    )


def _mark_rejected(batch: Batch, quarantining: list[str]) -> None:
    """Create the table `rejected`: every row that is not accepted, with its fate.

    `quarantining` are the ids of the corrections that quarantine rows.
    """
    contract = batch.contract

    def is_required(rule: Rule) -> bool:
        return (
            rule.severity == "critical"
            and rule.column is not None
            and contract.column(rule.column).required
        )

    critical = rule_bits(contract, lambda rule: rule.severity == "critical")

    # A row without its key, branch or date cannot be released: there is nothing to count it by.
    required = rule_bits(contract, is_required)
    batch.engine.create(
        "rejected",
        f"""WITH by_rule AS (
            SELECT _row_id FROM broken
            WHERE (_broken & {critical}) <> 0
                AND ((_broken & {required}) <> 0 OR _row_id NOT IN (SELECT _row_id FROM released))
        ),
        by_correction AS (SELECT _row_id FROM batch WHERE {has_correction_sql(quarantining)}),
        either AS (SELECT _row_id FROM by_rule UNION SELECT _row_id FROM by_correction)
        SELECT _row_id, fate FROM repeated
        UNION ALL
        SELECT _row_id, 'quarantined' FROM either
        WHERE _row_id NOT IN (SELECT _row_id FROM repeated)""",
        "table",
    )
