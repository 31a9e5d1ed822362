"""The commands of whoever operates the nights: status, watchdog, mute."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.environment import prepare_environment
from flows.cli.options import DAY, EVERY_NIGHT, ProfileName, StorePath

app = typer.Typer()


@app.command(rich_help_panel=EVERY_NIGHT)
def status(
    store: StorePath = Path("store"),
    landing: Annotated[
        Path | None,
        typer.Option(
            help="Look for expected extracts here; without it in the store's own landing folder."
        ),
    ] = None,
    profile: ProfileName = "default",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print it as JSON, for machines.")
    ] = False,
) -> None:
    """How things stand: what readers see, the last run, the next one, expected extracts, held
    builds, open incidents. Exit code, as monitors have it: 0 all well, 1 an incident of the runs is
    open, an extract overdue, or what was built last held, 2 there is no publication, or the last
    run failed.
    """
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.nightly.supervise import current_time
    from flows.operations.status import status_lines, store_status

    status_facts = store_status(Store(store), landing or store / "landing", profile, current_time())
    if as_json:
        typer.echo(json.dumps(status_facts, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(status_lines(status_facts)))
    raise typer.Exit(status_facts["exit_code"])


@app.command(rich_help_panel=EVERY_NIGHT)
def watchdog(
    store: StorePath = Path("store"),
    hours: Annotated[float, typer.Option(help="A run must have ended within so many hours.")] = 26,
) -> None:
    """For cron, beside the schedule: alert the owners where no run has ended. Exit code 2: none
    has.
    """
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.nightly.supervise import current_time, run_watchdog

    alerts = [
        one for one in run_watchdog(Store(store), hours, current_time()) if one.source == "watchdog"
    ]
    for one in alerts:
        typer.echo(one.message)
    raise typer.Exit(2 if alerts else 0)


@app.command(rich_help_panel=EVERY_NIGHT)
def mute(
    incident_id: Annotated[
        str, typer.Argument(metavar="INCIDENT", help="Its id, as servicekpi status tells it.")
    ],
    until: Annotated[datetime, DAY],
    reason: Annotated[str, typer.Option(help="Why. Kept on record.")],
    store: StorePath = Path("store"),
) -> None:
    """Tell nobody of an incident before a day. It stays open, and its nights are counted."""
    from data.store.store import Store
    from flows.nightly.supervise import mute_incident as muted

    typer.echo(muted(Store(store), incident_id, until.date(), reason))
