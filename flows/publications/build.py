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
from data.store.lake import Lake
from data.store.manifest import Manifest
from data.store.store import Store
from flows.intake import quality_tables
from reports.facts import ReportFacts
from transforms.current_rows import versions
from transforms.current_rows.merge import read_current_versions
from transforms.kpis.catalogue import ExtractSupply


@dataclass(frozen=True)
class LakeSnapshot:
    """What a publication is computed of: the lake, seen up to `known_at` (None: all of it), and its
    deliveries (rows of the ledger).
    """

    lake: Lake
    as_of: date
    known_at: date | None
    deliveries: list[dict]

    @classmethod
    def of(cls, lake: Lake, as_of: date, known_at: date | None) -> "LakeSnapshot":
        return cls(lake, as_of, known_at, lake.read("delivery", known_at=known_at).to_pylist())

    def supplies(self) -> dict[str, ExtractSupply]:
        """What is known of each kind of extract that was delivered."""
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


def open_snapshot(store: Store, made: Manifest) -> LakeSnapshot:
    """What a publication was computed of, by its manifest: the lake as it was then."""
    lake = Lake(store.root, made.lake)
    return LakeSnapshot.of(lake, made.recipe.as_of, made.recipe.known_at)


def open_extract(engine, name: str, extract: str, basis: LakeSnapshot) -> None:
    """An extract as relation `name` of the engine: its current rows, or those of an earlier day."""
    contract, ledger = load_contracts()[extract], basis.lake.ledger(extract)
    latest = max((row["extract_date"] for row in ledger), default=None)
    if basis.known_at and latest and basis.known_at < latest:
        before = [row for row in ledger if row["extract_date"] <= basis.known_at]
        standing = read_current_versions(engine, basis.lake, contract, before, basis.known_at)
        versions.create_known_rows(
            engine, name, contract, basis.lake.files("versions", extract), basis.known_at, standing
        )
    else:
        engine.register_parquet(name, basis.lake.current_files(extract), contract.schema)


def build_tables(
    judge,
    basis: LakeSnapshot,
    policy: Policy,
    progress: Callable[[str], None] = lambda _: None,
    engine=None,
) -> dict[str, pa.Table]:
    """Every published table but those of the diff: figures by `engine` (None: the judge's), what is
    said of the data by the judge's engine, which holds what the audits read afterwards.
    """
    from transforms import build  # scipy: not before they are needed
    from transforms.returns import returns

    engine = engine or judge
    for extract in load_contracts():
        for holder in {judge, engine}:
            open_extract(holder, extract, extract, basis)
    supplies = basis.supplies()
    built = build.build(engine, build.BuildInputs(basis.as_of, supplies, policy), progress)
    progress("returns")
    built |= returns.build_returns(engine)
    if engine is not judge:
        build.copy_published(engine, judge, built)
    columns = {name: supply.columns for name, supply in supplies.items()}
    deliveries = policy.delivery_limits.deliveries
    built |= {
        "dim_column": published_tables.build_dim_column(),
        **quality_tables.build_quality_tables(
            judge, basis.lake, basis.known_at, basis.deliveries, columns, deliveries
        ),
    }
    return built | {
        "quality_effect": quality_tables.quarantine_effects(
            judge, basis.lake, basis.deliveries, built["quality_quarantine"]
        )
    }


def render_publication(
    folder: Path, facts: ReportFacts, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write the report, the exports and what readers open of the diff, from the tables in `folder`."""
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
