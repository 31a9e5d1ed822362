"""Bring the current rows of an extract up to date with a delivery."""

from datetime import date

from data.config.contract import Contract
from data.store.delta_tables import PARTITION_COLUMNS
from data.store.lake import Lake, is_full_extract
from transforms.current_rows import changes, versions
from transforms.current_rows.changes import MergedDelivery
from transforms.current_rows.versions import CurrentVersions
from transforms.engine.duckdb_engine import DuckDB, Engine
from transforms.engine.sql_functions import quote_list


def read_current_versions(
    engine: Engine,
    lake: Lake,
    contract: Contract,
    ledger: list[dict],
    known_at: date | None = None,
) -> CurrentVersions:
    """Return which versions stand, by the rows of the ledger and the quarantine.

    Args:
        engine: where the relations of `CurrentVersions` are created.
        lake: whose quarantine is read.
        contract: of the extract.
        ledger: the extract's deliveries, as the ledger has them.
        known_at: leave out what was quarantined after this day.
    """
    full_dates = [row["extract_date"] for row in ledger if row["delivery"] == "full"]
    quarantined = lake.read("quarantine", contract.name, known_at)
    return CurrentVersions(engine, contract, full_dates, quarantined)


def merge_delivery(
    engine: DuckDB, lake: Lake, contract: Contract, day: date, entry: dict, is_anew: bool
) -> None:
    """Merge the delivery whose rows are in the relation `accepted`.

    Where there is a single delivery, or the latest one is full, its versions are the current rows:
    there is no current table then.

    Args:
        engine: has the relation `accepted`.
        lake: whose current table and books are brought up to date.
        contract: of the extract.
        day: the extract date of the delivery.
        entry: the row that the ledger will have for the delivery.
        is_anew: the delivery was taken in before, so rows of that time may have to go.
    """
    name = contract.name
    other_entries = [row for row in lake.ledger(name) if row["extract_date"] != day]
    ledger = [*other_entries, entry]
    delivery = MergedDelivery(
        engine=engine,
        lake=lake,
        contract=contract,
        day=day,
        entry=entry,
        other_entries=other_entries,
        is_anew=is_anew,
        previous_files=lake.current_files(name),
        current_versions=read_current_versions(engine, lake, contract, ledger),
    )
    latest = max(row["extract_date"] for row in ledger)
    latest_entries = [row for row in ledger if row["extract_date"] == latest]
    if not other_entries or is_full_extract(latest_entries):
        # A late delivery that a full extract has replaced already changes no current row.
        is_without_effect = day != latest and not is_anew
        months = [] if is_without_effect else None
        files = lake.files("versions", name, [str(latest)])
    else:
        months = _update_current_table(delivery, latest)
        files = lake.files("current", name, months)

    changes.record_withdrawals(delivery)
    changes.record_changes(delivery, files, months)


def _update_current_table(delivery: MergedDelivery, latest: date) -> list[str] | None:
    """Replace the months that the delivery changes; return them, None for all."""
    engine, lake, contract = delivery.engine, delivery.lake, delivery.contract
    name = contract.name
    months = None
    if delivery.is_anew:
        sql = _all_current_sql(delivery, latest)
    elif lake.is_merged(name):
        months = find_touched_months(
            engine, contract, delivery.previous_files, delivery.current_versions
        )
        files = lake.files("current", name, months)
        sql = merged_sql(engine, contract, files, delivery.current_versions)
    else:
        sql = merged_sql(engine, contract, delivery.previous_files, delivery.current_versions)

    if months != []:
        exported = engine.folder / "export"
        engine.export(sql, exported, PARTITION_COLUMNS["current"])
        lake.replace_rows("current", name, versions.stored_schema(contract), exported, months)

    return months


def _all_current_sql(delivery: MergedDelivery, latest: date) -> str:
    """Return a query for the current rows with their month, from the versions alone."""
    contract = delivery.contract
    files = delivery.lake.files("versions", contract.name)
    delivery.engine.register_parquet("version", files, versions.stored_schema(contract))
    rows = versions.known_sql(contract, "version", latest, delivery.current_versions)
    return f"SELECT *, {versions.month_sql(contract)} AS _month FROM ({rows})"


def find_touched_months(
    engine: Engine,
    contract: Contract,
    current_files: list[str],
    current_versions: CurrentVersions,
) -> list[str]:
    """Return the months that change once the accepted rows are merged into a current table.

    Of the current rows (`current_files`) only the keys are read: the delta of one run must not
    cost what years of history weigh.

    Args:
        engine: has the relation `accepted`.
        contract: of the extract.
        current_files: the Parquet files of the current table.
        current_versions: which versions stand.
    """
    _create_incoming(engine, contract, current_versions)
    rows = "incoming WHERE FALSE"
    if current_files:
        rows = _with_month(current_files)

    columns = ", ".join([*contract.key, "_extract_date", "_month"])
    engine.create("current_key", f"SELECT {columns} FROM {rows}", "view")
    replaced = f"""SELECT DISTINCT h._month FROM current_key AS h
        SEMI JOIN incoming AS i ON {contract.key_sql("h")} = i._key"""
    queries = ["SELECT DISTINCT _month FROM incoming", replaced]
    if current_versions.full_dates:
        is_standing = current_versions.is_standing_sql("h")
        queries.append(f"SELECT DISTINCT h._month FROM current_key AS h WHERE NOT {is_standing}")

    months = engine.arrow(f"{' UNION '.join(queries)} ORDER BY _month")
    return [row["_month"] for row in months.to_pylist()]


def merged_sql(
    engine: Engine, contract: Contract, files: list[str], current_versions: CurrentVersions
) -> str:
    """Return a query for the current rows with their month, once the accepted rows are merged.

    The later extract date of a key wins, whatever arrived first.

    Args:
        engine: has the relation `accepted`; gets `incoming` and `previous`.
        contract: of the extract.
        files: the Parquet files of the current rows so far.
        current_versions: which versions stand.
    """
    _create_incoming(engine, contract, current_versions)
    engine.register_parquet("previous", files, versions.stored_schema(contract))
    columns = ", ".join([*versions.stored_schema(contract).names, "_month"])

    return f"""WITH standing AS (
            SELECT *, {versions.month_sql(contract)} AS _month, {contract.key_sql("h")} AS _key
            FROM previous AS h WHERE {current_versions.is_standing_sql("h")}
        ),
        outdated AS (
            SELECT i._key FROM incoming AS i
            JOIN standing AS h ON i._key = h._key AND h._extract_date > i._extract_date
        ),
        winning AS (SELECT i.* FROM incoming AS i ANTI JOIN outdated AS h ON i._key = h._key)
        SELECT {columns} FROM winning
        UNION ALL
        SELECT {columns} FROM standing AS h ANTI JOIN winning AS i ON h._key = i._key"""


def _create_incoming(engine: Engine, contract: Contract, current_versions: CurrentVersions) -> None:
    """Create the table `incoming`: the accepted rows that stand, with key and month."""
    engine.create(
        "incoming",
        f"""SELECT *, {versions.month_sql(contract)} AS _month, {contract.key_sql("i")} AS _key
        FROM ({versions.accepted_sql(contract)}) AS i
        WHERE {current_versions.is_standing_sql("i")}""",
        "table",
    )


def _with_month(files: list[str]) -> str:
    """Return files of a current table as a relation with `_month`, which their folders name."""
    return (
        f"read_parquet({quote_list(files)}, hive_partitioning = true, hive_types_autocast = false)"
    )
