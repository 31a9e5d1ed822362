"""Building what a publication holds: the extracts as known on a day -> tables -> report and
exports. The same for a run, a reproduction and a diff.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config import published_tables
from data.config.contract import load_contracts
from data.config.policy import Policy
from data.store.former_parts import NO_FORMER_PARTS, FormerParts
from data.store.lake import Lake
from data.store.manifest import Manifest, Recipe
from data.store.store import Store
from flows.intake import quality_tables
from reports.facts import ReportFacts
from transforms.current_rows import versions
from transforms.current_rows.merge import read_current_versions
from transforms.kpis.catalogue import ExtractSupply


@dataclass(frozen=True)
class LakeSnapshot:
    """What a publication is computed from: the lake, seen up to `known_at` (None: all of it), and
    its deliveries (rows of the ledger).
    """

    lake: Lake
    as_of: date
    known_at: date | None
    deliveries: list[dict]

    @classmethod
    def from_lake(cls, lake: Lake, as_of: date, known_at: date | None) -> "LakeSnapshot":
        """Return the lake as it was known on a day (None: today)."""
        deliveries = lake.read("delivery", known_at=known_at).to_pylist()
        return cls(lake, as_of, known_at, deliveries)

    def supplies(self) -> dict[str, ExtractSupply]:
        """Return what is known of each kind of extract that was delivered."""
        supplies = {}
        for extract in load_contracts():
            rows = [row for row in self.deliveries if row["extract"] == extract]
            if rows:
                begins = [row["history_from"] for row in rows if row["history_from"]]
                supplies[extract] = ExtractSupply(
                    columns=frozenset(name for row in rows for name in row["columns"].split(", ")),
                    history_from=min(begins, default=None),
                    as_of=min(self.as_of, max(row["extract_date"] for row in rows)),
                    closed_only=all(row["closed_only"] for row in rows),
                )
        return supplies


@dataclass(frozen=True)
class NewBuild:
    """The publication that is being built: what it is made of, and the folder of its tables."""

    publication_id: str
    recipe: Recipe
    snapshot: LakeSnapshot
    tables: Path


def open_snapshot(store: Store, manifest: Manifest) -> LakeSnapshot:
    """Return what a publication was computed from, by its manifest: the lake as it was then."""
    lake = store.lake.pinned(manifest.lake)
    return LakeSnapshot.from_lake(lake, manifest.recipe.as_of, manifest.recipe.known_at)


def open_extract(engine, name: str, extract: str, snapshot: LakeSnapshot) -> None:
    """Create relation `name`: the current rows of an extract, or those known on an earlier day."""
    contract, ledger = load_contracts()[extract], snapshot.lake.ledger(extract)
    latest = max((row["extract_date"] for row in ledger), default=None)
    if snapshot.known_at and latest and snapshot.known_at < latest:
        before = [row for row in ledger if row["extract_date"] <= snapshot.known_at]
        standing = read_current_versions(engine, snapshot.lake, contract, before, snapshot.known_at)
        versions.create_known_rows(
            engine,
            name,
            contract,
            snapshot.lake.files("versions", extract),
            snapshot.known_at,
            standing,
        )
    else:
        engine.register_parquet(name, snapshot.lake.current_files(extract), contract.schema)


def build_tables(
    judge,
    snapshot: LakeSnapshot,
    policy: Policy,
    progress: Callable[[str], None] = lambda _: None,
    engine=None,
    former: FormerParts = NO_FORMER_PARTS,
) -> dict[str, pa.Table]:
    """Return every published table but those of the diff.

    Figures are computed by `engine` (None: the judge's), the quality of the data by the judge's
    engine, which holds what the audits read afterwards.
    """
    from transforms import build  # scipy: not before they are needed
    from transforms.returns import returns

    engine = engine or judge
    for extract in load_contracts():
        for holder in {judge, engine}:
            open_extract(holder, extract, extract, snapshot)
    supplies = snapshot.supplies()
    inputs = build.BuildInputs(snapshot.as_of, supplies, policy)
    built = build.build(engine, inputs, progress, former)
    progress("returns")
    built |= returns.build_returns(engine)
    if engine is not judge:
        build.copy_published(engine, judge, built)
    columns = {name: supply.columns for name, supply in supplies.items()}
    deliveries = policy.delivery_limits.deliveries
    built |= {
        "dim_column": published_tables.build_dim_column(),
        **quality_tables.build_quality_tables(
            judge, snapshot.lake, snapshot.known_at, snapshot.deliveries, columns, deliveries
        ),
    }
    return built | {
        "quality_effect": quality_tables.quarantine_effects(
            judge, snapshot.lake, snapshot.deliveries, built["quality_quarantine"]
        )
    }


def render_publication(
    folder: Path, facts: ReportFacts, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write the report, the exports and the pages of the diff, from the tables in `folder`."""
    from reports import render  # matplotlib and friends: not for runs that do not render

    render.render_publication(
        folder / "tables",
        facts,
        folder / "report",
        folder / "exports",
        progress,
        folder / "diff" if facts.compared_with else None,
    )
    if facts.compared_with:
        render.render_changes(folder / "tables", facts, folder / "diff")
