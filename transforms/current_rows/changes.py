"""Keep book of what a delivery changed: withdrawn keys, and row counts by month and branch."""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from data.config.contract import Contract
from data.store.books import BOOKS
from data.store.lake import Lake
from transforms.current_rows import versions
from transforms.current_rows.versions import CurrentVersions
from transforms.engine.duckdb_engine import DuckDB


@dataclass(frozen=True)
class MergedDelivery:
    """A delivery that is being merged, and what was there before it.

    `entry` is its row for the ledger, `other_entries` are those of the other deliveries;
    `previous_files` were the current rows before it. `is_anew`: it was taken in before.
    """

    engine: DuckDB
    lake: Lake
    contract: Contract
    day: date
    entry: dict
    other_entries: list[dict]
    is_anew: bool
    previous_files: list[str]
    current_versions: CurrentVersions


def record_withdrawals(delivery: MergedDelivery) -> None:
    """Write the keys that a full extract no longer names to the book `withdrawn`."""
    if not _may_withdraw(delivery):
        return

    engine, lake, contract = delivery.engine, delivery.lake, delivery.contract
    name = contract.name
    schema = versions.stored_schema(contract)
    if delivery.is_anew or _is_late(delivery):
        engine.register_parquet("version", lake.files("versions", name), schema)
        withdrawals = engine.arrow(all_withdrawals_sql(contract, "version"))
        lake.write("withdrawn", _add_extract(withdrawals, name), name)
    elif delivery.entry["delivery"] == "full":
        engine.register_parquet("previous", delivery.previous_files, schema)
        withdrawals = engine.arrow(withdrawals_sql(contract, delivery.current_versions, "previous"))
        lake.write("withdrawn", _add_extract(withdrawals, name, delivery.day), name, delivery.day)


def _may_withdraw(delivery: MergedDelivery) -> bool:
    """Return whether a full extract follows on some other delivery."""
    full_dates = delivery.current_versions.full_dates
    if not delivery.other_entries or not full_dates:
        return False
    first = min(row["extract_date"] for row in [*delivery.other_entries, delivery.entry])
    return max(full_dates) > first


def _is_late(delivery: MergedDelivery) -> bool:
    """Return whether the delivery may change what later ones withdrew."""
    latest_other = max(row["extract_date"] for row in delivery.other_entries)
    if delivery.day >= latest_other:
        return False
    is_full = delivery.entry["delivery"] == "full"
    return is_full or delivery.day < max(delivery.current_versions.full_dates)


def withdrawals_sql(contract: Contract, current_versions: CurrentVersions, previous: str) -> str:
    """Return a query for the keys that the full extract just judged withdraws.

    Columns: `key, last_seen` (the extract date it was last accepted with). `previous` is the
    relation of the rows that were current before.
    """
    key = contract.key_sql("h")
    return f"""SELECT {key} AS key, h._extract_date AS last_seen
        FROM {previous} AS h ANTI JOIN accepted AS i ON {key} = {contract.key_sql("i")}
        WHERE NOT {current_versions.is_standing_sql("h")}"""


def all_withdrawals_sql(contract: Contract, all_versions: str) -> str:
    """Return a query for every withdrawal ever, from the versions alone.

    Columns: `key, last_seen, extract_date` (of the full extract that no longer named the key).
    `all_versions` is the relation of the versions.
    """
    return f"""WITH presence AS (
            SELECT key, day, bool_or(is_accepted) AS is_accepted
            FROM (
                SELECT {contract.key_sql("v")} AS key, _extract_date AS day, TRUE AS is_accepted
                FROM {all_versions} AS v
                UNION ALL SELECT key, extract_date, FALSE FROM quarantined_key
            )
            GROUP BY key, day
        ),
        followed AS (
            SELECT p.key, p.day, lead(p.day) OVER in_time AS next_day,
                max(CASE WHEN p.is_accepted THEN p.day END)
                    OVER (in_time ROWS UNBOUNDED PRECEDING) AS last_seen
            FROM presence AS p WINDOW in_time AS (PARTITION BY p.key ORDER BY p.day)
        ),
        next_full AS (
            SELECT d.day, min(f.extract_date) AS next_full
            FROM (SELECT DISTINCT day FROM presence) AS d
            JOIN full_date AS f ON f.extract_date > d.day GROUP BY d.day
        )
        SELECT w.key, w.last_seen, n.next_full AS extract_date
        FROM followed AS w JOIN next_full AS n ON n.day = w.day
        WHERE w.last_seen IS NOT NULL AND (w.next_day IS NULL OR w.next_day > n.next_full)"""


