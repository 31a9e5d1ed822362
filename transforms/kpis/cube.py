"""The cube of a run: branches x periods x segments, and how what a branch did counts for every
branch above it.

A KPI's rows are added into dense arrays. Sums are those of 64-bit integers, so they are exact and
depend on no order; a sum that would not fit is an error, never a wrong number.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from data.store.table_files import PeriodKey
from transforms.engine.duckdb_engine import Engine
from transforms.kpis.positioned_rows import PositionedRows

LARGEST = 2**62  # of a sum: half of what 64 bits hold, so that two of them still add up


@dataclass(frozen=True)
class Cube:
    """The axes of all figures: `periods` are the rows of dim_period by period_id, `branches` all
    codes in order.

    `trees` has, per tree, the positions of its periods and the matrix ancestors x branches of ones;
    `levels` the level of each branch in each period, shape (periods, branches); `head_office` is
    the position of the branch that everything counts for, `later_interval` the interval of all that
    is still to come after as_of.
    """

    periods: list[dict]
    branches: list[str]
    trees: list[tuple[np.ndarray, sparse.csr_array]]
    levels: np.ndarray
    head_office: int
    later_interval: int

    def period_column(self, name: str) -> np.ndarray:
        """Return a column of dim_period, shape (periods,)."""
        return np.array([period[name] for period in self.periods])

    @cached_property
    def period_keys(self) -> list[PeriodKey]:
        """The kind, first day and day after the last of each period."""
        return [
            (period["period_kind"], period["period_start"], period["period_end"])
            for period in self.periods
        ]

    @cached_property
    def position_of_id(self) -> dict[int, int]:
        """The position of each period by its period_id."""
        return {period["period_id"]: position for position, period in enumerate(self.periods)}

    def year_earlier(self, position: int) -> int | None:
        """Return the position of the same period one year earlier."""
        return self.position_of_id.get(self.periods[position]["year_earlier_id"])

    def tree_of(self, position: int) -> sparse.csr_array:
        """Return the matrix ancestors x branches of a period."""
        return next(ancestors for positions, ancestors in self.trees if position in positions)

    def select_periods(self, keys: set[PeriodKey]) -> "Cube":
        """Return the cube of some published periods, and of those that they are compared with."""
        published = [position for position, key in enumerate(self.period_keys) if key in keys]
        earlier = {self.year_earlier(position) for position in published}
        positions = sorted({*published, *earlier} - {None})

        periods = []
        for position in positions:
            # Of the others only the sums of a year earlier are needed: their own rows are there.
            is_published = position in published
            periods.append(self.periods[position] | {"is_published": is_published})

        trees = []
        for positions_of_tree, ancestors in self.trees:
            is_in_tree = np.isin(positions, positions_of_tree)
            if is_in_tree.any():
                trees.append((np.flatnonzero(is_in_tree), ancestors))

        return replace(self, periods=periods, trees=trees, levels=self.levels[positions])


def read_cube(engine: Engine) -> Cube:
    """Return the cube of the run whose dimensions the engine has."""
    periods = engine.arrow(
        """
        SELECT
            p.*, t.tree_id,
            p.period_id IN (SELECT period_id FROM dim_period_month) AS is_exposed
        FROM dim_period AS p JOIN dim_period_tree AS t ON t.period_id = p.period_id
        ORDER BY p.period_id
        """
    ).to_pylist()
    level_rows = engine.arrow(
        "SELECT tree_id, branch_code, level FROM dim_branch_level ORDER BY branch_code"
    ).to_pylist()
    branches = sorted({row["branch_code"] for row in level_rows})
    level_of = {(row["tree_id"], row["branch_code"]): row["level"] for row in level_rows}
    levels = [level_of[period["tree_id"], code] for period in periods for code in branches]
    trees = _read_trees(engine, periods, branches)

    # The branch with the most branches below it, itself included.
    latest_tree = trees[-1][1]
    head_office = int(np.argmax(np.diff(latest_tree.indptr)))
    shape = (len(periods), len(branches))
    later_interval = max(period["end_interval"] for period in periods)

    return Cube(
        periods, branches, trees, np.array(levels).reshape(shape), head_office, later_interval
    )


def _read_trees(
    engine: Engine, periods: list[dict], branches: list[str]
) -> list[tuple[np.ndarray, sparse.csr_array]]:
    """Return, per tree, the positions of its periods and the matrix ancestors x branches."""
    position_of = {code: position for position, code in enumerate(branches)}
    pairs_by_tree: dict[int, list[tuple[int, int]]] = {}

    ancestors = engine.arrow("SELECT tree_id, branch_code, ancestor_code FROM dim_branch_ancestor")
    for row in ancestors.to_pylist():
        ancestor = position_of[row["ancestor_code"]]
        branch = position_of[row["branch_code"]]
        pairs_by_tree.setdefault(row["tree_id"], []).append((ancestor, branch))

    shape = (len(branches), len(branches))
    tree_ids = np.array([period["tree_id"] for period in periods])

    trees = []
    for tree_id, pairs in sorted(pairs_by_tree.items()):
        positions = np.flatnonzero(tree_ids == tree_id)
        coordinates = tuple(np.array(pairs).T)
        # Sparse: a branch has about four ancestors, a dense matrix a column for each branch.
        ones = np.ones(len(pairs), np.int64)
        matrix = sparse.csr_array((ones, coordinates), shape=shape)
        trees.append((positions, matrix))

    return trees


def sum_by_cell(rows: PositionedRows, measure: str, cube: Cube) -> tuple[np.ndarray, np.ndarray]:
    """Return one measure in every cell, and what of it is still to come when a period ends with
    as_of: own rows and those of the branches below.

    Shape of both: (branches, periods, segments). Raises OverflowError where a sum could leave 64
    bits.
    """
    values = rows.measures[measure]

    # numpy's integers wrap round in silence; the sum of the sizes bounds the sum of any cell.
    largest_sum = np.abs(values.astype(float)).sum()
    if float(largest_sum) > LARGEST:
        raise OverflowError(f"the sum of {measure} does not fit into 64 bits")

    own = _sum_own_rows(rows, values, cube)
    shape = len(cube.branches), len(cube.periods), len(rows.segments)
    waiting = np.zeros(shape, np.int64)
    if rows.is_by_interval:
        first = cube.period_column("first_interval")
        end = cube.period_column("end_interval")
        ends_with_as_of = end == cube.later_interval
        waiting[:, ends_with_as_of] = own[:, cube.later_interval :]

        # A period is a run of intervals: its sum is the difference of two cumulated ones.
        nothing = np.zeros_like(own[:, :1])
        before = np.concatenate([nothing, np.cumsum(own, axis=1)], axis=1)
        own = before[:, end] - before[:, first]

    return _add_branches_below(own, cube), _add_branches_below(waiting, cube)


def _sum_own_rows(rows: PositionedRows, values: np.ndarray, cube: Cube) -> np.ndarray:
    """Return the sums of each branch's own rows: (branches, periods or intervals, segments)."""
    if rows.is_by_interval:
        times, time = cube.later_interval + 1, rows.time
    else:
        times, time = len(cube.periods), _locate_periods(rows.time, cube)

    is_in_period = time >= 0
    segments = len(rows.segments)
    own = np.zeros((len(cube.branches), times, segments), np.int64)
    sums = own.reshape(-1)

    # Positions are small numbers, which their product would leave.
    cell = (rows.branch.astype(np.int64) * times + time) * segments
    for segment in rows.segment_positions:
        # A slice copies nothing where every row is in a segment, as all of them are in `all`.
        is_inside = is_in_period & (segment >= 0)
        selection = slice(None) if is_inside.all() else is_inside
        # `sums[...] += values` would count only the last row of each cell.
        np.add.at(sums, cell[selection] + segment[selection], values[selection])

    return own


def _locate_periods(period_ids: np.ndarray, cube: Cube) -> np.ndarray:
    """Return the positions of periods in the cube, -1 where it has not got one."""
    largest_id = max(cube.position_of_id, default=0)
    positions = np.full(largest_id + 1, -1)
    positions[list(cube.position_of_id)] = list(cube.position_of_id.values())
    is_known = period_ids <= largest_id
    known_ids = np.where(is_known, period_ids, 0)
    return np.where(is_known, positions[known_ids], -1)


def _add_branches_below(cells: np.ndarray, cube: Cube) -> np.ndarray:
    """Add to each branch's own cells those of the branches below it, in the tree of each period."""
    if not cells.any():
        return cells

    branches, _, segments = cells.shape
    for periods, ancestors in cube.trees:
        # The matrix has two axes: periods and segments are one to it.
        own = cells[:, periods].reshape(branches, -1)
        sums = ancestors @ own
        cells[:, periods] = sums.reshape(branches, len(periods), segments)

    return cells
