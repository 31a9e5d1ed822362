"""Challenges: what branches object to in their previews, judged against what the extracts say
now.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.compute as pc

from data.config.contract import load_contracts
from data.problem import Problem
from data.store.store import Store
from flows.intake.landed_file import is_inside
from flows.intake.landing import CHALLENGES
from flows.publications import build
from flows.publications.build import LakeSnapshot
from flows.publications.preview_folder import Preview
from flows.publications.preview_packs import ANSWER_COLUMNS as FORM
from reports.csv.kpi_csv import neutralise
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis import catalogue

COLUMNS = ("as_of", "kpi_id", "extract", "key", *FORM)
TOLD = (
    "as_of",
    "kpi_id",
    "extract",
    "key",
    "column",
)  # who objects, and in which words, stays in landing
TYPES = {
    "instant": "TIMESTAMP",
    "date": "DATE",
    "money": "DECIMAL(18, 2)",
    "decimal": "DECIMAL(18, 4)",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class ChallengeAnswer:
    """What became of a challenge: `outcome` accepted (the extract says so now), rejected (there is
    nothing to object to) or open (the source has still to be mended), why, and the branch's figure
    as previewed and without the case.
    """

    file_name: str
    line: int
    asked: dict
    outcome: str
    why: str
    value: float | None = None
    value_without: float | None = None


def judge_challenges(
    store: Store, landing: Path, basis: LakeSnapshot, engine: DuckDB
) -> list[ChallengeAnswer]:
    """Answer every line of the challenge files in landing that gives a reason, and write the
    answers beside the previews they are about.

    The engine is one of its own. Raises Problem where a file is none.
    """
    answers = [
        _answer(store, basis, engine, path.name, line, asked)
        for path in sorted(landing.glob(CHALLENGES))
        if is_inside(landing, path)
        for line, asked in read_challenges(path)
    ]
    for as_of in sorted(
        {
            answer.asked["as_of"]
            for answer in answers
            if answer.value is not None or answer.outcome != "rejected"
        }
    ):
        _write(
            Preview.of_day(store, date.fromisoformat(as_of)).folder / "answers.csv",
            [answer for answer in answers if answer.asked["as_of"] == as_of],
        )
    return answers


def summarize_answers(answers: list[ChallengeAnswer]) -> list[str]:
    """How many challenges there were and what became of them, and of each what it would do."""
    if not answers:
        return []
    counts = Counter(answer.outcome for answer in answers)
    lines = [
        f"{len(answers)} challenges: "
        + ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("accepted", "rejected", "open"))
    ]
    for answer in answers:
        effect = (
            ""
            if answer.value is None
            else f"; {answer.asked['kpi_id']} {answer.value:.2f}, without the case {_number(answer.value_without)}"
        )
        lines.append(
            f"challenge {answer.file_name}:{answer.line} is {answer.outcome}: {answer.why}{effect}"
        )
    return lines


def read_challenges(path: Path) -> list[tuple[int, dict]]:
    """The lines of a returned form that give a reason, with their numbers. A CSV in UTF-8 or
    GB18030.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or [])]
    if missing:
        raise Problem(
            f"{path.name} has no column {', '.join(missing)}",
            "return the form of the preview as it is, filled in",
        )
    # A spreadsheet's guard against formulas is not part of what was said.
    cleaned = (
        (number, {name: (row[name] or "").strip().removeprefix("'") for name in COLUMNS})
        for number, row in enumerate(rows, start=2)
    )
    return [(number, row) for number, row in cleaned if row["reason"]]


def _answer(
    store: Store, basis: LakeSnapshot, engine: DuckDB, file_name: str, line: int, asked: dict
) -> ChallengeAnswer:
    def said(outcome: str, why: str, *values) -> ChallengeAnswer:
        return ChallengeAnswer(file_name, line, asked, outcome, why, *values)

    try:
        preview = Preview.of_day(store, date.fromisoformat(asked["as_of"]))
        cases = preview.read("case").to_pylist()
    except (ValueError, Problem):
        return said("rejected", f"there is no preview of {asked['as_of']}")
    case = next(
        (
            row
            for row in cases
            if all(row[name] == asked[name] for name in ("kpi_id", "extract", "key"))
        ),
        None,
    )
    if case is None:
        return said(
            "rejected", f"{asked['extract']} {asked['key']} was not counted in {asked['kpi_id']}"
        )
    values = _values(preview, case)
    contract = load_contracts()[asked["extract"]]
    column = next((column for column in contract.columns if column.name == asked["column"]), None)
    if column is None:
        return said("rejected", f"{asked['extract']} has no column {asked['column']!r}", *values)
    build.open_extract(engine, "challenged", asked["extract"], basis)
    cell, kind = (
        f"civil({column.name})" if column.type == "instant" else column.name,
        TYPES.get(column.type, "VARCHAR"),
    )
    wanted, key = (text.replace("'", "''") for text in (asked["should_be"], asked["key"]))
    found = engine.arrow(
        f"""SELECT CAST({cell} AS VARCHAR) AS now, {cell} IS NOT DISTINCT FROM TRY_CAST(nullif('{wanted}', '') AS {kind}) AS is_so,
            '{wanted}' = '' OR TRY_CAST('{wanted}' AS {kind}) IS NOT NULL AS is_readable
        FROM challenged AS r WHERE {contract.key_sql("r")} = '{key}'"""
    ).to_pylist()
    if not found:
        return said("accepted", "the extract no longer has the row", *values)
    if not found[0]["is_readable"]:
        return said("rejected", f"{asked['should_be']!r} is no {column.type}", *values)
    if found[0]["is_so"]:
        return said(
            "accepted", f"the extract says so now: {column.name} is {found[0]['now']}", *values
        )
    return said(
        "open",
        f"the extract still says {found[0]['now'] or 'nothing'}: have {column.name} mended at the source",
        *values,
    )


def _values(preview: Preview, case: dict) -> tuple[float | None, float | None]:
    """The figure of the case's own branch as previewed, and as it would be without the case; None
    for a percentile.
    """
    rows = preview.read("mart_kpi_value").filter(_of(preview, case)).to_pylist()
    kpi = catalogue.find_kpi(case["kpi_id"])
    if not rows or kpi.header["kind"] == "quantile":
        return None, None
    up, down = kpi.header["scale"]
    numerator, denominator = rows[0]["numerator"] - case["numerator"], rows[0]["denominator"]
    below = 1 if denominator is None else denominator - case["denominator"]
    return rows[0]["value"], float(up * numerator / (down * below)) if below else None


def _of(preview: Preview, case: dict):
    same = [pc.field(name) == case[name] for name in ("kpi_id", "branch_code")]
    month = (pc.field("period_kind") == "month") & (
        pc.field("period_start") == preview.as_of.replace(day=1)
    )
    return same[0] & same[1] & month & (pc.field("segment_kind") == "all")


def _write(path: Path, answers: list[ChallengeAnswer]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file_name", "line", *TOLD, "outcome", "why", "value", "value_without"])
        for answer in answers:
            texts = [
                answer.file_name,
                str(answer.line),
                *(answer.asked[name] for name in TOLD),
                answer.outcome,
                answer.why,
            ]
            writer.writerow(
                [*map(neutralise, texts), _number(answer.value), _number(answer.value_without)]
            )


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
