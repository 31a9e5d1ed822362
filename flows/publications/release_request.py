"""What a release is asked to be, and whether it may be asked for like that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from data.problem import Problem
from data.store.releases import SIGNERS, fold_name


@dataclass(frozen=True)
class ReleaseRequest:
    """Everything that the bytes of a release depend on besides its publication.

    Field names are published: the manifest of a release has them under `asked`.
    """

    name: str
    publication_id: str
    templates: tuple[str, ...]  # ids of the returns
    audience: str  # `regulator` or `public`
    language: str  # `zh` or `en`
    prepared_by: str
    checked_by: str
    approved_by: str
    publish_at: str  # ISO instant with its offset
    announced_on: str = ""
    next_release: str = ""
    pre_release: tuple[str, ...] = ()  # who sees it before publication
    correction: dict[str, str] | None = None  # `replaces`, `cause`, `prevention`
    before: str | None = None  # the version before it, with which its rows are compared
    earlier: tuple[str, ...] = ()  # releases that the same readers have seen, "NAME VERSION"
    version: str = ""  # empty: the next one

    @classmethod
    def from_manifest(cls, manifest: dict) -> "ReleaseRequest":
        """Return what a frozen release was asked to be."""
        fields = {}
        for name, value in manifest["asked"].items():
            fields[name] = tuple(value) if isinstance(value, list) else value
        return cls(**fields)


def check_request(request: ReleaseRequest, as_of: date, may_sign: tuple[str, ...]) -> None:
    """Raise Problem where fewer than three people sign, one of them may not, or a day is unreadable
    or out of order.

    Args:
        request: to be checked.
        as_of: the day that the figures end with.
        may_sign: who may sign, by the policy; empty: anybody.
    """
    names = {role: getattr(request, role) for role in SIGNERS}
    people = {fold_name(name) for name in names.values()}
    if len(people - {""}) < len(SIGNERS):
        signed = ", ".join(f"{role} {name!r}" for role, name in names.items())
        raise Problem(
            f"three different people sign a release, here: {signed}",
            "have it prepared, checked and approved by one person each",
        )
    allowed = {fold_name(name) for name in may_sign}
    strangers = [name for name in names.values() if allowed and fold_name(name) not in allowed]
    if strangers:
        raise Problem(
            f"{', '.join(strangers)} may not sign a release",
            "the policy lists who may: release.signers",
        )
    _check_days(request, as_of)


def _check_days(request: ReleaseRequest, as_of: date) -> None:
    instant = _read(
        datetime.fromisoformat, request.publish_at, "--publish-at", "2026-11-25T09:30+08:00"
    )
    if instant.tzinfo is None:
        raise Problem(
            f"--publish-at {request.publish_at} has no offset from UTC",
            "write it like 2026-11-25T09:30+08:00",
        )
    published = instant.date()
    if published < as_of:
        raise Problem(
            f"--publish-at {request.publish_at} is before {as_of}, the last day of the figures",
            "publish after the period is over",
        )
    if request.announced_on:
        announced = _read(date.fromisoformat, request.announced_on, "--announced-on", "2026-10-25")
        if announced > published:
            raise Problem(
                f"--announced-on {announced} is after --publish-at {request.publish_at}",
                "a release is announced before it is published",
            )
    if request.next_release:
        # A month will do: by its last possible day the next release is out.
        is_month = len(request.next_release) == len("2026-12")
        first_day = request.next_release + "-01" if is_month else request.next_release
        following = _read(date.fromisoformat, first_day, "--next-release", "2026-12 or 2026-12-25")
        this_one = published.replace(day=1) if is_month else published
        if following <= this_one:
            raise Problem(
                f"--next-release {request.next_release} is not after --publish-at"
                f" {request.publish_at}",
                "name the day or the month of the next release",
            )


def _read(parse: Callable, text: str, option: str, example: str):
    """Return a day or an instant. Raises Problem where the text is none."""
    try:
        return parse(text)
    except ValueError as error:
        raise Problem(
            f"{option} {text} is not a date that exists", f"write it like {example}"
        ) from error
