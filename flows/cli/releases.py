"""The commands of `servicekpi release`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.cli.environment import open_store
from flows.cli.options import DecidedBy, Reason, StorePath

app = typer.Typer(
    no_args_is_help=True,
    help="Release returns to a regulator or the public: frozen, versioned, checked, signed off.",
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the release.")]
Version = Annotated[
    str | None, typer.Option(metavar="VERSION", help="Its version; else the latest in force.")
]
From = Annotated[str, typer.Option("--from", metavar="ID", help="Id of the publication.")]
PreparedBy = Annotated[str, typer.Option(metavar="NAME", help="Who prepared it.")]
CheckedBy = Annotated[str, typer.Option(metavar="NAME", help="Who checked it: someone else.")]
ApprovedBy = Annotated[str, typer.Option(metavar="NAME", help="Who approved it: a third person.")]
PublishAt = Annotated[
    str | None,
    typer.Option(
        metavar="MOMENT",
        help="Day and hour of publication with its offset, `2026-11-25T09:30+08:00`; else now.",
    ),
]


Templates = Annotated[
    list[str],
    typer.Option(
        metavar="ID", help="A return, such as `reg_cn_complaint_bulletin`. May be repeated."
    ),
]
NextRelease = Annotated[
    str, typer.Option(metavar="DAY", help="When the next release is due: a day, or a month.")
]
Audience = Annotated[
    Literal["regulator", "public"],
    typer.Option(
        metavar="NAME",
        help="`regulator` or `public`: whose register it is in, and the smallest count shown.",
    ),
]
ReleaseName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Name of the release, the same each time; else the template's."
    ),
]


def current_time() -> str:
    """Return this minute, with its offset."""
    return datetime.now().astimezone().isoformat(timespec="minutes")


@app.command()
def make(
    publication: From,
    template: Templates,
    prepared_by: PreparedBy,
    checked_by: CheckedBy,
    approved_by: ApprovedBy,
    next_release: NextRelease,
    audience: Audience = "regulator",
    language: Annotated[
        Literal["zh", "en"], typer.Option(metavar="CODE", help="`zh` or `en`.")
    ] = "en",
    name: ReleaseName = None,
    publish_at: PublishAt = None,
    announced_on: Annotated[
        str, typer.Option(metavar="DAY", help="When the publication was announced.")
    ] = "",
    pre_release: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Someone who sees it before. May be repeated."),
    ] = None,
    store: StorePath = Path("store"),
) -> None:
    """Make a release from a publication.

    Nothing is released if a control total or a rule is broken.
    """
    open_store(store)
    from data.store.releases import file_stem
    from flows.publications.release_request import ReleaseRequest
    from flows.publications.releases import make_release

    if name is None:
        name = file_stem(template[0]) if len(template) == 1 else f"{audience}-returns"
    request = ReleaseRequest(
        name=name,
        publication_id=publication,
        templates=tuple(template),
        audience=audience,
        language=language,
        prepared_by=prepared_by,
        checked_by=checked_by,
        approved_by=approved_by,
        publish_at=publish_at or current_time(),
        announced_on=announced_on,
        next_release=next_release,
        pre_release=tuple(pre_release or ()),
    )
    typer.echo(f"RELEASED {make_release(store, request)}")


@app.command()
def verify(
    name: Name,
    audience: Audience = "regulator",
    version: Version = None,
    store: StorePath = Path("store"),
) -> None:
    """Check a frozen release: its checksums, its sign-off, every rule.

    Exit code 1: something is broken.
    """
    open_store(store)
    from flows.publications.releases import verify_release

    version = version or _latest_version(store, audience, name)
    broken = verify_release(store, audience, name, version)
    for line in broken:
        typer.echo(line)
    outcome = "as it was made, no rule is broken"
    if broken:
        outcome = f"{len(broken)} rules are broken"
    typer.echo(f"{name} {version}: {outcome}")
    raise typer.Exit(1 if broken else 0)


@app.command()
def reproduce(
    name: Name,
    audience: Audience = "regulator",
    version: Version = None,
    store: StorePath = Path("store"),
) -> None:
    """Make a release again from its publication, and compare every byte.

    Exit code 1: it differs.
    """
    open_store(store)
    from flows.publications.releases import reproduce_release

    version = version or _latest_version(store, audience, name)
    different = reproduce_release(store, audience, name, version)
    outcome = "the same bytes"
    if different:
        outcome = f"differs in {', '.join(different)}"
    typer.echo(f"{name} {version}: {outcome}")
    raise typer.Exit(1 if different else 0)


def _latest_version(store: Path, audience: str, name: str) -> str:
    from data.store.releases import Releases

    return Releases(store, audience).latest(name)


@app.command()
def withdraw(
    name: Name,
    version: Annotated[str, typer.Option(metavar="VERSION", help="The version.")],
    reason: Reason,
    by: DecidedBy,
    audience: Audience = "regulator",
    store: StorePath = Path("store"),
) -> None:
    """Mark a release as withdrawn. It stays where it is."""
    open_store(store)
    from flows.publications.releases import withdraw_release

    withdraw_release(store, audience, name, version, reason, by)
    typer.echo(f"{name} {version} is marked as withdrawn: {reason}")


@app.command()
def correct(
    name: Name,
    publication: From,
    cause: Annotated[
        str, typer.Option(metavar="TEXT", help="What was wrong, and why; stands in the notice.")
    ],
    prevention: Annotated[
        str, typer.Option(metavar="TEXT", help="What prevents it from now on; in the notice.")
    ],
    prepared_by: PreparedBy,
    checked_by: CheckedBy,
    approved_by: ApprovedBy,
    audience: Audience = "regulator",
    version: Version = None,
    publish_at: PublishAt = None,
    store: StorePath = Path("store"),
) -> None:
    """Release corrected figures of the same periods, with a correction notice.

    The version that was wrong is kept, and marked as superseded.
    """
    open_store(store)
    from flows.publications.releases import Correction, correct_release

    correction = Correction(
        publication_id=publication,
        cause=cause,
        prevention=prevention,
        signers={
            "prepared_by": prepared_by,
            "checked_by": checked_by,
            "approved_by": approved_by,
        },
        publish_at=publish_at or current_time(),
        version=version,
    )
    typer.echo(f"RELEASED {correct_release(store, audience, name, correction)}")


@app.command("list")
def list_releases(store: StorePath = Path("store")) -> None:
    """List every release: when it was published, its state, when the next one is due."""
    open_store(store)
    from data.store.releases import AUDIENCES, Releases

    for audience in AUDIENCES:
        releases = Releases(store, audience)
        for name in releases.names():
            for entry in releases.register(name):
                typer.echo(_describe_entry(audience, name, entry))


def _describe_entry(audience: str, name: str, entry: dict) -> str:
    state = entry["state"]
    if entry.get("reason"):
        state += f" ({entry['reason']})"
    published = f"{audience}, {entry['publish_at']}"
    return f"{name} {entry['version']}: {state}, {published}; next {entry['next_release']}"
