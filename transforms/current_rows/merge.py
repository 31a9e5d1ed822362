"""Bringing the current rows of an extract up to date with a delivery, and keeping book of what that
changed.
"""

from datetime import date

import pyarrow as pa

from data.config.contract import Contract
from data.store.lake import BOOKS, PARTITION, Lake, is_full_extract
from transforms.current_rows import versions
from transforms.current_rows.versions import CurrentVersions


def read_current_versions(
    engine, lake: Lake, contract: Contract, ledger: list[dict], known_at: date | None = None
) -> CurrentVersions:
    """Which versions stand, by the ledger's rows and the quarantine."""
    full = [row["extract_date"] for row in ledger if row["delivery"] == "full"]
    return CurrentVersions(engine, contract, full, lake.read("quarantine", contract.name, known_at))


def merge_delivery(
    engine, lake: Lake, contract: Contract, day: date, entry: dict, is_anew: bool
) -> None:
    """Merge the delivery whose rows are in `accepted`; `entry` is what the ledger will say of it.
    `is_anew`: it was taken in before, so that rows of then may have to go.

    The versions of a single delivery, or of a latest full one, are current as they are: there is no
    current table then.
    """
    was_merged, former = lake.is_merged(contract.name), lake.current_files(contract.name)
    others = [row for row in lake.delivered(contract.name) if row["extract_date"] != day]
    ledger = [*others, entry]
    standing = read_current_versions(engine, lake, contract, ledger)
    latest = max(row["extract_date"] for row in ledger)
    months: list[str] | None = None
    if not others or is_full_extract([row for row in ledger if row["extract_date"] == latest]):
        if day != latest and not is_anew:
            months = []
        rows = lake.files("versions", contract.name, [str(latest)])
    else:
        if is_anew:
            engine.register_parquet(
                "version", lake.files("versions", contract.name), versions.stored_schema(contract)
            )
            known = versions.known_sql(contract, "version", latest, standing)
            sql = f"SELECT *, {versions.month_sql(contract)} AS _month FROM ({known})"
        else:
            months = (
                versions.find_touched_months(engine, contract, former, standing)
                if was_merged
                else None
            )
            changing = lake.files("current", contract.name, months) if was_merged else former
            sql = versions.merged_sql(engine, contract, changing, standing)
        if months != []:
            exported = engine.folder / "export"
            engine.export(sql, exported, PARTITION["current"])
            lake.replace(
                "current", contract.name, versions.stored_schema(contract), exported, months
            )
        rows = lake.files("current", contract.name, months)
    _note_withdrawals(engine, lake, contract, day, others, entry, former, standing, is_anew)
    _note_changes(engine, lake, contract, day, rows, months)


def _note_withdrawals(
    engine,
    lake: Lake,
    contract: Contract,
    day: date,
    others: list[dict],
    entry: dict,
    former: list[str],
    standing,
    is_anew,
) -> None:
    """Keep book of the keys that a full extract no longer names."""
    name = contract.name
    full_dates = standing.full_dates
    if (
        not others
        or not full_dates
        or max(full_dates) <= min(row["extract_date"] for row in others + [entry])
    ):
        return
    is_late = day < max(row["extract_date"] for row in others) and (
        entry["delivery"] == "full" or day < max(full_dates)
    )
    if is_late or is_anew:
        engine.register_parquet(
            "version", lake.files("versions", name), versions.stored_schema(contract)
        )
        lake.write(
            "withdrawn",
            _of_extract(engine.arrow(versions.all_withdrawals_sql(contract, "version")), name),
            name,
        )
    elif entry["delivery"] == "full":
        engine.register_parquet("former", former, versions.stored_schema(contract))
        gone = engine.arrow(versions.withdrawals_sql(contract, standing, "former"))
        lake.write("withdrawn", _of_extract(gone, name, day), name, day)


def _note_changes(
    engine, lake: Lake, contract: Contract, day: date, rows: list[str], months: list[str] | None
) -> None:
    """Keep book of rows and checksums by month and branch, and of which of them changed; `months`
    None: look at all.
    """
    if months == []:
        return
    name = contract.name
    before = lake.read("holding", name)
    engine.create_table_from("holding_all", before)
    within = (
        "TRUE" if months is None else f"month IN ({', '.join(repr(month) for month in months)})"
    )
    engine.create("holding_before", f"SELECT * FROM holding_all WHERE {within}", "view")
    engine.register_parquet("present", rows, versions.stored_schema(contract))
    engine.create(
        "holding",
        f"SELECT * FROM ({versions.holding_sql(contract, 'present')}) WHERE {within}",
        "table",
    )
    changes = engine.arrow(versions.changes_sql())
    # A run that was killed behind this point finds nothing changed: what it noted then stays.
    if changes.num_rows:
        lake.write("change", _of_extract(changes, name, day), name, day)
        kept = engine.arrow(
            f"SELECT extract_date, month, branch_code, rows, checksum FROM holding_all WHERE NOT ({within})"
        )
        found = engine.arrow(
            f"SELECT DATE '{day}' AS extract_date, month, branch_code, rows, checksum FROM holding"
        )
        schema = BOOKS["holding"].remove(0)
        lake.write(
            "holding",
            _of_extract(pa.concat_tables([kept.cast(schema), found.cast(schema)]), name),
            name,
        )


def _of_extract(rows: pa.Table, extract: str, extract_date: date | None = None) -> pa.Table:
    """Rows for a book, with the extract (and its date) that they are of."""
    rows = rows.append_column("extract", pa.array([extract] * rows.num_rows, pa.string()))
    return (
        rows.append_column("extract_date", pa.array([extract_date] * rows.num_rows, pa.date32()))
        if extract_date
        else rows
    )
