"""The commands that keep house: vacuum, backup, restore; and what runs took."""

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import EVERY_NIGHT, SET_UP, StorePath

app = typer.Typer()
Days = typer.Option(
    min=0,
    metavar="DAYS",
    help="Keep them so many days before the latest publication's day; without it for ever.",
)


@app.command(rich_help_panel=SET_UP)
def vacuum(
    store: StorePath = Path("store"),
    dry_run: Annotated[bool, typer.Option(help="Only say what would go.")] = False,
    keep_publications: Annotated[int | None, Days] = None,
    keep_previews: Annotated[int | None, Days] = None,
    keep_quarantine: Annotated[int | None, Days] = None,
) -> None:
    """Remove what nobody needs. What may still have to be reproduced (reproduce_days of the policy)
    stays, whatever is asked, and so do releases and what readers see. Of quarantined rows what was
    read of them goes, their keys and reasons stay. Landed files: run --keep-landing.
    """
    from data.store.store import Store
    from flows.operations.vacuum import Retention, vacuum_store

    for line in vacuum_store(
        Store(store), Retention(keep_publications, keep_previews, keep_quarantine), dry_run
    ):
        typer.echo(f"{'would remove' if dry_run else 'removed'} {line}")


@app.command(rich_help_panel=SET_UP)
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write (.tar), on another disk.")],
    store: StorePath = Path("store"),
) -> None:
    """Write the whole store into one file, with the checksum of everything in it."""
    from data.store import backup
    from data.store.store import Store

    with Store(store).locked():
        files, size = backup.write_backup(store, target)
    typer.echo(f"{target}: {files:,} files, {size:,} bytes")


@app.command(rich_help_panel=SET_UP)
def restore(
    archive: Annotated[Path, typer.Argument(help="A file that servicekpi backup wrote.")],
    store: Annotated[Path, typer.Option()],
) -> None:
    """Make a store out of a backup, in a folder that is not there yet; every file is checked."""
    from data.store import backup
    from data.store.store import Store

    files = backup.restore_backup(archive, store)
    typer.echo(
        f"{store}: {files:,} files as they were; readers see {Store(store).current() or 'nothing: there is no publication yet'}"
    )


@app.command(rich_help_panel=EVERY_NIGHT)
def history(
    store: StorePath = Path("store"),
    last: Annotated[int, typer.Option(min=1, help="How many runs, the latest first.")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="With the steps and findings of each, for machines.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write it as a page, with a chart, to this file.")
    ] = None,
) -> None:
    """What the latest runs took: time, rows, memory; how they ended. The same as tables:
    STORE/runs/ (data/store/run_history.py); every night renews the page of the last sixty,
    STORE/runs/history.html.
    """
    from data.store.store import Store
    from flows.monitoring.run_record import read_runs, run_lines, write_run_page

    if html:
        typer.echo(f"written to {write_run_page(Store(store), html, last)}")
        return
    runs = read_runs(Store(store), last)
    typer.echo(
        json.dumps(runs, ensure_ascii=False, indent=1, default=str)
        if as_json
        else "\n".join(run_lines(runs))
    )
