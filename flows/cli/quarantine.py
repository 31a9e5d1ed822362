"""Rows and deliveries in quarantine: servicekpi quarantine."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.environment import prepare_environment
from flows.cli.options import Landing, ProfileName, StorePath

app = typer.Typer(
    no_args_is_help=True,
    help="Quarantined rows, and deliveries that were refused: what, why, and what to do about it.",
)


@app.command("list")
def quarantine_list(store: StorePath = Path("store")) -> None:
    """Which rules hold how many rows, of which delivery, with examples."""
    prepare_environment(store)
    from flows.intake.quarantine import print_quarantine

    print_quarantine(store)


@app.command("show")
def quarantine_show(
    what: Annotated[str, typer.Argument(help="A rule, a file, or FILE:LINE.")],
    store: StorePath = Path("store"),
    limit: int = 20,
) -> None:
    """The rows that a rule holds, or that a file left behind: every reason, and what was read
    (personal data masked).
    """
    prepare_environment(store)
    from flows.intake.quarantine import print_rows

    print_rows(store, what, limit)


@app.command("release")
def quarantine_release(
    what: Annotated[
        str, typer.Argument(help="FILE:LINE for a row; EXTRACT:YYYY-MM-DD for a refused delivery.")
    ],
    reason: Annotated[str, typer.Option(help="Why it is right as it is. Kept on record.")],
    by: Annotated[str, typer.Option(help="Who says so. Kept on record.")],
    store: StorePath = Path("store"),
) -> None:
    """Let a row or a delivery pass in spite of what it broke. The next run takes it in."""
    prepare_environment(store)
    from flows.intake.quarantine import release_rows

    typer.echo(release_rows(store, what, reason, by))


@app.command("retry")
def quarantine_retry(
    landing: Landing, store: StorePath = Path("store"), profile: ProfileName = "default"
) -> None:
    """Judge every delivery with quarantined rows again, by today's rules, mapping and corrections.
    The next run publishes what changed.
    """
    prepare_environment(store)
    from flows.intake.quarantine import retry_quarantined

    for line in retry_quarantined(store, landing, profile):
        typer.echo(line)
