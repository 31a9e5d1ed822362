"""Options that several commands have, and the groups of the help.

Two of them can be given as variables: the path of the signing key, and how to log.
"""

import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from data.problem import Problem

# The groups of `servicekpi --help`.
RUN = "Run and watch"
READ = "Read and explain"
PUBLISH = "Publish to others"
SET_UP = "Set up and keep"


def current_user() -> str:
    """Return the name of whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        raise Problem("the user of this process has no name", "say who you are: --by") from None


def a_day(help_text: str):
    """Return an option that takes a day."""
    return typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=help_text)


StorePath = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder that holds everything a run leaves behind.")
]
Landing = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder that the extracts are delivered to.")
]
ProfileName = Annotated[
    str, typer.Option(metavar="NAME", help="Source profile, `data/profiles/NAME.toml`.")
]
AsOf = Annotated[datetime, a_day("The day whose end the figures describe.")]
Render = Annotated[bool, typer.Option(help="Write report, workbook and exports, too.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why. Kept on record.")]
DecidedBy = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides. On record.")]
By = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        default_factory=current_user,
        show_default="the user",
        help="Who decides. On record.",
    ),
]
PublicationId = Annotated[
    str, typer.Argument(metavar="ID", help="A publication: the name of its folder.")
]
KeepLanding = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="DAYS",
        help="Remove landed files that were taken in, this many days after their extract date.",
    ),
]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        envvar="SERVICEKPI_SIGNING_KEY",
        show_envvar=False,
        metavar="FILE",
        help="Sign manifests with this Ed25519 private key (PEM); else with that of the variable "
        "`SERVICEKPI_SIGNING_KEY`.",
    ),
]
Engine = Annotated[
    Literal["duckdb", "spark"],
    typer.Option(metavar="NAME", help="What computes the figures, `duckdb` or `spark`."),
]
Master = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Spark's master; else that of `spark-submit`, or all cores of this machine.",
    ),
]
Log = Annotated[
    Literal["text", "json"],
    typer.Option(
        envvar="SERVICEKPI_LOG",
        show_envvar=False,
        metavar="FORMAT",
        help="`text`, or `json`: a line per event, with the run's id and file. Else what the "
        "variable `SERVICEKPI_LOG` says.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]

Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="API of a Prefect server that shows the run; else it has its own.",
    ),
]


def print_json(content: object) -> None:
    """Print plain data, days and moments as JSON."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))
