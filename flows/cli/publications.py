"""The commands about publications."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.environment import prepare_environment
from flows.cli.options import DAY, PUBLISH, READ, ProfileName, StorePath

app = typer.Typer()
Id = Annotated[str, typer.Argument(help="A publication: the name of its folder.", metavar="ID")]
Reason = Annotated[str, typer.Option(help="Why. Kept on record.")]
By = Annotated[str, typer.Option(help="Who says so. Kept on record.")]


@app.command(rich_help_panel=READ)
def publications(store: StorePath = Path("store")) -> None:
    """Every publication: when it was built, and which one readers see."""
    from data.store.store import Store
    from flows.publications.decisions import list_publications

    for line in list_publications(Store(store)):
        typer.echo(line)


@app.command(rich_help_panel=READ)
def verify(
    publication_id: Id,
    store: StorePath = Path("store"),
    public_key: Annotated[
        Path | None, typer.Option(help="Only this Ed25519 key (PEM) may have signed it.")
    ] = None,
) -> None:
    """Check every file of a publication against its manifest, and the manifest against its
    signature. Exit code 1: something differs.
    """
    from data.store.store import Store
    from flows.publications.verify import verify_publication

    wrong, signer = verify_publication(Store(store), publication_id, public_key)
    for line in wrong:
        typer.echo(line)
    signature_words = (
        "not signed"
        if signer is None
        else f"signed by key {signer}"
        + ("" if public_key else ", whoever that is: give --public-key to be sure")
    )
    typer.echo(
        f"{publication_id}: {f'{len(wrong)} differences' if wrong else 'every file is as its manifest says'}; {signature_words}."
    )
    raise typer.Exit(1 if wrong else 0)


@app.command(rich_help_panel=READ)
def reproduce(publication_id: Id, store: StorePath = Path("store")) -> None:
    """Build a publication again from the store as it was then, and compare every byte. Exit code 1:
    something differs.
    """
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.publications.reproduce import reproduce_publication

    differing, code = reproduce_publication(Store(store), publication_id)
    for line in differing:
        typer.echo(line)
    if code:
        typer.echo(f"note: {code}")
    typer.echo(
        f"{publication_id}: {f'{len(differing)} files differ' if differing else 'the same bytes again'}."
    )
    raise typer.Exit(1 if differing else 0)


@app.command(rich_help_panel=PUBLISH)
def preview(
    as_of: Annotated[datetime, DAY],
    store: StorePath = Path("store"),
    profile: ProfileName = "default",
) -> None:
    """Before figures are published: per branch its figures, the cases behind them, and a form to
    object on. Returned forms (challenges*.csv in landing) are judged by the next run.
    """
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.publications.preview import write_preview

    preview, packs = write_preview(Store(store), as_of.date(), profile)
    typer.echo(f"{packs} branches have a pack: {preview.folder / 'branches'}")


@app.command(rich_help_panel=PUBLISH)
def hold(publication_id: Id, reason: Reason, by: By, store: StorePath = Path("store")) -> None:
    """Keep a publication from readers; where they see it, they see the one before it instead."""
    _decided("hold_publication", store, publication_id, reason, by)


@app.command(rich_help_panel=PUBLISH)
def unhold(publication_id: Id, reason: Reason, by: By, store: StorePath = Path("store")) -> None:
    """Let readers see a publication that is held."""
    _decided("unhold_publication", store, publication_id, reason, by)


@app.command(rich_help_panel=PUBLISH)
def rollback(publication_id: Id, reason: Reason, by: By, store: StorePath = Path("store")) -> None:
    """Let readers see an earlier publication, and hold the one that they see."""
    _decided("roll_back", store, publication_id, reason, by)


def _decided(decision: str, store: Path, publication_id: str, reason: str, by: str) -> None:
    prepare_environment(store, quiet=True)
    from data.store.store import Store
    from flows.publications import decisions

    typer.echo(getattr(decisions, decision)(Store(store), publication_id, reason, by))
