"""The commands that compute past days again: backfill, rerun, and what becomes of them."""

import getpass
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from flows.cli.environment import prepare_environment, prepare_run
from flows.cli.options import DAY, PUBLISH, ProfileName, StorePath

app = typer.Typer()
DayArgument = typer.Argument(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")
By = Annotated[
    str,
    typer.Option(
        default_factory=getpass.getuser,
        help="Who says so. Kept on record.",
        show_default="the user",
    ),
]
Render = Annotated[
    bool, typer.Option(help="Write report, workbook and exports too, as a night does.")
]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        envvar="SERVICEKPI_SIGNING_KEY",
        help="Sign the manifests with this Ed25519 private key (PEM).",
    ),
]
LOG = logging.getLogger("servicekpi")


@app.command(rich_help_panel=PUBLISH)
def backfill(
    first: Annotated[datetime, DayArgument],
    last: Annotated[datetime, DayArgument],
    reason: Annotated[str, typer.Option(help="Why. Kept on record.")],
    by: By,
    store: StorePath = Path("store"),
    as_known_then: Annotated[
        bool,
        typer.Option(
            help="Each day as it was known on that day; without it with all that is known now."
        ),
    ] = False,
    profile: ProfileName = "default",
    render: Render = True,
    signing_key: SigningKey = None,
) -> None:
    """Compute the days of a range again, aside, and say how they differ from what is published;
    readers see nothing of it before servicekpi backfill-publish. Interrupted, the same command goes
    on where it was.
    """
    from flows.nightly.backfill import days_with_runs

    known_at = "then" if as_known_then else None
    _build(
        store,
        lambda opened: days_with_runs(opened, first.date(), last.date()),
        known_at,
        profile,
        render,
        reason,
        by,
        signing_key,
    )


@app.command(rich_help_panel=PUBLISH)
def rerun(
    as_of: Annotated[datetime, DAY],
    by: By,
    known_at: Annotated[datetime | None, DAY] = None,
    store: StorePath = Path("store"),
    reason: Annotated[str, typer.Option(help="Why. Kept on record.")] = "run again",
    profile: ProfileName = "default",
    render: Render = True,
    signing_key: SigningKey = None,
) -> None:
    """Compute one day again, aside, with all that is known now or was known on a day: a backfill of
    that day.
    """
    known = known_at and known_at.date().isoformat()
    _build(store, lambda _: [as_of.date()], known, profile, render, reason, by, signing_key)


@app.command("backfill-publish", rich_help_panel=PUBLISH)
def backfill_publish(by: By, store: StorePath = Path("store")) -> None:
    """Let what the backfill built stand for what was published of its days."""
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.nightly.backfill import publish_backfill
    from flows.nightly.supervise import current_time

    for line in publish_backfill(Store(store), by, current_time()):
        typer.echo(line)


@app.command("backfill-drop", rich_help_panel=PUBLISH)
def backfill_drop(by: By, store: StorePath = Path("store")) -> None:
    """End the backfill that is in flight without publishing it; what it built is removed."""
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.nightly.backfill import drop_backfill
    from flows.nightly.supervise import current_time

    typer.echo(drop_backfill(Store(store), by, current_time()))


def _build(
    store: Path,
    days,
    known_at: str | None,
    profile: str,
    render: bool,
    reason: str,
    by: str,
    signing_key: Path | None,
) -> None:
    console = Console(stderr=True)
    prepare_run(store, quiet=console.is_terminal)
    from data.store.backfill_requests import BackfillScope
    from data.store.store import Store
    from flows.nightly import backfill
    from flows.nightly.supervise import current_time

    opened = Store(store)
    iso_days = [day.isoformat() for day in days(opened)]
    scope = BackfillScope(iso_days, known_at, profile, render)
    wanted = backfill.request_backfill(opened, scope, reason, by, current_time())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(
            f"backfill {wanted.number}",
            total=len(wanted.days),
            completed=len(wanted.built),
            left="",
        )
        for day, left in backfill.build_backfill(
            opened, wanted, signing_key=signing_key, wait_minutes=60
        ):
            left = f"about {timedelta(seconds=round(left))} left"
            progress.update(bar, completed=len(wanted.built), left=left)
            LOG.info(
                "%s is built, %d of %d days; %s", day, len(wanted.built), len(wanted.days), left
            )
    for line in backfill.summarize_days(opened, wanted):
        typer.echo(line)
    typer.echo(
        "Readers see nothing of it yet: servicekpi backfill-publish, or servicekpi backfill-drop."
    )
