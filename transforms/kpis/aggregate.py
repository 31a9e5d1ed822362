"""What a KPI's SELECT counted, in the cells of the grid: sums, or order statistics of
observations.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa

from transforms.engine.models import Model
from transforms.kpis.arrow_columns import PLACES
from transforms.kpis.case_mix import CaseMix, standardise_case_mix
from transforms.kpis.cube import ALL, Cube, PositionedRows, sum_by_cell, to_positions
from transforms.kpis.percentiles import compute_percentiles

HALF = 2**32
MIXED = ("share", "rate", "mean")  # kinds of KPI whose value can be standardised
BLOCK = 20_000_000  # cells that are held at once: 160 MB per measure


@dataclass(frozen=True)
class CellSums:
    """Numerators and denominators as whole numbers, in units of 10 ** -places.

    Of a quantile the numerator is the value times the divisor of its share, the denominator the
    number of observations. `spread` says how far single observations lie apart: the sum of
    `squares` of a mean, the limits `low` and `high` of a quantile.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    places: tuple[int, int]
    spread: dict[str, np.ndarray] = field(default_factory=dict)

    def where(self, chosen: tuple) -> "CellSums":
        spread = {name: values[chosen] for name, values in self.spread.items()}
        return CellSums(self.numerator[chosen], self.denominator[chosen], self.places, spread)


