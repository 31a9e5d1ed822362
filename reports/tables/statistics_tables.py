"""What the statistics say of the year to date, as the pages show it: funnels, control charts,
survival curves. Each table is read once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from reports.tables.grouping import group_by_key

if TYPE_CHECKING:
    from reports.tables.publication import Publication

FUNNEL_LEVEL = "province"
CURVE, MEDIAN = "claim_km_curve_pct", "claim_km_median_days"
LINES = (
    "watch_low",
    "watch_high",
    "act_low",
    "act_high",
    "watch_spread_low",
    "watch_spread_high",
    "act_spread_low",
    "act_spread_high",
)
OUTSIDE = (
    "tested",
    "watch_outside",
    "act_outside",
    "watch_spread_outside",
    "act_spread_outside",
    "watch_false_alarms",
    "act_false_alarms",
)
CHARTED = [
    "is_charted",
    "chart_method",
    "chart_points",
    "is_trial",
    "centre_line",
    "limit_low",
    "limit_high",
    "limit_level",
    "sigma",
] + [
    "rule",
    "variation",
    "assurance",
]


class Statistics:
    """The tables of statistics of a publication, in small selections. Rows are dictionaries with
    the columns of the dictionary.
    """

    def __init__(self, publication: Publication):
        self._publication = publication

    @cached_property
    def _funnels(self) -> dict[str, list[dict]]:
        if not self._publication.year_to_date:
            return {}
        columns = [
            "kpi_id",
            "branch_code",
            "n",
            "value",
            "centre",
            *LINES,
            "phi",
            "tau_squared",
            *OUTSIDE,
        ]
        where = self._publication.now() & (pc.field("branch_level") == FUNNEL_LEVEL)
        return group_by_key(
            self._publication.read("mart_funnel", where, columns).to_pylist(), "kpi_id"
        )

    def funnel(self, kpi: str) -> list[dict]:
        """The rows of mart_funnel of the provincial branches for the year to date that have a place
        in a picture, the smallest branch first.
        """
        rows = [
            row
            for row in self._funnels.get(kpi, [])
            if row["n"] is not None and row["value"] is not None and row["watch_high"] is not None
        ]
        return sorted(rows, key=lambda row: (row["n"], row["branch_code"]))

    def false_alarms(self) -> dict[str, float]:
        """Over all funnels of the year to date: branches outside of the lines, and how many would
        be by chance alone.
        """
        first = [rows[0] for rows in self._funnels.values()]
        return {name: sum(row[name] or 0 for row in first) for name in OUTSIDE}

    @cached_property
    def _charts(self) -> dict[str, list[dict]]:
        publication = self._publication
        where = (pc.field("branch_code") == publication.head_office) & (
            pc.field("period_kind") == "month"
        )
        return group_by_key(
            publication.read(
                "mart_trend", where, ["kpi_id", "period_start", "value", *CHARTED]
            ).to_pylist(),
            "kpi_id",
        )

    def chart(self, kpi: str) -> dict:
        """The head office's control chart by the first day of the month: rows of mart_trend; empty
        where no month is charted.
        """
        rows = {row["period_start"]: row for row in self._charts.get(kpi, [])}
        return rows if any(row["limit_high"] is not None for row in rows.values()) else {}

    @cached_property
    def curve(self) -> list[dict]:
        """The head office's rows of mart_survival for the latest twelve months, by day: what share
        of the claims is settled.
        """
        return (
            sorted(self._survival[CURVE], key=lambda row: row["day"])
            if CURVE in self._survival
            else []
        )

    @cached_property
    def median(self) -> dict | None:
        """The same claims' median in days, a row of mart_survival."""
        return next(iter(self._survival.get(MEDIAN, [])), None)

    @cached_property
    def _survival(self) -> dict[str, list[dict]]:
        publication, year = self._publication, self._publication.latest("rolling12")
        if not year:
            return {}
        where = (
            publication.within(year)
            & (pc.field("branch_code") == publication.head_office)
            & (pc.field("segment_kind") == "all")
        )
        return group_by_key(
            publication.read(
                "mart_survival", where & pc.field("kpi_id").isin([CURVE, MEDIAN])
            ).to_pylist(),
            "kpi_id",
        )
