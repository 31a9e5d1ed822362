"""One publication: its published tables in small selections, the facts of its run, its diff."""

from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from reports.facts import ReportFacts
from reports.tables.grouping import group_by_key, latest_extracts, newest_first
from reports.tables.periods import Period, latest_period, period_of, within
from reports.tables.reader import PublishedTables
from reports.tables.revision_tables import Revisions
from reports.tables.statistics_tables import Statistics
from reports.text import format
from reports.text.journey import stage_of, stages
from reports.text.words import Both, known_word, word

NAME_LIMIT = 500
# The order of KPIs in every list: what is judged before what is not, these before others of their
# kind.
FIRST = ("claim_closure_pct", "satisfaction_pct")
KINDS = ("share", "mean", "quantile", "rate", "index", "ratio", "count")
# The columns of mart_kpi_value that go with a row of mart_league.
LEAGUE_VALUES = (
    *("interval_low", "interval_high", "change_prior_year"),
    *("benchmark_value", "target_value", "state", "reason"),
)


class Publication(PublishedTables):
    """Published tables, the facts of their run, and the folder of its diff, if it was compared with
    another. Rows are dictionaries with the columns of the dictionary.

    Raises FileNotFoundError where a published table is missing.
    """

    def __init__(self, tables: Path, facts: ReportFacts, diff: Path | None = None):
        super().__init__(tables)
        self._diff = diff
        self.facts = facts

        # dim_kpi describes measures of other tables, too.
        is_kpi = pc.field("table_name") == "mart_kpi_value"
        kpis = self.read("dim_kpi", is_kpi).to_pylist()
        branches = self.read("dim_branch").to_pylist()
        periods = self.read("dim_period").to_pylist()
        self.kpis = sorted(kpis, key=_kpi_order)
        self.branches = {row["branch_code"]: row for row in branches}
        self.head_office = _find_head_office(self.branches)
        self.periods = [period_of(row) for row in periods]

    # -- periods and names

    def latest(self, kind: str) -> Period | None:
        """Return the period of a kind that ends last."""
        return latest_period(self.periods, kind)

    @cached_property
    def year_to_date(self) -> Period | None:
        """The latest year to date; None where nothing was published yet."""
        return self.latest("ytd")

    def period_words(self) -> Both:
        """Return the year to date in words; empty where there is none."""
        return format.period(*self.year_to_date) if self.year_to_date else Both("", "")

    def months(self) -> list[Period]:
        """Return the published months, oldest first."""
        return sorted(period for period in self.periods if period[0] == "month")

    def name(self, code: str) -> str:
        """Return a branch's name on one line; its code where it has no name."""
        if code == "(unknown)":
            return code
        row = self.branches.get(code)
        name = row["name"] if row else None
        return format.text(name or code, NAME_LIMIT)

    @staticmethod
    def title(kpi: dict) -> Both:
        """Return a KPI's title."""
        return Both(kpi["title_zh"], kpi["title_en"])

    def stages(self) -> list[tuple[Both, list[dict]]]:
        """Return the KPIs by the stage of a customer's journey, stages in their order."""
        kpis = [kpi | {"stage": stage_of(kpi["kpi_id"])} for kpi in self.kpis]
        by_stage = group_by_key(kpis, "stage")
        return [
            (known_word("stage", stage), by_stage[stage]) for stage in stages() if stage in by_stage
        ]

    # -- values

    @cached_property
    def values(self) -> pa.Table:
        """The rows of mart_kpi_value that pages and workbook show: the large table is read once for
        all of them.

        Everything about the head office; without segments the provinces, and all branches for the
        year to date.
        """
        is_head_office = pc.field("branch_code") == self.head_office
        has_no_segment = pc.field("segment_kind") == "all"
        is_shown = pc.field("branch_level").isin(["head_office", "province"])
        if self.year_to_date:
            is_shown = is_shown | within(self.year_to_date)

        return self.read("mart_kpi_value", is_head_office | (has_no_segment & is_shown))

    @cached_property
    def _head_rows(self) -> dict[str, list[dict]]:
        if not self.head_office:
            return {}
        rows = self.values.filter(pc.field("branch_code") == self.head_office)
        return group_by_key(rows.to_pylist(), "kpi_id")

    @cached_property
    def _head_values(self) -> dict[str, dict[Period, dict]]:
        values: dict[str, dict[Period, dict]] = {}
        for kpi, rows in self._head_rows.items():
            by_period = {}
            for row in rows:
                if row["segment_kind"] == "all":
                    by_period[period_of(row)] = row
            values[kpi] = by_period

        return values

    def head_values(self, kpi: str) -> dict[Period, dict]:
        """Return the head office's rows of a KPI without segments, by period."""
        return self._head_values.get(kpi, {})

    def headline(self, kpi: str) -> dict | None:
        """Return the head office's row for the year to date."""
        if not self.year_to_date:
            return None
        return self.head_values(kpi).get(self.year_to_date)

    def segments(self, kpi: str) -> list[dict]:
        """Return the head office's rows of a KPI for the year to date, by segment."""
        return [
            row
            for row in self._head_rows.get(kpi, [])
            if row["segment_kind"] != "all" and period_of(row) == self.year_to_date
        ]

    def segment_months(self, kpi: str, kind: str) -> dict[str, list[dict]]:
        """Return the head office's months of a KPI by segment of a kind, oldest first."""
        rows = [
            row
            for row in self._head_rows.get(kpi, [])
            if row["segment_kind"] == kind and row["period_kind"] == "month"
        ]
        return group_by_key(sorted(rows, key=lambda row: row["period_start"]), "segment")

    def read_year(self, name: str, where: pc.Expression | None = None) -> list[dict]:
        """Return a table's rows of the year to date; none where there is no such period."""
        if not self.year_to_date:
            return []

        of_year = within(self.year_to_date)
        if where is not None:
            of_year &= where

        return self.read(name, of_year).to_pylist()

    @cached_property
    def leagues(self) -> dict[tuple[str, str], list[dict]]:
        """Every league of the year to date by KPI and level, its rows as `league` returns them."""
        if not self.year_to_date:
            return {}

        of_year = within(self.year_to_date)
        has_no_segment = pc.field("segment_kind") == "all"
        values = self.values.filter(of_year & has_no_segment).to_pylist()
        by_cell = {(row["kpi_id"], row["branch_code"]): row for row in values}

        leagues: dict[tuple[str, str], list[dict]] = {}
        for row in self.read_year("mart_league"):
            kpi, level = row["kpi_id"], row["branch_level"]
            value = by_cell.get((kpi, row["branch_code"]), {})
            row |= {name: value.get(name) for name in LEAGUE_VALUES}
            leagues.setdefault((kpi, level), []).append(row)

        for rows in leagues.values():
            rows.sort(key=_league_order)

        return leagues

    def league(self, kpi: str, level: str) -> list[dict]:
        """Return the league of a level for the year to date, best first, the unranked last by size:
        rows of mart_league with `LEAGUE_VALUES` of mart_kpi_value.
        """
        return self.leagues.get((kpi, level), [])

    @cached_property
    def statistics(self) -> Statistics:
        """Funnels, control charts and survival curves."""
        return Statistics(self, self.head_office, self.year_to_date, self.latest("rolling12"))

    @cached_property
    def revisions(self) -> Revisions | None:
        """What differs from the publication before; None where this one was compared with none."""
        return Revisions(self._diff, self.head_office) if self._diff else None

    # -- quality

    @cached_property
    def input_files(self) -> list[dict]:
        """Every file that was taken in, the newest extracts first."""
        return newest_first(self.read("quality_input_file").to_pylist())

    @cached_property
    def rule_results(self) -> list[dict]:
        """What each rule found in each extract, the newest extracts first."""
        return newest_first(self.read("quality_rule_result").to_pylist())

    @cached_property
    def failed_rules(self) -> list[dict]:
        """The rules that rows of the latest extract of each kind broke, the critical ones first."""

        def critical_first(row: dict) -> tuple:
            return row["severity"] != "critical", row["extract"], row["rule_id"]

        latest = latest_extracts(self.rule_results)
        failed = [row for row in latest if not row["success"]]
        return sorted(failed, key=critical_first)

    def missing(self) -> list[tuple[dict, dict]]:
        """Return the KPIs that the head office has no fresh value of for the year to date, each
        with its row.
        """
        headlines = [(kpi, self.headline(kpi["kpi_id"])) for kpi in self.kpis]
        return [
            (kpi, row) for kpi, row in headlines if row and row["state"] not in ("ok", "no_cases")
        ]

    @property
    def status(self) -> str:
        """`problems`: it was held, or something is missing or stale; `warnings`: rows broke rules
        or files look odd; else `ok`.
        """
        if self.facts.hold_reasons or self.facts.problems or self.missing():
            return "problems"

        has_warnings = any(row["warnings"] for row in latest_extracts(self.input_files))
        return "warnings" if has_warnings or self.failed_rules else "ok"

    @property
    def status_words(self) -> Both:
        """The status as pages show it."""
        return word(f"status.{self.status}")


def _find_head_office(branches: dict[str, dict]) -> str | None:
    """Return the code of the head office: the one above all others, should there be several."""
    codes = [code for code, row in branches.items() if row["branch_level"] == "head_office"]
    return min(
        codes,
        key=lambda code: (branches[code]["parent_code"] is not None, code),
        default=None,
    )


def _kpi_order(kpi: dict) -> tuple:
    """Return what KPIs are ordered by."""
    name, kind = kpi["kpi_id"], kpi["kind"]
    # What is not listed comes last, in the order of its name.
    kind_order = KINDS.index(kind) if kind in KINDS else len(KINDS)
    first_order = FIRST.index(name) if name in FIRST else len(FIRST)
    is_undirected = kpi["direction"] == "none"
    return is_undirected, kind_order, first_order, name


def _league_order(row: dict) -> tuple:
    """Return what a league is ordered by: the rank, and where there is none the size."""
    rank, code = row["rank"], row["branch_code"]
    size = row["denominator"] or row["numerator"] or 0
    return rank is None, rank or 0, -size, code