def record_changes(delivery: MergedDelivery, files: list[str], months: list[str] | None) -> None:
    """Write row counts and checksums by month and branch, and which of them changed.

    `files` are the current rows; only `months` are compared, all of them if None.
    """
    if months == []:
        return

    engine, lake, contract = delivery.engine, delivery.lake, delivery.contract
    name, day = contract.name, delivery.day
    is_compared = "TRUE"
    if months is not None:
        is_compared = f"month IN ({', '.join(map(repr, months))})"

    engine.create_table_from("holding_all", lake.read("holding", name))
    before = f"SELECT * FROM holding_all WHERE {is_compared}"
    engine.create("holding_before", before, "view")
    engine.register_parquet("present", files, versions.stored_schema(contract))
    now = f"SELECT * FROM ({holding_sql(contract, 'present')}) WHERE {is_compared}"
    engine.create("holding", now, "table")
    changes = engine.arrow(changes_sql())
    if changes.num_rows == 0:
        # Also where a run was killed after this point and is repeated: what it wrote stays.
        return

    lake.write("change", _add_extract(changes, name, day), name, day)
    columns = "month, branch_code, rows, checksum"
    unchanged = engine.arrow(
        f"SELECT extract_date, {columns} FROM holding_all WHERE NOT ({is_compared})"
    )
    compared = engine.arrow(f"SELECT DATE '{day}' AS extract_date, {columns} FROM holding")
    schema = BOOKS["holding"].remove(0)
    holding = pa.concat_tables([unchanged.cast(schema), compared.cast(schema)])
    lake.write("holding", _add_extract(holding, name), name)


def holding_sql(contract: Contract, rows: str) -> str:
    """Return a query for count and checksum of a relation's rows by month and branch.

    The checksum does not depend on the order of the rows.
    """
    cells = ", ".join(contract.schema.names)
    return f"""SELECT {versions.month_sql(contract)} AS month,
            {contract.branch_column} AS branch_code,
            count(*) AS rows, CAST(sum(hash({cells})) AS VARCHAR) AS checksum
        FROM {rows} GROUP BY ALL"""


def changes_sql() -> str:
    """Return a query for the months and branches in which `holding` and `holding_before` differ.

    Columns: `month, branch_code, rows_before, rows_after`.
    """
    return """SELECT coalesce(n.month, b.month) AS month,
            coalesce(n.branch_code, b.branch_code) AS branch_code,
            coalesce(b.rows, 0) AS rows_before, coalesce(n.rows, 0) AS rows_after
        FROM holding AS n FULL JOIN holding_before AS b
        ON b.month = n.month AND b.branch_code = n.branch_code
        WHERE n.checksum IS DISTINCT FROM b.checksum ORDER BY ALL"""


def _add_extract(rows: pa.Table, extract: str, extract_date: date | None = None) -> pa.Table:
    """Return rows for a book with the extract (and its date) that they belong to."""
    extracts = pa.array([extract] * rows.num_rows, pa.string())
    rows = rows.append_column("extract", extracts)
    if extract_date:
        dates = pa.array([extract_date] * rows.num_rows, pa.date32())
        rows = rows.append_column("extract_date", dates)
    return rows
