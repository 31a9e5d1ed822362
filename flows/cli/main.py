"""The command line."""

import json
import sys
import threading
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from data.problem import Problem
from flows.cli import (
    backfills,
    housekeeping,
    kpis,
    operations,
    publications,
    quarantine,
    releases,
    samples,
)
from flows.cli.environment import prepare_environment, prepare_run
from flows.cli.options import (
    DAY,
    EVERY_NIGHT,
    PUBLISH,
    READ,
    SET_UP,
    Landing,
    Log,
    ProfileName,
    Server,
    StorePath,
)
from flows.cli.outcome import print_outcome_and_exit
from flows.monitoring.failures import is_of_memory

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Service-quality KPIs and branch league tables.",
)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=EVERY_NIGHT)
app.add_typer(publications.app)
app.add_typer(kpis.app)
app.add_typer(backfills.app)
app.add_typer(housekeeping.app)
app.add_typer(operations.app)
app.add_typer(samples.app)
app.add_typer(releases.app, name="release", rich_help_panel=PUBLISH)
KeepLanding = Annotated[
    int | None,
    typer.Option(
        min=0, help="Remove landed files that were taken in, so many days after their extract date."
    ),
]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        envvar="SERVICEKPI_SIGNING_KEY",
        help="Sign the manifest with this Ed25519 private key (PEM).",
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        help="What computes the figures: duckdb, or spark (README, Spark). The figures are the same."
    ),
]
Master = Annotated[
    str | None,
    typer.Option(
        help="Spark's master; without it what spark-submit says, or all cores of this machine."
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        metavar="MINUTES",
        help="How long to wait where another run uses the store.",
    ),
]
SCHEDULED = "A timer or cron starts it: end at once, with exit code 0, where the last planned night was missed by more than latest_start_minutes."
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON, for machines.")]


def to_date(moment: datetime | None) -> date | None:
    """Return the day that an option names."""
    return moment.date() if moment else None


def exit_if_not_planned(store: Path, as_json: bool) -> None:
    """Leave with exit code 0 where a run that a timer starts is not worth starting."""
    from data.store.store import Store
    from flows.nightly.supervise import current_time
    from flows.operations.plan import skip_reason

    reason = skip_reason(Store(store), current_time())
    if reason is None:
        return
    if as_json:
        skipped = {"state": "skipped", "reason": reason, "exit_code": 0}
        typer.echo(json.dumps(skipped, ensure_ascii=False))
    else:
        typer.echo(f"SKIPPED: {reason}.")
    raise typer.Exit(0)


