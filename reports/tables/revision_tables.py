"""The tables of the diff with the publication before, in small selections: whole figures only, no
segments. They are large and stay columns.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from data.store.table_files import read_parquet

FIGURE = ["kpi_id", "period_kind", "period_start", "period_end", "branch_code"]
PARTS = ("numerator", "denominator", "value")
PERIOD_KINDS = ("ytd", "rolling12", "quarter", "month")
WHOLE = pc.field("segment_kind") == "all"


@dataclass(frozen=True)
class UsualRevision:
    """How far the company's months of a KPI moved since they were first published: how many months
    were revised, the median and the largest change, in points of shares, else in per cent.
    """

    months: int
    median: float
    largest: float


class Revisions:
    """What `mart_change`, `mart_revision` and `mart_notice` in a folder say of the figures without
    segments.
    """

    def __init__(self, folder: Path, head_office: str | None):
        self._folder = folder
        self._is_head_office = pc.field("branch_code") == head_office
        self._head_office = head_office

    def _read(self, name: str, where: pc.Expression, columns: list[str] | None = None) -> pa.Table:
        path = self._folder / f"{name}.parquet"
        return read_parquet([path], where, columns)

    @cached_property
    def _steps(self) -> pa.Table:
        return self._read("mart_change", WHOLE, [*FIGURE, "branch_level", "cause"])

    @cached_property
    def notices(self) -> pa.Table:
        """The figures without segments that changed by more than the notice threshold."""
        return self._read("mart_notice", WHOLE)

    def count_figures(self) -> tuple[int, int, list[tuple[str, int]]]:
        """Return how many figures changed, of how many KPIs, and how many by level of branch."""
        # A figure has a step per cause: grouped by its key it counts once.
        figures = self._steps.group_by([*FIGURE, "branch_level"]).aggregate([])
        kpis = len(figures["kpi_id"].unique())
        by_level = figures.group_by("branch_level").aggregate([("kpi_id", "count")])
        counts = sorted((row["kpi_id_count"], row["branch_level"]) for row in by_level.to_pylist())
        return figures.num_rows, kpis, [(level, count) for count, level in counts]

    def count_causes(self) -> list[tuple[str, int, int]]:
        """Return each cause with the figures and the KPIs that it changed, the most frequent
        first.
        """
        by_cause = self._steps.group_by("cause")
        counts = by_cause.aggregate([("branch_code", "count"), ("kpi_id", "count_distinct")])
        rows = [
            (row["cause"], row["branch_code_count"], row["kpi_id_count_distinct"])
            for row in counts.to_pylist()
        ]

        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def company(self) -> list[dict]:
        """Return the head office's figures that changed, by period, the newest first: `numerator,
        denominator, value` `_before` and `_after` all steps, the `causes` in their order,
        `first_value`, and in how many publications the figure changed (`revisions`).
        """
        where = WHOLE & self._is_head_office
        rows = _join_steps(self._read("mart_change", where).to_pylist())

        columns = [*FIGURE, "first_value", "revisions"]
        for revision in self._read("mart_revision", where, columns).to_pylist():
            row = rows.get(_figure_of(revision))
            if row is not None:
                row["first_value"] = revision["first_value"]
                row["revisions"] = max(row["revisions"] or 0, revision["revisions"])

        return sorted(rows.values(), key=_newest_period_first)

    def usual_revisions(self, kpis: dict[str, dict]) -> dict[str, UsualRevision]:
        """Return, by KPI, how far the head office's months were revised since they were first
        published.
        """
        is_month = pc.field("period_kind") == "month"
        where = WHOLE & self._is_head_office & is_month
        columns = ["kpi_id", "period_start", "first_value", "value"]

        changes: dict[str, dict] = {}
        for row in self._read("mart_revision", where, columns).to_pylist():
            # A KPI of earlier publications may be gone.
            kpi = kpis.get(row["kpi_id"])
            if kpi is None:
                continue
            change = change_between(row["first_value"], row["value"], kpi["unit"])
            if change is not None:
                changes.setdefault(row["kpi_id"], {})[row["period_start"]] = change

        usual = {}
        for kpi_id, by_month in sorted(changes.items()):
            sizes = list(by_month.values())
            usual[kpi_id] = UsualRevision(len(sizes), median(sizes), max(sizes, key=abs))

        return usual

    def largest_notices(self, limit: int) -> list[dict]:
        """Return rows of mart_notice, at most `limit`: the head office's first, then the largest
        changes.
        """
        rows = self.notices.to_pylist()
        rows.sort(key=self._notice_order)
        return rows[:limit]

    def _notice_order(self, row: dict) -> tuple:
        is_branch = row["branch_code"] != self._head_office
        size = abs(row["change"] or 0)
        figure = [str(row[name]) for name in FIGURE]
        return is_branch, -size, figure


def change_between(before: float | None, after: float | None, unit: str) -> float | None:
    """Return the change from one value to another: points between two shares, else per cent; None
    where there is none.
    """
    if before is None or after is None:
        return None
    if unit == "%":
        return after - before

    return (after / before - 1) * 100 if before else None


def _figure_of(row: dict) -> tuple:
    return tuple(row[name] for name in FIGURE)


def _join_steps(steps: list[dict]) -> dict[tuple, dict]:
    """Return one row per figure of the steps that changed it: what was before the first step and
    after the last.
    """
    rows: dict[tuple, dict] = {}
    for step in sorted(steps, key=lambda row: row["step"]):
        new_row = step | {"causes": [], "first_value": None, "revisions": None}
        row = rows.setdefault(_figure_of(step), new_row)
        row["causes"].append(step["cause"])
        row |= {f"{part}_after": step[f"{part}_after"] for part in PARTS}

    return rows


def _newest_period_first(row: dict) -> tuple:
    kind = PERIOD_KINDS.index(row["period_kind"])
    return -row["period_end"].toordinal(), kind, row["kpi_id"]
