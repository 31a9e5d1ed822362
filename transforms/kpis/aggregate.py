"""What a KPI's SELECT counted, in the cells of the cube: sums, or order statistics of
observations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.case_mix import CaseMix, standardise_case_mix
from transforms.kpis.cell_sums import CellSums, hold_against_network
from transforms.kpis.cube import Cube, sum_by_cell
from transforms.kpis.kpi_rows import HALF, fetch_kpi_rows
from transforms.kpis.percentiles import compute_percentiles
from transforms.kpis.positioned_rows import ALL, PositionedRows

STANDARDISED_KINDS = ("share", "rate", "mean")  # kinds of KPI whose case mix can be standardised
# Sums of floats over strata: their order must not depend on how many periods are computed.
STRATA_AT_ONCE = 100
BLOCK = 20_000_000  # cells that are in memory at once: 160 MB per measure


@dataclass(frozen=True)
class KpiCells:
    """A KPI's published cells in order of their key, as positions in the cube, shape (cells,): what
    was counted `now` and in the same period a year `before`.

    `waiting` are cases that have begun but not yet come to the limit at which they are judged.
    """

    period: np.ndarray
    branch: np.ndarray
    segment: np.ndarray
    now: CellSums
    before: CellSums
    waiting: np.ndarray
    segments: list[tuple[str, str]]
    mix: CaseMix | None = None


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
        """Return what the SELECT returns; nothing where this run cannot compute the family."""
        table, decimals = fetch_kpi_rows(engine, family[0], is_available)
        rows = PositionedRows.from_table(table, branches, family[0].header["segments"])
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
    cells = [merge_blocks(list(blocks_of_kpi)) for blocks_of_kpi in zip(*blocks, strict=True)]
    # Position 0 of a row's segments is `all`.
    kinds = [
        position for position, kind in enumerate(header["segments"], start=1) if kind in strata
    ]
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
    everything = [position for position, segment in enumerate(segments) if segment == ALL]
    others = [position for position, segment in enumerate(segments) if segment != ALL]
    starts = range(0, max(1, len(others)), at_once)
    return [
        np.array(sorted([*everything, *others[start : start + at_once]]), np.int64)
        for start in starts
    ]


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
    published = np.flatnonzero(cube.period_column("is_published"))
    year_earlier = np.array(
        [_year_earlier_or_none(cube, position) for position in published.tolist()]
    )
    cells_of_kpis = []
    for kpi, (sums, waiting) in zip(
        family, _sum_cells(block, decimals, family, cube, level, threads), strict=True
    ):
        is_present = _find_present_cells(kpi, sums, block.segments)
        # In order of the published key: period, branch, segment.
        number, branch, segment = np.nonzero(is_present[:, published].transpose(1, 0, 2))
        period, earlier = published[number], year_earlier[number]
        before = sums.select((branch, earlier, segment))
        for values in (before.numerator, before.denominator, *before.spread.values()):
            values[earlier < 0] = 0
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


def _year_earlier_or_none(cube: Cube, position: int) -> int:
    earlier = cube.year_earlier(position)
    return -1 if earlier is None else earlier


def _find_present_cells(kpi: Model, sums: CellSums, segments: list[tuple[str, str]]) -> np.ndarray:
    """Return which cells are published, shape (branches, periods, segments). Segments whose
    denominator is that of all cases get it, in place.
    """
    everything = segments.index(ALL)
    is_present = (sums.numerator != 0) | (sums.denominator != 0)
    for segment, (kind, _) in enumerate(segments):
        if kind in kpi.header.get("of_all", ()):
            is_present[:, :, segment] = sums.numerator[:, :, segment] != 0
            sums.denominator[:, :, segment] = sums.denominator[:, :, everything]
    is_present[:, :, everything] = True
    return is_present


def merge_blocks(blocks: list[KpiCells]) -> KpiCells:
    """Return the cells of all blocks of the segments, each once, in order of their key."""
    if len(blocks) == 1:
        return blocks[0]
    period = np.concatenate([block.period for block in blocks])
    branch = np.concatenate([block.branch for block in blocks])
    segment = np.concatenate([block.segment for block in blocks])
    waiting = np.concatenate([block.waiting for block in blocks])
    segments = blocks[0].segments
    key = (period * (branch.max() + 1) + branch) * len(segments) + segment
    order = np.unique(key, return_index=True)[1]
    return KpiCells(
        period[order],
        branch[order],
        segment[order],
        _concatenate_sums([block.now for block in blocks]).select(order),
        _concatenate_sums([block.before for block in blocks]).select(order),
        waiting[order],
        segments,
    )


def _concatenate_sums(parts: list[CellSums]) -> CellSums:
    spread = {}
    for name in parts[0].spread:
        spread[name] = np.concatenate([part.spread[name] for part in parts])
    return CellSums(
        np.concatenate([part.numerator for part in parts]),
        np.concatenate([part.denominator for part in parts]),
        parts[0].decimals,
        spread,
    )


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
        return [
            (
                CellSums(
                    percentile.value,
                    count,
                    decimals,
                    {"low": percentile.low, "high": percentile.high},
                ),
                none_waiting,
            )
            for percentile in percentiles
        ]
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
