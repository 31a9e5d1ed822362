"""The steps of a run as Prefect tasks: thin, named, timed. What they do is in the rooms below."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from data.config import correction, operations, policy
from data.config.contract import load_contracts
from data.config.policy import Policy
from data.config.profile import Profile, load_profile
from data.problem import Problem, runbook_page
from data.store import manifest, program, signature
from data.store.store import Store
from expectations.audits import run as audit
from flows.intake import landing as arrivals
from flows.intake.landing import Delivery
from flows.intake.take_in import Intake
from flows.monitoring import failures as mishaps
from flows.monitoring import notify, run_record
from flows.monitoring.run_record import PROGRESS
from flows.prefect_adapter.tasks import step
from flows.publications import build, decisions, reproduce
from flows.publications import compare as comparing
from transforms.engine.duckdb_engine import DuckDB, Engine, computing_engine
from transforms.kpis.catalogue import adapt_policy


@dataclass
class Run:
    """One run on its way: what was asked for, and what has become of it so far."""

    landing: Path | None
    store: Store
    as_of: date
    known_at: date | None
    profile: Profile
    policy: Policy
    render: bool
    engine: DuckDB
    intake: Intake
    record: run_record.RunRecord
    known: list[arrivals.LandedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    signing_key: signature.Ed25519PrivateKey | None = None
    computing: Callable[[], AbstractContextManager[Engine]] | None = None
    computed_by: str = "duckdb"
    aside: str | None = None
    unread: dict[str, str] = field(default_factory=dict)
    basis: build.LakeSnapshot | None = None
    publication_id: str = ""
    recipe: manifest.Recipe | None = None
    tables: dict[str, pa.Table] = field(default_factory=dict)
    compared_with: manifest.ComparedWith | None = None
    diff: dict[str, pa.Table] = field(default_factory=dict)


LOG = logging.getLogger("servicekpi")


def prepare_run(
    landing: Path | None,
    store: Store,
    as_of: date | None,
    known_at: date | None,
    profile: str,
    render: bool,
    threads: int,
    memory: str,
    signing_key: Path | None,
    computed_by: str,
    master: str | None,
) -> Run:
    """Everything a run needs before it touches a file."""
    with runbook_page("settings"):
        source, corrections = load_profile(profile), correction.load_corrections()
        choices = policy.resolve_policy(source.policy, store.policy)
    as_of = as_of or _yesterday(store, source.timezone)
    with runbook_page("signing-key"):
        key = signature.load_private_key(Path(signing_key)) if signing_key else None
    engine = DuckDB(store.work(), source.timezone, threads, memory)
    engine.confine(store.root, *[landing] * bool(landing))
    intake = Intake(store.lake, engine, source, choices.delivery_limits, corrections)
    on = partial(computing_engine, engine, computed_by, source.timezone, master, memory)
    with run_record.recording() as record:
        run = Run(
            landing,
            store,
            as_of,
            known_at,
            source,
            choices,
            render,
            engine,
            intake,
            record,
            signing_key=key,
            computing=on,
            computed_by=computed_by,
        )
    run.notes += policy.describe_overrides(policy.read_owner_policy(store.policy))
    return run


def _yesterday(store: Store, timezone: str) -> date:
    """The day that ended last. Raises Problem where the clock is behind what readers see: nobody
    asked for old figures.
    """
    day, current = datetime.now(ZoneInfo(timezone)).date() - timedelta(days=1), store.current()
    seen = manifest.read_manifest(store.publication(current)).recipe.as_of if current else day
    if day < seen:
        raise Problem(
            f"by the clock the day that ended last is {day}, but readers see {seen}",
            "set the clock, or ask for a day with --as-of",
            "clock",
        )
    return day


@step("land")
def land(run: Run) -> list[Delivery]:
    """See what has arrived."""
    with run.record.step("land") as step:
        arrival = arrivals.look_at_landing(
            run.landing, run.store.lake, run.profile, run.intake.corrections, unread=run.unread
        )
        run.intake.control, run.known = arrival.control, arrival.known
        run.problems += arrival.problems
        run.notes += arrival.notes
        ignored = f"{len(arrival.ignored)} files or folders match no pattern of profile {run.profile.name}: {', '.join(arrival.ignored[:3])}"
        run.notes += [ignored] * bool(arrival.ignored)
        files = [file for delivery in arrival.deliveries for file in delivery.files]
        step.bytes = sum(file.bytes for file in (*files, *arrival.known))
        LOG.info(
            "%d new files, %d taken in before, %d ignored",
            len(files),
            len(arrival.known),
            len(arrival.ignored),
        )
        return arrival.deliveries


@step("take in")
def take_in(run: Run, delivery: Delivery) -> None:
    """Read, judge and store one extract; a bad one is reported and the others go on."""
    names = ", ".join(file.path.name for file in delivery.files)
    with run.record.step("take in") as step, run.record.reading(names):
        try:
            verdict = run.intake.take_in(delivery, LOG.info)
            step.rows += sum(file.read for file in verdict.files)
            step.bytes += sum(file.bytes for file in delivery.files)
            for failed in (finding for finding in verdict.findings if not finding.success):
                run.record.found(
                    "rule",
                    f"{delivery.extract} {delivery.extract_date} {failed.rule}",
                    failed.failed,
                )
        except Problem as problem:
            if outside := mishaps.find_outside_cause(problem, run.store.root, names):
                raise outside from problem
            run.problems.append(problem)
            LOG.error("%s", problem)


@step("retire")
def remove_old_landing_files(run: Run, keep_days: int) -> list[str]:
    """Remove what had been taken in before this run from landing, once its time is over. Returns
    what there is to note.
    """
    removed, problems = arrivals.remove_old_files(run.known, run.as_of - timedelta(days=keep_days))
    return [f"{removed} files of more than {keep_days} days ago removed from landing"] * bool(
        removed
    ) + [str(problem) for problem in problems]


@step("identify")
def identify_publication(run: Run) -> bool:
    """Name the publication by what it is made of. True where it exists already."""
    run.basis = build.LakeSnapshot.of(run.store.lake, run.as_of, run.known_at)
    run.notes += _odd_news(run) if run.landing else []
    supplies = run.basis.supplies()
    if not supplies:
        raise (
            run.problems[0]
            if run.problems
            else Problem(
                "no extract is known at that day",
                "choose a later --known-at, or deliver extracts",
                "nothing-landed",
            )
        )
    with runbook_page("settings"):
        followed = adapt_policy(run.policy, supplies)
    if followed != run.policy:
        run.notes.append(
            "the claims have no payment date: a claim settles when it is closed (closing_point = business_close)"
        )
    run.policy = followed
    run.recipe = manifest.make_recipe(
        run.as_of,
        run.known_at,
        run.profile.timezone,
        run.policy.model_dump(mode="json"),
        run.basis.deliveries,
        run.render,
    )
    run.publication_id = run.recipe.identify()
    run.notes += [
        f"there is no extract of {name}"
        for name, contract in load_contracts().items()
        if name not in supplies and not contract.optional
    ]
    return run.store.is_published(run.publication_id)


def _odd_news(run: Run) -> list[str]:
    """What was odd about deliveries that readers have not seen yet, whichever run took them in: it
    may have been killed afterwards.
    """
    current = run.store.current()
    current_manifest = manifest.read_manifest(run.store.publication(current)) if current else None
    known = []
    if current_manifest and current_manifest.lake is not None:
        known = build.open_snapshot(run.store, current_manifest).deliveries
    key = itemgetter("extract_date", "extract", "file_name", "sha256", "judged_by")
    seen = set(map(key, known))
    return list(
        dict.fromkeys(
            row["warnings"]
            for row in sorted(run.basis.deliveries, key=key)
            if row["warnings"] and key(row) not in seen
        )
    )


@step("answer challenges")
def answer_challenges(run: Run) -> None:
    """Judge what branches returned on their previews."""
    if any(run.landing.glob(arrivals.CHALLENGES)):
        from flows.publications import challenges  # scipy: not for nights without any

        engine = DuckDB(
            run.engine.folder / "challenged",
            run.profile.timezone,
            run.engine.threads,
            run.engine.memory,
        )
        engine.confine(run.store.root)
        try:
            run.notes += challenges.summarize_answers(
                challenges.judge_challenges(run.store, run.landing, run.basis, engine)
            )
        except Problem as problem:
            run.notes.append(str(problem))
        finally:
            engine.close()


@step("transform")
def transform(run: Run) -> None:
    """The extracts as known -> KPIs, leagues, dimensions."""
    with run.record.step("transform") as step, runbook_page("settings"), run.computing() as engine:
        run.tables = build.build_tables(
            run.engine,
            run.basis,
            run.policy,
            lambda name: PROGRESS.info("computing %s", name),
            engine,
        )
        step.made(run.tables)


@step("audit")
def run_audits(run: Run) -> list[audit.AuditFailure]:
    """Look for rows that are wrong in what was built."""
    with run.record.step("audit") as step:
        failures = audit.run_audits(run.engine)
        step.rows = sum(failure.rows for failure in failures)
        for failure in failures:
            LOG.error("%s", failure)
        return failures


@step("compare")
def compare(run: Run) -> None:
    """What changed since the publication that readers see, or, built aside, the one that stands for
    its day; and why.
    """
    former = (
        decisions.publication_of_day(run.store, run.as_of) if run.aside else run.store.current()
    )
    if former and manifest.read_manifest(run.store.publication(former)).lake is None:
        run.notes.append(f"not compared with {former}: it does not tell what it was made of")
        former = None
    if former is None:
        return
    with run.record.step("compare") as step:
        run.compared_with = manifest.ComparedWith(
            publication_id=former,
            manifest_sha256=manifest.manifest_sha256(run.store.publication(former)),
        )
        present = comparing.NewBuild(run.publication_id, run.recipe, run.basis, run.tables)
        engine = DuckDB(
            run.engine.folder / "former",
            run.profile.timezone,
            run.engine.threads,
            run.engine.memory,
        )
        engine.confine(run.store.root)
        try:
            run.diff = comparing.compare_publications(
                run.store, former, present, engine, lambda name: PROGRESS.info("%s", name)
            )
            step.made(run.diff)
        finally:
            engine.close()


@step("render")
def render(run: Run, failures: list[audit.AuditFailure]) -> Path:
    """Write tables, report, workbook and exports aside. Pages of a build that is held say so."""
    folder = run.store.building(run.publication_id)
    with run.record.step("write tables") as step:
        build.write_tables(folder / "tables", run.tables)
        build.write_tables(folder / "diff", run.diff)
        step.made(run.tables | run.diff)
        step.bytes = run_record.folder_size(folder)
    if run.render:
        with run.record.step("render") as step:
            facts = reproduce.report_facts(build_facts(run, failures))
            build.render_publication(
                folder, facts, lambda name: PROGRESS.info("rendering %s", name)
            )
            step.bytes = run_record.folder_size(folder) - run.record.steps["write tables"].bytes
    return folder


@step("publish")
def publish(
    run: Run, folder: Path, started: str, finished: str, failures: list[audit.AuditFailure]
) -> Path:
    """Manifest last, signed where there is a key, one rename, one pointer swap; with failed audits,
    or a failed extract where policy says so, held.
    """
    facts = build_facts(run, failures)
    is_held = bool(facts.hold_reasons)
    rows = {name: table.num_rows for name, table in (run.tables | run.diff).items()}
    with run.record.step("publish") as step:
        complete = manifest.Manifest(
            **dict(facts),
            state="held" if is_held else "published",
            started=started,
            finished=finished,
            seconds=run.record.seconds,
            computed_by=run.computed_by,
            program=program.describe_program(reproduce.code_commit()),
            lake=run.store.lake.versions(),
            checks=_checks(run, failures),
            tables=dict(sorted(rows.items())),
            files=manifest.list_files(folder),
        )
        manifest.write_manifest(folder, complete)
        if run.signing_key:
            signature.sign_manifest(folder, run.signing_key)
        step.bytes = run_record.folder_size(folder)
        return run.store.commit(run.publication_id, point=not is_held)


def _checks(run: Run, failures: list[audit.AuditFailure]) -> manifest.Checks:
    columns = ["extract", "extract_date", "rule_id", "severity", "rows_failed"]
    rows_by_audit = dict.fromkeys(audit.audit_names(), 0)
    for failure in failures:
        rows_by_audit[failure.audit] += failure.rows
    return manifest.Checks(
        rules=run.tables["quality_rule_result"].select(columns).to_pylist(), audits=rows_by_audit
    )


def build_facts(run: Run, failures: list[audit.AuditFailure]) -> manifest.BuildFacts:
    """Return what the manifest and the report both say of a run."""
    owners = notify.list_owners(
        operations.load_operations(run.store.operations), list(load_contracts())
    )
    return manifest.BuildFacts(
        publication_id=run.publication_id,
        recipe=run.recipe,
        notes=run.notes,
        problems=[str(problem) for problem in run.problems],
        hold_request=run.aside,
        owners=owners,
        hold_reasons=hold_reasons(run, failures),
        compared_with=run.compared_with,
    )


def hold_reasons(run: Run, failures: list[audit.AuditFailure]) -> list[str]:
    """Why readers are not to see this build; empty: they are."""
    reasons = [run.aside] * bool(run.aside) + [str(failure) for failure in failures]
    return reasons + [
        str(problem) for problem in run.problems if run.policy.on_failed_extract == "hold"
    ]
