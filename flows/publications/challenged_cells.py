"""What the extracts say now of the cells that challenges are about, next to what they should be."""

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from data.config.column_rules import UNREADABLE
from data.config.contract import Contract, load_contracts
from data.config.contract_parts import Column
from data.config.header_text import normalize_header
from data.config.profile import Profile
from data.config.profile_source import ColumnMapping, Origin
from expectations.parsing.cell_steps import raw_sql, reading_sql
from expectations.parsing.cells import Cell
from flows.publications.build import LakeSnapshot, open_extract
from flows.publications.challenge_form import Challenge
from transforms.engine.duckdb_engine import DuckDB
from transforms.explain import KEYS

# By what a case is found in its extract. Exposure is a branch's month, of all lines of business.
CASE_KEYS = dict(KEYS.values())
EXPOSURE = """SELECT branch_code, CAST(date_trunc('month', month) AS DATE) AS month,
    CAST(date_trunc('month', month) AS DATE) AS month_start,
    string_agg(DISTINCT line, ', ' ORDER BY line) AS line, SUM(premium) AS premium,
    SUM(policies_issued) AS policies_issued, SUM(policies_in_force) AS policies_in_force"""


@dataclass(frozen=True)
class ComparedCell:
    """What a cell is and what it should be: `now` is empty where it says nothing.

    `is_gone`: the extract no longer has the row; `fault` says why what it should be cannot be read.
    """

    column: str
    now: str
    is_so: bool
    is_gone: bool = False
    fault: str | None = None


def find_column(contract: Contract, text: str) -> Column | None:
    """Return the column that a branch means, by its name or by a header that extracts have."""
    wanted = normalize_header(text)
    for column in contract.columns:
        if wanted in map(normalize_header, (column.name, *column.aliases)):
            return column
    return None


def compare_cells(
    challenges: list[Challenge], snapshot: LakeSnapshot, profile: Profile, engine: DuckDB
) -> dict[Challenge, ComparedCell]:
    """Return what the extracts say now of the cells of challenges, each with an extract and a
    column that there are.

    What a cell should be is read as the profile's extracts are.
    """
    by_cell: dict[str, dict[str, list[Challenge]]] = defaultdict(lambda: defaultdict(list))
    for one in challenges:
        column = find_column(load_contracts()[one.extract], one.column)
        assert column is not None, "the column of a challenge is looked at before"
        by_cell[one.extract][column.name].append(one)
    compared = {}
    for extract, by_column in by_cell.items():
        contract = load_contracts()[extract]
        keys = [one.key for of_column in by_column.values() for one in of_column]
        _create_rows(contract, keys, snapshot, engine)
        for name, of_column in by_column.items():
            cell = Cell(contract.column(name), _origin(profile, extract, name))
            compared |= _compare_column(cell, of_column, engine)
    return compared


def _origin(profile: Profile, extract: str, column: str) -> Origin:
    """Return how a cell of the form is read: in the words and forms of the extract's files."""
    for source in profile.sources:
        if source.extract == extract:
            mapping = source.columns.get(column, ColumnMapping())
            return Origin(
                header="should_be",
                values=mapping.values,
                nulls=(*source.nulls, *mapping.nulls),
                decimal=source.decimal,
                dates=source.dates,
            )
    return Origin(header="should_be")


def _create_rows(
    contract: Contract, keys: list[str], snapshot: LakeSnapshot, engine: DuckDB
) -> None:
    """Create `challenged_row`: the current rows of some cases, with `_case_key`."""
    known = f"challenged_{contract.name}"
    open_extract(engine, known, contract.name, snapshot)
    engine.create_table_from("challenged_key", pa.table({"key": pa.array(keys, pa.string())}))
    rows = f"SELECT * FROM {known}"
    if contract.name == "exposure":
        rows = f"{EXPOSURE} FROM {known} GROUP BY ALL"
    engine.create(
        "challenged_row",
        f"""SELECT {CASE_KEYS[contract.name]} AS _case_key, r.* FROM ({rows}) AS r
        WHERE {CASE_KEYS[contract.name]} IN (SELECT key FROM challenged_key)""",
        "table",
    )


def _compare_column(
    cell: Cell, challenges: list[Challenge], engine: DuckDB
) -> dict[Challenge, ComparedCell]:
    """Return what the rows of `challenged_row` have in one column."""
    wanted = pa.table(
        {
            "_number": range(len(challenges)),
            "_key": pa.array([one.key for one in challenges], pa.string()),
            "should_be": pa.array([one.should_be for one in challenges], pa.string()),
        }
    )
    engine.create_table_from("challenged_cell", wanted)
    now = f"r.{cell.name}"
    if cell.kind == "instant":
        now = f"civil(r.{cell.name})"
    rows = engine.arrow(
        f"""WITH raw AS (
            SELECT _number, _key, {raw_sql([cell], [])} FROM challenged_cell
        ), {reading_sql([cell], "raw")},
        typed AS (SELECT *, {cell.value()} AS {cell.name} FROM read)
        SELECT w._number AS number, r._case_key IS NULL AS is_gone,
            w.is_unreadable, coalesce(CAST({now} AS VARCHAR), '') AS now,
            w.{cell.name} IS NOT DISTINCT FROM r.{cell.name} AS is_so
        FROM (SELECT *, {cell.unreadable()} AS is_unreadable FROM typed) AS w
        LEFT JOIN challenged_row AS r ON r._case_key = w._key
        ORDER BY number"""
    )
    compared = {}
    for row in rows.to_pylist():
        fault = UNREADABLE[cell.column.type] if row["is_unreadable"] else None
        compared[challenges[row["number"]]] = ComparedCell(
            cell.name, row["now"], row["is_so"], row["is_gone"], fault
        )
    return compared
