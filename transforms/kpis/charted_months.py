"""The months that a control chart is drawn of: which are charted, and in which order."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kpis.arrow_columns import equals_text, float_column


@dataclass(frozen=True)
class ChartedMonths:
    """The months of the charts of one KPI: `table`, months within branch, and where a month
    `is_usable`, shape (charts, months).

    Charts need the points that are present first in their row, as a month left out is not a gap in
    a run and no moving range. `pack` brings months into that order, `unpack` back.
    """

    table: pa.Table
    is_usable: np.ndarray

    @cached_property
    def is_present(self) -> np.ndarray:
        """Where a packed point is present, shape (charts, points)."""
        return np.take_along_axis(self.is_usable, self._packed_order, axis=1)

    @cached_property
    def _packed_order(self) -> np.ndarray:
        return np.argsort(~self.is_usable, axis=1, kind="stable")

    @cached_property
    def _table_order(self) -> np.ndarray:
        return np.argsort(self._packed_order, axis=1, kind="stable")

    def pack(self, name: str) -> np.ndarray:
        """Return a column as floats, shape (charts, points)."""
        values = float_column(self.table, name).reshape(self.is_usable.shape)
        return np.take_along_axis(values, self._packed_order, axis=1)

    def unpack(self, values: np.ndarray, is_known: np.ndarray | bool = True) -> np.ndarray:
        """Return values of points in the order of the table, shape (rows,), NaN where a point is
        not present or not known.
        """
        has_value = self.is_present & is_known
        known = np.where(has_value, values, np.nan)
        in_table_order = np.take_along_axis(known, self._table_order, axis=1)
        return in_table_order.reshape(-1)

    def repeat(self, values: np.ndarray) -> np.ndarray:
        """Return a value of each chart for all of its rows."""
        return np.repeat(values, self.is_usable.shape[1])


def select_months(values: pa.Table) -> ChartedMonths | None:
    """Return the months of the branches that have one to chart; None where none has."""
    is_month = equals_text(values, "period_kind", "month")
    is_month &= equals_text(values, "segment_kind", "all")
    table = values.filter(pa.array(is_month))
    months = len(pc.unique(table["period_end"]))

    # Rows are in order of month and branch; charts are branch by branch.
    order = np.arange(len(table)).reshape(months, -1).T

    # A month that is not over would be judged by a part of its cases.
    is_usable = is_over(table) & equals_text(table, "state", "ok")
    is_usable = is_usable[order]

    is_unknown_branch = equals_text(table, "branch_level", "unknown")[order[:, 0]]
    is_charted = is_usable.any(axis=1) & ~is_unknown_branch
    if not is_charted.any():
        return None

    rows = order[is_charted].reshape(-1)
    return ChartedMonths(table.take(rows), is_usable[is_charted])


def is_over(months: pa.Table) -> np.ndarray:
    """Return which months are whole: they end on the first of the next one."""
    day_of_end = pc.day(months["period_end"])
    is_first = pc.equal(day_of_end, pa.scalar(1, pa.int64()))
    return is_first.to_numpy(zero_copy_only=False)
