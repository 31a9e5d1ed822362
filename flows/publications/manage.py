"""What a person does with publications: list, verify, reproduce, hold, unhold, roll back. Who
decided what, and why, is on record.
"""

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from data.problem import Problem
from data.store import manifest, signature
from data.store.manifest import ROOT
from data.store.store import PARTS, Store
from flows.publications import build, compare
from reports.facts import ReportFacts
from transforms.engine.duckdb_engine import DuckDB


def code_commit() -> str | None:
    """The commit of the code that runs, "-dirty" behind it where files differ; None outside of a
    repository.
    """
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip()


def get_publication(store: Store, publication_id: str) -> Path:
    """The folder of a publication. Raises Problem where there is none."""
    if not store.is_published(publication_id):
        known = ", ".join(store.publications()[-3:]) or "none yet"
        raise Problem(
            f"there is no publication {publication_id}",
            f"the latest are: {known} (servicekpi publications)",
        )
    return store.publication(publication_id)


def hold_reason(store: Store, publication_id: str) -> str | None:
    """Why readers are not to see a publication: what a person decided last, else what its run
    found. None: they may.
    """
    decided = [
        row
        for row in store.lake.read("decision").to_pylist()
        if row["publication_id"] == publication_id
    ]
    if decided:
        last = decided[-1]
        return (
            f"held by {last['decided_by']}: {last['reason']}"
            if last["decision"] == "hold"
            else None
        )
    return (
        "; ".join(manifest.read_manifest(get_publication(store, publication_id))["held_because"])
        or None
    )


def list_publications(store: Store) -> list[str]:
    """A line per publication: its id, when it was built, whether readers see it or why not."""
    lines = []
    for publication_id in store.publications():
        why, instead = hold_reason(store, publication_id), restated_by(store, publication_id)
        state = (
            "HELD: " + why
            if why
            else "readers see it"
            if publication_id == store.current()
            else instead or ""
        )
        lines.append(
            f"{publication_id}  {manifest.read_manifest(store.publication(publication_id))['finished']}  {state}".rstrip()
        )
    return lines


# -- decisions
# --------------------------------------------------------------------------------------------------------


