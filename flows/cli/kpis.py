"""The commands about KPIs: the catalogue, and why a figure is what it is."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import READ, StorePath

app = typer.Typer()
kpi = typer.Typer(
    no_args_is_help=True, help="The catalogue: which KPIs there are, and how each is defined."
)
app.add_typer(kpi, name="kpi", rich_help_panel=READ)


@kpi.command("list")
def kpi_list() -> None:
    """Every KPI: its id, which way is better, its unit, its titles."""
    from flows.cli.kpi_catalogue import print_list

    print_list()


@kpi.command("show")
def kpi_show(
    kpi_id: Annotated[str, typer.Argument(metavar="KPI")], store: StorePath = Path("store")
) -> None:
    """The definition of a KPI: numerator, denominator, source, interval, minimum volume, the
    columns it needs, its SQL.
    """
    from data.config import policy
    from data.store.store import Store
    from flows.cli.kpi_catalogue import print_definition

    print_definition(kpi_id, policy.resolve_policy({}, Store(store).policy))


@app.command(rich_help_panel=READ)
def explain(
    kpi_id: Annotated[str, typer.Argument(metavar="KPI")],
    branch: Annotated[
        str | None, typer.Option(help="Code or name of a branch; default: the head office.")
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            help="2012 (the year to date), ytd-2012-09 (to the end of that month), 2012Q3, 2012-10, rolling12, or rolling12-2012-10 (to the end of that month); default: the year to date."
        ),
    ] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="KIND=VALUE", help="For example line=商业车险.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write all counted rows to this file.", metavar="FILE")
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many rows to print: those that weigh against the branch first.")
    ] = 20,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL of every model that the KPI rests on.")
    ] = False,
    publication: Annotated[
        str | None, typer.Option(help="Id of a publication; default: the one that readers see.")
    ] = None,
    store: StorePath = Path("store"),
) -> None:
    """Why a published figure is what it is: definition, sums, SQL, and the very rows that were
    counted (keys only).
    """
    from flows.cli.figure_answer import print_answer, write_rows_csv
    from flows.publications.explain import answer_question
    from flows.publications.published_figure import FigureQuestion

    question = FigureQuestion(kpi_id, branch, period, segment)
    answer = answer_question(store, question, publication)
    print_answer(answer, limit, sql)
    if csv:
        typer.echo(f"{write_rows_csv(answer, csv):,} rows written to {csv}")
