"""What becomes of each row of a batch: the relations `released`, `repeated`, `broken`, `rejected`
and `accepted`.
"""

import pyarrow as pa

from data.config.contract import Contract, Rule
from data.config.correction import Correction
from expectations.judging.batch import PART, Batch
from expectations.parsing.text import quote_sql


def decide_outcomes(batch: Batch, released: frozenset, corrections: list[Correction]) -> None:
    """Decide every row's fate. `released`: (file name, line) of rows that a person let pass;
    `corrections`: those that concern the batch.
    """
    engine, contract = batch.engine, batch.contract
    _mark_released(engine, released)
    _mark_repeated(batch)
    # Few rows break a rule: they alone are what the suite looks at, rule by rule. A row that only
    # repeats another is no finding.
    engine.create(
        "broken",
        "SELECT _row_id, _file_name, _line, _broken FROM batch WHERE _broken <> 0"
        " AND _row_id NOT IN (SELECT _row_id FROM repeated WHERE fate = 'superseded')",
        "table",
    )
    _mark_rejected(batch, [correction.id for correction in corrections if correction.set_aside])
    names = ", ".join(column.name for column in contract.columns)
    engine.create(
        "accepted",
        f"SELECT {names}, _extract_date FROM batch AS b WHERE NOT EXISTS (SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id)",
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


def rule_bits(contract: Contract, wanted) -> int:
    """The bits of `_broken` that stand for the contract's rules of a kind."""
    return sum(1 << position for position, rule in enumerate(contract.rules) if wanted(rule))


def has_correction_sql(ids: list[str]) -> str:
    """True for a row in which one of these declared corrections was made."""
    return (
        f"list_has_any(string_split(coalesce(_corrected, ''), '; '), [{', '.join(map(quote_sql, ids))}])"
        if ids
        else "FALSE"
    )


def _mark_released(engine, released: frozenset) -> None:
    lines = sorted(released)
    columns = (
        pa.array([name for name, _ in lines], pa.string()),
        pa.array([line for _, line in lines], pa.int64()),
    )
    engine.create_table_from(
        "released_line", pa.table(dict(zip(("file_name", "line"), columns, strict=True)))
    )
    engine.create(
        "released",
        "SELECT b._row_id FROM batch AS b JOIN released_line AS r ON r.file_name = b._file_name AND r.line = b._line"
        if lines
        else "SELECT CAST(0 AS BIGINT) AS _row_id WHERE FALSE",
        "table",
    )


def _mark_repeated(batch: Batch) -> None:
    """Table `repeated`: rows whose key comes more than once; the first of identical ones is left
    out.
    """
    contract = batch.contract
    key = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in contract.key)
    content = f"row({', '.join(column.name for column in contract.columns)}, _unreadable, coalesce(_raw, ''))"
    present = " AND ".join(f"{name} IS NOT NULL" for name in contract.key[:1])
    keep_first = "TRUE" if batch.source.repeats == "keep_first" else "contents = 1"
    batch.engine.create(
        "repeated",
        # By hash first: a number is cheaper to group than a text, and only its few repeats are
        # looked at whole.
        f"""WITH hashed AS (SELECT hash({key}) AS _hash FROM batch WHERE {present}),
        suspect AS (SELECT _hash FROM hashed GROUP BY _hash HAVING count(*) > 1),
        keyed AS (SELECT concat_ws(chr(31), {key}) AS _key, * FROM batch WHERE {present} AND hash({key}) IN (SELECT _hash FROM suspect)),
        several AS (SELECT _key FROM keyed GROUP BY _key HAVING count(*) > 1),
        copies AS (SELECT _key, _file_name, _line, _row_id, hash({content}) AS content FROM keyed WHERE _key IN (SELECT _key FROM several)),
        judged AS (
            SELECT _row_id, row_number() OVER (PARTITION BY _key ORDER BY _file_name, _line) AS place,
                count(DISTINCT content) OVER (PARTITION BY _key) AS contents
            FROM copies
        )
        SELECT _row_id, CASE WHEN {keep_first} THEN 'superseded' ELSE 'quarantined' END AS fate
        FROM judged WHERE (NOT ({keep_first}) OR place > 1) AND _row_id NOT IN (SELECT _row_id FROM released)""",
        "table",
    )


def _mark_rejected(batch: Batch, asides: list[str]) -> None:
    """Table `rejected`: every row that is not accepted, with its fate."""
    contract = batch.contract

    def is_required(rule: Rule) -> bool:
        return (
            rule.severity == "critical"
            and rule.column is not None
            and contract.column(rule.column).required
        )

    critical = rule_bits(contract, lambda rule: rule.severity == "critical")
    # A row without its key, branch or date cannot be let pass: there is nothing to count it by.
    required = rule_bits(contract, is_required)
    batch.engine.create(
        "rejected",
        f"""WITH broke AS (
            SELECT _row_id FROM broken
            WHERE (_broken & {critical}) <> 0 AND ((_broken & {required}) <> 0 OR _row_id NOT IN (SELECT _row_id FROM released))
        ),
        aside AS (SELECT _row_id FROM batch WHERE {has_correction_sql(asides)})
        SELECT _row_id, fate FROM repeated
        UNION ALL SELECT _row_id, 'quarantined' FROM (SELECT _row_id FROM broke UNION SELECT _row_id FROM aside)
        WHERE _row_id NOT IN (SELECT _row_id FROM repeated)""",
        "table",
    )
