"""The steps of a run as Prefect tasks: thin, named, timed. What they do is in the rooms below."""

import json
import logging
import resource
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed, State

from data import correction, manifest, policy, published
from data.contract import contracts
from data.problem import Problem
from data.profile import Profile, load
from data.store import Store, write_parquet
from expectations import audit
from flows import arrivals, quality
from flows.arrivals import Delivery
from flows.intake import Intake
from transforms import versions
from transforms.catalog import Supply, effective_policy
from transforms.engine import DuckDB
from transforms.merge import standing_of


@dataclass
class Run:
    """One run on its way: what was asked for, and what has become of it so far."""

    landing: Path
    store: Store
    as_of: date
    known_at: date | None
    profile: Profile
    policy: dict
    render: bool
    engine: DuckDB
    intake: Intake
    known: list[arrivals.Landed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    deliveries: list[dict] = field(default_factory=list)
    publication_id: str = ""
    made_of: dict = field(default_factory=dict)
    supplies: dict[str, Supply] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)


LOG = logging.getLogger("servicekpi")


def told(function):
    """Let a Problem end a task or a flow as Prefect's state `Failed` with its sentence, without a traceback in the log."""

    @wraps(function)
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            return Failed(message=str(problem), data=problem)

    return inner


def step(name: str):
    """A Prefect task without result caching: what a step leaves behind is in the store, not in Prefect."""

    def wrapped(function):
        body = task(name=name, cache_policy=NO_CACHE, persist_result=False)(told(function))
        return wraps(function)(lambda *args, **kwargs: settled(body(*args, **kwargs)))

    return wrapped


def settled(result):
    """What a task or a flow returned; the Problem that it ended with is raised."""
    return result.result() if isinstance(result, State) else result


@contextmanager
def timed(run: Run, name: str):
    """Record how long a step took."""
    started = time.perf_counter()
    yield
    run.seconds[name] = round(run.seconds.get(name, 0) + time.perf_counter() - started, 3)


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def prepare(landing: Path, store: Store, as_of: date | None, known_at: date | None, profile: str, render: bool, threads: int, memory: str) -> Run:
    """Everything a run needs before it touches a file."""
    source = load(profile)
    as_of = as_of or datetime.now(ZoneInfo(source.timezone)).date() - timedelta(days=1)
    choices = policy.load(source.policy)
    engine = DuckDB(store.work(), source.timezone, threads, memory)
    intake = Intake(store.lake, engine, source, choices["delivery_limits"], correction.load())
    return Run(landing, store, as_of, known_at, source, choices, render, engine, intake)


@step("land")
def land(run: Run) -> list[Delivery]:
    """See what has arrived."""
    with timed(run, "land"):
        arrival = arrivals.arrivals(run.landing, run.store.lake, run.profile, run.intake.corrections)
        run.intake.control, run.known = arrival.control, arrival.known
        run.problems += arrival.problems
        run.notes += arrival.notes
        if arrival.ignored:
            run.notes.append(f"{len(arrival.ignored)} files match no pattern of profile {run.profile.name}: {', '.join(arrival.ignored[:3])}")
        files = sum(len(delivery.files) for delivery in arrival.deliveries)
        LOG.info("%d new files, %d taken in before, %d ignored", files, len(arrival.known), len(arrival.ignored))
        return arrival.deliveries


@step("take in")
def take_in(run: Run, delivery: Delivery) -> None:
    """Read, judge and store one extract; a bad one is reported and the others go on."""
    with timed(run, "take in"):
        try:
            verdict = run.intake.take_in(delivery, LOG.info)
            run.notes += verdict.warnings
        except Problem as problem:
            run.problems.append(problem)
            LOG.error("%s", problem)


@step("retire")
def retire(run: Run, keep_days: int) -> list[str]:
    """Remove what had been taken in before this run from landing, once its time is over. Returns what there is to note."""
    removed, problems = arrivals.retire(run.known, run.as_of - timedelta(days=keep_days))
    return [f"{removed} files of more than {keep_days} days ago removed from landing"] * bool(removed) + [str(problem) for problem in problems]


