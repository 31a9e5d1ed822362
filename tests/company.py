"""A company small enough to check by hand: rows as dictionaries in, published tables out.

    claims = [{"claim_id": "1", "branch_code": "A", "reported_at": "2012-03-01 09:00:00"}]
    values = compute_values({"claim_open_count"}, "2012-12-31", claims=claims)
    row = find_value(values, "claim_open_count", "A", "ytd", "2012-01-01")
    assert row["value"] == 1

Times are civil text, dates and numbers may be text; a column not named is empty. An extract not
given was not delivered.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from data.config.contract import Contract, load_contracts
from data.config.contract_parts import ARROW_TYPES
from data.config.policy import load_policy
from data.store.former_parts import NO_FORMER_PARTS
from transforms import build
from transforms.current_rows.versions import CurrentVersions, known_sql
from transforms.engine.duckdb_engine import DuckDB, Engine
from transforms.engine.models import load_models, order_models
from transforms.kpis.catalogue import ExtractSupply, load_kpis
from transforms.kpis.mart_kpi_value import build_mart_kpi_value
from transforms.kpis.periods import DAY, named_periods
from transforms.kpis.run_parameters import BuildInputs

UTC = ZoneInfo("UTC")
ALL = ("all", "all")  # the segment of a value that is of no segment
Rows = list[dict]


@contextmanager
def open_company(
    as_of,
    policy: dict | None = None,
    timezone: str = "Asia/Shanghai",
    extract_dates: dict | None = None,
    known_at: date | None = None,
    threads: int = 2,
    on: Callable[..., Engine] = DuckDB,
    **extracts: Rows | None,
) -> Iterator[tuple[Engine, BuildInputs]]:
    """Give an engine that holds a company, and what a build needs besides.

    Args:
        as_of: the day of the run, a date or its text.
        policy: overrides of the house's policy.
        timezone: of civil times.
        extract_dates: by extract, where not `as_of`.
        known_at: rows then have an `_extract_date`; of those up to this day, the latest of each
            key is current.
        threads: of the engine.
        on: the kind of engine.
        **extracts: rows of claims, callbacks, complaints, exposure, branches, benchmarks.
    """
    as_of = date.fromisoformat(str(as_of))
    with TemporaryDirectory() as folder:
        engine = on(Path(folder), timezone, threads=threads)
        supplies = {}
        for name, contract in load_contracts().items():
            rows = extracts.get(name)
            if known_at and rows:
                known = Path(folder) / "known"
                rows, current = find_known_rows(known, contract, rows, timezone, known_at)
            else:
                current = make_extract(contract, rows or [], timezone)
            engine.create_table_from(name, current)
            if rows is not None:
                extract_date = date.fromisoformat(str((extract_dates or {}).get(name, as_of)))
                supplies[name] = describe_supply(contract, rows, min(extract_date, as_of))
        yield engine, BuildInputs(as_of, supplies, load_policy(policy))
        engine.close()


def compute(*company, **extracts) -> dict[str, pa.Table]:
    """Return the published tables of a company (as `open_company` takes it) by name."""
    with open_company(*company, **extracts) as (engine, inputs):
        return build.build(engine, inputs)


def compute_values(kpis: set[str], *company, **extracts) -> pa.Table:
    """Return mart_kpi_value of a company, of some KPIs only: a tenth of the time."""
    selected = [kpi for kpi in load_kpis() if kpi.name in kpis]
    relations = build.CUBE_TABLES.union(*(kpi.reads for kpi in selected))
    with open_company(*company, **extracts) as (engine, inputs):
        models = order_models(load_models(), relations)
        runs = build.prepare_relations(engine, inputs, models)
        built = build_mart_kpi_value(
            engine, selected, runs, inputs.policy, NO_FORMER_PARTS, build.ignore_progress
        )
        values = pa.concat_tables(built[kpi.name].values for kpi in selected)
        return build.conform("mart_kpi_value", values)


def find_value(
    values: pa.Table,
    kpi: str,
    branch: str,
    kind: str,
    start,
    segment: tuple[str, str] = ALL,
    last=None,
) -> dict:
    """Return the one row of mart_kpi_value that a test is about.

    Args:
        values: every row of the table.
        kpi: the id of the KPI.
        branch: the code of the branch.
        kind: of the period.
        start: the period's first day, a date or its text.
        segment: kind of segment and segment.
        last: the period's last day. Without it, a year to date is the one up to the day of as_of;
            no other periods of one kind begin on the same day.
    """
    start = date.fromisoformat(str(start))
    of_kind = values.filter((pc.field("period_kind") == kind) & (pc.field("period_start") == start))
    end = pc.max(of_kind["period_end"]).as_py()
    if last:
        end = date.fromisoformat(str(last)) + DAY
    elif kind == "ytd":
        as_of = pc.max(values["period_end"]).as_py() - DAY
        end = named_periods(as_of)[str(start.year)].end
    key = {
        "kpi_id": kpi,
        "branch_code": branch,
        "period_kind": kind,
        "period_start": start,
        "period_end": end,
        "segment_kind": segment[0],
        "segment": segment[1],
    }
    for column, value in key.items():
        values = values.filter(pc.field(column) == value)
    rows = values.to_pylist()
    assert len(rows) == 1, f"{len(rows)} rows for {key}"
    return rows[0]


def make_extract(contract: Contract, rows: Rows, timezone: str) -> pa.Table:
    """Return rows of an extract as the store would hold them."""
    names = {column.name for column in contract.columns}
    unknown = sorted({name for row in rows for name in row} - names)
    assert not unknown, f"{contract.name} has no column {', '.join(unknown)}"
    zone = ZoneInfo(timezone)
    columns = {}
    for column in contract.columns:
        cells = [make_cell(column.type, row.get(column.name), zone) for row in rows]
        columns[column.name] = pa.array(cells, ARROW_TYPES[column.type])
    return pa.table(columns, schema=contract.schema)


def make_cell(kind: str, value, zone: ZoneInfo):
    """Return a value as it would be stored: civil text becomes an instant in UTC."""
    if value is None or value == "":
        return None
    if kind in ("money", "decimal"):
        return Decimal(str(value))
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if kind == "instant":
        civil = datetime.fromisoformat(str(value)).replace(tzinfo=zone)
        return civil.astimezone(UTC).replace(tzinfo=None)
    return value


def describe_supply(contract: Contract, rows: Rows, as_of: date) -> ExtractSupply:
    """Return what a run knows of an extract: its columns, its first day and its date."""
    columns = frozenset(column for row in rows for column in row)
    days = [str(row[name])[:10] for row in rows for name in contract.history if row.get(name)]
    first_day = date.fromisoformat(min(days)) if days else None
    return ExtractSupply(columns, first_day, as_of)


def find_known_rows(
    folder: Path, contract: Contract, rows: Rows, timezone: str, known_at: date
) -> tuple[Rows, pa.Table]:
    """Return the rows delivered up to a day, and of them the current ones as an extract.

    Rows tell by their `_extract_date` when they were delivered.
    """
    days = [row["_extract_date"] for row in rows]
    rows = [row.copy() for row in rows]
    for row in rows:
        del row["_extract_date"]
    versions = make_extract(contract, rows, timezone)
    versions = versions.append_column("_extract_date", pa.array(days, pa.date32()))
    nothing = pa.table(
        {"key": pa.array([], pa.string()), "extract_date": pa.array([], pa.date32())}
    )
    engine = DuckDB(folder, timezone)
    engine.create_table_from("version", versions)
    standing = CurrentVersions(engine, contract, [], nothing)
    current = engine.arrow(known_sql(contract, "version", known_at, standing))
    engine.close()
    delivered = [row for row, day in zip(rows, days, strict=True) if day <= known_at]
    return delivered, current.select(contract.schema.names)
