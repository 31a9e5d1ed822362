"""How every branch does for the year to date, as pages about branches need it: read once, returned
branch by branch.
"""

from functools import cached_property

import pyarrow.compute as pc

from reports.figures.spine import Spread
from reports.tables.grouping import group_by_key
from reports.tables.publication import Publication
from reports.tables.trend_tables import COLUMNS, Trend, Trends
from reports.text import format
from reports.text.words import Both

ISSUES = "callback_issue_pct"
FALSE_ALARMS = 0.05
WHOLE_FROM = 40  # comparisons, of which chance puts two outside


def expected_false_alarms(tested: int) -> str:
    """Return how many of a number of comparisons chance alone puts outside of the 95% limits: to a
    tenth, and as a whole number from two expected on.
    """
    return format.plain(tested * FALSE_ALARMS, 0 if tested >= WHOLE_FROM else 1)


class BranchProfiles:
    """Rows of the leagues by branch, with what the monthly charts say, and how the branches of a
    level are spread.
    """

    def __init__(self, publication: Publication):
        self.publication = publication
        self.kpis = {kpi["kpi_id"]: kpi for kpi in publication.kpis}
        self.stages: dict[str, Both] = {}
        for title, kpis in publication.stages():
            for kpi in kpis:
                self.stages[kpi["kpi_id"]] = title

    @cached_property
    def codes(self) -> list[str]:
        """The branches that have a page: all of the tree but the head office, whose page is the
        overview.
        """
        head_office = self.publication.head_office
        return sorted(code for code in self.publication.branches if code != head_office)

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The branches right below each branch."""
        branches = self.publication.branches
        children: dict[str, list[str]] = {}
        for code in self.codes:
            parent = branches[code]["parent_code"]
            children.setdefault(parent, []).append(code)

        return children

    @cached_property
    def _rows(self) -> dict[str, dict[str, dict]]:
        # Once for all branches: a company has hundreds of them, and each has a page.
        rows_by_branch: dict[str, dict[str, dict]] = {}
        for (kpi, _), rows in self.publication.leagues.items():
            for row in rows:
                of_branch = rows_by_branch.setdefault(row["branch_code"], {})
                of_branch[kpi] = row
        return rows_by_branch

    def rows(self, code: str) -> list[tuple[dict, dict]]:
        """Return a branch's KPIs with their league rows, stage by stage."""
        rows = self._rows.get(code, {})
        pairs = []
        for _, kpis in self.publication.stages():
            for kpi in kpis:
                row = rows.get(kpi["kpi_id"])
                if row is not None:
                    pairs.append((kpi, row))

        return pairs

    @cached_property
    def _spreads(self) -> dict[tuple[str, str], Spread | None]:
        spreads: dict[tuple[str, str], Spread | None] = {}
        for (kpi, level), rows in self.publication.leagues.items():
            direction = "none"
            if kpi in self.kpis:
                direction = self.kpis[kpi]["direction"]
            if direction == "none":
                spreads[kpi, level] = None
                continue

            ranked = [row["value"] for row in rows if row["rank"] is not None]
            spreads[kpi, level] = Spread.from_values(ranked, direction)

        return spreads

    def spread(self, kpi: str, level: str) -> Spread | None:
        """Return how the ranked branches of a level are spread; None where too few are ranked."""
        return self._spreads.get((kpi, level))

    @cached_property
    def _trends(self) -> Trends:
        return Trends(self.publication.read("mart_trend", columns=COLUMNS))

    def trend(self, kpi: str, code: str) -> Trend | None:
        """Return a branch's monthly chart of a KPI; None where there is none."""
        return self._trends.get(kpi, code)

    def is_concern(self, row: dict) -> bool:
        """Return whether a branch is worse than the network and the control chart's latest month is
        a concern.
        """
        if row["verdict"] != "worse":
            return False

        trend = self.trend(row["kpi_id"], row["branch_code"])
        return trend is not None and trend.variation == "concern"

    def sides(self, code: str) -> dict[str, list[tuple[dict, dict]]]:
        """Return a branch's KPIs that are `better`, `worse` and `as_expected` against the network,
        and those worse and getting worse (`concern`).
        """
        sides: dict[str, list] = {"better": [], "worse": [], "as_expected": [], "concern": []}
        for kpi, row in self.rows(code):
            if row["verdict"] in sides:
                sides[row["verdict"]].append((kpi, row))
            if self.is_concern(row):
                sides["concern"].append((kpi, row))

        return sides

    # -- what only some branches have

    def _of_year(self, table: str, where: pc.Expression | None = None) -> dict[str, list[dict]]:
        """Return the rows of a table for the year to date, by branch."""
        return group_by_key(self.publication.read_year(table, where), "branch_code")

    @cached_property
    def issues(self) -> dict[str, list[dict]]:
        """What call-backs report, by branch: the rows of callback_issue_pct by issue, the most
        frequent first.
        """

        def most_frequent_first(row: dict) -> tuple:
            return -row["numerator"], row["segment"]

        is_issue = (pc.field("kpi_id") == ISSUES) & (pc.field("segment_kind") == "issue")

        issues = {}
        for code, rows in self._of_year("mart_kpi_value", is_issue).items():
            reported = [row for row in rows if row["numerator"]]
            issues[code] = sorted(reported, key=most_frequent_first)

        return issues

    @cached_property
    def recognitions(self) -> dict[str, list[dict]]:
        """What branches are praised for, by branch."""
        return self._of_year("mart_recognition")

    @cached_property
    def composites(self) -> dict[str, list[dict]]:
        """The composites, by branch."""
        return self._of_year("mart_composite")

    @cached_property
    def parts(self) -> dict[str, list[dict]]:
        """What the composites are made of, by branch."""
        return self._of_year("mart_composite_part")
