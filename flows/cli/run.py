"""The commands that run the flow: at once, or on a schedule."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options
from flows.cli.environment import create_store
from flows.cli.options import (
    AsJson,
    Engine,
    KeepLanding,
    Landing,
    Log,
    Master,
    ProfileName,
    Render,
    Server,
    SigningKey,
    StorePath,
)
from flows.cli.outcome import print_outcome_and_exit

if TYPE_CHECKING:
    from data.store.store import Store

app = typer.Typer()
AsOf = Annotated[
    datetime | None,
    options.a_day("The day whose end the figures describe; else the day that ended last."),
]
KnownAt = Annotated[datetime | None, options.a_day("Use only extracts up to this day; else all.")]
Threads = Annotated[int, typer.Option(min=1, metavar="N", help="Threads of the engine.")]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Memory of the engine, such as 6GB; else a quarter of what the machine, or its "
        "container, has.",
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        "--wait", min=0, metavar="MINUTES", help="How long to wait for another run of the store."
    ),
]
Scheduled = Annotated[
    bool,
    typer.Option(
        "--scheduled",
        help="A timer or cron starts it: end at once, with exit code 0, where the planned start "
        "was missed by more than `latest_start_minutes` of operations.toml.",
    ),
]
Cron = Annotated[
    str | None,
    typer.Option(metavar="LINE", help="When to run, a cron line; else what operations.toml says."),
]
TimeZone = Annotated[str | None, typer.Option(metavar="NAME", help="Time zone of the cron line.")]
OtherServer = Annotated[
    str | None,
    typer.Option(metavar="URL", help="API of a Prefect server; else one is started here."),
]
Port = Annotated[
    int, typer.Option(metavar="N", help="Port of the server started here (loopback only).")
]


@app.command(rich_help_panel=options.RUN)
def run(
    landing: Landing,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    store: StorePath = Path("store"),
    profile: ProfileName = "default",
    render: Render = True,
    threads: Threads = 2,
    memory: Memory = None,
    keep_landing: KeepLanding = None,
    signing_key: SigningKey = None,
    engine: Engine = "duckdb",
    master: Master = None,
    wait: Wait = 0,
    scheduled: Scheduled = False,
    log: Log = "text",
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Take in what has landed, compute, and publish.

    Exit code:

    - 0: published, or not worth starting (`--scheduled`)
    - 1: failed; readers see what they saw before
    - 3: built, and held: readers must not see it yet
    """
    opened = create_store(store, as_json, log, server)
    from flows.nightly.run_options import RunOptions
    from flows.nightly.supervise import run_supervised

    if scheduled:
        exit_if_not_planned(opened, as_json)
    run_options = RunOptions(
        landing=landing,
        as_of=to_date(as_of),
        known_at=to_date(known_at),
        store=store,
        profile=profile,
        render=render,
        threads=threads,
        memory=memory,
        keep_landing=keep_landing,
        signing_key=signing_key,
        engine=engine,
        master=master,
        wait_minutes=wait,
    )
    print_outcome_and_exit(run_supervised(run_options), as_json)


def to_date(moment: datetime | None) -> date | None:
    """Return the day that an option names."""
    return moment.date() if moment else None


def exit_if_not_planned(store: "Store", as_json: bool) -> None:
    """Leave with exit code 0 where a run that a timer starts is not worth starting."""
    from flows.nightly.supervise import current_time
    from flows.operations.plan import skip_reason

    reason = skip_reason(store, current_time())
    if reason is None:
        return
    if as_json:
        options.print_json({"state": "skipped", "reason": reason, "exit_code": 0})
    else:
        typer.echo(f"SKIPPED: {reason}.")
    raise typer.Exit(0)


@app.command(rich_help_panel=options.RUN)
def serve(
    landing: Landing,
    store: StorePath = Path("store"),
    profile: ProfileName = "default",
    cron: Cron = None,
    timezone: TimeZone = None,
    server: OtherServer = None,
    port: Port = 4200,
    threads: Threads = 2,
    memory: Memory = None,
    keep_landing: KeepLanding = None,
    signing_key: SigningKey = None,
    engine: Engine = "duckdb",
    master: Master = None,
    log: Log = "text",
) -> None:
    """Run on a schedule, on a Prefect server, until interrupted."""
    opened = create_store(store, log=log, server=server)
    from data.config.operations import Schedule, load_operations
    from data.config.validation import parse_model
    from flows.nightly.supervise import current_time, read_last_end
    from flows.operations.schedule import serve_schedule

    parameters = {
        "landing": str(landing.resolve()),
        "store": str(store.resolve()),
        "profile": profile,
        "threads": threads,
        "memory": memory,
        "keep_landing": keep_landing,
        "engine": engine,
        "master": master,
        "signing_key": str(signing_key.resolve()) if signing_key else None,
    }
    schedule = load_operations(opened.operations).schedule
    overrides = {name: value for name, value in (("cron", cron), ("timezone", timezone)) if value}
    settings = schedule.model_dump() | overrides
    schedule = parse_model(Schedule, settings, "--cron, --timezone", "give other values")
    serve_schedule(parameters, schedule, server, port, read_last_end(opened), current_time())
