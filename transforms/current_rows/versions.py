"""Versions of rows, and which of them are current.

A version is a row as one extract delivered it; versions are only ever added. The current row of a
key is its version with the latest extract date. A key that a later full extract does not name was
withdrawn; one that it names, but in a row that was quarantined, keeps its previous version.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config.contract import Contract
from transforms.engine.duckdb_engine import DuckDB, Engine
from transforms.engine.sql_functions import quote_text

LONG_AGO = date(1, 1, 1)  # before every extract


def stored_schema(contract: Contract) -> pa.Schema:
    """Return the columns of a stored row: the canonical ones and the date of its extract."""
    return contract.schema.append(pa.field("_extract_date", pa.date32()))


def version_schema(contract: Contract) -> pa.Schema:
    """Return the columns of a version.

    To those of a stored row it adds where the row came from (file, line, number, original cells),
    which cells were unreadable and which rules it broke (as the judge's bits), and which
    corrections were applied.
    """
    schema = stored_schema(contract)
    for name, kind in (
        ("_file_name", pa.string()),
        ("_line", pa.int64()),
        ("_row_id", pa.int64()),
        ("_unreadable", pa.int64()),
        ("_raw", pa.string()),
        ("_broken", pa.int64()),
        ("_corrected", pa.string()),
    ):
        schema = schema.append(pa.field(name, kind))

    return schema


def accepted_sql(contract: Contract) -> str:
    """Return a query for the rows that the verdict accepted, as stored."""
    return f"SELECT {', '.join(stored_schema(contract).names)} FROM accepted"


def month_sql(contract: Contract) -> str:
    """Return an expression for the month that a row is stored under, by civil time."""
    if not contract.month:
        return "'all'"
    moment = contract.month
    if contract.column(contract.month).type == "instant":
        moment = f"civil({contract.month})"
    return f"coalesce(strftime({moment}, '%Y-%m'), '(none)')"


def export_versions(
    engine: DuckDB, parts: list[tuple[str, bool]], target: Path, extract_date: date
) -> Path:
    """Write the accepted rows of a batch as version files below `target`, and return `target`.

    `parts` are Parquet files and whether all rows of the file were accepted: such a file is moved
    as it is, which costs nothing.
    """
    folder = target / f"_delivered={extract_date}"
    folder.mkdir(parents=True)

    for part, is_accepted_whole in parts:
        file = folder / Path(part).name
        if is_accepted_whole:
            Path(part).rename(file)
            continue
        rejected = "SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id"
        rows = f"SELECT * FROM read_parquet({quote_text(part)}) AS b WHERE NOT EXISTS ({rejected})"
        engine.export(rows, file)

    return target


def has_same_content(engine: Engine, contract: Contract, stored_files: list[str]) -> bool:
    """Return whether every accepted row is among the stored rows of its extract date."""
    engine.register_parquet("stored", stored_files, stored_schema(contract))
    new_rows = f"{accepted_sql(contract)} EXCEPT SELECT * FROM stored"
    count = engine.arrow(f"SELECT count(*) AS new_rows FROM ({new_rows})")
    return count["new_rows"][0].as_py() == 0


class CurrentVersions:
    """Which versions the full extracts left standing.

    `full_dates` are the dates of the full extracts; `quarantined` (columns key, extract_date) are
    keys of quarantined rows. Creates the relations `full_date` and `quarantined_key` in the engine,
    and `carried_over_<extract>`.
    """

    def __init__(
        self,
        engine: Engine,
        contract: Contract,
        full_dates: Iterable[date],
        quarantined: pa.Table,
    ):
        self.engine, self.contract = engine, contract
        self.full_dates = sorted(set(full_dates))
        dates = pa.array(self.full_dates, pa.date32())
        engine.create_table_from("full_date", pa.table({"extract_date": dates}))
        engine.create_table_from("all_quarantined", quarantined.select(["key", "extract_date"]))
        engine.create(
            "quarantined_key",
            """SELECT DISTINCT key, extract_date FROM all_quarantined
            WHERE key IS NOT NULL AND extract_date IN (SELECT extract_date FROM full_date)""",
            "table",
        )
        self.carried_over = f"carried_over_{contract.name}"

        # Keys that the latest full extract named in a quarantined row. Each is carried over since
        # the last full extract that did not quarantine it: a version of that day or later stands.
        engine.create(
            self.carried_over,
            f"""WITH latest AS (
                SELECT key FROM quarantined_key WHERE extract_date = {self.latest_full_date}
            ),
            withdrawn AS (
                SELECT k.key, f.extract_date FROM latest AS k CROSS JOIN full_date AS f
                ANTI JOIN quarantined_key AS s
                ON s.key = k.key AND s.extract_date = f.extract_date
            )
            SELECT k.key, COALESCE(max(w.extract_date), DATE '{LONG_AGO}') AS since
            FROM latest AS k LEFT JOIN withdrawn AS w ON w.key = k.key GROUP BY k.key""",
            "table",
        )

    @property
    def latest_full_date(self) -> str:
        """The date of the latest full extract as a SQL literal."""
        latest = max(self.full_dates, default=LONG_AGO)
        return f"DATE '{latest}'"

    def is_standing_sql(self, alias: str) -> str:
        """Return a condition: no full extract withdrew the row (with its `_extract_date`)."""
        key = self.contract.key_sql(alias)
        is_carried_over = (
            f"EXISTS (SELECT 1 FROM {self.carried_over} AS o"
            f" WHERE o.key = {key} AND o.since <= {alias}._extract_date)"
        )
        return f"({alias}._extract_date >= {self.latest_full_date} OR {is_carried_over})"


def known_sql(
    contract: Contract, versions: str, known_at: date, current_versions: CurrentVersions
) -> str:
    """Return a query for the stored rows that were current at the end of a day.

    `versions` is a relation of versions.
    """
    # Withdrawn versions go first, then the latest of each key is taken: a version that a full
    # extract withdrew must not hide one that stands.
    return f"""SELECT * FROM {versions} AS v
        WHERE _extract_date <= DATE '{known_at}' AND {current_versions.is_standing_sql("v")}
        QUALIFY row_number() OVER (
            PARTITION BY {contract.key_sql("v")} ORDER BY _extract_date DESC
        ) = 1"""


def create_known_rows(
    engine: Engine,
    name: str,
    contract: Contract,
    files: list[str],
    known_at: date,
    current_versions: CurrentVersions,
) -> None:
    """Create the relation `name`: the current rows as they were known at the end of a day.

    Args:
        engine: creates the relation, and `version_<name>`.
        name: of the relation.
        contract: of the extract.
        files: Parquet files with all versions of the extract.
        known_at: the day; versions of later extracts are passed over.
        current_versions: which versions the full extracts up to that day left standing.
    """
    versions = f"version_{name}"
    engine.register_parquet(versions, files, stored_schema(contract))
    rows = known_sql(contract, versions, known_at, current_versions)
    engine.create(name, f"SELECT {', '.join(contract.schema.names)} FROM ({rows})", "view")
