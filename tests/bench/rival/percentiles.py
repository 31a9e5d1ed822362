"""Exact percentiles of every cell from one sort per level of the tree and kind of segment.

Observations of a cell are sorted by bucket of value, interval and value. A period is a run of
intervals, so how many of it are in each bucket is a difference of two positions; the bucket that an
order statistic is in follows from these counts, and only its few observations are looked at.
"""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np

from tests.bench.rival.branches import find_levels
from tests.bench.rival.claims_scan import GROUPS
from tests.bench.rival.grid import Grid, Kpi, Writer

SHARES = {"claim_settlement_days_p50": Fraction(1, 2), "claim_settlement_days_p90": Fraction(9, 10)}
BINS = 2  # of cell, bucket and interval, per observation
COARSE = 9  # bits of a value that its bucket does not look at: 512 seconds


class Observations:
    """The settlement times of normal claims."""

    def __init__(self, grid: Grid):
        self.grid = grid
        self.parts: list[tuple[np.ndarray, ...]] = []

    def add(self, key: np.ndarray, interval: np.ndarray, seconds: np.ndarray) -> None:
        """Keep observations."""
        self.parts.append((key.astype(np.int32), interval, seconds))

    def compute(self) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return each percentile times the divisor of its share, and the number of observations:
        (periods, branches, segments).
        """
        grid = self.grid
        key, interval, seconds = map(np.concatenate, zip(*self.parts, strict=True))
        self.parts.clear()
        shape = (len(grid.calendar.periods), len(grid.branches.codes), len(grid.segments))
        counts = np.zeros(shape, np.int64)
        values = {name: np.zeros(shape, np.int64) for name in SHARES}
        lines = len(grid.names[0])
        segments = (
            (slice(0, 1), np.zeros(grid.keys, np.int32)),
            (slice(1, 1 + lines), np.arange(grid.keys) // len(GROUPS) % lines),
            (slice(1 + lines, None), np.arange(grid.keys) % len(GROUPS)),
        )
        branch_of_key = np.arange(grid.keys) // (lines * len(GROUPS))
        with ThreadPoolExecutor(2) as pool:
            jobs = []
            for periods, ancestors in grid.branches.trees:
                first, end = grid.calendar.first[periods], grid.calendar.end[periods]
                inside = np.flatnonzero((interval >= first.min()) & (interval < end.max()))
                chosen = key[inside], interval[inside], seconds[inside]
                for level in find_levels(ancestors):
                    for columns, segment_of_key in segments:
                        size = counts[:, :, columns].shape[2]
                        cell_of_key = np.where(
                            level[branch_of_key] < 0,
                            -1,
                            level[branch_of_key] * size + segment_of_key,
                        )
                        job = pool.submit(
                            _select, *chosen, cell_of_key, first, end, grid.calendar.size
                        )
                        jobs.append((periods, columns, size, job))
            for periods, columns, size, job in jobs:
                for cells, of_period, count, chosen_values in job.result():
                    branch, segment = np.divmod(cells, size)
                    segment = segment + columns.start
                    position = periods[of_period], branch, segment
                    counts[position] = count
                    for name, value in zip(SHARES, chosen_values, strict=True):
                        values[name][position] = value
        return values, counts


def _select(key, interval, seconds, cell_of_key, first, end, intervals: int) -> list[tuple]:
    """Return per period (its number) the cells with observations, their count and percentiles."""
    cell = cell_of_key[key]
    if (cell_of_key < 0).any():
        inside = np.flatnonzero(cell >= 0)
        cell, interval, seconds = cell[inside], interval[inside], seconds[inside]
    if not len(cell):
        return []
    used, cell = _number(cell, int(cell_of_key.max()) + 1)
    least = int(seconds.min())
    value = (seconds - least).astype(np.uint64)
    bits = int(value.max()).bit_length()
    buckets, bucket_of = _make_buckets(value, len(used) * intervals)
    bucket = bucket_of[value >> np.uint64(COARSE)]
    keys = ((cell * buckets + bucket) * intervals + interval).astype(np.uint64)
    counts = np.bincount(keys.astype(np.int64), minlength=len(used) * buckets * intervals)
    keys = (keys << np.uint64(bits)) | value
    keys.sort()
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    del counts
    values = (keys & np.uint64(2**bits - 1)).astype(np.int64)
    origin = np.arange(len(used) * buckets) * intervals
    results = []
    for period, (since, until) in enumerate(zip(first, end, strict=True)):
        begins = starts[origin + since]
        sizes = (starts[origin + until] - begins).reshape(len(used), buckets)
        total = sizes.sum(axis=1)
        present = np.flatnonzero(total)
        begins = begins.reshape(len(used), buckets)
        percentiles = _find_percentiles(
            values, bits, begins[present], sizes[present], total[present]
        )
        for share, values_of_share in zip(SHARES.values(), percentiles, strict=True):
            values_of_share += least * share.denominator
        results.append((used[present], period, total[present], percentiles))
    return results


def _number(cell: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells that have observations, and each observation's number among them."""
    used = np.flatnonzero(np.bincount(cell, minlength=cells))
    number = np.zeros(cells, np.int64)
    number[used] = np.arange(len(used))
    return used, number[cell]


