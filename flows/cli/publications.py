"""The commands about publications."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.environment import open_store
from flows.cli.options import AsOf, DecidedBy, ProfileName, PublicationId, Reason, StorePath

app = typer.Typer()


@app.command(rich_help_panel=options.READ)
def publications(store: StorePath = Path("store")) -> None:
    """List every publication: when it was built, and which one readers see."""
    opened = open_store(store)
    from flows.publications.decisions import list_publications

    for line in list_publications(opened):
        typer.echo(line)


@app.command(rich_help_panel=options.READ)
def verify(
    publication_id: PublicationId,
    store: StorePath = Path("store"),
    public_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only this Ed25519 key (PEM) may have signed it."),
    ] = None,
) -> None:
    """Check every file of a publication against its manifest, and the manifest's signature.

    Exit code 1: something differs.
    """
    opened = open_store(store)
    from flows.publications.verify import verify_publication

    differences, signer = verify_publication(opened, publication_id, public_key)
    for line in differences:
        typer.echo(line)
    outcome = "every file is as its manifest says"
    if differences:
        outcome = f"{len(differences)} differences"
    signature = "not signed"
    if signer:
        signature = f"signed by key {signer}"
        if public_key is None:
            signature += ", whoever that is: give --public-key to be sure"
    typer.echo(f"{publication_id}: {outcome}; {signature}.")
    raise typer.Exit(1 if differences else 0)


@app.command(rich_help_panel=options.READ)
def reproduce(publication_id: PublicationId, store: StorePath = Path("store")) -> None:
    """Build a publication again from the store as it was then, and compare every byte.

    Exit code 1: something differs.
    """
    opened = open_store(store)
    from flows.publications.reproduce import reproduce_publication

    differences, other_code = reproduce_publication(opened, publication_id)
    for line in differences:
        typer.echo(line)
    if other_code:
        typer.echo(f"note: {other_code}")
    outcome = "the same bytes again"
    if differences:
        outcome = f"{len(differences)} files differ"
    typer.echo(f"{publication_id}: {outcome}.")
    raise typer.Exit(1 if differences else 0)


@app.command(rich_help_panel=options.PUBLISH)
def preview(
    as_of: AsOf, store: StorePath = Path("store"), profile: ProfileName = "default"
) -> None:
    """Write each branch its figures before they are published, with a form to object.

    A branch's pack has the cases behind its figures. The next run judges the forms that are
    returned (`challenges*` in landing).
    """
    opened = open_store(store)
    from flows.publications.preview import write_preview

    written, packs = write_preview(opened, as_of.date(), profile)
    typer.echo(f"{packs} branches have a pack: {written.folder / 'branches'}")


@app.command(rich_help_panel=options.PUBLISH)
def hold(
    publication_id: PublicationId,
    reason: Reason,
    by: DecidedBy,
    store: StorePath = Path("store"),
) -> None:
    """Withhold a publication from readers; if they see it now, they go back to the one before."""
    opened = open_store(store)
    from flows.publications.decisions import hold_publication

    typer.echo(hold_publication(opened, publication_id, reason, by))


@app.command(rich_help_panel=options.PUBLISH)
def unhold(
    publication_id: PublicationId,
    reason: Reason,
    by: DecidedBy,
    store: StorePath = Path("store"),
) -> None:
    """Let readers see a publication that is held."""
    opened = open_store(store)
    from flows.publications.decisions import unhold_publication

    typer.echo(unhold_publication(opened, publication_id, reason, by))


@app.command(rich_help_panel=options.PUBLISH)
def rollback(
    publication_id: PublicationId,
    reason: Reason,
    by: DecidedBy,
    store: StorePath = Path("store"),
) -> None:
    """Take readers back to an earlier publication, and hold the one that they see."""
    opened = open_store(store)
    from flows.publications.decisions import roll_back

    typer.echo(roll_back(opened, publication_id, reason, by))
