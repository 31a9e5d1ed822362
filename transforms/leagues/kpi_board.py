"""The published values of several KPIs side by side: what composites and recognitions are made
from.
"""

from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kpis.periods import Period, one_year_earlier
from transforms.leagues.peers import PERIOD
from transforms.statistics import combined_intervals, ranks

LEVELS = ["central", "head_office", "province", "sub"]  # in the order of the key
COUNTED = ["ok", "stale"]


@dataclass(frozen=True)
class KpiBoard:
    """One row per league (period x level of the tree) and branch, in that order; `keys` says which,
    `period` and `league` number the periods and leagues from 0.

    `values` holds per KPI the rows of mart_kpi_value, segment `all`, in the same order.
    """

    keys: pa.Table
    period: np.ndarray
    league: np.ndarray
    values: dict[str, pa.Table]

    @cached_property
    def rows(self) -> list[tuple]:
        """Each row's period (kind, start, end) and branch."""
        return list(
            zip(
                *(
                    self.keys[name].cast(pa.string()).to_pylist()
                    if name.endswith(("kind", "code"))
                    else self.keys[name].to_pylist()
                    for name in (*PERIOD, "branch_code")
                ),
                strict=True,
            )
        )

    @cached_property
    def head(self) -> np.ndarray:
        """The row of the head office in each row's period."""
        of_period = np.zeros(self.period.max(initial=0) + 1, np.int64)
        rows = np.flatnonzero(self.names("branch_level") == "head_office")
        of_period[self.period[rows]] = rows
        return of_period[self.period]

    @cached_property
    def before(self) -> np.ndarray:
        """The row of the same branch in the same period a year earlier, -1 where there is none."""
        place = {row: number for number, row in enumerate(self.rows)}
        earlier = {
            period: one_year_earlier(Period(*period)) for period in {row[:3] for row in self.rows}
        }
        return np.array(
            [place.get((*astuple(earlier[row[:3]]), row[3]), -1) for row in self.rows], np.int64
        )

    def names(self, column: str) -> np.ndarray:
        """A column of the keys as text."""
        return self.keys[column].cast(pa.string()).to_numpy(zero_copy_only=False)

    def number(self, kpi: str, name: str) -> np.ndarray:
        """A column of one KPI's values as floats, NaN where there is none."""
        return (
            self.values[kpi][name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
        )

    def value(self, kpi: dict) -> np.ndarray:
        """A KPI's values where there are cases enough to rank a branch by, NaN elsewhere. `kpi` is
        the row of dim_kpi.
        """
        value, numerator, denominator = (
            self.number(kpi["kpi_id"], name) for name in ("value", "numerator", "denominator")
        )
        cases = np.where(np.isnan(denominator), numerator, denominator)
        is_told = pc.is_in(
            self.values[kpi["kpi_id"]]["state"].cast(pa.string()), pa.array(COUNTED)
        ).to_numpy(zero_copy_only=False)
        return np.where(is_told & (cases >= kpi["minimum_volume"]), value, np.nan)

    def limits(self, kpi: str) -> tuple[np.ndarray, np.ndarray]:
        """The limits of a KPI's values."""
        return self.number(kpi, "interval_low"), self.number(kpi, "interval_high")

    def joint(
        self, kpi: dict, rows: np.ndarray, joint: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Limits of some values, drawn out from the published level to a joint one."""
        value, limits = self.number(kpi["kpi_id"], "value"), self.limits(kpi["kpi_id"])
        return combined_intervals.rescale_interval(
            tuple(values[rows] for values in (value, *limits)), level, joint
        )[1:]


def read_kpi_board(values: dict[str, pa.Table], kinds: list[str]) -> KpiBoard:
    """The board of some KPIs over all periods of some kinds. `values` are the tables of
    mart_kpi_value by kpi_id, each a full grid.
    """
    whole = {kpi: table.filter(pc.field("segment_kind") == "all") for kpi, table in values.items()}
    first = next(iter(whole.values()))
    kind, level = (first[name].cast(pa.string()) for name in ("period_kind", "branch_level"))
    shown = pc.and_(pc.is_in(kind, pa.array(kinds)), pc.is_in(level, pa.array(LEVELS)))
    rows = np.flatnonzero(shown.to_numpy(zero_copy_only=False))
    place = {name: number for number, name in enumerate(LEVELS)}
    levels = np.array([place[name] for name in level.take(pa.array(rows)).to_pylist()], np.int64)
    ends = [first[name].take(pa.array(rows)).to_numpy() for name in ("period_start", "period_end")]
    changes = [column[1:] != column[:-1] for column in (_codes(kind.take(pa.array(rows))), *ends)]
    period = np.cumsum(np.concatenate([[0], np.any(changes, axis=0)])) if len(rows) else rows
    order = np.lexsort((levels, period))
    rows, (_, league) = (
        rows[order],
        np.unique((period * len(LEVELS) + levels)[order], return_inverse=True),
    )
    held = {kpi: table.take(pa.array(rows)) for kpi, table in whole.items()}
    keys = first.select([*PERIOD, "branch_level", "branch_code"]).take(pa.array(rows))
    return KpiBoard(keys, period[order], league, held)


def _codes(texts: pa.ChunkedArray) -> np.ndarray:
    return texts.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)


def rank_places(
    league: np.ndarray, value: np.ndarray, is_ranked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Competition ranks within each league, the smallest value first, 0 where not ranked, and
    whether another one has the same.
    """
    rank, is_tied = np.zeros(len(league), np.int64), np.zeros(len(league), bool)
    chosen = is_ranked & ~np.isnan(value)
    rank[chosen], is_tied[chosen] = ranks.competition_ranks(league[chosen], value[chosen])
    return rank, is_tied
