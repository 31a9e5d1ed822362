"""The published tables about the data: the lake's books as known, and what the rules across extracts find now."""

from datetime import date

import pyarrow as pa

from data import published
from data.contract import contracts
from data.lake import Lake
from expectations import rules


def tables(engine, lake: Lake, known_at: date | None, ledger: list[dict], columns: dict[str, frozenset]) -> dict[str, pa.Table]:
    """The `quality_...` tables. The engine holds the extracts as relations; `columns` are those that each of them has."""
    books = {name: lake.read(name, known_at=known_at).to_pylist() for name in ("rule_result", "quarantine", "withdrawn", "correction")}
    books["rule_result"] = with_failing_since(books["rule_result"]) + _across(engine, ledger, columns)
    books["input_file"] = [{name: row[name] for name in published.tables()["quality_input_file"].schema.names} for row in ledger]
    return {f"quality_{name}": _published(f"quality_{name}", rows) for name, rows in books.items()}


def _published(name: str, rows: list[dict]) -> pa.Table:
    table = published.tables()[name]
    return pa.Table.from_pylist(rows, schema=table.schema).sort_by([(column, "ascending") for column in table.key])


def with_failing_since(results: list[dict]) -> list[dict]:
    """Rule results with `failing_since`: the first extract date of the unbroken series of failures that each failure stands in."""
    since: dict[tuple, date | None] = {}
    told = []
    for row in sorted(results, key=lambda row: row["extract_date"]):
        rule = (row["extract"], row["rule_id"])
        since[rule] = None if row["success"] else since.get(rule) or row["extract_date"]
        told.append({**row, "failing_since": since[rule]})
    return told


def _across(engine, ledger: list[dict], columns: dict[str, frozenset]) -> list[dict]:
    """The results of the rules across extracts, on the current rows; each stands with the latest extract that it is about."""
    results = []
    for extract in columns:
        day = max(row["extract_date"] for row in ledger if row["extract"] == extract)
        results += [{"extract": extract, "extract_date": day, **row} for row in rules.across(engine, contracts()[extract], columns)]
    return results
