"""The commands about one file: judge an extract, draft a profile, check a regulator's file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.environment import prepare_environment, require_store
from flows.cli.options import ProfileName

app = typer.Typer()


@app.command(rich_help_panel=options.RUN)
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to judge.")],
    profile: ProfileName = "default",
    extract: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What it is an extract of, where its name does not say so."
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Compare it with the deliveries in this store, too."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="How many of the worst rows to show.")
    ] = 10,
) -> None:
    """Judge a file as a run would, and show what is wrong with it.

    Nothing is stored. Exit code 1: a run would refuse it.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        if store is not None:
            require_store(store)
        prepare_environment(folder, quiet=True)
        from flows.intake.check_file import check_file

        accepted = check_file(file, profile, extract, store, limit, folder)
    raise typer.Exit(0 if accepted else 1)


@app.command("profile", rich_help_panel=options.SET_UP)
def draft_profile(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The unknown file.")],
    write: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Keep the draft as `data/profiles/NAME.toml`."),
    ] = None,
) -> None:
    """Draft a profile for an unknown file.

    It says format, types, words for missing values, the likely mapping, and what is odd.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        prepare_environment(folder, quiet=True)
        from flows.intake.draft_profile import draft_profile, keep_draft

        text = draft_profile(file, folder)
        if write:
            text = f"written to {keep_draft(text, write)}\n"
    typer.echo(text, nl=False)


@app.command(rich_help_panel=options.READ)
def lint(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A workbook (.xlsx) or a CSV.")],
) -> None:
    """Check a workbook or a CSV against the numbered rules for regulators' files.

    Each broken rule is printed with what to do. Exit code 1: some are broken.
    """
    from reports.release.lint.run import lint_file

    findings = lint_file(file)
    for finding in findings:
        typer.echo(str(finding))
    outcome = f"{len(findings)} rules are broken" if findings else "no rule is broken"
    typer.echo(f"{file.name}: {outcome}")
    raise typer.Exit(1 if findings else 0)
