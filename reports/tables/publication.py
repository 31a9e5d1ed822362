"""The published tables of one publication, as small selections: the only reader of files in this
room.
"""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.config.published_tables import load_published_tables as dictionary
from reports.facts import ReportFacts
from reports.tables.grouping import group_by_key
from reports.tables.revision_tables import Revisions
from reports.tables.statistics_tables import Statistics
from reports.text import format
from reports.text.journey import stage_of, stages
from reports.text.words import Both, known_word, word

NAME_LIMIT = 500
# The order of KPIs wherever they stand in a row: what is judged before what is not, these before
# others of their kind.
FIRST = ("claim_closure_pct", "satisfaction_pct")
KINDS = ("share", "mean", "quantile", "rate", "index", "ratio", "count")


class Publication:
    """Published tables, the facts of their run, and the folder of its diff, if it was compared with
    another. Rows are dictionaries with the columns of the dictionary.

    Raises FileNotFoundError where a published table is missing.
    """

    def __init__(self, tables: Path, facts: ReportFacts, diff: Path | None = None):
        self.tables = tables
        self._diff = diff
        self.facts = facts
        self.kpis = sorted(
            self.read("dim_kpi", pc.field("table_name") == "mart_kpi_value").to_pylist(), key=_place
        )
        self.branches = {row["branch_code"]: row for row in self.read("dim_branch").to_pylist()}
        heads = [
            code for code, row in self.branches.items() if row["branch_level"] == "head_office"
        ]
        self.head_office = min(
            heads,
            key=lambda code: (self.branches[code]["parent_code"] is not None, code),
            default=None,
        )
        self.periods = [
            (row["period_kind"], row["period_start"], row["period_end"])
            for row in self.read("dim_period").to_pylist()
        ]

    def read(
        self, name: str, where: pc.Expression | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """A published table in its published order, or the rows of it that an expression selects,
        or some columns of it.
        """
        columns = columns or dictionary()[name].schema.names
        return pq.read_table(
            self.tables / f"{name}.parquet", filters=where, columns=columns
        ).select(columns)

    # -- periods and names
    # --------------------------------------------------------------------------------------

    def latest(self, kind: str) -> tuple[str, date, date] | None:
        """The period of a kind that ends last."""
        return max(
            (period for period in self.periods if period[0] == kind),
            key=lambda period: period[1:],
            default=None,
        )

    @cached_property
    def year_to_date(self) -> tuple[str, date, date] | None:
        return self.latest("ytd")

    def months(self) -> list[tuple[str, date, date]]:
        """The published months, oldest first."""
        return sorted(period for period in self.periods if period[0] == "month")

    def name(self, code: str) -> str:
        """A branch's name on one line; its code where nobody named it."""
        if code == "(unknown)":
            return code
        row = self.branches.get(code)
        return (
            format.text(row["name"], NAME_LIMIT)
            if row and row["name"]
            else format.text(code, NAME_LIMIT)
        )

    @staticmethod
    def title(kpi: dict) -> Both:
        return Both(kpi["title_zh"], kpi["title_en"])

    def stages(self) -> list[tuple[Both, list[dict]]]:
        """The KPIs by the stage of a customer's journey, stages in their order."""
        found = group_by_key(
            [kpi | {"stage": stage_of(kpi["kpi_id"])} for kpi in self.kpis], "stage"
        )
        return [(known_word("stage", name), found[name]) for name in stages() if name in found]

    # -- values
    # -------------------------------------------------------------------------------------------------

    @cached_property
    def values(self) -> pa.Table:
        """The rows of mart_kpi_value that pages and workbook show: the large table is read once for
        all of them.

        Everything about the head office; without segments the provinces, and all branches for the
        year to date.
        """
        shown = pc.field("branch_level").isin(["head_office", "province"])
        if self.year_to_date:
            shown = shown | self.now()
        return self.read(
            "mart_kpi_value",
            (pc.field("branch_code") == self.head_office)
            | ((pc.field("segment_kind") == "all") & shown),
        )

    @cached_property
    def _head_rows(self) -> dict[str, list[dict]]:
        rows = (
            self.values.filter(pc.field("branch_code") == self.head_office).to_pylist()
            if self.head_office
            else []
        )
        return group_by_key(rows, "kpi_id")

    @cached_property
    def _head_values(self) -> dict[str, dict[tuple, dict]]:
        return {
            kpi: {
                (row["period_kind"], row["period_start"], row["period_end"]): row
                for row in rows
                if row["segment_kind"] == "all"
            }
            for kpi, rows in self._head_rows.items()
        }

    def head_values(self, kpi: str) -> dict[tuple, dict]:
        """The head office's rows of a KPI without segments, by period."""
        return self._head_values.get(kpi, {})

    def headline(self, kpi: str) -> dict | None:
        """The head office's row for the year to date."""
        return self.head_values(kpi).get(self.year_to_date)

    def segments(self, kpi: str) -> list[dict]:
        """The head office's rows of a KPI for the year to date, by segment."""
        rows = self._head_rows.get(kpi, [])
        now = self.year_to_date
        return [
            row
            for row in rows
            if row["segment_kind"] != "all"
            and (row["period_kind"], row["period_start"], row["period_end"]) == now
        ]

    def segment_months(self, kpi: str, kind: str) -> dict[str, list[dict]]:
        """The head office's months of a KPI by segment of a kind, oldest first."""
        rows = [
            row
            for row in self._head_rows.get(kpi, [])
            if (row["segment_kind"], row["period_kind"]) == (kind, "month")
        ]
        return group_by_key(sorted(rows, key=lambda row: row["period_start"]), "segment")

    def now(self) -> pc.Expression:
        """The rows of the year to date."""
        return self.within(self.year_to_date)

    @staticmethod
    def within(period: tuple[str, date, date]) -> pc.Expression:
        """The rows of a period."""
        kind, start, end = period
        return (
            (pc.field("period_kind") == kind)
            & (pc.field("period_start") == start)
            & (pc.field("period_end") == end)
        )

    @cached_property
    def leagues(self) -> dict[tuple[str, str], list[dict]]:
        """Every league of the year to date by KPI and level, as `league` tells one."""
        if not self.year_to_date:
            return {}
        values = self.values.filter(self.now() & (pc.field("segment_kind") == "all")).to_pylist()
        more = {(row["kpi_id"], row["branch_code"]): row for row in values}
        leagues: dict[tuple[str, str], list[dict]] = {}
        for row in self.read("mart_league", self.now()).to_pylist():
            joined = more.get((row["kpi_id"], row["branch_code"]), {})
            row |= {
                name: joined.get(name)
                for name in (
                    "interval_low",
                    "interval_high",
                    "change_prior_year",
                    "benchmark_value",
                    "target_value",
                    "state",
                    "reason",
                )
            }
            leagues.setdefault((row["kpi_id"], row["branch_level"]), []).append(row)
        for rows in leagues.values():
            rows.sort(
                key=lambda row: (
                    row["rank"] is None,
                    row["rank"] or 0,
                    -(row["denominator"] or row["numerator"] or 0),
                    row["branch_code"],
                )
            )
        return leagues

    def league(self, kpi: str, level: str) -> list[dict]:
        """The league of a level for the year to date, best first, the unranked last by size.

        Rows of mart_league with `interval_low, interval_high, change_prior_year, benchmark_value,
        target_value, state, reason` of mart_kpi_value.
        """
        return self.leagues.get((kpi, level), [])

    @cached_property
    def statistics(self) -> Statistics:
        """Funnels, control charts and survival curves."""
        return Statistics(self)

    @cached_property
    def revisions(self) -> Revisions | None:
        """What differs from the publication before; None where this one was compared with none."""
        return Revisions(self._diff, self.head_office) if self._diff else None

    # -- quality
    # ------------------------------------------------------------------------------------------------

    @cached_property
    def input_files(self) -> list[dict]:
        """Every file that was taken in, the newest extracts first."""
        return _newest_first(self.read("quality_input_file").to_pylist())

    @cached_property
    def rule_results(self) -> list[dict]:
        return _newest_first(self.read("quality_rule_result").to_pylist())

    @cached_property
    def failed_rules(self) -> list[dict]:
        """The rules that rows of the latest extract of each kind broke, the critical ones first."""
        rows = [row for row in latest_extracts(self.rule_results) if not row["success"]]
        return sorted(
            rows, key=lambda row: (row["severity"] != "critical", row["extract"], row["rule_id"])
        )

    def missing(self) -> list[tuple[dict, dict]]:
        """The KPIs that the head office has no fresh value of for the year to date, each with its
        row.
        """
        found = [(kpi, self.headline(kpi["kpi_id"])) for kpi in self.kpis]
        return [(kpi, row) for kpi, row in found if row and row["state"] not in ("ok", "no_cases")]

    @property
    def status(self) -> str:
        """`problems`: it was held, or something is missing or stale; `warnings`: rows broke rules
        or files look odd; else `ok`.
        """
        if self.facts.hold_reasons or self.facts.problems or self.missing():
            return "problems"
        odd = any(row["warnings"] for row in latest_extracts(self.input_files))
        return "warnings" if odd or self.failed_rules else "ok"

    @property
    def status_words(self) -> Both:
        return word(f"status.{self.status}")


def latest_extracts(rows: list[dict]) -> list[dict]:
    """The rows about the latest extract of each kind."""
    newest: dict[str, date] = {}
    for row in rows:
        newest[row["extract"]] = max(row["extract_date"], newest.get(row["extract"], date.min))
    return [row for row in rows if row["extract_date"] == newest[row["extract"]]]


def flat_policy(policy: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every setting of the policy with its value, a nested one by its path: `league.watch`."""
    for name, value in policy.items():
        if isinstance(value, dict):
            yield from flat_policy(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def level_words(level: str) -> Both:
    return known_word("level", level)


def _place(kpi: dict) -> tuple:
    """Where a KPI stands among the others."""
    name = kpi["kpi_id"]
    kind = KINDS.index(kpi["kind"]) if kpi["kind"] in KINDS else len(KINDS)
    return (
        kpi["direction"] == "none",
        kind,
        FIRST.index(name) if name in FIRST else len(FIRST),
        name,
    )


def _newest_first(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: row["extract_date"], reverse=True)