@step("identify")
def identify(run: Run) -> bool:
    """Name the publication by what it is made of. True where it exists already."""
    run.deliveries = run.store.lake.read("delivery", known_at=run.known_at).to_pylist()
    run.supplies = _supplies(run)
    if not run.supplies:
        raise run.problems[0] if run.problems else Problem("no extract is known at that day", "choose a later --known-at, or deliver extracts")
    followed = effective_policy(run.policy, run.supplies)
    if followed != run.policy:
        run.notes.append("the claims have no payment date: a claim settles when it is closed (closing_point = business_close)")
    run.policy = followed
    run.publication_id, run.made_of = manifest.identity(run.as_of, run.known_at, run.policy, run.deliveries, run.render)
    run.notes += [f"there is no extract of {name}" for name in contracts() if name not in run.supplies]
    return run.store.is_published(run.publication_id)


def _supplies(run: Run) -> dict[str, Supply]:
    supplies = {}
    for extract in contracts():
        rows = [row for row in run.deliveries if row["extract"] == extract]
        if rows:
            begins = [row["history_from"] for row in rows if row["history_from"]]
            supplies[extract] = Supply(
                columns=frozenset(name for row in rows for name in row["columns"].split(", ")),
                history_from=min(begins, default=None),
                as_of=min(run.as_of, max(row["extract_date"] for row in rows)),
                closed_only=all(row["closed_only"] for row in rows),
            )
    return supplies


@step("transform")
def transform(run: Run) -> None:
    """The extracts as known -> KPIs, leagues, dimensions."""
    from transforms import build  # scipy and statsmodels: not before they are needed

    with timed(run, "transform"):
        _open_extracts(run)
        inputs = build.Inputs(run.as_of, run.supplies, run.policy)
        run.tables = build.build(run.engine, inputs, lambda name: LOG.info("computing %s", name))
        run.tables |= {
            "dim_column": published.dim_column(),
            **quality.tables(
                run.engine, run.store.lake, run.known_at, run.deliveries, {name: supply.columns for name, supply in run.supplies.items()}
            ),
        }


def _open_extracts(run: Run) -> None:
    """The extracts as relations of the engine: their current rows, or those of an earlier day."""
    lake = run.store.lake
    for extract, contract in contracts().items():
        ledger = lake.delivered(extract)
        latest = max((row["extract_date"] for row in ledger), default=None)
        if run.known_at and latest and run.known_at < latest:
            known = [row for row in ledger if row["extract_date"] <= run.known_at]
            standing = standing_of(run.engine, lake, contract, known, run.known_at)
            versions.as_known(run.engine, extract, contract, lake.files("versions", extract), run.known_at, standing)
        else:
            run.engine.scan(extract, lake.current_files(extract), contract.schema)


@step("audit")
def check(run: Run) -> list[audit.AuditFailure]:
    """Look for rows that are wrong in what was built."""
    with timed(run, "audit"):
        failures = audit.run(run.engine)
        for failure in failures:
            LOG.error("%s", failure)
        return failures


@step("render")
def render(run: Run) -> Path:
    """Write tables, report, workbook and exports aside."""
    folder = run.store.building(run.publication_id)
    with timed(run, "write tables"):
        for name, table in run.tables.items():
            write_parquet(table, folder / "tables" / f"{name}.parquet")
    if run.render:
        with timed(run, "render"):
            import reports  # matplotlib and friends: not for runs that do not render

            facts = {
                "publication_id": run.publication_id,
                "as_of": run.as_of,
                "known_at": run.known_at,
                "policy": run.policy,
                "notes": run.notes,
                "problems": [str(problem) for problem in run.problems],
            }
            reports.render(folder / "tables", facts, folder / "report", folder / "exports", lambda name: LOG.info("rendering %s", name))
    return folder


@step("publish")
def publish(run: Run, folder: Path, started: str, finished: str, failures: list[audit.AuditFailure]) -> Path:
    """Manifest last, one rename, one pointer swap; with failed audits, or a failed extract where policy says so, held."""
    described = manifest.describe(folder, {name: table.num_rows for name, table in run.tables.items()})
    held = hold_reasons(run, failures)
    manifest.write(
        folder,
        {
            "publication_id": run.publication_id,
            "state": "held" if held else "published",
            "held_because": held,
            "started": started,
            "finished": finished,
            "seconds": run.seconds,
            "made_of": run.made_of,
            "notes": run.notes,
            "problems": [str(problem) for problem in run.problems],
            **json.loads(json.dumps(described)),
        },
    )
    return run.store.commit(run.publication_id, point=not held)


def hold_reasons(run: Run, failures: list[audit.AuditFailure]) -> list[str]:
    """Why readers are not to see this build; empty: they are."""
    reasons = [str(failure) for failure in failures]
    if run.problems and run.policy["on_failed_extract"] == "hold":
        reasons += [str(problem) for problem in run.problems]
    return reasons
