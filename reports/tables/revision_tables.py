"""The tables of the diff with the publication before, in small selections: whole figures only, no
segments. They are large and stay columns.
"""

from functools import cached_property
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FIGURE = ["kpi_id", "period_kind", "period_start", "period_end", "branch_code"]
WHOLE = pc.field("segment_kind") == "all"


class Revisions:
    """What `mart_change`, `mart_revision` and `mart_notice` in a folder tell of the figures without
    segments.
    """

    def __init__(self, folder: Path, head_office: str | None):
        self._folder = folder
        self._head_office = head_office

    def _read(self, name: str, where: pc.Expression, columns: list[str] | None = None) -> pa.Table:
        return pq.read_table(self._folder / f"{name}.parquet", filters=where, columns=columns)

    @cached_property
    def _steps(self) -> pa.Table:
        return self._read("mart_change", WHOLE, [*FIGURE, "branch_level", "cause"])

    @cached_property
    def notices(self) -> pa.Table:
        return self._read("mart_notice", WHOLE)

    def counted(self) -> tuple[int, int, list[tuple[str, int]]]:
        """How many figures changed, of how many KPIs, and how many by level of branch."""
        figures = self._steps.group_by([*FIGURE, "branch_level"]).aggregate([])
        levels = figures.group_by("branch_level").aggregate([("kpi_id", "count")]).to_pylist()
        counts = sorted(
            ((row["branch_level"], row["kpi_id_count"]) for row in levels),
            key=lambda entry: (entry[1], entry[0]),
        )
        return figures.num_rows, pc.count_distinct(figures["kpi_id"]).as_py(), counts

    def causes(self) -> list[tuple[str, int, int]]:
        """Each cause with the figures and the KPIs that it changed, the most frequent first."""
        found = (
            self._steps.group_by("cause")
            .aggregate([("branch_code", "count"), ("kpi_id", "count_distinct")])
            .to_pylist()
        )
        rows = [
            (row["cause"], row["branch_code_count"], row["kpi_id_count_distinct"]) for row in found
        ]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def company(self) -> list[dict]:
        """The head office's figures that changed, by period, the newest first: `numerator,
        denominator, value` `_before` and `_after` all steps, the `causes` in their order,
        `first_value`, and in how many publications the figure changed.
        """
        mine = WHOLE & (pc.field("branch_code") == self._head_office)
        rows: dict[tuple, dict] = {}
        for step in sorted(
            self._read("mart_change", mine).to_pylist(), key=lambda row: row["step"]
        ):
            key = tuple(step[name] for name in FIGURE)
            row = rows.setdefault(
                key, step | {"causes": [], "first_value": None, "revisions": None}
            )
            row["causes"].append(step["cause"])
            row |= {
                f"{name}_after": step[f"{name}_after"]
                for name in ("numerator", "denominator", "value")
            }
        for told in self._read(
            "mart_revision", mine, [*FIGURE, "first_value", "revisions"]
        ).to_pylist():
            if row := rows.get(tuple(told[name] for name in FIGURE)):
                row |= {
                    "first_value": told["first_value"],
                    "revisions": max(row["revisions"] or 0, told["revisions"]),
                }
        kinds = ("ytd", "rolling12", "quarter", "month")
        return sorted(
            rows.values(),
            key=lambda row: (
                -row["period_end"].toordinal(),
                kinds.index(row["period_kind"]),
                row["kpi_id"],
            ),
        )

    def usual(self, kpis: dict[str, dict]) -> list[dict]:
        """By KPI the head office's months that were revised since they were first published: their
        number, the median and the largest change, in points of shares, else in per cent.
        """
        mine = (
            WHOLE
            & (pc.field("branch_code") == self._head_office)
            & (pc.field("period_kind") == "month")
        )
        moved: dict[str, dict] = {}
        for row in self._read(
            "mart_revision", mine, ["kpi_id", "period_start", "first_value", "value"]
        ).to_pylist():
            first, now = row["first_value"], row["value"]
            if (
                row["kpi_id"] not in kpis
                or first is None
                or now is None
                or not (first or kpis[row["kpi_id"]]["unit"] == "%")
            ):
                continue
            points = now - first if kpis[row["kpi_id"]]["unit"] == "%" else (now / first - 1) * 100
            moved.setdefault(row["kpi_id"], {})[row["period_start"]] = points
        return [
            {
                "kpi_id": kpi,
                "months": len(by_month),
                "median": median(by_month.values()),
                "largest": max(by_month.values(), key=abs),
            }
            for kpi, by_month in sorted(moved.items())
        ]

    def noted(self, most: int) -> list[dict]:
        """The rows of mart_notice: the head office's first, then the largest changes; so many at
        most.
        """
        rows = self.notices.to_pylist()
        rows.sort(
            key=lambda row: (
                row["branch_code"] != self._head_office,
                -abs(row["change"] or 0),
                *(str(row[name]) for name in FIGURE),
            )
        )
        return rows[:most]
