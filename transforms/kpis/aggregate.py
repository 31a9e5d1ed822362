"""What a KPI's SELECT counted, in the cells of the cube: sums, or order statistics of
observations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.case_mix import standardise_case_mix
from transforms.kpis.cell_sums import CellSums, hold_against_network
from transforms.kpis.cube import Cube, sum_by_cell
from transforms.kpis.kpi_cells import KpiCells, merge_blocks
from transforms.kpis.kpi_rows import HALF, fetch_kpi_rows
from transforms.kpis.percentiles import compute_percentiles
from transforms.kpis.positioned_rows import ALL, PositionedRows

STANDARDISED_KINDS = ("share", "rate", "mean")  # kinds of KPI whose case mix can be standardised
# Sums of floats over strata: their order must not depend on how many periods are computed.
STRATA_AT_ONCE = 100
BLOCK = 20_000_000  # cells that are in memory at once: 160 MB per measure


@dataclass(frozen=True)
class FamilyRows:
    """The rows of a family: KPIs that share one SELECT; `decimals` of numerator and denominator."""

    kpis: list[Model]
    rows: PositionedRows
    decimals: tuple[int, int]

    @classmethod
    def fetch(
        cls, engine: Engine, family: list[Model], branches: list[str], is_available: bool
    ) -> "FamilyRows":
        """Return what the SELECT of a family returns.

        Args:
            engine: has the relations that it reads.
            family: KPIs with the same SELECT.
            branches: their codes, in the order of the cube.
            is_available: whether this run can compute the family; if not, there are no rows.
        """
        first = family[0]
        table, decimals = fetch_kpi_rows(engine, first, is_available)
        rows = PositionedRows.from_table(table, branches, first.header["segments"])

        return cls(family, rows, decimals)


def aggregate_kpis(
    family_rows: FamilyRows, cube: Cube, level: float, strata: Sequence[str], threads: int
) -> list[KpiCells]:
    """Return the cells of each KPI of a family.

    Segment `all` has every cell; cells of other segments are there where there are cases.

    Args:
        family_rows: what was counted.
        cube: the cells.
        level: of the intervals.
        strata: kinds of segment of the case mix.
        threads: how many periods of a percentile are computed at once.
    """
    family, rows, decimals = family_rows.kpis, family_rows.rows, family_rows.decimals
    header = family[0].header
    blocks = [
        aggregate_block(rows, selection, decimals, family, cube, level, threads)
        for selection in split_segments(rows.segments, _segments_at_once(cube))
    ]
    blocks_of_kpis = zip(*blocks, strict=True)
    cells = [merge_blocks(list(blocks_of_kpi)) for blocks_of_kpi in blocks_of_kpis]

    # Position 0 of a row's segments is `all`.
    positions = enumerate(header["segments"], start=1)
    kinds = [position for position, kind in positions if kind in strata]
    if not kinds or header["kind"] not in STANDARDISED_KINDS:
        return cells

    crossed = rows.cross_segments(kinds)
    strata_blocks = [
        crossed.select_segments(selection)
        for selection in split_segments(crossed.segments, STRATA_AT_ONCE)
    ]

    return [
        replace(kpi_cells, mix=standardise_case_mix(strata_blocks, cube)) for kpi_cells in cells
    ]


def _segments_at_once(cube: Cube) -> int:
    return max(1, BLOCK // (len(cube.branches) * len(cube.periods)))


def split_segments(segments: list[tuple[str, str]], at_once: int) -> list[np.ndarray]:
    """Return positions of segments that are in memory together, `all`, where it is one, with
    each.
    """
    # Shares of the whole are divided by what `all` counts: no block can do without it.
    everything = [position for position, segment in enumerate(segments) if segment == ALL]
    others = [position for position, segment in enumerate(segments) if segment != ALL]

    blocks = []

    # One block even where there is nothing but `all`.
    for start in range(0, max(1, len(others)), at_once):
        some = others[start : start + at_once]
        blocks.append(np.array(sorted(everything + some), np.int64))

    return blocks


def aggregate_block(
    rows: PositionedRows,
    selection: np.ndarray,
    decimals: tuple[int, int],
    family: list[Model],
    cube: Cube,
    level: float,
    threads: int,
) -> list[KpiCells]:
    """Return the cells of some segments, each as its position among all of them.

    Args:
        rows: of the family's SELECT.
        selection: positions of the segments.
        decimals: of numerator and denominator.
        family: KPIs that share one SELECT.
        cube: the cells.
        level: of the intervals.
        threads: how many periods of a percentile are computed at once.
    """
    block = rows.select_segments(selection)
    cells_of_kpis = []
    sums_of_kpis = _sum_cells(block, decimals, family, cube, level, threads)
    for kpi, (sums, waiting) in zip(family, sums_of_kpis, strict=True):
        is_present = _find_present_cells(kpi, sums, block.segments)
        period, branch, segment, before = _select_published(sums, is_present, cube)
        cells_of_kpis.append(
            KpiCells(
                period,
                branch,
                selection[segment],
                sums.select((branch, period, segment)),
                before,
                waiting[branch, period, segment],
                rows.segments,
            )
        )
    return cells_of_kpis


def _select_published(
    sums: CellSums, is_present: np.ndarray, cube: Cube
) -> tuple[np.ndarray, np.ndarray, np.ndarray, CellSums]:
    """Return period, branch and segment of each cell in order of the published key, and the sums of
    the same period a year before.
    """
    published = np.flatnonzero(cube.period_column("is_published"))
    year_earlier = np.array(
        [_year_earlier_or_none(cube, position) for position in published.tolist()]
    )
    by_period = is_present[:, published].transpose(1, 0, 2)
    number, branch, segment = np.nonzero(by_period)
    period, earlier = published[number], year_earlier[number]
    before = sums.select((branch, earlier, segment))
    # -1, no period, selected the last one: numpy counts from the end.
    for values in (before.numerator, before.denominator, *before.spread.values()):
        values[earlier < 0] = 0
    return period, branch, segment, before


def _year_earlier_or_none(cube: Cube, position: int) -> int:
    earlier = cube.year_earlier(position)
    return -1 if earlier is None else earlier


def _find_present_cells(kpi: Model, sums: CellSums, segments: list[tuple[str, str]]) -> np.ndarray:
    """Return which cells are published, shape (branches, periods, segments). Segments whose
    denominator is that of all cases get it, in place.
    """
    numerator, denominator = sums.numerator, sums.denominator
    everything = segments.index(ALL)
    shares_of_all = kpi.header.get("of_all", ())

    is_present = (numerator != 0) | (denominator != 0)
    for segment, (kind, _) in enumerate(segments):
        if kind in shares_of_all:
            # With the denominator of all cases every cell would be present, most of them at zero.
            is_present[:, :, segment] = numerator[:, :, segment] != 0
            denominator[:, :, segment] = denominator[:, :, everything]

    is_present[:, :, everything] = True
    return is_present


def _sum_cells(
    rows: PositionedRows,
    decimals: tuple[int, int],
    family: list[Model],
    cube: Cube,
    level: float,
    threads: int,
) -> list[tuple[CellSums, np.ndarray]]:
    """Return the sums of each KPI of a family and its waiting cases, shape (branches, periods,
    segments).
    """
    if "observation" in rows.measures:
        shares = [tuple(kpi.header["percentile"]) for kpi in family]
        percentiles, count = compute_percentiles(rows, cube, shares, level, threads)
        none_waiting = np.zeros_like(count)
        sums_of_kpis = []
        for percentile in percentiles:
            limits = {"low": percentile.low, "high": percentile.high}
            sums = CellSums(percentile.value, count, decimals, limits)
            sums_of_kpis.append((sums, none_waiting))

        return sums_of_kpis

    spread = {}
    if "squares_high" in rows.measures:
        high, _ = sum_by_cell(rows, "squares_high", cube)
        low, _ = sum_by_cell(rows, "squares_low", cube)
        spread["squares"] = high * float(HALF) + low

    numerator, _ = sum_by_cell(rows, "numerator", cube)
    denominator, waiting = sum_by_cell(rows, "denominator", cube)
    sums = CellSums(numerator, denominator, decimals, spread)
    if family[0].header["kind"] == "index":
        sums = hold_against_network(sums, cube)

    return [(sums, waiting) for _ in family]