@app.command(rich_help_panel=EVERY_NIGHT)
def run(
    landing: Landing,
    as_of: Annotated[datetime | None, DAY] = None,
    known_at: Annotated[datetime | None, DAY] = None,
    store: StorePath = Path("store"),
    profile: ProfileName = "default",
    render: Annotated[bool, typer.Option(help="Write report, workbook and exports too.")] = True,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[str, typer.Option(help="How much memory the engine may use.")] = "2GB",
    keep_landing: KeepLanding = None,
    signing_key: SigningKey = None,
    engine: Engine = "duckdb",
    master: Master = None,
    wait: Wait = 0,
    scheduled: Annotated[bool, typer.Option("--scheduled", help=SCHEDULED)] = False,
    log: Log = "text",
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Take in what has landed, compute, and publish. Without --as-of: for the day that ended
    last.
    """
    prepare_run(store, as_json, log, server)
    from flows.nightly.run_options import RunOptions
    from flows.nightly.supervise import run_supervised

    if scheduled:
        exit_if_not_planned(store, as_json)
    options = RunOptions(
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
    outcome = run_supervised(options)
    print_outcome_and_exit(outcome, as_json)


@app.command(rich_help_panel=EVERY_NIGHT)
def check(
    file: Annotated[Path, typer.Argument(help="The file to look at.")],
    profile: ProfileName = "default",
    extract: Annotated[
        str | None, typer.Option(help="What it is an extract of, where its name does not say so.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Judge it against the deliveries in this store, too.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of the worst rows to show.")] = 10,
) -> None:
    """Judge a file as a run would, without storing anything, and show what is wrong with it. Exit
    code 1: a run would refuse it.
    """
    with TemporaryDirectory() as folder:
        prepare_environment(Path(folder), quiet=True)
        from flows.intake.check_file import check_file

        raise typer.Exit(0 if check_file(file, profile, extract, store, limit, Path(folder)) else 1)


@app.command("profile", rich_help_panel=SET_UP)
def draft_profile(
    file: Annotated[Path, typer.Argument(help="An unknown file.")],
    write: Annotated[
        str | None, typer.Option(help="Keep the draft as data/profiles/NAME.toml.", metavar="NAME")
    ] = None,
) -> None:
    """Look at an unknown file and draft a profile for it: format, types, null words, the likely
    mapping, and what is odd.
    """
    with TemporaryDirectory() as folder:
        from flows.intake.draft_profile import draft_profile, keep_draft

        text = draft_profile(file, Path(folder))
    typer.echo(f"written to {keep_draft(text, write)}" if write else text, nl=bool(write))


@app.command(rich_help_panel=READ)
def lint(file: Annotated[Path, typer.Argument(help="A workbook (.xlsx) or a CSV.")]) -> None:
    """Say which of the numbered rules for regulators' files a workbook or a CSV breaks, and what to
    do. Exit code 1: some are broken.
    """
    from reports.release.lint.run import lint_file

    findings = lint_file(file)
    for finding in findings:
        typer.echo(str(finding))
    outcome = f"{len(findings)} rules are broken" if findings else "no rule is broken"
    typer.echo(f"{file.name}: {outcome}")
    raise typer.Exit(1 if findings else 0)


@app.command(rich_help_panel=EVERY_NIGHT)
def serve(
    landing: Landing,
    store: StorePath = Path("store"),
    profile: ProfileName = "default",
    cron: Annotated[
        str | None,
        typer.Option(help="When to run, as a cron line; without it what operations.toml says."),
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the cron line.")] = None,
    server: Annotated[
        str | None,
        typer.Option(help="URL of a Prefect server's API; without it one is started here."),
    ] = None,
    port: Annotated[
        int, typer.Option(help="Port of the server started here (loopback only).")
    ] = 4200,
    keep_landing: KeepLanding = None,
    signing_key: SigningKey = None,
    engine: Engine = "duckdb",
    master: Master = None,
    log: Log = "text",
) -> None:
    """Run every night: schedule the flow on a Prefect server and wait for its hour."""
    prepare_run(store, log=log, server=server)
    from data.config.operations import load_operations
    from data.store.store import Store
    from flows.nightly.supervise import current_time, read_last_end
    from flows.operations.schedule import serve_schedule

    parameters = {
        "landing": str(landing.resolve()),
        "store": str(store.resolve()),
        "profile": profile,
        "keep_landing": keep_landing,
    }
    parameters |= {"engine": engine, "master": master}
    parameters["signing_key"] = str(signing_key.resolve()) if signing_key else None
    schedule = load_operations(Store(store).operations).schedule
    overrides = {name: value for name, value in (("cron", cron), ("timezone", timezone)) if value}
    serve_schedule(
        parameters,
        schedule.model_copy(update=overrides),
        server,
        port,
        read_last_end(Store(store)),
        current_time(),
    )


def main() -> None:
    """Entry point: usage errors of ours, and a machine that is too small to begin on, are
    sentences, not tracebacks.
    """
    print_traceback = threading.excepthook

    def end_thread(ended: threading.ExceptHookArgs) -> None:
        # Of too little memory the run itself says so.
        if ended.exc_value is None or not is_of_memory(ended.exc_value):
            print_traceback(ended)

    threading.excepthook = end_thread
    try:
        app()
    except Problem as problem:
        typer.echo(f"FAILED: {problem}", err=True)
        sys.exit(1)
    except (MemoryError, ImportError, OSError) as error:
        if not is_of_memory(error):
            raise
        typer.echo(
            "FAILED: there is not enough memory to begin with - give the program more (docs/runbook/memory.md)",
            err=True,
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
