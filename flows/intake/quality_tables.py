"""The published tables about the data: the lake's books as known, and what the rules across
extracts find now.
"""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from data.config import published_tables
from data.config.contract import load_contracts
from data.store.lake import Lake
from expectations.judging import delivery_rules
from transforms.kpis import quarantine_bounds

KEYS = pa.schema([("key", pa.string()), ("extract_date", pa.date32())])


def build_quality_tables(
    engine,
    lake: Lake,
    known_at: date | None,
    ledger: list[dict],
    columns: dict[str, frozenset],
    deliveries: int,
) -> dict[str, pa.Table]:
    """The `quality_...` tables but quality_effect. The engine holds the extracts as relations;
    `columns` are those that each of them has; arrivals are compared with so many `deliveries`
    before.
    """
    books = {
        name: lake.read(name, known_at=known_at).to_pylist()
        for name in ("rule_result", "quarantine", "withdrawn", "correction")
    }
    books["rule_result"] = add_failing_since(books["rule_result"]) + _across(
        engine, ledger, columns
    )
    books["input_file"] = [
        {
            name: row[name]
            for name in published_tables.load_published_tables()["quality_input_file"].schema.names
        }
        for row in ledger
    ]
    books["arrival"] = [
        _arrival(lake, extract, [row for row in ledger if row["extract"] == extract], deliveries)
        for extract in columns
    ]
    return {f"quality_{name}": _published(f"quality_{name}", rows) for name, rows in books.items()}


def _published(name: str, rows: list[dict]) -> pa.Table:
    table = published_tables.load_published_tables()[name]
    return pa.Table.from_pylist(rows, schema=table.schema).sort_by(
        [(column, "ascending") for column in table.key]
    )


def add_failing_since(results: list[dict]) -> list[dict]:
    """Rule results with `failing_since`: the first extract date of the unbroken series of failures
    that each failure stands in.
    """
    since: dict[tuple, date | None] = {}
    told = []
    for row in sorted(results, key=lambda row: row["extract_date"]):
        rule = (row["extract"], row["rule_id"])
        since[rule] = None if row["success"] else since.get(rule) or row["extract_date"]
        told.append({**row, "failing_since": since[rule]})
    return told


def _across(engine, ledger: list[dict], columns: dict[str, frozenset]) -> list[dict]:
    """The results of the rules across extracts, on the current rows; each stands with the latest
    extract that it is about.
    """
    results = []
    for extract in columns:
        day = max(row["extract_date"] for row in ledger if row["extract"] == extract)
        results += [
            {"extract": extract, "extract_date": day, **row}
            for row in delivery_rules.run_cross_extract_rules(
                engine, load_contracts()[extract], columns
            )
        ]
    return results


def _arrival(lake: Lake, extract: str, ledger: list[dict], deliveries: int) -> dict:
    """The latest delivery of an extract beside those of the same kind before: rows, and branches
    that had rows in each of them and have none now.
    """
    day = max(row["extract_date"] for row in ledger)
    kind = next(row["delivery"] for row in ledger if row["extract_date"] == day)
    rows: dict[date, int] = {}
    for row in ledger:
        if row["delivery"] == kind:
            rows[row["extract_date"]] = rows.get(row["extract_date"], 0) + row["rows_read"]
    before = sorted(set(rows) - {day})[-deliveries:]
    measured = lake.read("measure", extract)
    measured = measured.filter(
        pc.field("extract_date").isin([day, *before]) & (pc.field("subject_kind") == "branch")
    )
    seen: dict[date, set] = {each: set() for each in (day, *before)}
    for row in measured.to_pylist():
        seen[row["extract_date"]].add(row["subject"] or "")
    missing = set.intersection(*(seen[each] for each in before)) - seen[day] if before else set()
    usual = [rows[each] for each in before]
    return {
        "extract": extract,
        "extract_date": day,
        "delivery": kind,
        "rows_read": rows[day],
        "rows_usual_low": min(usual, default=None),
        "rows_usual_high": max(usual, default=None),
        "deliveries_before": len(before),
        "branches": len(seen[day]),
        "branches_missing": ", ".join(sorted(missing)) or None,
    }


def quarantine_effects(engine, lake: Lake, ledger: list[dict], quarantine: pa.Table) -> pa.Table:
    """The table quality_effect. The engine holds the extracts as relations, and mart_kpi_value."""
    held = quarantine.to_pylist()
    return _published(
        "quality_effect",
        [
            row
            for extract in load_contracts()
            for row in _effects(engine, lake, extract, ledger, held)
        ],
    )


def _effects(
    engine, lake: Lake, extract: str, ledger: list[dict], quarantine: list[dict]
) -> list[dict]:
    """What the rows of an extract that are set aside could change; nothing where there are none."""
    held = [row for row in quarantine if row["extract"] == extract]
    if not held:
        return []
    contract, days = (
        load_contracts()[extract],
        [row["extract_date"] for row in ledger if row["extract"] == extract],
    )
    full = max(
        (
            row["extract_date"]
            for row in ledger
            if row["extract"] == extract and row["delivery"] == "full"
        ),
        default=date.min,
    )
    engine.create_table_from(
        "quarantined",
        pa.Table.from_pylist(
            [{name: row[name] for name in ("key", "extract_date")} for row in held], schema=KEYS
        ),
    )
    later = [
        str(day) for day in sorted(set(days)) if day > min(row["extract_date"] for row in held)
    ]
    new, changed = quarantine_bounds.count_quarantined_cases(
        engine, contract, f"DATE '{full}'", lake.files("versions", extract, later) if later else []
    )
    return (
        quarantine_bounds.bound_kpi_values(engine, extract, new, changed) if new or changed else []
    )
