"""The published tables about the data: the lake's books as they are known, and what the rules
across extracts find now.
"""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from data.config.contract import load_contracts
from data.config.published_tables import load_published_tables
from data.store.lake import Lake
from expectations.judging import delivery_rules
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis import quarantine_bounds

KEYS = pa.schema([("key", pa.string()), ("extract_date", pa.date32())])


def build_quality_tables(
    engine: DuckDB,
    lake: Lake,
    known_at: date | None,
    ledger: list[dict],
    columns: dict[str, frozenset],
    deliveries: int,
) -> dict[str, pa.Table]:
    """Return the `quality_...` tables, all but quality_effect, by name.

    Args:
        engine: holds the extracts as relations.
        lake: has the books.
        known_at: the last extract date that counts; None: all do.
        ledger: rows of the book of deliveries that count.
        columns: those that each extract has, by extract.
        deliveries: with how many before it an extract's latest delivery is compared.
    """
    books = {
        name: lake.read(name, known_at=known_at).to_pylist()
        for name in ("rule_result", "quarantine", "withdrawn", "correction")
    }
    results = add_failing_since(books["rule_result"])
    books["rule_result"] = results + _judge_across_extracts(engine, ledger, columns)
    file_columns = load_published_tables()["quality_input_file"].schema.names
    books["input_file"] = [_select(row, file_columns) for row in ledger]
    books["arrival"] = [
        _describe_arrival(lake, extract, _rows_of(ledger, extract), deliveries)
        for extract in columns
    ]
    return {f"quality_{name}": _publish(f"quality_{name}", rows) for name, rows in books.items()}


def _publish(name: str, rows: list[dict]) -> pa.Table:
    """Return rows as the published table, in the order of its key."""
    table = load_published_tables()[name]
    rows_as_table = pa.Table.from_pylist(rows, schema=table.schema)
    return rows_as_table.sort_by([(column, "ascending") for column in table.key])


def _select(row: dict, columns: list[str]) -> dict:
    return {name: row[name] for name in columns}


def _rows_of(rows: list[dict], extract: str) -> list[dict]:
    return [row for row in rows if row["extract"] == extract]


def _latest_date(rows: list[dict]) -> date:
    return max(row["extract_date"] for row in rows)


def add_failing_since(results: list[dict]) -> list[dict]:
    """Return rule results with `failing_since`: the first extract date of the unbroken series of
    failures that each failure is in.
    """
    since: dict[tuple[str, str], date | None] = {}
    rows = []
    for row in sorted(results, key=lambda row: row["extract_date"]):
        rule = (row["extract"], row["rule_id"])
        if row["success"]:
            since[rule] = None
        elif since.get(rule) is None:
            since[rule] = row["extract_date"]
        rows.append({**row, "failing_since": since[rule]})
    return rows


def _judge_across_extracts(
    engine: DuckDB, ledger: list[dict], columns: dict[str, frozenset]
) -> list[dict]:
    """Return the results of the rules across extracts, on the current rows; each is published with
    the latest extract that it is about.
    """
    results = []
    for extract in columns:
        about = {"extract": extract, "extract_date": _latest_date(_rows_of(ledger, extract))}
        contract = load_contracts()[extract]
        rows = delivery_rules.run_cross_extract_rules(engine, contract, columns)
        results += [about | row for row in rows]
    return results


def _describe_arrival(lake: Lake, extract: str, ledger: list[dict], deliveries: int) -> dict:
    """Return the latest delivery of an extract next to those of the same kind before it: rows, and
    branches that had rows in each of them and have none now.

    Full and delta extracts are not compared with each other: a full one has every row there is.
    """
    day = _latest_date(ledger)
    kind = next(row["delivery"] for row in ledger if row["extract_date"] == day)
    rows: dict[date, int] = {}
    for row in ledger:
        if row["delivery"] == kind:
            rows[row["extract_date"]] = rows.get(row["extract_date"], 0) + row["rows_read"]
    earlier_days = sorted(set(rows) - {day})[-deliveries:]
    branches = _read_branches(lake, extract, [day, *earlier_days])
    missing: set[str] = set()
    if earlier_days:
        always_there = set.intersection(*(branches[earlier] for earlier in earlier_days))
        missing = always_there - branches[day]
    usual_rows = [rows[earlier] for earlier in earlier_days]
    return {
        "extract": extract,
        "extract_date": day,
        "delivery": kind,
        "rows_read": rows[day],
        "rows_usual_low": min(usual_rows, default=None),
        "rows_usual_high": max(usual_rows, default=None),
        "deliveries_before": len(earlier_days),
        "branches": len(branches[day]),
        "branches_missing": ", ".join(sorted(missing)) or None,
    }


def _read_branches(lake: Lake, extract: str, days: list[date]) -> dict[date, set[str]]:
    """Return the branches with rows in the deliveries of some days."""
    is_of_branch = pc.field("subject_kind") == "branch"
    is_of_days = pc.field("extract_date").isin(days)
    measures = lake.read("measure", extract).filter(is_of_branch & is_of_days)
    branches: dict[date, set[str]] = {day: set() for day in days}
    for row in measures.to_pylist():
        branches[row["extract_date"]].add(row["subject"] or "")
    return branches


def quarantine_effects(
    engine: DuckDB, lake: Lake, ledger: list[dict], quarantine: pa.Table
) -> pa.Table:
    """Return the table quality_effect. The engine holds the extracts as relations, and
    mart_kpi_value.
    """
    rows = []
    quarantined = quarantine.to_pylist()
    for extract in load_contracts():
        rows += _effects(
            engine, lake, extract, _rows_of(ledger, extract), _rows_of(quarantined, extract)
        )
    return _publish("quality_effect", rows)


def _effects(
    engine: DuckDB, lake: Lake, extract: str, ledger: list[dict], quarantined: list[dict]
) -> list[dict]:
    """Return what the quarantined rows of an extract could change; nothing where there are none."""
    if not quarantined:
        return []
    full_dates = [row["extract_date"] for row in ledger if row["delivery"] == "full"]
    latest_full = max(full_dates, default=date.min)
    keys = pa.Table.from_pylist([_select(row, KEYS.names) for row in quarantined], schema=KEYS)
    engine.create_table_from("quarantined", keys)
    # Only a later delivery can have brought a quarantined row again, and had it accepted.
    earliest = min(row["extract_date"] for row in quarantined)
    later_dates = {row["extract_date"] for row in ledger if row["extract_date"] > earliest}
    versions = lake.files("versions", extract, [str(day) for day in sorted(later_dates)])
    new, changed = quarantine_bounds.count_quarantined_cases(
        engine, load_contracts()[extract], f"DATE '{latest_full}'", versions
    )
    if not new and not changed:
        return []
    return quarantine_bounds.bound_kpi_values(engine, extract, new, changed)
