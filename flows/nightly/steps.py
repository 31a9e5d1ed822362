"""The steps of a run, tasks of its flow: thin, named, timed. What they do is in the rooms below."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from data.config.contract import load_contracts
from data.problem import Problem, runbook_page
from data.store import manifest, program, signature
from data.store.former_parts import NO_FORMER_PARTS, FormerParts
from data.store.table_files import write_tables
from expectations.audits import run as audit
from expectations.audits.run import AuditFailure
from flows.intake import landing
from flows.intake.landed_file import Delivery
from flows.monitoring.failures import find_outside_cause
from flows.monitoring.run_record import PROGRESS, folder_size
from flows.nightly.former import find_former_publication
from flows.nightly.run_context import Run
from flows.nightly.run_facts import build_facts, list_checks, new_warnings
from flows.prefect_adapter.flow_runs import step
from flows.publications import build, challenge_answers, challenges, reproduce
from flows.publications import compare as compare_with
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis.catalogue import ExtractSupply, adapt_policy

LOG = logging.getLogger("servicekpi")


@step("land")
def land(run: Run, folder: Path) -> list[Delivery]:
    """Look at what has arrived in a folder, and return what is new."""
    with run.record.step("land") as measured:
        landed = landing.look_at_landing(
            folder,
            run.store.lake,
            run.profile,
            run.intake.corrections,
            unread=run.options.unread_files,
        )
        run.intake.control = landed.control
        run.known_files = landed.known
        run.problems += landed.problems
        run.notes += landed.notes
        if landed.ignored:
            run.notes.append(
                f"{len(landed.ignored)} files or folders match no pattern of profile "
                f"{run.profile.name}: {', '.join(landed.ignored[:3])}"
            )
        new_files = [file for delivery in landed.deliveries for file in delivery.files]
        measured.bytes = sum(file.bytes for file in (*new_files, *landed.known))
        LOG.info(
            "%d new files, %d taken in before, %d ignored",
            len(new_files),
            len(landed.known),
            len(landed.ignored),
        )
        return landed.deliveries


@step("take in")
def take_in(run: Run, delivery: Delivery) -> None:
    """Read, judge and store one extract; a bad one is reported, and the others go on."""
    names = ", ".join(file.path.name for file in delivery.files)
    with run.record.step("take in") as measured, run.record.reading(names):
        try:
            verdict = run.intake.take_in(delivery, LOG.info)
            measured.rows += sum(file.read for file in verdict.files)
            measured.bytes += sum(file.bytes for file in delivery.files)
            for finding in verdict.findings:
                if not finding.success:
                    broken = f"{delivery.extract} {delivery.extract_date} {finding.rule}"
                    run.record.add_finding("rule", broken, finding.failed)
        except Problem as problem:
            # A full disk is not the file's fault: it ends the run, which may be repeated.
            cause = find_outside_cause(problem, run.store.root, names)
            if cause:
                raise cause from problem
            run.problems.append(problem)
            LOG.error("%s", problem)


@step("retire")
def remove_old_landing_files(run: Run, keep_days: int) -> list[str]:
    """Remove from landing what was taken in before this run and is older than `keep_days`.

    Returns the notes about it.
    """
    before = run.as_of - timedelta(days=keep_days)
    removed, problems = landing.remove_old_files(run.known_files, before)
    notes = [str(problem) for problem in problems]
    if removed:
        notes.insert(0, f"{removed} files of more than {keep_days} days ago removed from landing")
    return notes


@step("identify")
def identify_publication(run: Run) -> bool:
    """Name the publication after what it is made of. Return whether it exists already."""
    run.snapshot = build.LakeSnapshot.from_lake(run.store.lake, run.as_of, run.options.known_at)
    if run.options.landing:
        run.notes += new_warnings(run)
    supplies = run.snapshot.supplies()
    if not supplies:
        raise run.problems[0] if run.problems else _nothing_known()
    _adapt_policy(run, supplies)
    run.recipe = manifest.make_recipe(
        run.as_of,
        run.options.known_at,
        run.profile.timezone,
        run.policy.model_dump(mode="json"),
        run.snapshot.deliveries,
        run.options.render,
    )
    run.publication_id = run.recipe.identify()
    for name, contract in load_contracts().items():
        if name not in supplies and not contract.optional:
            run.notes.append(f"no extract of {name} has been delivered")
    return run.store.is_published(run.publication_id)


def _adapt_policy(run: Run, supplies: dict[str, ExtractSupply]) -> None:
    with runbook_page("settings"):
        adapted_policy = adapt_policy(run.policy, supplies)
    if adapted_policy != run.policy:
        run.notes.append(
            "the claims have no payment date: a claim settles when it is closed "
            "(closing_point = business_close)"
        )
    run.policy = adapted_policy


def _nothing_known() -> Problem:
    return Problem(
        "no extract was known on that day",
        "choose a later --known-at, or deliver extracts",
        "nothing-landed",
    )


@step("answer challenges")
def answer_challenges(run: Run, folder: Path) -> None:
    """Judge what branches returned on their previews into a folder."""
    if not challenges.find_forms(folder):
        return
    with _second_engine(run, "challenged") as engine:
        judged = challenges.judge_challenges(
            run.store, folder, run.require_snapshot(), run.profile, engine
        )
    run.notes += challenge_answers.summarize_answers(judged)


@contextmanager
def _second_engine(run: Run, name: str) -> Iterator[DuckDB]:
    """Open an engine next to the run's own, for the tables of another publication."""
    first = run.engine
    engine = DuckDB(first.folder / name, run.profile.timezone, first.threads, first.memory)
    engine.confine(run.store.root)
    try:
        yield engine
    finally:
        engine.close()


