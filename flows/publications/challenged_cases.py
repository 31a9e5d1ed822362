"""The cases that challenges are about, as they were previewed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import pyarrow.compute as pc

from data.safe_names import fold_name, name_files
from data.store.store import Store
from flows.publications.challenge_form import Challenge
from flows.publications.preview_folder import Preview
from transforms.kpis import catalogue
from transforms.kpis.periods import DAY, start_of_month

NAMED_BRANCH = re.compile(r"challenges[_-](.+?)(?: ?[(（]\d+[)）])?\.\w+", re.IGNORECASE)


@dataclass(frozen=True)
class PreviewedCase:
    """A case of a preview: what it added to a KPI of the branch that it counts for, and that
    branch's figure as previewed and without it (None where there is none, or of a percentile).
    """

    branch_code: str
    value: float | None = None
    value_without: float | None = None


class PreviewedDay:
    """What a preview says of the cases that are challenged."""

    def __init__(self, store: Store, as_of: date):
        self.preview = Preview.of_day(store, as_of)

    @cached_property
    def parents(self) -> dict[str, str | None]:
        """The branch above each branch, by code."""
        rows = self.preview.read("dim_branch").to_pylist()
        return {row["branch_code"]: row["parent_code"] for row in rows}

    def is_below(self, branch_code: str, above: str) -> bool:
        """Return whether what a branch does counts for another one: itself, or one above it."""
        return above in self._lineage(branch_code)

    def _lineage(self, branch_code: str) -> Iterator[str]:
        seen: set[str] = set()
        code: str | None = branch_code
        while code is not None and code not in seen:
            seen.add(code)
            yield code
            code = self.parents.get(code)

    def branch_of_form(self, file_name: str) -> str | None:
        """Return the branch whose form it is by the file's name, as previews name forms."""
        match = NAMED_BRANCH.fullmatch(file_name)
        by_name = {fold_name(name): code for code, name in name_files(self.parents).items()}
        return by_name.get(fold_name(match[1])) if match else None

    def find_cases(self, challenges: Iterable[Challenge]) -> dict[Challenge, PreviewedCase]:
        """Return the case of each challenge that is about one."""
        wanted = {(one.kpi_id, one.extract, one.key): [] for one in challenges}
        for one in challenges:
            wanted[one.kpi_id, one.extract, one.key].append(one)
        is_wanted = pc.field("key").isin([key for _, _, key in wanted])
        cases = {}
        for row in self.preview.read("case", is_wanted).to_pylist():
            about_case = wanted.get((row["kpi_id"], row["extract"], row["key"]), [])
            if about_case:
                cases |= dict.fromkeys(about_case, self._weigh(row))
        return cases

    def _weigh(self, case: dict) -> PreviewedCase:
        branch_code = case["branch_code"]
        if branch_code not in self.parents:
            branch_code = "(unknown)"
        figure = self._figures.get((case["kpi_id"], branch_code))
        kpi = catalogue.find_kpi(case["kpi_id"])
        if figure is None or kpi.header["kind"] == "quantile":
            return PreviewedCase(branch_code)
        up, down = kpi.header["scale"]
        numerator, denominator = figure["numerator"] - case["numerator"], Decimal(1)
        if figure["denominator"] is not None:
            denominator = figure["denominator"] - case["denominator"]
        without = float(up * numerator / (down * denominator)) if denominator else None
        return PreviewedCase(branch_code, figure["value"], without)

    @cached_property
    def _figures(self) -> dict[tuple[str, str], dict]:
        """The figures of the month with a numerator, by KPI and branch."""
        as_of = self.preview.as_of
        period = "month", start_of_month(as_of), as_of + DAY
        rows = self.preview.read_period("mart_kpi_value", period)
        is_figure = (pc.field("segment_kind") == "all") & pc.field("numerator").is_valid()
        return {
            (row["kpi_id"], row["branch_code"]): row for row in rows.filter(is_figure).to_pylist()
        }
