"""What the statistics say of the year to date, as the pages show it: funnels, control charts,
survival curves. Each table is read once.
"""

from datetime import date
from functools import cached_property

import pyarrow.compute as pc

from reports.tables.grouping import group_by_key
from reports.tables.periods import Period, within
from reports.tables.reader import PublishedTables

FUNNEL_LEVEL = "province"
CURVE, MEDIAN = "claim_km_curve_pct", "claim_km_median_days"
LINES = (
    *("watch_low", "watch_high", "act_low", "act_high"),
    *("watch_spread_low", "watch_spread_high", "act_spread_low", "act_spread_high"),
)
# The counts of a league's funnel, the same in each of its rows.
OUTSIDE = (
    "tested",
    *("watch_outside", "act_outside", "watch_spread_outside", "act_spread_outside"),
    *("watch_false_alarms", "act_false_alarms"),
)
CHARTED = [
    *("is_charted", "chart_method", "chart_points", "is_trial", "centre_line"),
    *("limit_low", "limit_high", "limit_level", "sigma", "rule", "variation", "assurance"),
]


class Statistics:
    """The tables of statistics of a publication, in small selections. Rows are dictionaries with
    the columns of the dictionary.
    """

    def __init__(
        self,
        tables: PublishedTables,
        head_office: str | None,
        year_to_date: Period | None,
        twelve_months: Period | None,
    ):
        self._tables = tables
        self._head_office = head_office
        self._year_to_date = year_to_date
        self._twelve_months = twelve_months

    @cached_property
    def _funnels(self) -> dict[str, list[dict]]:
        if not self._year_to_date:
            return {}

        columns = ["kpi_id", "branch_code", "n", "value", "centre", "phi", "tau_squared"]
        columns += [*LINES, *OUTSIDE]
        is_of_level = pc.field("branch_level") == FUNNEL_LEVEL
        where = within(self._year_to_date) & is_of_level
        table = self._tables.read("mart_funnel", where, columns)
        return group_by_key(table.to_pylist(), "kpi_id")

    def funnel(self, kpi: str) -> list[dict]:
        """Return the rows of mart_funnel of the provincial branches for the year to date that can
        be drawn, the smallest branch first.
        """
        rows = [
            row
            for row in self._funnels.get(kpi, [])
            if None not in (row["n"], row["value"], row["watch_high"])
        ]
        return sorted(rows, key=lambda row: (row["n"], row["branch_code"]))

    def sum_false_alarms(self) -> dict[str, float]:
        """Return, over all funnels of the year to date, how many branches are outside of the lines
        and how many would be by chance alone.
        """
        sums: dict[str, float] = dict.fromkeys(OUTSIDE, 0)
        for rows in self._funnels.values():
            for name in OUTSIDE:
                sums[name] += rows[0][name] or 0

        return sums

    @cached_property
    def _charts(self) -> dict[str, list[dict]]:
        is_head_office = pc.field("branch_code") == self._head_office
        is_month = pc.field("period_kind") == "month"
        columns = ["kpi_id", "period_start", "value", *CHARTED]
        table = self._tables.read("mart_trend", is_head_office & is_month, columns)
        return group_by_key(table.to_pylist(), "kpi_id")

    def chart(self, kpi: str) -> dict[date, dict]:
        """Return the head office's control chart, rows of mart_trend by the first day of the month;
        empty where no month has limits.
        """
        rows = self._charts.get(kpi, [])
        if all(row["limit_high"] is None for row in rows):
            return {}

        return {row["period_start"]: row for row in rows}

    def latest_charted(self, kpi: str) -> dict | None:
        """Return the latest month of the head office's control chart; None without a chart."""
        months = [row for row in self.chart(kpi).values() if row["is_charted"]]
        return max(months, key=lambda row: row["period_start"], default=None)

    @cached_property
    def curve(self) -> list[dict]:
        """The head office's rows of mart_survival for the latest twelve months, by day: what share
        of the claims is settled.
        """
        return sorted(self._survival.get(CURVE, []), key=lambda row: row["day"])

    @cached_property
    def median(self) -> dict | None:
        """The same claims' median in days, a row of mart_survival."""
        return next(iter(self._survival.get(MEDIAN, [])), None)

    @cached_property
    def _survival(self) -> dict[str, list[dict]]:
        if not self._twelve_months:
            return {}

        where = (
            within(self._twelve_months)
            & (pc.field("branch_code") == self._head_office)
            & (pc.field("segment_kind") == "all")
            & pc.field("kpi_id").isin([CURVE, MEDIAN])
        )
        return group_by_key(self._tables.read("mart_survival", where).to_pylist(), "kpi_id")
