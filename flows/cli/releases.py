"""The commands of `servicekpi release`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import StorePath

app = typer.Typer(
    no_args_is_help=True,
    help="Returns for a regulator or the public: frozen, versioned, small numbers protected, linted, signed.",
)
Name = Annotated[str, typer.Argument(help="Name of the release.")]
Version = Annotated[str | None, typer.Option(help="Its version; default: the latest that stands.")]
From = Annotated[str, typer.Option("--from", help="Id of the publication.")]
Person = typer.Option(
    help="Name of the person. The one who checks or approves is not the one who prepared."
)
Moment = Annotated[
    str | None,
    typer.Option(
        help="Day and hour of publication with its offset, 2026-11-25T09:30+08:00; default: now."
    ),
]


def current_time() -> str:
    """This minute, with its offset."""
    return datetime.now().astimezone().isoformat(timespec="minutes")


@app.command()
def make(
    publication: From,
    template: Annotated[
        list[str],
        typer.Option(help="A return, such as reg_cn_complaint_bulletin; may be given again."),
    ],
    prepared_by: Annotated[str, Person],
    checked_by: Annotated[str, Person],
    approved_by: Annotated[str, Person],
    next_release: Annotated[
        str, typer.Option(help="When the next release will be: a day, or a month.")
    ],
    audience: Annotated[
        str, typer.Option(help="regulator or public: whose floor of small numbers counts.")
    ] = "regulator",
    language: Annotated[str, typer.Option(help="zh or en.")] = "en",
    name: Annotated[
        str | None,
        typer.Option(help="Name of the release, the same each time; default: the template's."),
    ] = None,
    publish_at: Moment = None,
    announced_on: Annotated[
        str, typer.Option(help="Day on which the publication was announced.")
    ] = "",
    pre_release: Annotated[
        list[str] | None, typer.Option(help="Someone who sees it before; may be given again.")
    ] = None,
    store: StorePath = Path("store"),
) -> None:
    """Make a release from a publication. Nothing is released where a control total or a rule is
    broken.
    """
    from data.problem import Problem
    from data.store.releases import file_stem
    from flows.publications.release_request import ReleaseRequest
    from flows.publications.releases import make_release as made

    if audience not in ("regulator", "public") or language not in ("zh", "en"):
        raise Problem(
            f"--audience {audience} --language {language}", "use regulator or public, zh or en"
        )
    name = name or (file_stem(template[0]) if len(template) == 1 else f"{audience}-returns")
    request = ReleaseRequest(
        name, publication, tuple(template), audience, language, prepared_by, checked_by, approved_by,
        publish_at or current_time(), announced_on, next_release, tuple(pre_release or ()),
    )  # fmt: skip
    typer.echo(f"RELEASED {made(store, request)}")


@app.command()
def verify(name: Name, version: Version = None, store: StorePath = Path("store")) -> None:
    """Check a frozen release: its checksums, its sign-off, every rule. Exit code 1: something is
    broken.
    """
    from data.store.releases import Releases
    from flows.publications.releases import verify_release as verified

    version = version or Releases(store).latest(name)
    broken = verified(store, name, version)
    for line in broken:
        typer.echo(line)
    typer.echo(
        f"{name} {version}: {f'{len(broken)} rules are broken' if broken else 'as it was made, no rule is broken'}"
    )
    raise typer.Exit(1 if broken else 0)


@app.command()
def reproduce(name: Name, version: Version = None, store: StorePath = Path("store")) -> None:
    """Make a release again from its publication and compare byte by byte. Exit code 1: it
    differs.
    """
    from data.store.releases import Releases
    from flows.publications.releases import reproduce_release as reproduced

    version = version or Releases(store).latest(name)
    different = reproduced(store, name, version)
    typer.echo(
        f"{name} {version}: {'differs in ' + ', '.join(different) if different else 'the same bytes'}"
    )
    raise typer.Exit(1 if different else 0)


@app.command()
def withdraw(
    name: Name,
    version: Annotated[str, typer.Option(help="The version.")],
    reason: Annotated[str, typer.Option(help="Why. Kept on record.")],
    by: Annotated[str, typer.Option(help="Who says so. Kept on record.")],
    store: StorePath = Path("store"),
) -> None:
    """Mark a release as withdrawn. It stays where it is."""
    from flows.publications.releases import withdraw_release as withdrawn

    withdrawn(store, name, version, reason, by)
    typer.echo(f"{name} {version} is marked as withdrawn: {reason}")


@app.command()
def correct(
    name: Name,
    publication: From,
    cause: Annotated[str, typer.Option(help="What was wrong, and why. Printed in the notice.")],
    prevention: Annotated[
        str, typer.Option(help="What prevents it from now on. Printed in the notice.")
    ],
    prepared_by: Annotated[str, Person],
    checked_by: Annotated[str, Person],
    approved_by: Annotated[str, Person],
    publish_at: Moment = None,
    store: StorePath = Path("store"),
) -> None:
    """Release corrected figures with a correction notice; the version that stood is kept and marked
    superseded.
    """
    from flows.publications.releases import correct_release as corrected

    signed = {"prepared_by": prepared_by, "checked_by": checked_by, "approved_by": approved_by}
    typer.echo(
        f"RELEASED {corrected(store, name, publication, cause, prevention, signed, publish_at or current_time())}"
    )


@app.command("list")
def list_releases(store: StorePath = Path("store")) -> None:
    """Every release: when it was published, what became of it, when the next one comes."""
    from data.store.releases import Releases

    releases = Releases(store)
    for name in releases.names():
        for entry in releases.register(name):
            why = f" ({entry['reason']})" if entry.get("reason") else ""
            typer.echo(
                f"{name} {entry['version']}: {entry['state']}{why}, {entry['audience']}, {entry['publish_at']}; next {entry['next_release']}"
            )
