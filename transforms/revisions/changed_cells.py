"""The cells in which two publications differ, and what a build counts in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables
from data.store import keyed_diff
from data.store.keyed_diff import SIDES
from data.store.table_files import PERIOD_COLUMNS
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.arrow_columns import encode_text
from transforms.kpis.cell_sums import CellSums, hold_against_network
from transforms.kpis.cube import Cube, sum_by_cell
from transforms.kpis.kpi_rows import fetch_kpi_rows
from transforms.kpis.positioned_rows import ALL, PositionedRows

KEY = load_published_tables()["mart_kpi_value"].key
FIGURES = ("numerator", "denominator", "value")
ATTRIBUTES = ("state", "branch_level")
READ = (*KEY, *FIGURES, *ATTRIBUTES)


def find_changed_cells(parts: Iterable[tuple[pa.Table, pa.Table]]) -> pa.Table:
    """Return the cells in which two versions of mart_kpi_value differ, of the KPIs that both have,
    in order of their key: key, `branch_level`, and `numerator, denominator, value, state`, each
    with `_before` and `_after`.

    Args:
        parts: the former and the present rows of each period that differs.
    """
    schema = load_published_tables()["mart_kpi_value"].schema
    nothing = pa.schema([schema.field(name) for name in READ]).empty_table()
    cells = pa.concat_tables(
        [
            keyed_diff.diff_rows(before, after, KEY, (("kpi_id",),), FIGURES, ATTRIBUTES)
            for before, after in (*parts, (nothing, nothing))
        ],
        promote_options="permissive",
    )
    cells = cells.sort_by([(name, "ascending") for name in KEY])
    level = pc.coalesce(cells["branch_level_after"], cells["branch_level_before"])
    cells = cells.drop_columns([f"branch_level_{side}" for side in SIDES])

    return cells.append_column("branch_level", level)


@dataclass(frozen=True)
class DistinctRows:
    """The different `values` that some columns have, and for each row the `position` of its own."""

    values: list[tuple]
    position: np.ndarray

    @classmethod
    def from_columns(cls, cells: pa.Table, names: Sequence[str]) -> "DistinctRows":
        """Return those of some columns of a table."""
        # One number for the values of all columns, as digits of different bases.
        codes = np.zeros(len(cells), np.int64)
        for name in names:
            encoded = encode_text(cells[name])
            base = len(encoded.dictionary)
            codes = codes * base + encoded.indices.to_numpy()

        _, first, position = np.unique(codes, return_index=True, return_inverse=True)
        columns = [cells[name].take(first).to_pylist() for name in names]
        values = list(zip(*columns, strict=True))
        return cls(values, position)

    def locate(self, known: list[tuple]) -> np.ndarray:
        """Return each row's position in a list, -1 where it is not in it."""
        position_of = {values: position for position, values in enumerate(known)}
        of_values = np.array([position_of.get(values, -1) for values in self.values])
        return of_values[self.position]


@dataclass(frozen=True)
class ChangedCells:
    """Where a KPI's changed cells are: their branches, periods and segments."""

    branch: DistinctRows
    period: DistinctRows
    segment: DistinctRows

    @classmethod
    def from_table(cls, cells: pa.Table) -> "ChangedCells":
        """Return those of a table with the key of mart_kpi_value."""
        return cls(
            DistinctRows.from_columns(cells, ("branch_code",)),
            DistinctRows.from_columns(cells, PERIOD_COLUMNS),
            DistinctRows.from_columns(cells, ("segment_kind", "segment")),
        )


def count_changed_cells(
    engine: Engine, kpi: Model, cube: Cube, cells: ChangedCells, is_available: bool
) -> CellSums:
    """Return what a build counts in the changed cells of a KPI, shape (cells,).

    Args:
        engine: has the relations of the build.
        kpi: the one that is counted.
        cube: of the build; a cell that it has not got counts 0.
        cells: the changed ones.
        is_available: whether the build can compute the KPI.
    """
    table, decimals = fetch_kpi_rows(engine, kpi, is_available)
    rows = PositionedRows.from_table(table, cube.branches, kpi.header["segments"])
    if "observation" in rows.measures:
        rows = _sum_observations(rows)

    numerator, _ = sum_by_cell(rows, "numerator", cube)
    denominator, _ = sum_by_cell(rows, "denominator", cube)
    sums = CellSums(numerator, denominator, decimals)
    if kpi.header["kind"] == "index":
        sums = hold_against_network(sums, cube)

    branch = cells.branch.locate([(code,) for code in cube.branches])
    period = cells.period.locate(cube.period_keys)
    segment = cells.segment.locate(rows.segments)

    # Where a segment's denominator is that of all cases, it is there even if the segment is not.
    kinds_of_all = kpi.header.get("of_all", ())
    is_of_all = np.array([kind in kinds_of_all for kind, _ in cells.segment.values])
    everything = rows.segments.index(ALL)
    denominator_segment = np.where(is_of_all[cells.segment.position], everything, segment)

    cell_numerator = _take_cells(sums.numerator, branch, period, segment)
    cell_denominator = _take_cells(sums.denominator, branch, period, denominator_segment)
    if kpi.header["kind"] == "count":
        cell_denominator = np.zeros_like(cell_denominator)

    spread = {
        name: _take_cells(values, branch, period, segment) for name, values in sums.spread.items()
    }
    return CellSums(cell_numerator, cell_denominator, sums.decimals, spread)


def _sum_observations(rows: PositionedRows) -> PositionedRows:
    """Return rows of a percentile with a numerator and a denominator.

    Percentiles do not add up; the sum of what was observed and how many there are show which step
    touched a cell.
    """
    weight = rows.measures["weight"]
    observed = rows.measures["observation"] * weight
    return replace(rows, measures={"numerator": observed, "denominator": weight})


def _take_cells(
    figures: np.ndarray, branch: np.ndarray, period: np.ndarray, segment: np.ndarray
) -> np.ndarray:
    """Return figures at positions; 0 where there is no such cell."""
    is_present = (branch >= 0) & (period >= 0) & (segment >= 0)
    # -1 selects the last one, which is replaced: an index that is out of bounds would raise.
    at_position = figures[branch, period, segment]
    return np.where(is_present, at_position, 0)
