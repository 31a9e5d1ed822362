"""Releases: returns of a publication, frozen for a regulator or the public; made, verified, made
again, withdrawn, corrected.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from data.problem import Problem
from data.store.releases import Releases, read_release_manifest
from data.store.store import Store
from flows.publications.build_release import build_release
from flows.publications.release_request import ReleaseRequest
from reports.release.lint.run import lint_release, lint_release_files


def make_release(root: Path, request: ReleaseRequest) -> Path:
    """Make a release and freeze it. Returns its folder.

    Versions of the same periods are superseded by it. Raises Problem where its publication is not
    published, a template is unknown, a signature or a date is wrong, a control total is wrong, a
    figure cannot be protected, or a rule is broken: nothing is released then.
    """
    store, releases = Store(root), Releases(root, request.audience)
    with store.locked():
        register = releases.register(request.name)
        before = request.before or (register[-1]["version"] if register else None)
        request = replace(request, before=before, earlier=tuple(releases.known()))
        folder, request, periods = build_release(store, releases, request)
        target = releases.commit(folder, request.name, request.version)
        register = [_supersede(entry, request, periods) for entry in register]
        releases.record(request.name, [*register, _register_entry(request, periods)])
        return target


def _supersede(entry: dict, request: ReleaseRequest, periods: list[str]) -> dict:
    """Return the entry of an earlier version: no longer in force where its periods are the same."""
    if entry["state"] != "published" or entry["periods"] != periods:
        return entry
    reason = "made again"
    if request.correction:
        reason = request.correction["cause"]
    return entry | {"state": "superseded", "superseded_by": request.version, "reason": reason}


def reproduce_release(root: Path, audience: str, name: str, version: str) -> list[str]:
    """Make a release again from its publication. Returns the files that differ, byte by byte.

    Raises Problem where its publication is no longer in the store.
    """
    store, releases = Store(root), Releases(root, audience)
    frozen_folder = releases.folder(name, version)
    request = ReleaseRequest.from_manifest(read_release_manifest(frozen_folder))
    with store.locked():
        built_folder, _, _ = build_release(store, releases, request)
        frozen, built = _read_files(frozen_folder), _read_files(built_folder)
        releases.building(name).rmdir()
    return sorted(file for file in frozen | built if frozen.get(file) != built.get(file))


def verify_release(root: Path, audience: str, name: str, version: str) -> list[str]:
    """Return every rule that a frozen release breaks now, a sentence each; its checksums first."""
    folder = Releases(root, audience).folder(name, version)
    return [str(finding) for finding in lint_release(folder) + lint_release_files(folder)]


def withdraw_release(
    root: Path, audience: str, name: str, version: str, reason: str, by: str
) -> None:
    """Mark a release as withdrawn, with who says so and why. Its folder stays.

    Raises Problem where there is no such release.
    """
    releases = Releases(root, audience)
    releases.folder(name, version)
    with Store(root).locked():
        withdrawn = {
            "state": "withdrawn",
            "reason": reason,
            "by": by,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        releases.record(name, _update_entry(releases.register(name), version, withdrawn))


@dataclass(frozen=True)
class Correction:
    """What a correction corrects, and why: `cause` and `prevention` are printed in its notice.

    `version` is the one that was wrong (None: the latest in force), `signers` are names by role:
    `prepared_by`, `checked_by`, `approved_by`; `publish_at` is an ISO instant with its offset.
    """

    publication_id: str
    cause: str
    prevention: str
    signers: dict[str, str]
    publish_at: str
    version: str | None = None


def correct_release(root: Path, audience: str, name: str, correction: Correction) -> Path:
    """Release corrected figures with a notice of what changed. Returns the folder.

    It is the version that was wrong, made again from another publication of the same periods; that
    version is kept and marked as superseded.

    Raises Problem where that version is not in force, the periods are other ones, nothing changes,
    or as `make_release` does.
    """
    releases = Releases(root, audience)
    wrong = correction.version or releases.latest(name)
    former = ReleaseRequest.from_manifest(read_release_manifest(releases.folder(name, wrong)))
    states = {entry["version"]: entry["state"] for entry in releases.register(name)}
    if states[wrong] != "published":
        raise Problem(
            f"release {name} {wrong} is {states[wrong]}", "correct a version that is in force"
        )
    notice = {
        "replaces": wrong,
        "cause": correction.cause,
        "prevention": correction.prevention,
    }
    request = replace(
        former,
        publication_id=correction.publication_id,
        correction=notice,
        before=wrong,
        publish_at=correction.publish_at,
        version="",
        **correction.signers,
    )
    return make_release(root, request)


def _register_entry(request: ReleaseRequest, periods: list[str]) -> dict:
    return {
        "version": request.version,
        "state": "published",
        "periods": periods,
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
