"""The commands that keep house: vacuum, backup, restore; and what runs took."""

from pathlib import Path
from typing import Annotated

import typer

from data.store.location import check_location
from flows.cli import options
from flows.cli.environment import open_store
from flows.cli.options import AsJson, StorePath

app = typer.Typer()


def _days_kept(what: str):
    help_text = f"Keep {what} of this many days before the latest publication's; else for ever."
    return typer.Option(min=0, metavar="DAYS", help=help_text)


@app.command(rich_help_panel=options.SET_UP)
def vacuum(
    store: StorePath = Path("store"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be removed, and remove nothing.")
    ] = False,
    keep_publications: Annotated[int | None, _days_kept("publications")] = None,
    keep_previews: Annotated[int | None, _days_kept("previews")] = None,
    keep_quarantine: Annotated[int | None, _days_kept("the content of quarantined rows")] = None,
) -> None:
    """Remove what nobody needs any more.

    Always kept: what may still have to be reproduced (`reproduce_days` of the policy), releases,
    what readers see, and the keys and reasons of quarantined rows. Landed files are removed by
    `servicekpi run --keep-landing`.
    """
    opened = open_store(store)
    from flows.operations.vacuum import Retention, vacuum_store

    retention = Retention(keep_publications, keep_previews, keep_quarantine)
    verb = "would remove" if dry_run else "removed"
    for line in vacuum_store(opened, retention, dry_run):
        typer.echo(f"{verb} {line}")


@app.command(rich_help_panel=options.SET_UP)
def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write (.tar), on another disk.")
    ],
    store: StorePath = Path("store"),
) -> None:
    """Write the whole store into one file, with a checksum of everything in it."""
    opened = open_store(store)
    from data.store.backup import write_backup

    with opened.locked():
        files, size = write_backup(store, target)
    typer.echo(f"{target}: {files:,} files, {size:,} bytes")


@app.command(rich_help_panel=options.SET_UP)
def restore(
    archive: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file that `servicekpi backup` wrote.")
    ],
    store: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The new store: a folder that does not exist.")
    ],
) -> None:
    """Create a store from a backup, and check every file of it."""
    from data.store.backup import restore_backup

    check_location(store)
    files = restore_backup(archive, store)
    visible = open_store(store).current() or "nothing: there is no publication yet"
    typer.echo(f"{store}: {files:,} files as they were; readers see {visible}")


@app.command(rich_help_panel=options.RUN)
def scrub(
    store: StorePath = Path("store"),
    backup: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Put back from this backup what is damaged."),
    ] = None,
) -> None:
    """Compare every file of the store with the checksum that it was written with.

    For cron, once a week: a run checks only what it reads. Exit code 1: something is damaged.
    """
    opened = open_store(store)
    from flows.nightly.supervise import current_time
    from flows.operations.scrub import scrub_store

    result, repaired = scrub_store(opened, backup, current_time())
    for name in repaired:
        typer.echo(f"put back: {name}")
    for sentence in result.faults.values():
        typer.echo(sentence)
    looked_at = f"{result.files:,} files, {result.bytes:,} bytes"
    if result.faults:
        remedy = "put them back from a backup: servicekpi scrub --backup FILE.tar"
        page = "docs/runbook/damaged-store.md"
        typer.echo(f"DAMAGED: {len(result.faults)} of {looked_at} - {remedy} ({page})")
    else:
        typer.echo(f"SOUND: {looked_at}, all as they were written")
    raise typer.Exit(1 if result.faults else 0)


@app.command(rich_help_panel=options.RUN)
def history(
    store: StorePath = Path("store"),
    last: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many runs, the latest first.")
    ] = 10,
    as_json: AsJson = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with a chart instead.")
    ] = None,
) -> None:
    """Show what the latest runs took, and how they ended.

    The same as tables: `STORE/runs/`. Every run renews the page of the last sixty,
    `STORE/runs/history.html`.
    """
    opened = open_store(store)
    from flows.monitoring.run_record import read_runs, run_lines, write_run_page

    if html:
        typer.echo(f"written to {write_run_page(opened, html, last)}")
        return
    runs = read_runs(opened, last)
    if as_json:
        options.print_json(runs)
        return
    for line in run_lines(runs):
        typer.echo(line)
