"""How every branch stands for the year to date, as pages about branches need it: read once, told
branch by branch.
"""

from functools import cached_property

import pyarrow.compute as pc

from reports.figures.spine import Spread
from reports.tables.grouping import group_by_key
from reports.tables.publication import Publication
from reports.tables.trend_tables import COLUMNS, Trend, Trends
from reports.text import format

ISSUES = "callback_issue_pct"
FALSE_ALARMS = 0.05


def expected_false_alarms(tested: int) -> str:
    """How many of so many comparisons chance alone puts outside of the 95 % limits."""
    return format.plain(tested * FALSE_ALARMS, 0 if tested >= 40 else 1)


class BranchProfiles:
    """Rows of the leagues by branch, with what the monthly charts say, and how the branches of a
    level are spread.
    """

    def __init__(self, publication: Publication):
        self.publication = publication
        self.kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
        self.stages = {kpi["kpi_id"]: title for title, kpis in publication.stages() for kpi in kpis}

    @cached_property
    def codes(self) -> list[str]:
        """The branches that have a page: all of the tree but the head office, whose page is the
        overview.
        """
        return sorted(
            code for code in self.publication.branches if code != self.publication.head_office
        )

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The branches right below each branch."""
        found: dict[str, list[str]] = {}
        for code in self.codes:
            found.setdefault(self.publication.branches[code]["parent_code"], []).append(code)
        return found

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict]]:
        found: dict[str, dict[str, dict]] = {}
        for (kpi, _), rows in self.publication.leagues.items():
            for row in rows:
                found.setdefault(row["branch_code"], {})[kpi] = row
        return found

    def rows(self, code: str) -> list[tuple[dict, dict]]:
        """A branch's KPIs with their league rows, stage by stage."""
        rows = self._rows.get(code, {})
        return [
            (kpi, rows[kpi["kpi_id"]])
            for _, kpis in self.publication.stages()
            for kpi in kpis
            if kpi["kpi_id"] in rows
        ]

    @cached_property
    def _spreads(self) -> dict[tuple[str, str], Spread | None]:
        found = {}
        for (kpi, level), rows in self.publication.leagues.items():
            direction = self.kpis[kpi]["direction"] if kpi in self.kpis else "none"
            ranked = [row["value"] for row in rows if row["rank"] is not None]
            found[kpi, level] = None if direction == "none" else Spread.of(ranked, direction)
        return found

    def spread(self, kpi: str, level: str) -> Spread | None:
        return self._spreads.get((kpi, level))

    @cached_property
    def _trends(self) -> Trends:
        return Trends(self.publication.read("mart_trend", columns=COLUMNS))

    def trend(self, kpi: str, code: str) -> Trend | None:
        return self._trends.get(kpi, code)

    def is_concern(self, row: dict) -> bool:
        """Worse than the network, and the control chart's latest month is a concern."""
        trend = self.trend(row["kpi_id"], row["branch_code"]) if row["verdict"] == "worse" else None
        return trend is not None and trend.variation == "concern"

    def sides(self, code: str) -> dict[str, list[tuple[dict, dict]]]:
        """A branch's KPIs that are `better`, `worse` and `as_expected` against the network, and
        those worse and getting worse (`concern`).
        """
        found: dict[str, list] = {"better": [], "worse": [], "as_expected": [], "concern": []}
        for kpi, row in self.rows(code):
            if row["verdict"] in found:
                found[row["verdict"]].append((kpi, row))
            if self.is_concern(row):
                found["concern"].append((kpi, row))
        return found

    # -- what is told of few branches
    # ---------------------------------------------------------------------------

    def _of_year(self, table: str, more: pc.Expression | None = None) -> dict[str, list[dict]]:
        """The rows of a table for the year to date, by branch."""
        return group_by_key(self.publication.read_year(table, more), "branch_code")

    @cached_property
    def issues(self) -> dict[str, list[dict]]:
        """What call-backs report, by branch: the rows of callback_issue_pct by issue, the most
        frequent first.
        """
        found = self._of_year(
            "mart_kpi_value", (pc.field("kpi_id") == ISSUES) & (pc.field("segment_kind") == "issue")
        )
        told = {code: [row for row in rows if row["numerator"]] for code, rows in found.items()}
        return {
            code: sorted(rows, key=lambda row: (-row["numerator"], row["segment"]))
            for code, rows in told.items()
        }

    @cached_property
    def recognitions(self) -> dict[str, list[dict]]:
        return self._of_year("mart_recognition")

    @cached_property
    def composites(self) -> dict[str, list[dict]]:
        return self._of_year("mart_composite")

    @cached_property
    def parts(self) -> dict[str, list[dict]]:
        """What the composites are made of, by branch."""
        return self._of_year("mart_composite_part")
