"""Releases: returns of a publication, frozen for a regulator or the public - made, verified, made
again, withdrawn, corrected.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from data.store.releases import Releases, read_release_manifest
from data.store.store import Store
from flows.publications.build_release import ReleaseRequest, build_release
from reports.release.lint.run import lint_release, lint_release_files


def make_release(root: Path, asked: ReleaseRequest) -> Path:
    """Make a release and freeze it. Returns its folder.

    Raises Problem where its publication is not published, a template is unknown, control totals do
    not hold, a figure cannot be protected, or a rule is broken: nothing is released then.
    """
    store, releases = Store(root), Releases(root)
    with store.locked():
        register = releases.register(asked.name)
        earlier = [
            f"{name} {entry['version']}"
            for name in releases.names()
            for entry in releases.register(name)
            if entry["audience"] == "public"
        ]
        asked = replace(
            asked,
            before=register[-1]["version"] if register else None,
            earlier=tuple(earlier if asked.audience == "public" else ()),
        )
        folder, asked = build_release(store, releases, asked)
        target = releases.commit(folder, asked.name, asked.version)
        entry = {
            "version": asked.version,
            "state": "published",
            "audience": asked.audience,
            "publication_id": asked.publication_id,
        }
        entry |= {
            "publish_at": asked.publish_at,
            "announced_on": asked.announced_on,
            "next_release": asked.next_release,
        }
        if asked.correction:
            told = {
                "state": "superseded",
                "superseded_by": asked.version,
                "reason": asked.correction["cause"],
            }
            register = [
                held | told if held["version"] == asked.correction["replaces"] else held
                for held in register
            ]
        releases.record(asked.name, [*register, entry])
        return target


def reproduce_release(root: Path, name: str, version: str) -> list[str]:
    """Make a release again from its publication. Returns the files that differ, byte by byte; none
    where it is the same.

    Raises Problem where its publication is no longer in the store.
    """
    store, releases = Store(root), Releases(root)
    frozen = releases.folder(name, version)
    with store.locked():
        again, _ = build_release(store, releases, ReleaseRequest.of(read_release_manifest(frozen)))
        first, second = (
            {path.name: path.read_bytes() for path in folder.iterdir()}
            for folder in (frozen, again)
        )
        different = sorted(
            file for file in {*first, *second} if first.get(file) != second.get(file)
        )
        releases.building(name).rmdir()
        return different


def verify_release(root: Path, name: str, version: str) -> list[str]:
    """Every rule that a frozen release breaks now, its checksums first."""
    folder = Releases(root).folder(name, version)
    return [str(finding) for finding in lint_release(folder) + lint_release_files(folder)]


def withdraw_release(root: Path, name: str, version: str, reason: str, by: str) -> None:
    """Mark a release as withdrawn, with who says so and why. It stays where it is."""
    releases = Releases(root)
    releases.folder(name, version)
    with Store(root).locked():
        told = {
            "state": "withdrawn",
            "reason": reason,
            "by": by,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        releases.record(
            name,
            [
                held | told if held["version"] == version else held
                for held in releases.register(name)
            ],
        )


def correct_release(
    root: Path,
    name: str,
    publication_id: str,
    cause: str,
    prevention: str,
    signed: dict,
    publish_at: str,
) -> Path:
    """Release corrected figures: the standing version, from another publication, with a notice of
    what changed; the old one is kept and marked superseded.
    """
    releases = Releases(root)
    replaces = releases.latest(name)
    asked = ReleaseRequest.of(read_release_manifest(releases.folder(name, replaces)))
    correction = {"replaces": replaces, "cause": cause, "prevention": prevention}
    return make_release(
        root,
        replace(
            asked,
            publication_id=publication_id,
            correction=correction,
            publish_at=publish_at,
            version="",
            **signed,
        ),
    )
