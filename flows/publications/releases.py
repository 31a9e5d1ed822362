"""Releases: returns of a publication, frozen for a regulator or the public; made, verified, made
again, withdrawn, corrected.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from data.store.releases import Releases, read_release_manifest
from data.store.store import Store
from flows.publications.build_release import build_release
from flows.publications.release_request import ReleaseRequest
from reports.release.lint.run import lint_release, lint_release_files


def make_release(root: Path, request: ReleaseRequest) -> Path:
    """Make a release and freeze it. Returns its folder.

    Raises Problem where its publication is not published, a template is unknown, a control total is
    wrong, a figure cannot be protected, or a rule is broken: nothing is released then.
    """
    store, releases = Store(root), Releases(root)
    with store.locked():
        register = releases.register(request.name)
        before = register[-1]["version"] if register else None
        # A regulator sees its own releases only; whoever reads a public one may have read them all.
        earlier: list[str] = []
        if request.audience == "public":
            earlier = _list_public_releases(releases)
        request = replace(request, before=before, earlier=tuple(earlier))
        folder, request = build_release(store, releases, request)
        target = releases.commit(folder, request.name, request.version)
        if request.correction:
            superseded = {
                "state": "superseded",
                "superseded_by": request.version,
                "reason": request.correction["cause"],
            }
            register = _update_entry(register, request.correction["replaces"], superseded)
        releases.record(request.name, [*register, _register_entry(request)])
        return target


def reproduce_release(root: Path, name: str, version: str) -> list[str]:
    """Make a release again from its publication. Returns the files that differ, byte by byte.

    Raises Problem where its publication is no longer in the store.
    """
    store, releases = Store(root), Releases(root)
    frozen_folder = releases.folder(name, version)
    request = ReleaseRequest.from_manifest(read_release_manifest(frozen_folder))
    with store.locked():
        built_folder, _ = build_release(store, releases, request)
        frozen, built = _read_files(frozen_folder), _read_files(built_folder)
        releases.building(name).rmdir()
    return sorted(file for file in frozen | built if frozen.get(file) != built.get(file))


def verify_release(root: Path, name: str, version: str) -> list[str]:
    """Return every rule that a frozen release breaks now, a sentence each; its checksums first."""
    folder = Releases(root).folder(name, version)
    return [str(finding) for finding in lint_release(folder) + lint_release_files(folder)]


def withdraw_release(root: Path, name: str, version: str, reason: str, by: str) -> None:
    """Mark a release as withdrawn, with who says so and why. Its folder stays.

    Raises Problem where there is no such release.
    """
    releases = Releases(root)
    releases.folder(name, version)
    with Store(root).locked():
        withdrawn = {
            "state": "withdrawn",
            "reason": reason,
            "by": by,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        releases.record(name, _update_entry(releases.register(name), version, withdrawn))


def correct_release(
    root: Path,
    name: str,
    publication_id: str,
    cause: str,
    prevention: str,
    signers: dict[str, str],
    publish_at: str,
) -> Path:
    """Release corrected figures with a notice of what changed. Returns the folder.

    It is the version in force, made again from another publication; that version is kept and marked
    as superseded.

    Args:
        root: the store.
        name: of the release.
        publication_id: with the corrected figures.
        cause: what was wrong and why, printed in the notice.
        prevention: what prevents it from now on, printed in the notice.
        signers: names by role: `prepared_by`, `checked_by`, `approved_by`.
        publish_at: ISO instant with its offset.

    Raises:
        Problem: no version is in force, or as `make_release` does.
    """
    releases = Releases(root)
    replaces = releases.latest(name)
    former = ReleaseRequest.from_manifest(read_release_manifest(releases.folder(name, replaces)))
    request = replace(
        former,
        publication_id=publication_id,
        correction={"replaces": replaces, "cause": cause, "prevention": prevention},
        publish_at=publish_at,
        version="",
        **signers,
    )
    return make_release(root, request)


def _list_public_releases(releases: Releases) -> list[str]:
    public: list[str] = []
    for name in releases.names():
        entries = [entry for entry in releases.register(name) if entry["audience"] == "public"]
        public += [f"{name} {entry['version']}" for entry in entries]
    return public


def _register_entry(request: ReleaseRequest) -> dict:
    return {
        "version": request.version,
        "state": "published",
        "audience": request.audience,
        "publication_id": request.publication_id,
        "publish_at": request.publish_at,
        "announced_on": request.announced_on,
        "next_release": request.next_release,
    }


def _update_entry(register: list[dict], version: str, update: dict) -> list[dict]:
    entries = []
    for entry in register:
        is_of_version = entry["version"] == version
        entries.append({**entry, **update} if is_of_version else entry)
    return entries


def _read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
