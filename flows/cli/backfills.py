"""The commands that compute past days again: backfill, rerun, and what becomes of them."""

import logging
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from flows.cli import options
from flows.cli.environment import open_store, prepare_run
from flows.cli.options import AsOf, By, ProfileName, Reason, Render, SigningKey, StorePath

if TYPE_CHECKING:
    from data.store.backfill_requests import BackfillScope
    from data.store.store import Store

app = typer.Typer()
LOG = logging.getLogger("servicekpi")
# How long a backfill waits for a run that uses the store: every day of it needs the store.
WAIT_MINUTES = 60


First = Annotated[
    datetime,
    typer.Argument(formats=["%Y-%m-%d"], metavar="FIRST", help="The first day, YYYY-MM-DD."),
]
Last = Annotated[
    datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="LAST", help="The last day, YYYY-MM-DD.")
]
AsKnownThen = Annotated[
    bool,
    typer.Option(
        "--as-known-then", help="Each day as it was known then; else with all that is known now."
    ),
]


@app.command(rich_help_panel=options.PUBLISH)
def backfill(
    first: First,
    last: Last,
    reason: Reason,
    by: By,
    store: StorePath = Path("store"),
    as_known_then: AsKnownThen = False,
    profile: ProfileName = "default",
    render: Render = True,
    signing_key: SigningKey = None,
) -> None:
    """Compute a range of past days again, without publishing them.

    It prints how each day differs from what is published. Readers see nothing of it before
    `servicekpi backfill-publish`. After an interruption the same command goes on where it stopped.
    """
    opened, console = _open(store)
    from data.store.backfill_requests import BackfillScope
    from flows.nightly.backfill import days_with_runs

    days = days_with_runs(opened, first.date(), last.date())
    known_at = "then" if as_known_then else None
    scope = BackfillScope(_iso_days(days), known_at, profile, render)
    _build(opened, scope, reason, by, signing_key, console)


@app.command(rich_help_panel=options.PUBLISH)
def rerun(
    as_of: AsOf,
    by: By,
    known_at: Annotated[
        datetime | None, options.a_day("Use only extracts up to this day; else all.")
    ] = None,
    store: StorePath = Path("store"),
    reason: Reason = "run again",
    profile: ProfileName = "default",
    render: Render = True,
    signing_key: SigningKey = None,
) -> None:
    """Compute one past day again: a backfill of that day."""
    opened, console = _open(store)
    from data.store.backfill_requests import BackfillScope

    known = known_at.date().isoformat() if known_at else None
    scope = BackfillScope(_iso_days([as_of.date()]), known, profile, render)
    _build(opened, scope, reason, by, signing_key, console)


@app.command("backfill-publish", rich_help_panel=options.PUBLISH)
def backfill_publish(by: By, store: StorePath = Path("store")) -> None:
    """Publish what the backfill built, in place of what was published for its days."""
    opened = open_store(store)
    from flows.nightly.backfill import publish_backfill
    from flows.nightly.supervise import current_time

    for line in publish_backfill(opened, by, current_time()):
        typer.echo(line)


@app.command("backfill-drop", rich_help_panel=options.PUBLISH)
def backfill_drop(by: By, store: StorePath = Path("store")) -> None:
    """End the backfill without publishing it, and remove what it built."""
    opened = open_store(store)
    from flows.nightly.backfill import drop_backfill
    from flows.nightly.supervise import current_time

    typer.echo(drop_backfill(opened, by, current_time()))


def _open(folder: Path) -> "tuple[Store, Console]":
    """Return the store, and a console for the bar; without a bar, the log says what it would."""
    console = Console(stderr=True)
    store = open_store(folder)
    prepare_run(folder, quiet=console.is_terminal)
    return store, console


def _iso_days(days: list[date]) -> list[str]:
    return [day.isoformat() for day in days]


def _build(
    store: "Store",
    scope: "BackfillScope",
    reason: str,
    by: str,
    signing_key: Path | None,
    console: Console,
) -> None:
    """Build the days of a request, with a bar on a terminal, and print how they differ."""
    from flows.nightly import backfill
    from flows.nightly.supervise import current_time

    request = backfill.request_backfill(store, scope, reason, by, current_time())
    days = backfill.build_backfill(
        store, request, signing_key=signing_key, wait_minutes=WAIT_MINUTES
    )
    total = len(request.days)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    left = TextColumn("{task.fields[left]}")
    with Progress(*columns, left, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(
            f"backfill {request.number}", total=total, completed=len(request.built), left=""
        )
        for day, seconds_left in days:
            time_left = f"about {timedelta(seconds=round(seconds_left))} left"
            progress.update(bar, completed=len(request.built), left=time_left)
            LOG.info("%s is built, %d of %d days; %s", day, len(request.built), total, time_left)
    for line in backfill.summarize_days(store, request):
        typer.echo(line)
    typer.echo(
        "Readers see nothing of it yet: servicekpi backfill-publish, or servicekpi backfill-drop."
    )