@dataclass(frozen=True)
class KpiCells:
    """A KPI's published cells in order of their key, as positions in the grid: what was counted
    `now` and in the same period a year `before`.

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


def aggregate_kpis(
    engine, family: list[Model], grid: Cube, is_available: bool, level: float, strata: list[str]
) -> list[KpiCells]:
    """The cells of each KPI of a family, which share one SELECT; `level` is that of the intervals,
    `strata` the segments of the case mix.

    Segment `all` is a full grid; cells of other segments are there where there are cases.
    """
    rows, places = fetch_kpi_rows(engine, family[0], is_available)
    rows = to_positions(rows, grid, family[0].header["segments"])
    parts = [
        aggregate_block(rows, chosen, places, family, grid, level, engine.threads)
        for chosen in split_segments(rows.segments, grid)
    ]
    cells = [merge_blocks(list(of_kpi)) for of_kpi in zip(*parts, strict=True)]
    kinds = [
        number
        for number, kind in enumerate(family[0].header["segments"], start=1)
        if kind in strata
    ]
    if not kinds or family[0].header["kind"] not in MIXED:
        return cells
    crossed = rows.crossed(kinds)
    portions = [crossed.of(chosen) for chosen in split_segments(crossed.segments, grid)]
    return [replace(held, mix=standardise_case_mix(portions, grid)) for held in cells]


def split_segments(segments: list[tuple[str, str]], grid: Cube) -> list[np.ndarray]:
    """Positions of segments that fit into memory together, `all`, where it is one, with each."""
    everything = [position for position, segment in enumerate(segments) if segment == ALL]
    others = [position for position in range(len(segments)) if position not in everything]
    at_once = max(1, BLOCK // (len(grid.branches) * len(grid.periods)))
    starts = range(0, max(1, len(others)), at_once)
    return [
        np.array(sorted([*everything, *others[start : start + at_once]]), np.int64)
        for start in starts
    ]


def aggregate_block(
    rows: PositionedRows,
    chosen: np.ndarray,
    places: tuple[int, int],
    family: list[Model],
    grid: Cube,
    level: float,
    threads: int,
) -> list[KpiCells]:
    """The cells of some segments, as positions among all of them."""
    part = rows.of(chosen)
    everything = part.segments.index(ALL)
    shown = np.flatnonzero(grid.of_periods("is_published"))
    before = np.array(
        [grid.prior(position) if grid.prior(position) is not None else -1 for position in shown]
    )
    made = []
    for kpi, (numerator, denominator, waiting, spread) in zip(
        family, _sums(part, family, grid, level, threads), strict=True
    ):
        is_there = (numerator != 0) | (denominator != 0)
        for segment, (kind, _) in enumerate(part.segments):
            if kind in kpi.header.get("of_all", ()):
                is_there[:, :, segment] = numerator[:, :, segment] != 0
                denominator[:, :, segment] = denominator[:, :, everything]
        is_there[:, :, everything] = True
        place, branch, segment = np.nonzero(is_there[:, shown].transpose(1, 0, 2))
        counted = CellSums(
            numerator,
            denominator,
            (places[0], PLACES) if kpi.header["kind"] == "index" else places,
            spread,
        )
        now, then = (
            counted.where((branch, shown[place], segment)),
            counted.where((branch, before[place], segment)),
        )
        nothing = before[place] < 0
        for held in (then.numerator, then.denominator, *then.spread.values()):
            held[nothing] = 0
        made.append(
            KpiCells(
                shown[place],
                branch,
                chosen[segment],
                now,
                then,
                waiting[branch, shown[place], segment],
                rows.segments,
            )
        )
    return made


def merge_blocks(parts: list[KpiCells]) -> KpiCells:
    """The cells of all portions of the segments, each once, in order of their key."""
    if len(parts) == 1:
        return parts[0]
    period, branch, segment, waiting = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("period", "branch", "segment", "waiting")
    )
    key = (period * (branch.max() + 1) + branch) * len(parts[0].segments) + segment
    order = np.unique(key, return_index=True)[1]
    now, then = (
        CellSums(
            *(
                np.concatenate([getattr(getattr(part, time), name) for part in parts])[order]
                for name in ("numerator", "denominator")
            ),
            parts[0].now.places,
            {
                name: np.concatenate([getattr(part, time).spread[name] for part in parts])[order]
                for name in parts[0].now.spread
            },
        )
        for time in ("now", "before")
    )
    return KpiCells(
        period[order], branch[order], segment[order], now, then, waiting[order], parts[0].segments
    )


def fetch_kpi_rows(engine, model: Model, is_available: bool) -> tuple[pa.Table, tuple[int, int]]:
    """The rows of a SELECT with its measures as whole numbers, and how many decimal places
    numerator and denominator had.
    """
    schema = engine.arrow(f"SELECT * FROM ({model.sql}) AS kpi LIMIT 0").schema
    keys = [
        name
        for name in schema.names
        if name in ("period_id", "interval_id", "branch_code", *model.header["segments"])
    ]
    places = {
        field.name: field.type.scale if pa.types.is_decimal(field.type) else 0 for field in schema
    }
    measures = [
        name if name == "squares" else f"CAST({name} * {10 ** places[name]} AS BIGINT) AS {name}"
        for name in schema.names
        if name not in keys
    ]
    # A KPI that is not available has no cases, whatever a part of its columns would say.
    rows = engine.arrow(
        f"SELECT {', '.join(keys + measures)} FROM ({model.sql}) AS kpi {'' if is_available else 'LIMIT 0'}"
    )
    return split_squares(rows), (places.get("numerator", 0), places.get("denominator", 0))


def split_squares(rows: pa.Table) -> pa.Table:
    """Sums of squares as two whole numbers that 64 bits hold, squares = HALF x high + low, so that
    they add up exactly.
    """
    if "squares" not in rows.column_names:
        return rows
    squares = rows["squares"].fill_null(Decimal(0)).combine_chunks()
    words = np.frombuffer(squares.buffers()[1] or b"", np.uint64).reshape(-1, 2)[
        squares.offset : squares.offset + len(squares)
    ]
    high = (words[:, 0] // HALF + words[:, 1] * np.uint64(HALF)).astype(np.int64)
    low = (words[:, 0] % HALF).astype(np.int64)
    return (
        rows.drop_columns("squares")
        .append_column("squares_high", pa.array(high))
        .append_column("squares_low", pa.array(low))
    )


def _sums(
    rows: PositionedRows, family: list[Model], grid: Cube, level: float, threads: int
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, dict]]:
    """Numerator, denominator, waiting cases and spread of each KPI of a family. Shape of each:
    branches x periods x segments.
    """
    if "observation" in rows.measures:
        found, limits, observations = compute_percentiles(
            rows, grid, [tuple(kpi.header["percentile"]) for kpi in family], level, threads
        )
        return [
            (values, observations, np.zeros_like(observations), spread)
            for values, spread in zip(found, limits, strict=True)
        ]
    spread = {}
    if "squares_high" in rows.measures:
        spread["squares"] = (
            sum_by_cell(rows, "squares_high", grid)[0] * float(HALF)
            + sum_by_cell(rows, "squares_low", grid)[0]
        )
    numerator, _ = sum_by_cell(rows, "numerator", grid)
    denominator, waiting = sum_by_cell(rows, "denominator", grid)
    of_index = family[0].header["kind"] == "index"
    return [
        (
            numerator,
            expected_at_network_rate(numerator, denominator, grid) if of_index else denominator,
            waiting,
            spread,
        )
        for _ in family
    ]


def expected_at_network_rate(
    numerator: np.ndarray, denominator: np.ndarray, grid: Cube
) -> np.ndarray:
    """The numerator that a branch would have at the network's own rate, rounded to the published
    decimal places.
    """
    expected = np.zeros_like(denominator)
    for period in range(numerator.shape[1]):
        cases, exposure = (
            int(counted[grid.head_office, period, 0]) for counted in (numerator, denominator)
        )
        if exposure:
            expected[:, period, 0] = [
                (2 * int(own) * cases * 10**PLACES + exposure) // (2 * exposure)
                for own in denominator[:, period, 0]
            ]
    return expected
