"""Rows as people see them: every reason and their content, with what identifies a person hidden."""

import json

from data.config.contract import Contract
from data.config.contract_parts import Column
from data.config.correction import Correction
from expectations.judging.judging_engine import JudgingEngine
from expectations.judging.verdict import REPEATED, correction_rule
from expectations.parsing.personal_data import masked_sql


def read_row_details(
    engine: JudgingEngine, contract: Contract, corrections: list[Correction], selection: str
) -> list[dict]:
    """Return rows of the relation `batch` in the order of files and lines.

    Args:
        engine: holds the relations `batch` and `repeated`.
        contract: whose canonical columns are shown, free text excepted.
        corrections: those that quarantine rows.
        selection: a SELECT of the `_row_id` of the rows.

    Returns:
        `{file_name, line, key, content, reasons}` each; `reasons` are rule ids joined by "; ".
    """
    cells = [
        f"{column.name} := {_shown_sql(column)}"
        for column in contract.columns
        if not column.free_text
    ]
    rows = engine.arrow(f"""
        SELECT _file_name AS file_name, _line AS line,
            CASE WHEN {contract.key[0]} IS NOT NULL THEN {contract.key_sql("b")} END AS key,
            _broken, r._row_id IS NOT NULL AS is_repeated, _corrected,
            coalesce(_raw, CAST(to_json(struct_pack({", ".join(cells)})) AS VARCHAR)) AS content
        FROM batch AS b
        SEMI JOIN ({selection}) AS q ON q._row_id = b._row_id
        LEFT JOIN repeated AS r ON r._row_id = b._row_id
        ORDER BY file_name, line""").to_pylist()
    for row in rows:
        row["reasons"] = "; ".join(_take_reasons(row, contract, corrections))
        cells_of_row = json.loads(row["content"]).items()
        content = {name: cell for name, cell in cells_of_row if cell is not None}
        row["content"] = json.dumps(content, ensure_ascii=False)
    return rows


def _take_reasons(row: dict, contract: Contract, corrections: list[Correction]) -> list[str]:
    """Take what was judged out of a row and return the ids of the rules that it breaks."""
    broken, is_repeated = row.pop("_broken"), row.pop("is_repeated")
    corrected = (row.pop("_corrected") or "").split("; ")
    reasons = []
    if is_repeated:
        reasons.append(REPEATED)
    reasons += [correction_rule(each) for each in corrections if each.id in corrected]
    for position, rule in enumerate(contract.rules):
        if broken >> position & 1:
            reasons.append(rule.id)
    return reasons


def _shown_sql(column: Column) -> str:
    """Return a readable cell as quarantine shows it: in civil time as the file had it."""
    if column.type == "instant":
        return f"civil({column.name})"
    if column.type in ("money", "decimal", "integer"):
        # A phone may have been read as a number.
        return masked_sql(f"CAST({column.name} AS VARCHAR)")
    return column.name
