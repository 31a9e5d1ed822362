"""From versions to the current row of each key: merging a delivery, and telling what was current on an earlier day."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from data.contract import Contract


def stored_schema(contract: Contract) -> pa.Schema:
    """A stored row: the canonical columns and the extract date it came with."""
    return contract.schema.append(pa.field("_extract_date", pa.date32()))


def accepted_sql(contract: Contract) -> str:
    """The rows that the verdict let through, as stored."""
    return f"SELECT {', '.join(stored_schema(contract).names)} FROM accepted"


def version_schema(contract: Contract) -> pa.Schema:
    """A version: a stored row, the file and line it came from, and which rules it broke (as the judge's bits)."""
    schema = stored_schema(contract).append(pa.field("_file_name", pa.string())).append(pa.field("_line", pa.int64()))
    for name in ("_row_id", "_unreadable"):
        schema = schema.append(pa.field(name, pa.int64()))
    return schema.append(pa.field("_raw", pa.string())).append(pa.field("_broken", pa.int64()))


def export(engine, parts: list[tuple[str, bool]], target: Path, extract_date: date) -> Path:
    """The batch's accepted rows as version files below `target`: a file of accepted rows only moves as it is."""
    folder = target / f"_delivered={extract_date}"
    folder.mkdir(parents=True)
    for part, is_whole in parts:
        if is_whole:
            Path(part).rename(folder / Path(part).name)
        else:
            rows = f"SELECT * FROM read_parquet('{part}') AS b WHERE NOT EXISTS (SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id)"
            engine.export(rows, folder / Path(part).name)
    return target


def key_sql(contract: Contract, alias: str) -> str:
    """One comparable key; a key column that may be empty counts as empty text."""
    return "(" + " || chr(31) || ".join(f"coalesce(CAST({alias}.{name} AS VARCHAR), '')" for name in contract.key) + ")"


def same_content(engine, contract: Contract, stored: list[str]) -> bool:
    """Whether every accepted row is already among the stored rows of its extract date, cell by cell."""
    engine.scan("stored", stored, stored_schema(contract))
    new = f"SELECT count(*) FROM ({accepted_sql(contract)} EXCEPT SELECT * FROM stored)"
    return engine.arrow(new).column(0)[0].as_py() == 0


def prepare_merge(engine, contract: Contract, former: list[str], full_dates: list) -> list[str]:
    """Make ready what the current table holds once the accepted rows are merged in. Returns the months that change.

    A key's later extract date wins whatever arrived first; a key that a later full extract does not name was withdrawn.
    `former` are the files of the current rows so far, `full_dates` the extract dates of full deliveries.
    """
    month = f"coalesce(strftime({civil(contract)}, '%Y-%m'), '(none)')" if contract.month else "'all'"
    latest_full = f"DATE '{max(full_dates)}'" if full_dates else "DATE '0001-01-01'"
    key_i, key_h = key_sql(contract, "i"), key_sql(contract, "h")
    engine.scan("former", former, stored_schema(contract))
    engine.create("incoming", f"SELECT *, {month} AS _month FROM ({accepted_sql(contract)}) WHERE _extract_date >= {latest_full}", "view")
    engine.create("held", f"SELECT *, {month} AS _month FROM former", "view")
    engine.create(
        "touched",
        f"""SELECT DISTINCT _month FROM incoming
        UNION SELECT DISTINCT h._month FROM held AS h SEMI JOIN incoming AS i ON {key_h} = {key_i}
        UNION SELECT DISTINCT _month FROM held WHERE _extract_date < {latest_full}""",
        "table",
    )
    engine.create(
        "merged",
        f"""WITH kept AS (SELECT * FROM held WHERE _extract_date >= {latest_full}),
        older AS (SELECT i.* FROM incoming AS i JOIN kept AS h ON {key_i} = {key_h} AND h._extract_date > i._extract_date),
        winning AS (SELECT i.* FROM incoming AS i ANTI JOIN older AS h ON {key_i} = {key_h})
        SELECT * FROM winning
        UNION ALL
        SELECT * FROM kept AS h ANTI JOIN winning AS i ON {key_h} = {key_i}""",
        "view",
    )
    return [row["_month"] for row in engine.arrow("SELECT _month FROM touched ORDER BY _month").to_pylist()]


def merged_sql(contract: Contract, whole: bool) -> str:
    """The rows of the current table from now on: all of them, or those of the months that change."""
    columns = ", ".join([*stored_schema(contract).names, "_month"])
    return f"SELECT {columns} FROM merged" + ("" if whole else " WHERE _month IN (SELECT _month FROM touched)")


def as_known(engine, name: str, contract: Contract, versions: list[str], known_at, full_dates: list) -> None:
    """Relation `name`: the current rows as they were known at the end of a day, told from the versions alone."""
    engine.scan(f"version_{name}", versions, stored_schema(contract))
    known = [day for day in full_dates if day <= known_at]
    latest_full = f"DATE '{max(known)}'" if known else "DATE '0001-01-01'"
    engine.create(
        name,
        f"""SELECT {", ".join(contract.schema.names)} FROM version_{name} AS v
        WHERE _extract_date <= DATE '{known_at}' AND _extract_date >= {latest_full}
        QUALIFY row_number() OVER (PARTITION BY {key_sql(contract, "v")} ORDER BY _extract_date DESC) = 1""",
        "view",
    )


def civil(contract: Contract) -> str:
    """The civil time by which a row is stored under a month."""
    return f"civil({contract.month})" if contract.column(contract.month).type == "instant" else contract.month
