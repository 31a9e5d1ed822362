"""A company small enough to check by hand: rows as dictionaries in, published tables out."""

from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from data.config import policy as policies
from data.config.contract import ARROW_TYPES, Contract, load_contracts
from transforms import build
from transforms.current_rows.versions import CurrentVersions, known_sql
from transforms.engine.duckdb_engine import DuckDB
from transforms.engine.models import load_models, order_models
from transforms.kpis import catalogue, mart_kpi_value
from transforms.kpis.catalogue import ExtractSupply


def cell(kind: str, value, zone: ZoneInfo):
    """A value as it would be stored: civil text becomes an instant in UTC."""
    value = None if value == "" else value
    if value is None or kind not in ("instant", "date", "money", "decimal"):
        return value
    if kind in ("money", "decimal"):
        return Decimal(str(value))
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    moment = datetime.fromisoformat(str(value)).replace(tzinfo=zone)
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def table(contract: Contract, rows: list[dict], timezone: str) -> pa.Table:
    """Rows of an extract as the store would hold them."""
    unknown = {name for row in rows for name in row} - {column.name for column in contract.columns}
    assert not unknown, f"{contract.name} has no columns {unknown}"
    zone = ZoneInfo(timezone)
    columns = {
        c.name: pa.array([cell(c.type, row.get(c.name), zone) for row in rows], ARROW_TYPES[c.type])
        for c in contract.columns
    }
    return pa.table(columns, schema=contract.schema)


def as_known(
    folder: Path, contract: Contract, rows: list[dict], timezone: str, known_at: date
) -> tuple[list[dict], pa.Table]:
    """The rows that had been delivered by a day, and of them the current ones as a run at that day
    sees them, by their `_extract_date`.
    """
    said = [{name: value for name, value in row.items() if name != "_extract_date"} for row in rows]
    days = [row["_extract_date"] for row in rows]
    engine = DuckDB(folder, timezone)
    engine.create_table_from(
        "version",
        table(contract, said, timezone).append_column("_extract_date", pa.array(days, pa.date32())),
    )
    standing = CurrentVersions(
        engine,
        contract,
        [],
        pa.table({"key": pa.array([], pa.string()), "extract_date": pa.array([], pa.date32())}),
    )
    current = engine.arrow(known_sql(contract, "version", known_at, standing)).select(
        contract.schema.names
    )
    engine.close()
    return [row for row, day in zip(said, days, strict=True) if day <= known_at], current


@contextmanager
def opened(
    as_of,
    policy: dict | None = None,
    timezone: str = "Asia/Shanghai",
    extract_dates: dict | None = None,
    known_at: date | None = None,
    threads: int = 2,
    on=DuckDB,
    **extracts,
):
    """An engine (`on`) that holds a company whose extracts are given as lists of rows, and what a
    build needs beside; an extract not given was not delivered.

    With `known_at`, rows have an `_extract_date`, and of those up to that day the latest of each
    key is current.
    """
    as_of = date.fromisoformat(str(as_of))
    with TemporaryDirectory() as folder:
        engine = on(Path(folder), timezone, threads=threads)
        supplies = {}
        for name, contract in load_contracts().items():
            rows = extracts.get(name)
            rows, held = (
                as_known(Path(folder) / "known", contract, rows, timezone, known_at)
                if known_at and rows
                else (rows, None)
            )
            engine.create_table_from(
                name, table(contract, rows or [], timezone) if held is None else held
            )
            if rows is not None:
                days = [str(row[c])[:10] for row in rows for c in contract.history if row.get(c)]
                told = date.fromisoformat(str((extract_dates or {}).get(name, as_of)))
                columns = frozenset(column for row in rows for column in row)
                supplies[name] = ExtractSupply(
                    columns, date.fromisoformat(min(days)) if days else None, min(told, as_of)
                )
        yield engine, build.BuildInputs(as_of, supplies, policies.load_policy(policy))
        engine.close()


def compute(*asked, **extracts) -> dict:
    """Published tables of such a company."""
    with opened(*asked, **extracts) as (engine, inputs):
        return build.build(engine, inputs)


def values(kpis: set[str], *asked, **extracts) -> pa.Table:
    """mart_kpi_value of such a company, of some KPIs only: a tenth of the time."""
    with opened(*asked, **extracts) as (engine, inputs):
        chosen = [kpi for kpi in catalogue.load_kpis() if kpi.name in kpis]
        runs = build.prepare_relations(
            engine,
            inputs,
            order_models(load_models(), build.CUBE_TABLES.union(*(kpi.reads for kpi in chosen))),
        )
        found, _ = mart_kpi_value.build_mart_kpi_value(
            engine, chosen, runs, inputs.policy, lambda _: None
        )
        return build.conform("mart_kpi_value", pa.concat_tables(found))


def value_of(
    values: pa.Table,
    kpi: str,
    branch: str,
    kind: str,
    start,
    segment: tuple[str, str] = ("all", "all"),
) -> dict:
    """The one row of mart_kpi_value that a test is about."""
    start = date.fromisoformat(str(start))
    wanted = {
        "kpi_id": kpi,
        "branch_code": branch,
        "period_kind": kind,
        "period_start": start,
        "segment_kind": segment[0],
        "segment": segment[1],
    }
    for name, value in wanted.items():
        values = values.filter(pc.field(name) == value)
    rows = values.to_pylist()
    assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
    return rows[0]
