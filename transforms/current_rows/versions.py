"""From versions to the current row of each key: merging a delivery, and telling what was current on
an earlier day.

The current row of a key is its version with the latest extract date. A key that a later full
extract does not name was withdrawn; one that it names, but whose row was quarantined there, keeps
its former version.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config.contract import Contract


def stored_schema(contract: Contract) -> pa.Schema:
    """A stored row: the canonical columns and the extract date it came with."""
    return contract.schema.append(pa.field("_extract_date", pa.date32()))


def accepted_sql(contract: Contract) -> str:
    """The rows that the verdict let through, as stored."""
    return f"SELECT {', '.join(stored_schema(contract).names)} FROM accepted"


def version_schema(contract: Contract) -> pa.Schema:
    """A version: a stored row, the file and line it came from, which rules it broke (as the judge's
    bits), which corrections were made.
    """
    schema = (
        stored_schema(contract)
        .append(pa.field("_file_name", pa.string()))
        .append(pa.field("_line", pa.int64()))
    )
    for name in ("_row_id", "_unreadable"):
        schema = schema.append(pa.field(name, pa.int64()))
    schema = schema.append(pa.field("_raw", pa.string())).append(pa.field("_broken", pa.int64()))
    return schema.append(pa.field("_corrected", pa.string()))


def export_versions(
    engine, parts: list[tuple[str, bool]], target: Path, extract_date: date
) -> Path:
    """The batch's accepted rows as version files below `target`: a file of accepted rows only moves
    as it is.
    """
    folder = target / f"_delivered={extract_date}"
    folder.mkdir(parents=True)
    for part, is_whole in parts:
        if is_whole:
            Path(part).rename(folder / Path(part).name)
        else:
            rows = f"SELECT * FROM read_parquet('{part}') AS b WHERE NOT EXISTS (SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id)"
            engine.export(rows, folder / Path(part).name)
    return target


def has_same_content(engine, contract: Contract, stored: list[str]) -> bool:
    """Whether every accepted row is already among the stored rows of its extract date, cell by
    cell.
    """
    engine.register_parquet("stored", stored, stored_schema(contract))
    new = f"SELECT count(*) FROM ({accepted_sql(contract)} EXCEPT SELECT * FROM stored)"
    return engine.arrow(new).column(0)[0].as_py() == 0


class CurrentVersions:
    """Which versions still stand, given the dates of the full extracts (`full_dates`) and the keys
    that these named in rows which were quarantined (`set_aside`: columns key, extract_date). Leaves
    the relations `full_date` and `set_aside` in the engine.
    """

    def __init__(self, engine, contract: Contract, full_dates: list[date], set_aside: pa.Table):
        self.engine, self.contract, self.full_dates = engine, contract, sorted(set(full_dates))
        engine.create_table_from(
            "full_date", pa.table({"extract_date": pa.array(self.full_dates, pa.date32())})
        )
        engine.create_table_from("all_set_aside", set_aside.select(["key", "extract_date"]))
        engine.create(
            "set_aside",
            "SELECT DISTINCT key, extract_date FROM all_set_aside WHERE key IS NOT NULL AND extract_date IN (SELECT extract_date FROM full_date)",
            "table",
        )
        self.held_over = f"held_over_{contract.name}"
        # A key that every full extract since some day set aside: its version of that day or later
        # stands.
        engine.create(
            self.held_over,
            f"""WITH latest AS (SELECT key FROM set_aside WHERE extract_date = {self.latest_full}),
            withdrawn AS (
                SELECT k.key, f.extract_date FROM latest AS k CROSS JOIN full_date AS f
                ANTI JOIN set_aside AS s ON s.key = k.key AND s.extract_date = f.extract_date
            )
            SELECT k.key, COALESCE(max(w.extract_date), DATE '0001-01-01') AS since
            FROM latest AS k LEFT JOIN withdrawn AS w ON w.key = k.key GROUP BY k.key""",
            "table",
        )

    @property
    def latest_full(self) -> str:
        return f"DATE '{max(self.full_dates)}'" if self.full_dates else "DATE '0001-01-01'"

    def sql(self, alias: str) -> str:
        """True for a row (with its `_extract_date`) that no full extract withdrew."""
        key = self.contract.key_sql(alias)
        held = f"EXISTS (SELECT 1 FROM {self.held_over} AS o WHERE o.key = {key} AND o.since <= {alias}._extract_date)"
        return f"({alias}._extract_date >= {self.latest_full} OR {held})"


def find_touched_months(
    engine, contract: Contract, merged: list[str], standing: CurrentVersions
) -> list[str]:
    """The months that change once the accepted rows are merged into a current table, whose files
    are `merged`.

    Of the current rows only their keys are looked at: a night's delta must not cost what years of
    history weigh.
    """
    _incoming(engine, contract, standing)
    columns = ", ".join([*contract.key, "_extract_date"])
    if merged:
        engine.create("held_key", f"SELECT {columns}, _month FROM {_by_month(merged)}", "view")
    else:
        engine.create("held_key", f"SELECT {columns}, _month FROM incoming WHERE FALSE", "view")
    gone = (
        f"UNION SELECT DISTINCT h._month FROM held_key AS h WHERE NOT {standing.sql('h')}"
        if standing.full_dates
        else ""
    )
    months = engine.arrow(
        f"""SELECT DISTINCT _month FROM incoming
        UNION SELECT DISTINCT h._month FROM held_key AS h SEMI JOIN incoming AS i ON {contract.key_sql("h")} = i._key
        {gone} ORDER BY _month"""
    )
    return months["_month"].to_pylist()


def merged_sql(engine, contract: Contract, former: list[str], standing: CurrentVersions) -> str:
    """The current rows, with their month, once the accepted rows are merged into those of the files
    `former`.

    A key's later extract date wins whatever arrived first.
    """
    _incoming(engine, contract, standing)
    engine.register_parquet("former", former, stored_schema(contract))
    columns = ", ".join([*stored_schema(contract).names, "_month"])
    return f"""WITH kept AS (
            SELECT *, {month_sql(contract)} AS _month, {contract.key_sql("h")} AS _key FROM former AS h WHERE {standing.sql("h")}
        ),
        older AS (SELECT i._key FROM incoming AS i JOIN kept AS h ON i._key = h._key AND h._extract_date > i._extract_date),
        winning AS (SELECT i.* FROM incoming AS i ANTI JOIN older AS h ON i._key = h._key)
        SELECT {columns} FROM winning
        UNION ALL
        SELECT {columns} FROM kept AS h ANTI JOIN winning AS i ON h._key = i._key"""


def _incoming(engine, contract: Contract, standing: CurrentVersions) -> None:
    """Table `incoming`: the accepted rows that stand, with key and month."""
    engine.create(
        "incoming",
        f"""SELECT *, {month_sql(contract)} AS _month, {contract.key_sql("i")} AS _key
        FROM ({accepted_sql(contract)}) AS i WHERE {standing.sql("i")}""",
        "table",
    )


def _by_month(files: list[str]) -> str:
    """Files of a current table as a relation with `_month`, which their folders name."""
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"


def create_known_rows(
    engine,
    name: str,
    contract: Contract,
    versions: list[str],
    known_at: date,
    standing: CurrentVersions,
) -> None:
    """Relation `name`: the current rows as they were known at the end of a day, told from the
    versions alone.
    """
    engine.register_parquet(f"version_{name}", versions, stored_schema(contract))
    engine.create(
        name,
        f"SELECT {', '.join(contract.schema.names)} FROM ({known_sql(contract, f'version_{name}', known_at, standing)})",
        "view",
    )


def known_sql(contract: Contract, versions: str, known_at: date, standing: CurrentVersions) -> str:
    """The stored rows that were current at the end of a day, from a relation of versions."""
    # By the latest extract date first: a version that a full extract withdrew hides none that
    # stands.
    return f"""SELECT * FROM {versions} AS v WHERE _extract_date <= DATE '{known_at}' AND {standing.sql("v")}
        QUALIFY row_number() OVER (PARTITION BY {contract.key_sql("v")} ORDER BY _extract_date DESC) = 1"""


def withdrawals_sql(contract: Contract, standing: CurrentVersions, former: str) -> str:
    """Keys that the full extract just judged withdraws, and the extract date they were last
    accepted with.
    """
    key_i, key_h = contract.key_sql("i"), contract.key_sql("h")
    return f"""SELECT {key_h} AS key, h._extract_date AS last_seen FROM {former} AS h ANTI JOIN accepted AS i ON {key_h} = {key_i}
        WHERE NOT {standing.sql("h")}"""


def all_withdrawals_sql(contract: Contract, versions: str) -> str:
    """Every withdrawal, told from the versions alone: `key, last_seen, extract_date` (of the full
    extract that no longer named it).
    """
    return f"""WITH presence AS (
            SELECT key, day, bool_or(is_accepted) AS is_accepted
            FROM (SELECT {contract.key_sql("v")} AS key, _extract_date AS day, TRUE AS is_accepted FROM {versions} AS v
                UNION ALL SELECT key, extract_date, FALSE FROM set_aside)
            GROUP BY key, day
        ),
        followed AS (
            SELECT p.key, p.day, lead(p.day) OVER in_time AS next_day,
                max(CASE WHEN p.is_accepted THEN p.day END) OVER (in_time ROWS UNBOUNDED PRECEDING) AS last_seen
            FROM presence AS p WINDOW in_time AS (PARTITION BY p.key ORDER BY p.day)
        ),
        next_full AS (
            SELECT d.day, min(f.extract_date) AS next_full FROM (SELECT DISTINCT day FROM presence) AS d
            JOIN full_date AS f ON f.extract_date > d.day GROUP BY d.day
        )
        SELECT w.key, w.last_seen, n.next_full AS extract_date FROM followed AS w JOIN next_full AS n ON n.day = w.day
        WHERE w.last_seen IS NOT NULL AND (w.next_day IS NULL OR w.next_day > n.next_full)"""


def holding_sql(contract: Contract, rows: str) -> str:
    """Rows and checksum of current rows by month and branch. The checksum does not depend on the
    order of the rows.
    """
    cells = ", ".join(contract.schema.names)
    return f"""SELECT {month_sql(contract)} AS month, {contract.branch_column} AS branch_code, count(*) AS rows, CAST(sum(hash({cells})) AS VARCHAR) AS checksum
        FROM {rows} GROUP BY ALL"""


def changes_sql() -> str:
    """The months and branches of `holding` that `holding_before` had otherwise: `month,
    branch_code, rows_before, rows_after`.
    """
    return """SELECT coalesce(n.month, b.month) AS month, coalesce(n.branch_code, b.branch_code) AS branch_code,
            coalesce(b.rows, 0) AS rows_before, coalesce(n.rows, 0) AS rows_after
        FROM holding AS n FULL JOIN holding_before AS b ON b.month = n.month AND b.branch_code = n.branch_code
        WHERE n.checksum IS DISTINCT FROM b.checksum ORDER BY ALL"""


def month_sql(contract: Contract) -> str:
    """The month that a row is stored under, by civil time."""
    if not contract.month:
        return "'all'"
    moment = (
        f"civil({contract.month})"
        if contract.column(contract.month).type == "instant"
        else contract.month
    )
    return f"coalesce(strftime({moment}, '%Y-%m'), '(none)')"
