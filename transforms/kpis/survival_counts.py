"""How many claims are under observation, settle or are withdrawn on each day after their report."""

from dataclasses import dataclass

import numpy as np

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model
from transforms.kpis.cube import Cube, sum_by_cell
from transforms.kpis.positioned_rows import PositionedRows

# A claim is observed for a year: days 0 to 365 after its report. What settles later is counted at
# day 366.
DAYS = 366


@dataclass(frozen=True)
class IntervalCounts:
    """Claims of one period and segment by branch and age: floats that hold whole numbers, shape
    (branches, days 0 to 366). `late`, shape (branches,), were open when the period began.

    `entered` came under observation at that age, `left` ended it, `settled` or `withdrawn` among
    them.
    """

    entered: np.ndarray
    left: np.ndarray
    settled: np.ndarray
    withdrawn: np.ndarray
    late: np.ndarray


def fetch_age_rows(engine: Engine, kind: str, cube: Cube, is_available: bool) -> PositionedRows:
    """Return what fct_claim_age counts by the values of one kind of segment, in order of
    interval.
    """
    kinds = [] if kind == "all" else [kind]
    keys = ", ".join(["interval_id", "branch_code", *kinds, "age"])
    sums = ", ".join(
        f"CAST(SUM({name}) AS BIGINT) AS {name}"
        for name in ("entered", "gone", "settled", "withdrawn")
    )
    query = f"SELECT {keys}, {sums} FROM fct_claim_age GROUP BY {keys} ORDER BY interval_id"
    if not is_available:
        query += " LIMIT 0"

    return PositionedRows.from_table(engine.arrow(query), cube.branches, kinds)


def count_by_age(rows: PositionedRows, segment: int, position: int, cube: Cube) -> IntervalCounts:
    """Return the counts of a period, of each branch with those below it.

    Args:
        rows: of the SELECT, in order of their interval.
        segment: position of the segment that is counted.
        position: of the period, whose run of intervals is counted.
        cube: the cells.
    """
    period = cube.periods[position]
    bounds = [period["first_interval"], period["end_interval"]]
    in_period = slice(*np.searchsorted(rows.time, bounds))
    in_segment = np.flatnonzero(rows.segment_positions[-1][in_period] == segment)
    branch = rows.branch[in_period][in_segment]
    interval = rows.time[in_period][in_segment]
    age = rows.measures["age"][in_period][in_segment]
    ancestors = cube.tree_of(position)
    branches, ages = len(cube.branches), DAYS + 1
    cell = branch.astype(np.int64) * ages + age

    def sum_by_age(name: str, selection=slice(None)) -> np.ndarray:
        counts = rows.measures[name][in_period][in_segment]
        # Sums of whole numbers below 2 ** 53 are exact in floats.
        own = np.bincount(cell[selection], counts[selection], branches * ages)
        return ancestors @ own.reshape(branches, ages)

    # Open before the period: such a claim comes under observation on its first day, aged already.
    was_open = (interval == period["first_interval"]) & (age > 0)

    return IntervalCounts(
        entered=sum_by_age("entered"),
        left=sum_by_age("gone"),
        settled=sum_by_age("settled"),
        withdrawn=sum_by_age("withdrawn"),
        late=sum_by_age("entered", was_open).sum(axis=1),
    )


def closed_only_means(engine: Engine, cube: Cube, mean: Model) -> dict[tuple[str, str], np.ndarray]:
    """Return the KPI of the mean of settled claims alone by segment, shape (branches, periods); NaN
    where nothing is settled.
    """
    table = engine.arrow(mean.sql)
    rows = PositionedRows.from_table(table, cube.branches, mean.header["segments"])
    top, _ = sum_by_cell(rows, "numerator", cube)
    bottom, _ = sum_by_cell(rows, "denominator", cube)
    up, down = mean.header["scale"]

    dividend, divisor = top.astype(float) * up, bottom.astype(float) * down
    with np.errstate(invalid="ignore"):
        value = dividend / divisor

    return {segment: value[:, :, position] for position, segment in enumerate(rows.segments)}
