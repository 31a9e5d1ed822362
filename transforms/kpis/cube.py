"""The grid of a run: branches x periods x segments, and how what a branch did counts for every
branch above it.

A KPI's rows are added into dense arrays. Sums are those of 64-bit integers, so they are exact and
depend on no order; a sum that would not fit is an error, never a wrong number.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

ALL = ("all", "all")
LARGEST = 2**62


@dataclass(frozen=True)
class Cube:
    """`periods` are the rows of dim_period by period_id, `branches` all codes in order.

    `trees` has, per tree, the positions of its periods and the matrix ancestors x branches of ones;
    `levels` the level of each branch in each period; `head_office` is the position of the branch
    that everything counts for.
    """

    periods: list[dict]
    branches: list[str]
    trees: list[tuple[np.ndarray, sparse.csr_array]]
    levels: np.ndarray
    head_office: int

    def of_periods(self, name: str) -> np.ndarray:
        """A column of dim_period."""
        return np.array([period[name] for period in self.periods])

    @property
    def later(self) -> int:
        """The interval of all that is still to come after as_of."""
        return int(self.of_periods("end_interval").max())

    def prior(self, position: int) -> int | None:
        """Position of the same period one year earlier."""
        return (
            self.periods[position]["year_earlier_id"] - 1
            if self.periods[position]["year_earlier_id"]
            else None
        )


def read_cube(engine) -> Cube:
    """The grid of the run that the engine holds."""
    periods = engine.arrow(
        """SELECT p.*, t.tree_id, p.period_id IN (SELECT period_id FROM dim_period_month) AS is_exposed
        FROM dim_period AS p JOIN dim_period_tree AS t ON t.period_id = p.period_id ORDER BY p.period_id"""
    ).to_pylist()
    levels = engine.arrow(
        "SELECT tree_id, branch_code, level FROM dim_branch_level ORDER BY branch_code"
    ).to_pylist()
    branches = sorted({row["branch_code"] for row in levels})
    place = {code: position for position, code in enumerate(branches)}
    level = {(row["tree_id"], row["branch_code"]): row["level"] for row in levels}
    above: dict[int, list] = {}
    for row in engine.arrow(
        "SELECT tree_id, branch_code, ancestor_code FROM dim_branch_ancestor"
    ).to_pylist():
        above.setdefault(row["tree_id"], []).append(
            (place[row["ancestor_code"]], place[row["branch_code"]])
        )
    trees = []
    for tree, pairs in sorted(above.items()):
        positions = np.array(
            [position for position, period in enumerate(periods) if period["tree_id"] == tree]
        )
        rows, columns = np.array(pairs).T
        ones = np.ones(len(pairs), np.int64)
        trees.append(
            (
                positions,
                sparse.csr_array((ones, (rows, columns)), shape=(len(branches), len(branches))),
            )
        )
    held = np.array([[level[period["tree_id"], code] for code in branches] for period in periods])
    return Cube(periods, branches, trees, held, int(np.argmax(np.diff(trees[-1][1].indptr))))


@dataclass(frozen=True)
class PositionedRows:
    """What a KPI's SELECT returned, as positions.

    `time` is the period_id that a row counts in or, `by_interval`, the interval_id of its event,
    which counts in every period around it. `segments` are (kind, value) in order, `all` among them;
    `places` has per segment kind the segment of each row, -1 where it is in none. `measures` are
    whole numbers by name. Positions are as small as they can be: a percentile has a row per claim.
    """

    time: np.ndarray
    by_interval: bool
    branch: np.ndarray
    segments: list[tuple[str, str]]
    places: list[np.ndarray]
    measures: dict[str, np.ndarray]

    def of(self, chosen: np.ndarray) -> "PositionedRows":
        """The same rows on some of the segments."""
        place = np.full(len(self.segments) + 1, -1)
        place[chosen] = np.arange(len(chosen))
        place = _positions(place)
        segments = [self.segments[position] for position in chosen]
        return PositionedRows(
            self.time,
            self.by_interval,
            self.branch,
            segments,
            [place[held] for held in self.places],
            self.measures,
        )

    def crossed(self, kinds: list[int]) -> "PositionedRows":
        """The same rows in strata: each in the one that has its segments of all these kinds
        (positions in `places`).
        """
        key = np.zeros(len(self.branch), np.int64)
        for kind in kinds:
            key = key * (len(self.segments) + 1) + self.places[kind] + 1
        strata, place = np.unique(key, return_inverse=True)
        return PositionedRows(
            self.time,
            self.by_interval,
            self.branch,
            [("stratum", str(stratum)) for stratum in strata],
            [place],
            self.measures,
        )


def to_positions(table: pa.Table, grid: Cube, kinds: list[str]) -> PositionedRows:
    """A KPI's rows on the grid. A branch that is nowhere in the tree is the pseudo-branch
    `(unknown)`.
    """
    time = "interval_id" if "interval_id" in table.column_names else "period_id"
    place = {code: position for position, code in enumerate(grid.branches)}
    codes, names = _encoded(table["branch_code"])
    branch = _positions([place.get(name, place.get("(unknown)", -1)) for name in names] + [-1])[
        codes
    ]
    encoded = {kind: _encoded(table[kind]) for kind in kinds}
    segments = sorted(
        {ALL}
        | {
            (kind, names[used])
            for kind, (codes, names) in encoded.items()
            for used in _used(codes, names)
        }
    )
    number = {segment: position for position, segment in enumerate(segments)}
    places = [_positions([number[ALL]]).repeat(len(table))]
    for kind, (codes, names) in encoded.items():
        places.append(_positions([number.get((kind, name), -1) for name in names] + [-1])[codes])
    measures = [name for name in table.column_names if name not in (time, "branch_code", *kinds)]
    return PositionedRows(
        time=table[time].to_numpy().astype(np.int16),
        by_interval=time == "interval_id",
        branch=branch,
        segments=segments,
        places=places,
        measures={name: table[name].fill_null(0).to_numpy() for name in measures},
    )


def _positions(of: list[int] | np.ndarray) -> np.ndarray:
    return np.array(of, np.int16 if max(of) < 2**15 else np.int32)


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Text as positions in its list of distinct values; the last one, behind them, for null."""
    whole = column.combine_chunks()
    whole = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    positions = whole.indices.cast(pa.int32()).fill_null(len(whole.dictionary))
    return positions.to_numpy(zero_copy_only=False), whole.dictionary.to_pylist()


