"""The command line: its commands, and how it ends."""

import logging
import threading
from pathlib import Path

import typer

from data.problem import Problem
from flows.cli import (
    backfills,
    files,
    housekeeping,
    kpis,
    operations,
    options,
    publications,
    quarantine,
    releases,
    run,
    samples,
)
from flows.cli.ending import end_process
from flows.monitoring.failures import (
    describe_program_error,
    is_error,
    is_of_memory,
    problem_from_error,
)

LOG = logging.getLogger("servicekpi")
# Help is Markdown: its paragraphs fill the width of the terminal.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
    help="Service-quality KPIs and branch league tables.",
)
# The groups of the help come in this order, too.
for commands in (run, operations, kpis, publications, backfills, files, housekeeping, samples):
    app.add_typer(commands.app)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=options.RUN)
app.add_typer(kpis.kpi, name="kpi", rich_help_panel=options.READ)
app.add_typer(releases.app, name="release", rich_help_panel=options.PUBLISH)


def main() -> None:
    """Run the command line. What a user can fix ends it with a sentence, not with a traceback."""
    print_traceback = threading.excepthook

    def end_thread(ended: threading.ExceptHookArgs) -> None:
        # Of too little memory the run itself says so.
        if ended.exc_value is None or not is_of_memory(ended.exc_value):
            print_traceback(ended)

    threading.excepthook = end_thread
    end_process(_run_command())


def _run_command() -> int:
    """Run the command that was typed, and return its exit code."""
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:
        if not is_error(error):
            raise
        typer.echo(f"FAILED: {_describe_error(error)}", err=True)
        return 1
    return 0


def _describe_error(error: BaseException) -> Problem:
    """Return what a user reads of an error that ended a command."""
    if isinstance(error, Problem):
        return error
    if is_of_memory(error):
        return Problem(
            "there is not enough memory to begin with", "give the program more", "memory"
        )
    if isinstance(error, OSError) and error.filename:
        return Problem(
            f"{error.filename}: {error.strerror}", "give a path that exists and may be used"
        )
    problem = problem_from_error(error, Path.cwd())
    if problem is None:
        LOG.error("an error of the program", exc_info=error)
        problem = describe_program_error(error)
    return problem


if __name__ == "__main__":
    main()