def hold_publication(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Keep a publication from readers. Where they see it now, they see the one before it that is
    not held.

    Raises Problem where nothing would be left for them.
    """
    with store.locked():
        get_publication(store, publication_id)
        instead = store.current()
        if instead == publication_id:
            instead = _before(store, publication_id)
            if instead is None:
                raise Problem(
                    f"readers would see nothing: no publication stands before {publication_id}",
                    "publish another first",
                )
        _decide(store, publication_id, "hold", reason, by)
        if instead:
            store.point(instead)
        return f"{publication_id} is held. Readers see {instead or 'nothing: there is no publication yet'}."


def unhold_publication(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Let readers see a publication again, or one that its own checks held. They see it now where
    it is of a later day than what they see, or of the same and built later.
    """
    with store.locked():
        get_publication(store, publication_id)
        current = store.current()
        if hold_reason(store, publication_id) is None:
            raise Problem(f"{publication_id} is not held", "see servicekpi publications")
        _decide(store, publication_id, "unhold", reason, by)
        if current is None or publication_age(store, publication_id) > publication_age(
            store, current
        ):
            store.point(publication_id)
        return f"{publication_id} is no longer held. Readers see {store.current()}."


def roll_back(store: Store, publication_id: str, reason: str, by: str) -> str:
    """Let readers see an earlier publication, and hold the one that they see."""
    with store.locked():
        get_publication(store, publication_id)
        why, current = hold_reason(store, publication_id), store.current()
        if why:
            raise Problem(
                f"{publication_id} is held ({why})", f"servicekpi unhold {publication_id} first"
            )
        if publication_id == current:
            raise Problem(
                f"readers see {publication_id} already",
                "name an earlier one: servicekpi publications",
            )
        if current:
            _decide(store, current, "hold", reason, by)
        _decide(store, publication_id, "rollback", reason, by)
        store.point(publication_id)
        return f"Readers see {publication_id}. {current} is held."


def restate(store: Store, former: str | None, publication_id: str, reason: str, by: str) -> None:
    """Let a publication stand for the former one of its day. The former stays as it was, and says
    so.
    """
    _decide(store, publication_id, "unhold", reason, by)
    if former:
        _decide(store, former, "restate", f"{publication_id} stands for it: {reason}", by)


def restated_by(store: Store, publication_id: str) -> str | None:
    """Which publication stands for this one, and why; None: none does."""
    decided = [
        row
        for row in store.lake.read("decision").to_pylist()
        if row["publication_id"] == publication_id
    ]
    return decided[-1]["reason"] if decided and decided[-1]["decision"] == "restate" else None


def publication_age(store: Store, publication_id: str) -> tuple[str, str]:
    """Orders publications: by their day, those of one day by when they were built."""
    made = manifest.read_manifest(store.publication(publication_id))
    return made["made_of"]["as_of"], made["finished"]


def publication_of_day(store: Store, day: date) -> str | None:
    """The publication that stands for a day, of those that are not held: the one that readers see,
    else the one that was built last.
    """
    those = [
        name for name in store.publications() if publication_age(store, name)[0] == day.isoformat()
    ]
    those = [
        name
        for name in those
        if hold_reason(store, name) is None and restated_by(store, name) is None
    ]
    return (
        store.current()
        if store.current() in those
        else max(those, key=lambda name: publication_age(store, name), default=None)
    )


def _decide(store: Store, publication_id: str, decision: str, reason: str, by: str) -> None:
    said = {
        "publication_id": publication_id,
        "decision": decision,
        "reason": reason,
        "decided_by": by,
    }
    store.lake.add("decision", [said | {"decided_at": datetime.now(UTC).isoformat()}])


def _before(store: Store, publication_id: str) -> str | None:
    """The publication that readers saw before this one was built, or the one before that ..., that
    is not held.
    """
    while store.is_published(publication_id) and (
        compared := manifest.read_manifest(store.publication(publication_id)).get("compared_with")
    ):
        publication_id = compared["publication_id"]
        if store.is_published(publication_id) and hold_reason(store, publication_id) is None:
            return publication_id
    return None


# -- proof
# ------------------------------------------------------------------------------------------------------------


def verify_publication(
    store: Store, publication_id: str, trusted: Path | None = None
) -> tuple[list[str], str | None]:
    """What is not as it was published, a sentence each, and the fingerprint of the key that signed
    it (None: nobody did).

    Raises Problem where the signature does not hold, or `trusted` (a PEM file) is given and another
    key, or none, signed.
    """
    folder = get_publication(store, publication_id)
    signer = signature.check_signature(
        folder, signature.load_public_key(trusted) if trusted else None
    )
    wrong = manifest.find_differences(folder)
    for other in store.publications():
        said = (
            manifest.read_manifest(store.publication(other)).get("compared_with")
            if other != publication_id
            else None
        )
        if (
            said
            and said["publication_id"] == publication_id
            and said["manifest_sha256"] != manifest.manifest_sha256(folder)
        ):
            wrong.append(f"manifest.json: it is not the one that {other} was compared with")
    return wrong, signer


def reproduce_publication(store: Store, publication_id: str) -> tuple[list[str], str | None]:
    """Build a publication again from the store as it was then. Returns which files differ (a
    sentence each), and what to know about the code where it is another than the one that made it.

    Raises Problem where the publication that it was compared with is no longer there.
    """
    folder = get_publication(store, publication_id)
    made = manifest.read_manifest(folder)
    basis = build.open_snapshot(store, made)
    with TemporaryDirectory() as work:
        again = Path(work) / publication_id
        for part in PARTS:
            (again / part).mkdir(parents=True)
        zone, compared = made["made_of"]["timezone"], made["compared_with"]
        engine, former = DuckDB(Path(work) / "engine", zone), DuckDB(Path(work) / "former", zone)
        try:
            for one in (engine, former):
                one.confine(store.root, Path(work))
            built = build.build_tables(engine, basis, made["made_of"]["policy"])
            build.write_tables(again / "tables", built)
            if compared:
                get_publication(store, compared["publication_id"])
                present = compare.NewBuild(publication_id, made["made_of"], basis, built)
                build.write_tables(
                    again / "diff",
                    compare.compare_publications(
                        store, compared["publication_id"], present, former
                    ),
                )
        finally:
            engine.close()
            former.close()
        if made["made_of"]["rendered"]:
            build.render_publication(again, report_facts(made))
        return manifest.compare_checksums(made["files"], manifest.list_files(again)), _other_code(
            made["made_by"]
        )


def report_facts(run_facts: dict) -> ReportFacts:
    """Return what the report says about a publication, from its manifest or from the facts of the
    run that makes it.
    """
    inputs = run_facts["made_of"]
    known_at = inputs["known_at"]
    compared_with = run_facts["compared_with"]
    # A build that somebody asked to hold is read once it is published; by then the request is no
    # reason any more, so its pages do not mention it.
    hold_request = run_facts.get("aside")
    return ReportFacts(
        publication_id=run_facts["publication_id"],
        as_of=date.fromisoformat(inputs["as_of"]),
        known_at=date.fromisoformat(known_at) if known_at else None,
        policy=inputs["policy"],
        notes=run_facts["notes"],
        problems=run_facts["problems"],
        hold_reasons=[why for why in run_facts["held_because"] if why != hold_request],
        compared_with=compared_with["publication_id"] if compared_with else None,
        owners=run_facts.get("owners", {}),
    )


def _other_code(by: dict) -> str | None:
    now = manifest.describe_program(code_commit())
    if by["code"] == now["code"]:
        return None
    libraries = [
        f"{name} {version} (here {now['libraries'].get(name)})"
        for name, version in by["libraries"].items()
        if now["libraries"].get(name) != version
    ]
    return (
        f"it was made by code {by['code'][:12]}, commit {by['commit'] or 'unknown'}; here is code {now['code'][:12]}, commit {now['commit'] or 'unknown'}"
        + (f"; with {', '.join(libraries)}" if libraries else "")
    )


def publications_to_keep(store: Store, latest: date, keep: int = 0) -> set[str]:
    """The publications that must stay: on the day `latest`, for as long as the policy that each was
    made by promises (`reproduce_days`), or `keep` days where that is longer; the one that readers
    see; and those that they were compared with, without which they cannot be built again.
    """
    made = {
        publication_id: manifest.read_manifest(store.publication(publication_id))
        for publication_id in store.publications()
    }
    needed = {store.current()} & made.keys()
    for publication_id, told in made.items():
        days = max(keep, told["made_of"]["policy"].get("reproduce_days", 0))
        if date.fromisoformat(told["made_of"]["as_of"]) >= latest - timedelta(days=days):
            needed.add(publication_id)
    compared = {
        told["publication_id"]
        for publication_id in needed
        if (told := made[publication_id].get("compared_with"))
    }
    return needed | compared & made.keys()


def lake_versions_to_keep(store: Store, latest: date) -> dict[str, set[int]]:
    """The Delta versions by table that must not be vacuumed: those of the publications that must
    stay (`promised`).
    """
    kept: dict[str, set[int]] = {}
    for publication_id in publications_to_keep(store, latest):
        for table, version in (
            manifest.read_manifest(store.publication(publication_id)).get("lake", {}).items()
        ):
            kept.setdefault(table, set()).add(version)
    return kept
