"""The sample company, and public data sets."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.environment import prepare_run
from flows.cli.options import SET_UP, StorePath
from flows.cli.outcome import print_outcome_and_exit, print_where_to_look

app = typer.Typer()


@app.command(rich_help_panel=SET_UP)
def demo(store: StorePath = Path("demo")) -> None:
    """The sample company: write its extracts, run the nightly flow, say where the results are."""
    prepare_run(store)
    from flows.samples.demo import run_demo

    outcome = run_demo(store)
    if outcome.folder:
        print_where_to_look(Path(outcome.folder))
    print_outcome_and_exit(outcome, as_json=False)


@app.command(rich_help_panel=SET_UP)
def real(
    datasets: Annotated[Path, typer.Option(help="Folder with the public data sets.")],
    store: StorePath = Path("real"),
) -> None:
    """Run the same flow on real, public data, and print one table of what came of it."""
    prepare_run(store)
    from flows.samples.public_datasets import run_real

    raise typer.Exit(run_real(datasets, store))
