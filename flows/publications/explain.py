"""Why a published figure is what it is: its definition, the SQL that ran, and the very rows that
were counted.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.config.contract import load_contracts
from data.config.policy import policy_from_manifest
from data.problem import Problem
from data.store import manifest
from data.store.store import Store
from data.store.table_files import read_part, read_table
from flows.publications import build as building
from flows.publications import lookup
from flows.publications.build import open_extract
from transforms import build, explain
from transforms.engine.duckdb_engine import DuckDB
from transforms.engine.models import Model
from transforms.kpis import catalogue, periods


@dataclass(frozen=True)
class FigureQuestion:
    """One cell of mart_kpi_value in a publication: `branch` is a code or a name (None: the head
    office), `period` as `periods.named` has it (None: the year to date), `segment` KIND=VALUE or
    None.
    """

    kpi: str
    branch: str | None = None
    period: str | None = None
    segment: str | None = None


@dataclass(frozen=True)
class FigureAnswer:
    """The published row, and how it came to be; `explanation` is None where the KPI is not
    available.
    """

    kpi: Model
    branch: dict
    row: dict
    explanation: explain.Explanation | None


def answer_question(
    root: Path, question: FigureQuestion, publication_id: str | None = None
) -> FigureAnswer:
    """Look the figure up, and count it again row by row from the extracts that the publication was
    made of.

    Raises Problem where there is no such figure, or the store no longer holds what it was made of.
    """
    store = Store(root)
    publication_id = publication_id or store.current()
    if not publication_id:
        raise Problem(
            f"the store {root} has no publication yet",
            "run servicekpi run first, or give another --store",
        )
    folder = lookup.get_publication(store, publication_id)
    original = manifest.read_manifest(folder)
    recipe = original.recipe
    basis = building.open_snapshot(store, original)
    kpi, branch, period, segment = _named(question, folder, basis.as_of)
    row = _published(folder, kpi, branch, period, segment)
    if row["state"] == "not_available":
        return FigureAnswer(kpi, branch, row, None)
    with TemporaryDirectory() as work:
        engine = DuckDB(Path(work), recipe.timezone)
        engine.confine(store.root)
        try:
            for extract in load_contracts():
                open_extract(engine, extract, extract, basis)
            policy = policy_from_manifest(recipe.policy)
            inputs = build.BuildInputs(basis.as_of, basis.supplies(), policy)
            found = explain.Tracer(engine, inputs).explain(
                kpi, branch["branch_code"], period, segment
            )
        finally:
            engine.close()
    if found.totals() != (row["numerator"], row["denominator"]):
        raise Problem(
            f"counted again, {kpi.name} is {_ratio(*found.totals())}, not {_ratio(row['numerator'], row['denominator'])} as published",
            f"the program has changed since {publication_id} was built: run it again for {basis.as_of}, then ask again",
        )
    return FigureAnswer(kpi, branch, row, found)


def _named(
    question: FigureQuestion, folder: Path, as_of: date
) -> tuple[Model, dict, periods.Period, tuple[str, str]]:
    """What a question names, as the tables name it."""
    kpi = catalogue.find_kpi(question.kpi)
    if kpi.room == "survival":
        raise Problem(
            f"{kpi.name} is read off a survival curve: no row adds to it alone",
            "explain claim_settled_within_10_days_pct, or see mart_survival",
        )
    branches = read_table(folder / "tables", "dim_branch").to_pylist()
    heads = [
        row
        for row in branches
        if row["branch_level"] == "head_office" and row["parent_code"] is None
    ]
    found = [row for row in branches if row["branch_code"] == question.branch] or [
        row for row in branches if row["name"] == question.branch
    ]
    found = found if question.branch else heads
    if len(found) != 1:
        codes = ", ".join(f"{row['branch_code']} {row['name']}" for row in (found or branches)[:5])
        raise Problem(
            f"{len(found) or 'no'} branches are {question.branch!r}",
            f"give the code of one, such as {codes}",
        )
    names = periods.named_periods(as_of)
    if question.period and question.period not in names:
        raise Problem(
            f"{question.period!r} is no published period", f"use one of {', '.join(names)}"
        )
    kind, _, value = (question.segment or "all=all").partition("=")
    if kind not in ("all", *kpi.header["segments"]) or not value:
        kinds = ", ".join(f"{name}=..." for name in kpi.header["segments"])
        raise Problem(
            f"{kpi.name} has no segment {question.segment!r}",
            f"use {kinds}" if kinds else "ask without --segment: it has none",
        )
    return kpi, found[0], names[question.period or str(as_of.year)], (kind, value)


def _published(
    folder: Path, kpi: Model, branch: dict, period: periods.Period, segment: tuple[str, str]
) -> dict:
    part = read_part(folder / "tables", "mart_kpi_value", (period.kind, period.start, period.end))
    rows = part.filter(
        (pc.field("kpi_id") == kpi.name)
        & (pc.field("branch_code") == branch["branch_code"])
        & (pc.field("segment_kind") == segment[0])
    ).to_pylist()
    found = [row for row in rows if row["segment"] == segment[1]]
    if not found:
        held = ", ".join(sorted(row["segment"] for row in rows)) or "none"
        raise Problem(
            f"{kpi.name} has no {segment[0]} {segment[1]!r} at {branch['branch_code']} in this period",
            f"use one of: {held}",
        )
    return found[0]


def print_answer(found: FigureAnswer, limit: int, with_models: bool) -> None:
    """Definition, figure, SQL and the rows that were counted: those that weigh against the branch
    first.
    """
    console, header, row = Console(highlight=False, soft_wrap=True), found.kpi.header, found.row
    last = row["period_end"] - periods.DAY
    console.print(
        f"[bold]{found.kpi.name}[/bold]  {escape(header['title']['zh'])} · {escape(header['title']['en'])} ({header['unit']})"
    )
    segment = "" if row["segment_kind"] == "all" else f", {row['segment_kind']} {row['segment']}"
    console.print(
        escape(
            f"{found.branch['branch_code']} {found.branch['name']}, {row['period_kind']} {row['period_start']} to {last}{segment}"
        )
    )
    facts = Table(show_header=False, box=None, pad_edge=False)
    for part in ("numerator", "denominator"):
        facts.add_row(part, _number(row[part]), escape(header[part]["en"]))
    facts.add_row("excluded", "", escape(header["excluded"]["en"]))
    facts.add_row("value", "n/a" if row["value"] is None else repr(row["value"]), _formula(found))
    facts.add_row("state", row["state"], escape(row["reason"] or ""))
    facts.add_row("source", "", escape(header["source"]))
    console.print(facts)
    if found.explanation:
        for model in [*found.explanation.models, found.kpi] if with_models else [found.kpi]:
            console.print(escape(f"\n-- {model.room}/{model.name}.sql\n{model.sql}"))
        if not with_models:
            console.print(
                f"-- reads, in this order: {', '.join(model.name for model in found.explanation.models)} (--sql shows them)"
            )
        _print_rows(console, found, limit)


def _formula(found: FigureAnswer) -> str:
    """How the value follows from the two sums."""
    header, held = found.kpi.header, found.explanation
    up, down = header["scale"]
    scale = f"{up:,}" if down == 1 else f"1/{down:,}" if up == 1 else f"{up:,}/{down:,}"
    if header["kind"] == "index":
        cases, premium = held.network if held else (None, None)
        told = (
            f"; denominator = the branch's own, {_number(explain.sum_rows(held.rows)[1])}, x {_ratio(cases, premium)} of the network"
            if held
            else ""
        )
        return f"numerator / denominator{told}"
    if header["kind"] == "quantile":
        return f"the {100 * header['percentile'][0] // header['percentile'][1]}th percentile of the rows' numerators x {scale}"
    return (
        f"numerator x {scale}"
        if header["kind"] == "count"
        else f"{scale} x numerator / denominator"
    )


def _print_rows(console: Console, found: FigureAnswer, limit: int) -> None:
    rows = found.explanation.rows
    against = "descending" if found.kpi.header["direction"] == "down" else "ascending"
    shown = rows.sort_by(
        [("numerator", against), ("extract", "ascending"), ("key", "ascending")]
    ).slice(0, limit)
    missed = pc.sum(pc.equal(rows["numerator"], 0)).as_py() or 0
    console.print(
        f"\n{len(rows):,} rows counted, of which {missed:,} in the denominator only. They add up to the published figure."
    )
    table = Table(box=None, pad_edge=False)
    for name in rows.column_names:
        table.add_column(name, justify="right" if pa.types.is_decimal(rows[name].type) else "left")
    for row in shown.to_pylist():
        table.add_row(
            *(_number(cell) if not isinstance(cell, str) else escape(cell) for cell in row.values())
        )
    console.print(table)
    if len(rows) > limit:
        console.print(
            f"... and {len(rows) - limit:,} more: --limit N, or all of them with --csv FILE"
        )


def write_rows_csv(found: FigureAnswer, path: Path) -> int:
    """All rows that were counted, in order of extract and key. Returns how many."""
    from reports.csv.kpi_csv import column_texts

    rows = found.explanation.rows if found.explanation else pa.table({})
    lines = (
        pc.binary_join_element_wise(
            *(column_texts(rows[name]) for name in rows.column_names), ","
        ).to_pylist()
        if len(rows)
        else []
    )
    path.write_text(
        "".join(line + "\r\n" for line in [",".join(rows.column_names), *lines]),
        encoding="utf-8",
        newline="",
    )
    return len(lines)


def _number(value: Decimal | None) -> str:
    return "none" if value is None else f"{value.normalize():,f}"


def _ratio(numerator: Decimal | None, denominator: Decimal | None) -> str:
    return f"{_number(numerator)} / {_number(denominator)}"
