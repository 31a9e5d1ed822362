"""How a run ended, as its command prints it."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from flows.monitoring.run_outcome import RunOutcome


def last_line(outcome: RunOutcome) -> str:
    """Return which of the three it was and why, and what readers see now."""
    reason = outcome.reason.rstrip(".")
    if outcome.state == "published":
        return f"PUBLISHED {outcome.publication_id}: {reason}."
    readers_see = outcome.readers_see or "nothing: there is no publication yet"
    return f"{outcome.state.upper()}: {reason}. Readers still see {readers_see}."


def print_outcome_and_exit(outcome: RunOutcome, as_json: bool) -> None:
    """Print the outcome and leave with its exit code: 0 published, 3 held, 1 failed."""
    if as_json:
        typer.echo(
            json.dumps(
                outcome.json() | {"exit_code": outcome.exit_code}, ensure_ascii=False, default=str
            )
        )
    else:
        for line in (
            *outcome.digest,
            *(f"note: {note}" for note in outcome.notes),
            *(f"incident {incident}" for incident in outcome.incidents),
        ):
            typer.echo(line)
        typer.echo(last_line(outcome))
    raise typer.Exit(outcome.exit_code)


def print_where_to_look(folder: Path) -> None:
    """Print where the report, the workbook, the exports and the tables are."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for what, path in (
        ("report", folder / "report" / "index.html"),
        ("workbook", folder / "exports" / "servicekpi.xlsx"),
        ("operator", folder / "report" / "operator.html"),
        ("exports", folder / "exports" / "csv"),
        ("one-pagers", folder / "exports" / "onepager"),
        ("tables", folder / "tables"),
        ("manifest", folder / "manifest.json"),
    ):
        table.add_row(what, str(path))
    Console(soft_wrap=True).print(table)
