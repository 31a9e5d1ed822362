"""Options that several commands have, and the groups of the help."""

from pathlib import Path
from typing import Annotated, Literal

import typer

# The groups of `servicekpi --help`.
EVERY_NIGHT = "Every night"
READ = "Read and explain"
PUBLISH = "Publish to others"
SET_UP = "Set up and keep"

DAY = typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")
ProfileName = Annotated[str, typer.Option(help="Source profile: data/profiles/NAME.toml.")]
StorePath = Annotated[Path, typer.Option(help="Folder that holds everything a run leaves behind.")]


Log = Annotated[
    Literal["text", "json"],
    typer.Option(
        envvar="SERVICEKPI_LOG",
        help="json: a line per event, with the run's id and file, for machines.",
    ),
]
Landing = Annotated[Path, typer.Option(help="Folder that the extracts are delivered to.")]
Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="API of a Prefect server that shows the run; without it a run uses one of its own.",
    ),
]
