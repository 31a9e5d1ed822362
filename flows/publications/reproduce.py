"""Building a publication again from the store as it was then, to see that nothing differs."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from data.config.policy import policy_from_manifest
from data.store import manifest
from data.store.manifest import BuildFacts, Manifest
from data.store.program import ROOT, Program, describe_program
from data.store.store import PARTS, Store
from data.store.table_files import write_tables
from flows.publications import build, compare
from flows.publications.lookup import get_publication
from reports.facts import ReportFacts
from transforms.engine.duckdb_engine import DuckDB


def code_commit() -> str | None:
    """Return the commit of the code that runs, ending in "-dirty" where files differ.

    None outside of a repository.
    """
    try:
        result = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()


def reproduce_publication(store: Store, publication_id: str) -> tuple[list[str], str | None]:
    """Build a publication again from the store as it was then.

    Returns which files differ, a sentence each, and what to know about the code where it is not the
    code that built it. Raises Problem where the publication that it was compared with is gone.
    """
    folder = get_publication(store, publication_id)
    original = manifest.read_manifest(folder)
    with TemporaryDirectory() as work:
        again = Path(work) / publication_id
        _build_again(store, original, again, Path(work))
        files = manifest.list_files(again)
    return manifest.compare_files(original.files, files), _describe_other_code(original.program)


def report_facts(facts: BuildFacts) -> ReportFacts:
    """Return what the report says about a publication besides its tables."""
    recipe, compared_with = facts.recipe, facts.compared_with
    # What was built on request is read once it is published: by then the request holds nothing.
    hold_reasons = [reason for reason in facts.hold_reasons if reason != facts.hold_request]
    return ReportFacts(
        publication_id=facts.publication_id,
        as_of=recipe.as_of,
        known_at=recipe.known_at,
        policy=policy_from_manifest(recipe.policy),
        notes=facts.notes,
        problems=facts.problems,
        hold_reasons=hold_reasons,
        compared_with=compared_with.publication_id if compared_with else None,
        owners=facts.owners,
    )


def _build_again(store: Store, original: Manifest, folder: Path, work: Path) -> None:
    for part in PARTS:
        (folder / part).mkdir(parents=True)
    recipe = original.recipe
    snapshot = build.open_snapshot(store, original)
    engine = DuckDB(work / "engine", recipe.timezone)
    former_engine = DuckDB(work / "former", recipe.timezone)
    try:
        engine.confine(store.root, work)
        former_engine.confine(store.root, work)
        tables = build.build_tables(engine, snapshot, policy_from_manifest(recipe.policy))
        write_tables(folder / "tables", tables)
        if original.compared_with:
            former_id = original.compared_with.publication_id
            get_publication(store, former_id)
            new = build.NewBuild(original.publication_id, recipe, snapshot, folder / "tables")
            changes = compare.compare_publications(store, former_id, new, former_engine)
            write_tables(folder / "diff", changes)
    finally:
        engine.close()
        former_engine.close()
    if recipe.rendered:
        build.render_publication(folder, report_facts(original))


def _describe_other_code(original: Program) -> str | None:
    here = describe_program(code_commit())
    if original.code == here.code:
        return None
    sentence = (
        f"it was made by code {original.code[:12]}, commit {original.commit or 'unknown'};"
        f" here is code {here.code[:12]}, commit {here.commit or 'unknown'}"
    )
    libraries = [
        f"{name} {version} (here {here.libraries.get(name)})"
        for name, version in original.libraries.items()
        if here.libraries.get(name) != version
    ]
    if libraries:
        sentence += f"; with {', '.join(libraries)}"
    return sentence
