"""The sample company, and public data sets."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.environment import create_store
from flows.cli.options import StorePath
from flows.cli.outcome import print_outcome_and_exit, print_where_to_look

app = typer.Typer()


@app.command(rich_help_panel=options.SET_UP)
def demo(store: StorePath = Path("demo")) -> None:
    """Run the sample company: write its extracts, run, and print where the results are."""
    create_store(store)
    from flows.samples.demo import run_demo

    outcome = run_demo(store)
    if outcome.folder:
        print_where_to_look(Path(outcome.folder))
    print_outcome_and_exit(outcome, as_json=False)


@app.command(rich_help_panel=options.SET_UP)
def real(
    datasets: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder with the public data sets.")
    ],
    store: StorePath = Path("real"),
) -> None:
    """Run on real, public data sets, and print a table of what came of it."""
    create_store(store)
    from flows.samples.public_datasets import run_real

    raise typer.Exit(run_real(datasets, store))
