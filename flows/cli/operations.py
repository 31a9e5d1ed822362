"""The commands of whoever operates the runs: status, watchdog, mute."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.environment import open_store
from flows.cli.options import AsJson, ProfileName, Reason, StorePath

app = typer.Typer()


@app.command(rich_help_panel=options.RUN)
def status(
    store: StorePath = Path("store"),
    landing: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Look for expected extracts here; else in the store's landing."
        ),
    ] = None,
    profile: ProfileName = "default",
    as_json: AsJson = False,
) -> None:
    """Show what readers see, the last and the next run, and what needs attention.

    That is: expected extracts, held builds, a backfill, open incidents.

    Exit code, as monitors have it:

    - 0: all well
    - 1: look: an incident of the runs is open, an extract is overdue, or the latest build is held
    - 2: act: there is no publication, or the last run failed
    """
    opened = open_store(store)
    from flows.nightly.supervise import current_time
    from flows.operations.status import status_lines, store_status

    status_facts = store_status(opened, landing or opened.landing, profile, current_time())
    if as_json:
        options.print_json(status_facts)
    else:
        typer.echo("\n".join(status_lines(status_facts)))
    raise typer.Exit(status_facts["exit_code"])


@app.command(rich_help_panel=options.RUN)
def watchdog(
    store: StorePath = Path("store"),
    hours: Annotated[
        float, typer.Option(metavar="HOURS", help="A run must have ended within this time.")
    ] = 26,
) -> None:
    """Alert the owners if no run has ended lately.

    For cron, in addition to the schedule. Exit code 2: none has ended.
    """
    opened = open_store(store)
    from flows.nightly.supervise import current_time, run_watchdog

    incidents = run_watchdog(opened, hours, current_time())
    alerts = [incident for incident in incidents if incident.source == "watchdog"]
    for alert in alerts:
        typer.echo(alert.message)
    raise typer.Exit(2 if alerts else 0)


@app.command(rich_help_panel=options.RUN)
def mute(
    incident_id: Annotated[
        str, typer.Argument(metavar="INCIDENT", help="Its id, see `servicekpi status`.")
    ],
    until: Annotated[datetime, options.a_day("The day from which owners are notified again.")],
    reason: Reason,
    store: StorePath = Path("store"),
) -> None:
    """Notify nobody of an incident until a day.

    It stays open, and its runs are counted.
    """
    opened = open_store(store)
    from flows.nightly.supervise import mute_incident

    typer.echo(mute_incident(opened, incident_id, until.date(), reason))