def _used(codes: np.ndarray, names: list[str]) -> np.ndarray:
    """The names that a row has: an engine's list of values may hold more."""
    return np.flatnonzero(np.bincount(codes, minlength=len(names) + 1)[: len(names)])


def sum_by_cell(rows: PositionedRows, measure: str, grid: Cube) -> tuple[np.ndarray, np.ndarray]:
    """One measure in every cell, and what of it is still to come when a period ends with as_of: own
    rows and those of the branches below.

    Shape of both: branches x periods x segments. Raises OverflowError where a sum could leave 64
    bits.
    """
    values = rows.measures[measure]
    if float(np.abs(values.astype(float)).sum()) > LARGEST:
        raise OverflowError(f"the sum of {measure} does not fit into 64 bits")
    size = grid.later + 1 if rows.by_interval else len(grid.periods)
    shape = (len(grid.branches), size, len(rows.segments))
    own = np.zeros(shape, np.int64)
    time = rows.time if rows.by_interval else rows.time - 1
    # Positions are small numbers, which their product would leave.
    row = (rows.branch.astype(np.int64) * size + time) * shape[2]
    for place in rows.places:
        used = slice(None) if (place >= 0).all() else place >= 0
        np.add.at(own.reshape(-1), row[used] + place[used], values[used])
    waiting = np.zeros((shape[0], len(grid.periods), shape[2]), np.int64)
    if rows.by_interval:
        first, end = grid.of_periods("first_interval"), grid.of_periods("end_interval")
        waiting[:, end == grid.later] = own[:, grid.later :]
        before = np.concatenate([np.zeros_like(own[:, :1]), np.cumsum(own, axis=1)], axis=1)
        own = before[:, end] - before[:, first]
    return _with_below(own, grid), _with_below(waiting, grid)


def _with_below(cells: np.ndarray, grid: Cube) -> np.ndarray:
    """Each branch's own cells and those of the branches below it, in the tree of each period."""
    if not cells.any():
        return cells
    for periods, above in grid.trees:
        whole = above @ cells[:, periods].reshape(cells.shape[0], -1)
        cells[:, periods] = whole.reshape(cells.shape[0], len(periods), cells.shape[2])
    return cells