def _make_buckets(value: np.ndarray, cells: int) -> tuple[int, np.ndarray]:
    """Return how many buckets there are, and which one each coarse value is in: about as many
    observations in each.
    """
    buckets = max(1, min(BINS * len(value) // cells, 4096))
    coarse = np.bincount((value >> np.uint64(COARSE)).astype(np.int64))
    before = np.cumsum(coarse) - coarse
    return buckets, before * buckets // len(value)


def _find_percentiles(values, bits, begins, sizes, total) -> list[np.ndarray]:
    """Return each share's percentile of some cells, times its divisor.

    Args:
        values: all observations, in the order of the buckets, of so many bits.
        bits: of an observation.
        begins: where each cell's buckets begin, of shape (cells, buckets).
        sizes: how many observations each bucket has.
        total: of each cell.
    """
    ranks = []
    for share in SHARES.values():
        rank = (total - 1) * share.numerator // share.denominator
        ranks += [rank, np.minimum(rank + 1, total - 1)]
    cumulated = np.cumsum(sizes, axis=1)
    wanted = []
    cells = np.arange(len(total))
    for rank in ranks:
        bucket = (cumulated <= rank[:, None]).sum(axis=1)
        within = rank - (cumulated[cells, bucket] - sizes[cells, bucket])
        wanted.append((bucket, within))
    buckets = sizes.shape[1]
    slots = np.concatenate([cells * buckets + bucket for bucket, _ in wanted])
    needed, slot = np.unique(slots, return_inverse=True)
    offsets, ordered = _sort_slices(values, bits, begins.ravel()[needed], sizes.ravel()[needed])
    within = np.concatenate([within for _, within in wanted])
    picked = ordered[offsets[slot] + within].reshape(len(ranks), len(total))
    percentiles = []
    for number, share in enumerate(SHARES.values()):
        below, above = picked[2 * number], picked[2 * number + 1]
        rest = (total - 1) * share.numerator % share.denominator
        percentiles.append(below * share.denominator + (above - below) * rest)
    return percentiles


def _sort_slices(values, bits, begins, sizes) -> tuple[np.ndarray, np.ndarray]:
    """Return where each slice begins in the second array, which has every slice in order."""
    offsets = np.cumsum(sizes) - sizes
    number = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(number)) + (begins - offsets)[number]
    ordered = (number << bits) | values[position]
    ordered.sort()
    return offsets, ordered & (2**bits - 1)


def write_percentiles(observations: Observations, writer: Writer) -> None:
    """Write both percentiles."""
    values, counts = observations.compute()
    for name, share in SHARES.items():
        kpi = Kpi(name, "quantile", Fraction(1, 86400 * share.denominator))
        writer.write(kpi, observations.grid, values[name], counts.copy())
