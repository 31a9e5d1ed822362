"""The commands about KPIs: the catalogue, and why a figure is what it is."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.environment import open_store, require_store
from flows.cli.options import StorePath

app = typer.Typer()
kpi = typer.Typer(
    no_args_is_help=True, help="Look up which KPIs there are, and how each is defined."
)
KpiId = Annotated[
    str, typer.Argument(metavar="KPI", help="Id of a KPI, see `servicekpi kpi list`.")
]
Branch = Annotated[
    str | None,
    typer.Option(metavar="BRANCH", help="Code or name of a branch; else the head office."),
]
PERIODS = (
    "A year to date (`2012`, or `ytd-2012-09`: to the end of that month), quarter (`2012Q3`), "
    "month (`2012-10`), or twelve months (`rolling12`, or `rolling12-2012-10`: to the end of that "
    "month); else the year to date."
)
Segment = Annotated[
    str | None,
    typer.Option(metavar="KIND=VALUE", help="A segment, such as `line=商业车险`; else all."),
]
Limit = Annotated[
    int,
    typer.Option(
        metavar="N", help="How many rows to print: first those that weigh against the branch."
    ),
]


@kpi.command("list")
def kpi_list() -> None:
    """List every KPI: its id, which way is better, its unit, its titles."""
    from flows.cli.kpi_catalogue import print_list

    print_list()


@kpi.command("show")
def kpi_show(context: typer.Context, kpi_id: KpiId, store: StorePath = Path("store")) -> None:
    """Show how a KPI is defined.

    Numerator, denominator, source, interval, minimum volume, the columns that it needs, its SQL.
    The store's policy may set the minimum volume.
    """
    from data.config import policy
    from flows.cli.kpi_catalogue import print_definition

    # A definition can be read before there is a store, unless one was named.
    source = context.get_parameter_source("store")
    if source is not None and source.name != "DEFAULT":
        require_store(store)
    print_definition(kpi_id, policy.resolve_policy({}, store / "policy.toml"))


@app.command(rich_help_panel=options.READ)
def explain(
    kpi_id: KpiId,
    branch: Branch = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help=PERIODS)] = None,
    segment: Segment = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all counted rows to this file.")
    ] = None,
    limit: Limit = 20,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL of every model that the KPI rests on.")
    ] = False,
    publication: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A publication; else the one that readers see."),
    ] = None,
    store: StorePath = Path("store"),
) -> None:
    """Explain a published figure: definition, sums, SQL, and the rows that were counted.

    The rows are counted again, and must add up to the published figure. Only their keys are
    printed.
    """
    open_store(store)
    from flows.cli.figure_answer import print_answer, write_rows_csv
    from flows.publications.explain import answer_question
    from flows.publications.published_figure import FigureQuestion

    question = FigureQuestion(kpi_id, branch, period, segment)
    answer = answer_question(store, question, publication)
    print_answer(answer, limit, sql)
    if csv:
        typer.echo(f"{write_rows_csv(answer, csv):,} rows written to {csv}")
