"""One published figure: what a person calls it, and its row in the publication."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.compute as pc

from data.problem import Problem
from data.store.table_files import read_part, read_table
from transforms.engine.models import Model
from transforms.kpis import catalogue, periods


@dataclass(frozen=True)
class FigureQuestion:
    """One cell of mart_kpi_value, as a person names it.

    `branch` is a code or a name (None: the head office), `period` one of `periods.named_periods`
    (None: the year to date), `segment` KIND=VALUE (None: all).
    """

    kpi: str
    branch: str | None = None
    period: str | None = None
    segment: str | None = None


@dataclass(frozen=True)
class PublishedFigure:
    """One cell of mart_kpi_value: the KPI, the row of dim_branch, the period, the segment (kind,
    value), and the published `row`.
    """

    kpi: Model
    branch: dict
    period: periods.Period
    segment: tuple[str, str]
    row: dict


def find_figure(question: FigureQuestion, folder: Path, as_of: date) -> PublishedFigure:
    """Return the figure of a publication's folder that a question is about.

    Raises Problem where the publication does not have it.
    """
    kpi = catalogue.find_kpi(question.kpi)
    if kpi.room == "survival":
        raise Problem(
            f"{kpi.name} is read off a survival curve: no row adds to it alone",
            "explain claim_settled_within_10_days_pct, or see mart_survival",
        )
    branch = _find_branch(question.branch, folder)
    period = _find_period(question.period, as_of)
    segment = _parse_segment(question.segment, kpi)
    row = _find_row(folder, kpi, branch, period, segment)
    return PublishedFigure(kpi, branch, period, segment, row)


def _find_branch(name: str | None, folder: Path) -> dict:
    """Return the row of dim_branch that has a code or, if none has, a name."""
    branches = read_table(folder / "tables", "dim_branch").to_pylist()
    if not name:
        matches = [row for row in branches if _is_head_office(row)]
    else:
        matches = [row for row in branches if row["branch_code"] == name]
        if not matches:
            matches = [row for row in branches if row["name"] == name]
    if len(matches) == 1:
        return matches[0]
    examples = [f"{row['branch_code']} {row['name']}" for row in (matches or branches)[:5]]
    raise Problem(
        f"{len(matches) or 'no'} branches have the code or name {name!r}",
        f"give the code of one, such as {', '.join(examples)}",
    )


def _is_head_office(branch: dict) -> bool:
    return branch["branch_level"] == "head_office" and branch["parent_code"] is None


def _find_period(name: str | None, as_of: date) -> periods.Period:
    period_names = periods.named_periods(as_of)
    if not name:
        return period_names[str(as_of.year)]
    if name not in period_names:
        raise Problem(
            f"{name!r} is not a published period", f"use one of {', '.join(period_names)}"
        )
    return period_names[name]


def _parse_segment(text: str | None, kpi: Model) -> tuple[str, str]:
    """Return kind and value of a segment of the KPI."""
    kinds = kpi.header["segments"]
    kind, _, value = (text or "all=all").partition("=")
    if kind in ("all", *kinds) and value:
        return kind, value
    remedy = "ask without --segment: it has none"
    if kinds:
        remedy = "use " + ", ".join(f"{name}=..." for name in kinds)
    raise Problem(f"{kpi.name} has no segment {text!r}", remedy)


def _find_row(
    folder: Path, kpi: Model, branch: dict, period: periods.Period, segment: tuple[str, str]
) -> dict:
    kind, value = segment
    part = read_part(folder / "tables", "mart_kpi_value", (period.kind, period.start, period.end))
    is_selected = (
        (pc.field("kpi_id") == kpi.name)
        & (pc.field("branch_code") == branch["branch_code"])
        & (pc.field("segment_kind") == kind)
    )
    rows = part.filter(is_selected).to_pylist()
    for row in rows:
        if row["segment"] == value:
            return row
    values = ", ".join(sorted(row["segment"] for row in rows)) or "none"
    raise Problem(
        f"{kpi.name} has no {kind} {value!r} at {branch['branch_code']} in this period",
        f"use one of: {values}",
    )
