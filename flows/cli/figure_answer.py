"""The answer to `servicekpi explain`, printed and as CSV."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.publications.explain import FigureAnswer, number_text, ratio_text
from transforms.explain import Explanation, sum_rows
from transforms.kpis import periods


def print_answer(answer: FigureAnswer, limit: int, with_models: bool) -> None:
    """Print definition, figure, SQL and up to `limit` of the rows that were counted.

    `with_models` prints the SQL of every model that the KPI rests on, not the KPI's alone.
    """
    console = Console(highlight=False, soft_wrap=True)
    _print_title(console, answer)
    console.print(_facts_table(answer))
    explanation = answer.explanation
    if explanation is None:
        return
    _print_sql(console, explanation, with_models)
    _print_rows(console, explanation, limit)


def write_rows_csv(answer: FigureAnswer, path: Path) -> int:
    """Write all rows that were counted, in order of extract and key. Returns how many."""
    # Imported here: it takes the reader of the report with it, which printing does without.
    from reports.csv.kpi_csv import column_texts

    rows = pa.table({})
    if answer.explanation:
        rows = answer.explanation.rows
    lines = [",".join(rows.column_names)]
    if rows.num_rows:
        columns = [column_texts(rows[name]).to_pylist() for name in rows.column_names]
        lines += [",".join(cells) for cells in zip(*columns, strict=True)]
    text = "".join(f"{line}\r\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="")
    return rows.num_rows


def _print_title(console: Console, answer: FigureAnswer) -> None:
    """Print the KPI on one line; branch, period and segment on the next."""
    figure = answer.figure
    header, row, branch = figure.kpi.header, figure.row, figure.branch
    title = escape(f"{header['title']['zh']} · {header['title']['en']} ({header['unit']})")
    console.print(f"[bold]{figure.kpi.name}[/bold]  {title}")
    last_day = row["period_end"] - periods.DAY
    period = f"{row['period_kind']} {row['period_start']} to {last_day}"
    line = f"{branch['branch_code']} {branch['name']}, {period}"
    if row["segment_kind"] != "all":
        line += f", {row['segment_kind']} {row['segment']}"
    console.print(escape(line))


def _facts_table(answer: FigureAnswer) -> Table:
    row, header = answer.figure.row, answer.figure.kpi.header
    value = "n/a" if row["value"] is None else repr(row["value"])
    facts = Table(show_header=False, box=None, pad_edge=False)
    for part in ("numerator", "denominator"):
        facts.add_row(part, number_text(row[part]), escape(header[part]["en"]))
    facts.add_row("excluded", "", escape(header["excluded"]["en"]))
    facts.add_row("value", value, _describe_formula(answer))
    facts.add_row("state", row["state"], escape(row["reason"] or ""))
    facts.add_row("source", "", escape(header["source"]))
    return facts


def _describe_formula(answer: FigureAnswer) -> str:
    """Return how the value follows from the two sums."""
    header = answer.figure.kpi.header
    kind = header["kind"]
    scale = _describe_scale(*header["scale"])
    if kind == "index":
        return f"numerator / denominator, unrounded{_describe_expected(answer.explanation)}"
    if kind == "quantile":
        part, whole = header["percentile"]
        return f"the {100 * part // whole}th percentile of the rows' numerators x {scale}"
    if kind == "count":
        return f"numerator x {scale}"
    return f"{scale} x numerator / denominator"


def _describe_scale(up: int, down: int) -> str:
    if down == 1:
        return f"{up:,}"
    if up == 1:
        return f"1/{down:,}"
    return f"{up:,}/{down:,}"


def _describe_expected(explanation: Explanation | None) -> str:
    """Return what the denominator of an index is: the cases at the rate of the network."""
    if explanation is None or explanation.network is None:
        return ""
    _, own_exposure = sum_rows(explanation.rows)
    rate = ratio_text(*explanation.network)
    own = number_text(own_exposure)
    return f"; denominator = the branch's own, {own}, x {rate} of the network"


def _print_sql(console: Console, explanation: Explanation, with_models: bool) -> None:
    models = [explanation.kpi]
    if with_models:
        models = [*explanation.models, explanation.kpi]
    for model in models:
        console.print(escape(f"\n-- {model.room}/{model.name}.sql\n{model.sql}"))
    if not with_models:
        names = ", ".join(model.name for model in explanation.models)
        console.print(f"-- reads, in this order: {names} (--sql shows them)")


def _print_rows(console: Console, explanation: Explanation, limit: int) -> None:
    """Print the rows, those that weigh against the branch first."""
    rows = explanation.rows
    is_better_down = explanation.kpi.header["direction"] == "down"
    order = "descending" if is_better_down else "ascending"
    sorted_rows = rows.sort_by(
        [("numerator", order), ("extract", "ascending"), ("key", "ascending")]
    )
    without_numerator = rows["numerator"].to_pylist().count(0)
    console.print(
        f"\n{len(rows):,} rows counted, of which {without_numerator:,} in the denominator only."
        " They add up to the published figure."
    )
    table = Table(box=None, pad_edge=False)
    for name in rows.column_names:
        is_number = pa.types.is_decimal(rows[name].type)
        table.add_column(name, justify="right" if is_number else "left")
    for row in sorted_rows.slice(0, limit).to_pylist():
        table.add_row(*map(_cell_text, row.values()))
    console.print(table)
    if len(rows) > limit:
        more = len(rows) - limit
        console.print(f"... and {more:,} more: --limit N, or all of them with --csv FILE")


def _cell_text(cell: str | Decimal | None) -> str:
    return escape(cell) if isinstance(cell, str) else number_text(cell)
