"""The rows of tables with parts: new ones as they were built, the others as a former publication
has them.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.store.former_parts import FormerParts
from data.store.table_files import PERIOD_COLUMNS, PeriodKey, split_by_period
from transforms.kpis.arrow_columns import locate_text


@dataclass(frozen=True)
class PartPlan:
    """Which parts of a run are new: `stamps` of all, and the periods that are `new`, by KPI in the
    order of the tables.
    """

    former: FormerParts
    stamps: dict[str, dict[PeriodKey, str]]
    new: dict[str, set[PeriodKey]]

    def complete(self, name: str, new_rows: pa.Table, dim_period: pa.Table) -> pa.Table:
        """Return the table out of its new rows and the former ones: period by period, and within a
        period KPI by KPI.
        """
        parts = []
        for period, rows in split_by_period(new_rows, dim_period).items():
            former_kpis = {
                kpi for kpi, new_periods in self.new.items() if period not in new_periods
            }
            if not former_kpis:
                parts.append(rows)
                continue
            former_rows = self.former.read(name, period, former_kpis)
            if len(former_kpis) < len(self.new):
                former_rows = self._merge(rows, former_rows)
            parts.append(former_rows)
        return pa.concat_tables(parts, promote_options="permissive")

    def _merge(self, new_rows: pa.Table, former_rows: pa.Table) -> pa.Table:
        both = pa.concat_tables([new_rows, former_rows], promote_options="permissive")
        # Stable: the rows of a KPI are all new or all former ones, and stay in their order.
        order = np.argsort(locate_text(both["kpi_id"], list(self.new)), kind="stable")
        return both.unify_dictionaries().take(order)

    def build_dim_part(self) -> dict[str, list]:
        """Return the columns of dim_part: the stamp of each period and KPI, in order of its key."""
        rows = sorted(
            (*period, kpi_id, stamp)
            for kpi_id, stamps in self.stamps.items()
            for period, stamp in stamps.items()
        )
        names = (*PERIOD_COLUMNS, "kpi_id", "stamp")
        columns = zip(*rows, strict=True)
        return {name: list(column) for name, column in zip(names, columns, strict=True)}


def split_by_kpi(values: pa.Table, kpis: list[str]) -> dict[str, pa.Table]:
    """Return the rows of segment `all` of each KPI, period by period."""
    whole = values.filter(pc.field("segment_kind") == "all")
    position = locate_text(whole["kpi_id"], kpis)
    order = np.argsort(position, kind="stable")
    bounds = np.searchsorted(position, np.arange(len(kpis) + 1), sorter=order)
    ordered = whole.unify_dictionaries().take(order)
    return {
        kpi: ordered.slice(bounds[number], bounds[number + 1] - bounds[number])
        for number, kpi in enumerate(kpis)
    }
