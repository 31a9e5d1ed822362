"""One run on its way, and everything it needs before it touches a file."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from data.config.correction import load_corrections
from data.config.policy import Policy, describe_overrides, read_owner_policy, resolve_policy
from data.config.profile import Profile, load_profile
from data.problem import Problem, runbook_page
from data.store import manifest, signature
from data.store.store import Store
from flows.intake.landed_file import LandedFile
from flows.intake.take_in import Intake
from flows.monitoring.run_record import RunRecord, recording
from flows.nightly.run_options import RunOptions
from flows.publications.build import LakeSnapshot
from transforms.engine.duckdb_engine import DuckDB, Engine, computing_engine


@dataclass
class Run:
    """One run on its way: what it was asked to do, and what its steps have found and built so far.

    `engine` judges; `open_engine` opens the engine that computes the figures. `snapshot`,
    `publication_id` and `recipe` (what the id is derived from) are known once the publication
    is identified.
    """

    options: RunOptions
    store: Store
    as_of: date
    profile: Profile
    policy: Policy
    engine: DuckDB
    open_engine: Callable[[], AbstractContextManager[Engine]]
    intake: Intake
    record: RunRecord
    signing_key: signature.Ed25519PrivateKey | None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known_files: list[LandedFile] = field(default_factory=list)
    snapshot: LakeSnapshot | None = None
    publication_id: str = ""
    recipe: manifest.Recipe | None = None
    tables: dict[str, pa.Table] = field(default_factory=dict)
    compared_with: manifest.ComparedWith | None = None
    diff: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the publication is built, before readers see it."""
        return self.store.building_path(self.publication_id)

    def require_snapshot(self) -> LakeSnapshot:
        """Return the snapshot; a step that needs it comes after the one that takes it."""
        if self.snapshot is None:
            raise RuntimeError("the publication is not identified yet")
        return self.snapshot

    def require_recipe(self) -> manifest.Recipe:
        """Return what the publication is made of; a step that needs it comes after its naming."""
        if self.recipe is None:
            raise RuntimeError("the publication is not identified yet")
        return self.recipe


def prepare_run(options: RunOptions, store: Store) -> Run:
    """Return a run that is ready for its first step.

    Raises Problem where a setting, the policy or the signing key is wrong, or the clock is behind.
    """
    with runbook_page("settings"):
        profile = load_profile(options.profile)
        corrections = load_corrections()
        policy = resolve_policy(profile.policy, store.policy)
    as_of = options.as_of or last_ended_day(store, profile.timezone)
    signing_key = None
    if options.signing_key:
        with runbook_page("signing-key"):
            signing_key = signature.load_private_key(options.signing_key)
    engine = DuckDB(store.work(), profile.timezone, options.threads, options.memory)
    # SQL may read the store and the landing folder, and no other file of the machine.
    engine.confine(*filter(None, (store.root, options.landing)))
    with recording() as record:
        return Run(
            options=options,
            store=store,
            as_of=as_of,
            profile=profile,
            policy=policy,
            engine=engine,
            open_engine=partial(
                computing_engine,
                engine,
                options.engine,
                profile.timezone,
                options.master,
            ),
            intake=Intake(store.lake, engine, profile, policy.delivery_limits, corrections),
            record=record,
            signing_key=signing_key,
            notes=describe_overrides(read_owner_policy(store.policy)),
        )


def last_ended_day(store: Store, timezone: str) -> date:
    """Return yesterday, by the clock in a time zone.

    Raises Problem where the clock is behind what readers see: nobody asked for old figures.
    """
    yesterday = datetime.now(ZoneInfo(timezone)).date() - timedelta(days=1)
    current = store.current()
    if current is None:
        return yesterday
    published = manifest.read_manifest(store.publication(current))
    published_day = published.recipe.as_of
    if yesterday < published_day:
        raise Problem(
            f"by the clock the day that ended last is {yesterday}, but readers see {published_day}",
            "set the clock, or ask for a day with --as-of",
            "clock",
        )
    return yesterday
