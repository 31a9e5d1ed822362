"""The published values of several KPIs side by side: what composites and recognitions are made
from.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kpis.arrow_columns import encode_text, float_column, locate_text
from transforms.kpis.periods import Period, one_year_earlier
from transforms.leagues.peers import PERIOD
from transforms.statistics import combined_intervals, ranks
from transforms.statistics.intervals import Limits

LEVELS = ["central", "head_office", "province", "sub"]  # in the order of the key
STATES_WITH_VALUE = ["ok", "stale"]

RowKey = tuple  # period kind, period start, period end, branch code


@dataclass(frozen=True)
class KpiBoard:
    """One row per league (period x level of the tree) and branch, in that order; `keys` says which,
    `period` and `league`, shape (rows,), number the periods and leagues from 0.

    `values` has per KPI the rows of mart_kpi_value, segment `all`, in the same order.
    """

    keys: pa.Table
    period: np.ndarray
    league: np.ndarray
    values: dict[str, pa.Table]

    @cached_property
    def row_keys(self) -> list[RowKey]:
        """Each row's period (kind, start, end) and branch."""
        columns = []
        for name in (*PERIOD, "branch_code"):
            column = self.keys[name]
            is_text = pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
            columns.append((column.cast(pa.string()) if is_text else column).to_pylist())
        return list(zip(*columns, strict=True))

    @cached_property
    def head_office_row(self) -> np.ndarray:
        """The row of the head office in each row's period."""
        of_period = np.zeros(self.period.max(initial=0) + 1, np.int64)
        rows = np.flatnonzero(self.is_head_office)
        of_period[self.period[rows]] = rows
        return of_period[self.period]

    @cached_property
    def is_head_office(self) -> np.ndarray:
        """Which rows are the head office's: it is everybody, and competes with nobody."""
        levels = self.keys["branch_level"].cast(pa.string())
        return levels.to_numpy(zero_copy_only=False) == "head_office"

    @cached_property
    def year_earlier_row(self) -> np.ndarray:
        """The row of the same branch in the same period a year earlier, -1 where there is none."""
        row_of = {key: row for row, key in enumerate(self.row_keys)}
        periods = {key[:3] for key in self.row_keys}
        earlier = {period: astuple(one_year_earlier(Period(*period))) for period in periods}
        rows = [row_of.get((*earlier[key[:3]], key[3]), -1) for key in self.row_keys]
        return np.array(rows, np.int64)

    def number(self, kpi: str, name: str) -> np.ndarray:
        """Return a column of one KPI's values as floats, NaN where it is null."""
        return float_column(self.values[kpi], name)

    def rankable_value(self, kpi: dict) -> np.ndarray:
        """Return a KPI's values where there are cases enough to rank a branch by, NaN elsewhere.
        `kpi` is the row of dim_kpi.
        """
        value = self.number(kpi["kpi_id"], "value")
        denominator = self.number(kpi["kpi_id"], "denominator")
        numerator = self.number(kpi["kpi_id"], "numerator")
        cases = np.where(np.isnan(denominator), numerator, denominator)
        state = self.values[kpi["kpi_id"]]["state"].cast(pa.string())
        has_value = pc.is_in(state, pa.array(STATES_WITH_VALUE)).to_numpy(zero_copy_only=False)
        return np.where(has_value & (cases >= kpi["minimum_volume"]), value, np.nan)

    def limits(self, kpi: str) -> Limits:
        """Return the limits of a KPI's values."""
        return self.number(kpi, "interval_low"), self.number(kpi, "interval_high")

    def joint_limits(
        self, kpi: dict, rows: np.ndarray, joint_level: np.ndarray, level: float
    ) -> Limits:
        """Return the limits of some values, moved from the published level to a joint one."""
        value = self.number(kpi["kpi_id"], "value")
        low, high = self.limits(kpi["kpi_id"])
        estimate = value[rows], low[rows], high[rows]
        _, low, high = combined_intervals.rescale_interval(estimate, level, joint_level)
        return low, high


def read_kpi_board(values: dict[str, pa.Table], kinds: Sequence[str]) -> KpiBoard:
    """Return the board of some KPIs over all periods of some kinds. `values` are the tables of
    mart_kpi_value by kpi_id, each with every cell.
    """
    of_all = {kpi: table.filter(pc.field("segment_kind") == "all") for kpi, table in values.items()}
    first = next(iter(of_all.values()))
    kind = first["period_kind"].cast(pa.string())
    level = first["branch_level"].cast(pa.string())
    is_on_board = pc.and_(pc.is_in(kind, pa.array(kinds)), pc.is_in(level, pa.array(LEVELS)))
    rows = np.flatnonzero(is_on_board.to_numpy(zero_copy_only=False))
    table = first.take(rows)
    level_position = locate_text(table["branch_level"], LEVELS)
    period = _number_periods(table)
    order = np.lexsort((level_position, period))
    league = np.unique((period * len(LEVELS) + level_position)[order], return_inverse=True)[1]
    in_order = rows[order]
    return KpiBoard(
        keys=first.select([*PERIOD, "branch_level", "branch_code"]).take(in_order),
        period=period[order],
        league=league,
        values={kpi: table.take(in_order) for kpi, table in of_all.items()},
    )


def _number_periods(table: pa.Table) -> np.ndarray:
    """Return the number, from 0, of each row's period: rows of a period follow each other."""
    if not len(table):
        return np.zeros(0, np.int64)
    kind = encode_text(table["period_kind"].cast(pa.string()))
    start, end = table["period_start"].to_numpy(), table["period_end"].to_numpy()
    return ranks.league_runs(kind.indices.to_numpy(zero_copy_only=False), start, end)


def rank_within(
    league: np.ndarray, value: np.ndarray, is_ranked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return competition ranks within each league, the smallest value first, 0 where not ranked,
    and whether another row has the same.
    """
    rank = np.zeros(len(league), np.int64)
    is_tied = np.zeros(len(league), bool)
    rows = is_ranked & ~np.isnan(value)
    rank[rows], is_tied[rows] = ranks.competition_ranks(league[rows], value[rows])
    return rank, is_tied
