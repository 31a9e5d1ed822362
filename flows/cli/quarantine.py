"""Rows and deliveries in quarantine: servicekpi quarantine."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.environment import open_store
from flows.cli.options import DecidedBy, Landing, ProfileName, Reason, StorePath

app = typer.Typer(
    no_args_is_help=True, help="Look at quarantined rows and refused deliveries, and release them."
)


@app.command("list")
def quarantine_list(store: StorePath = Path("store")) -> None:
    """List how many rows of which delivery each rule quarantines, and refused deliveries."""
    open_store(store)
    from flows.intake.quarantine import print_quarantine

    print_quarantine(store)


@app.command("show")
def quarantine_show(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="A rule, a file, or FILE:LINE.")],
    store: StorePath = Path("store"),
    limit: Annotated[int, typer.Option(metavar="N", help="How many rows to print.")] = 20,
) -> None:
    """Show the quarantined rows of a rule or a file: every reason, and what was read.

    Personal data are masked.
    """
    open_store(store)
    from flows.intake.quarantine import print_rows

    print_rows(store, what, limit)


@app.command("release")
def quarantine_release(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help="FILE:LINE for a row; EXTRACT:YYYY-MM-DD for a refused delivery."
        ),
    ],
    reason: Reason,
    by: DecidedBy,
    store: StorePath = Path("store"),
) -> None:
    """Let a row or a delivery pass in spite of the rules that it breaks.

    The next run takes it in.
    """
    open_store(store)
    from flows.intake.quarantine import release_rows

    typer.echo(release_rows(store, what, reason, by))


@app.command("retry")
def quarantine_retry(
    landing: Landing, store: StorePath = Path("store"), profile: ProfileName = "default"
) -> None:
    """Judge every delivery with quarantined rows again, by today's rules and corrections.

    The next run publishes what changed.
    """
    open_store(store)
    from flows.intake.quarantine import retry_quarantined

    for line in retry_quarantined(store, landing, profile):
        typer.echo(line)