@step("transform")
def transform(run: Run) -> None:
    """Build all tables from the extracts as they are known: KPIs, leagues, dimensions."""
    with run.record.step("transform") as measured, runbook_page("settings"):
        with run.open_engine() as engine:
            run.tables = build.build_tables(
                run.engine,
                run.require_snapshot(),
                run.policy,
                lambda name: PROGRESS.info("computing %s", name),
                engine,
                _former_parts(run),
            )
        measured.count_tables(run.tables)


@step("audit")
def run_audits(run: Run) -> list[AuditFailure]:
    """Look for rows that are wrong in what was built."""
    with run.record.step("audit") as measured:
        failures = audit.run_audits(run.engine)
        measured.rows = sum(failure.rows for failure in failures)
        for failure in failures:
            LOG.error("%s", failure)
        return failures


@step("write tables")
def write_figures(run: Run) -> None:
    """Write the tables to a folder that readers do not see yet."""
    former = find_former_publication(run)
    with run.record.step("write tables") as measured:
        run.store.building(run.publication_id)
        former_tables = run.store.publication(former) / "tables" if former else None
        write_tables(run.folder / "tables", run.tables, former_tables)
        measured.count_tables(run.tables)
        measured.bytes = folder_size(run.folder)


def _former_parts(run: Run) -> FormerParts:
    """Return the parts that need not be built again."""
    former = find_former_publication(run)
    if former is None:
        return NO_FORMER_PARTS
    return FormerParts.from_publication(run.store.publication(former))


@step("compare")
def compare(run: Run) -> None:
    """Find what changed since the former publication, and why."""
    former = find_former_publication(run)
    if former is None:
        return
    if manifest.read_manifest(run.store.publication(former)).lake is None:
        run.notes.append(f"not compared with {former}: it does not say what it was made of")
        return
    with run.record.step("compare") as measured:
        run.compared_with = manifest.ComparedWith(
            publication_id=former,
            manifest_sha256=manifest.manifest_sha256(run.store.publication(former)),
        )
        new_build = build.NewBuild(
            run.publication_id,
            run.require_recipe(),
            run.require_snapshot(),
            run.folder / "tables",
        )
        with _second_engine(run, "former") as engine:
            run.diff = compare_with.compare_publications(
                run.store, former, new_build, engine, lambda name: PROGRESS.info("%s", name)
            )
        measured.count_tables(run.diff)
        write_tables(run.folder / "diff", run.diff)


@step("render")
def render(run: Run, failures: list[AuditFailure]) -> Path:
    """Write report, workbook and exports next to the tables.

    Pages of a build that is held say so.
    """
    folder = run.folder
    table_bytes = folder_size(folder)
    if run.options.render:
        with run.record.step("render") as measured:
            facts = reproduce.report_facts(build_facts(run, failures))
            build.render_publication(
                folder, facts, lambda name: PROGRESS.info("rendering %s", name)
            )
            measured.bytes = folder_size(folder) - table_bytes
    return folder


@step("publish")
def publish(
    run: Run, folder: Path, started: str, finished: str, failures: list[AuditFailure]
) -> Path:
    """Write the manifest last, sign it, rename the folder once, and point readers to it.

    Readers are not pointed to a build that is to be held. Returns the publication's folder.
    """
    facts = build_facts(run, failures)
    rows = {name: table.num_rows for name, table in (run.tables | run.diff).items()}
    with run.record.step("publish") as measured:
        complete = manifest.Manifest(
            **dict(facts),
            state="held" if facts.hold_reasons else "published",
            started=started,
            finished=finished,
            seconds=run.record.seconds,
            computed_by=run.options.engine,
            program=program.describe_program(reproduce.code_commit()),
            lake=run.store.lake.tables.versions(),
            checks=list_checks(run, failures),
            tables=dict(sorted(rows.items())),
            files=manifest.list_files(folder),
        )
        manifest.write_manifest(folder, complete)
        if run.signing_key:
            signature.sign_manifest(folder, run.signing_key)
        measured.bytes = folder_size(folder)
        return run.store.commit(run.publication_id, point=not facts.hold_reasons)
