"""Comparing a publication with the one before it: which rows differ, which settings, and what that
does to every figure that both publish.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.config.contract import load_contracts
from data.config.policy import policy_from_manifest
from data.config.published_tables import load_published_tables as dictionary
from data.store.former_parts import read_stamps
from data.store.manifest import Manifest, Recipe, read_manifest
from data.store.program import hash_code
from data.store.store import Store
from data.store.table_files import differing_parts, part_name, read_table
from flows.publications import build
from flows.publications.build import LakeSnapshot
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis.catalogue import ExtractSupply
from transforms.revisions import row_differences

TOLD = ("claims", "callbacks", "complaints")  # of these it matters up to which day an extract tells


@dataclass(frozen=True)
class NewBuild:
    """The publication that is being built: what it is made of, and the folder of its tables."""

    publication_id: str
    recipe: Recipe
    basis: LakeSnapshot
    tables: Path


def compare_publications(
    store: Store,
    former_id: str,
    present: NewBuild,
    engine: DuckDB,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, pa.Table]:
    """The tables of the diff with a former publication: `mart_change`, `mart_revision`,
    `mart_notice`. The engine is one of its own.
    """
    # scipy: not before it is needed
    from transforms.revisions import attribution, changed_cells, mart_revision

    folder = store.publication(former_id)
    progress("what changed")
    parts = differing_parts(folder / "tables", present.tables, "mart_kpi_value")
    differing_kpis = _find_differing_kpis(folder / "tables", present.tables)
    cells = changed_cells.find_changed_cells(_read_both(part, differing_kpis) for part in parts)
    made = dictionary()["mart_change"].schema.empty_table()
    if cells.num_rows:
        made = attribution.build_mart_change(
            engine, cells, _states(store, read_manifest(folder), present, engine), progress
        )
    engine.register_arrow("mart_change", made)
    engine.register_arrow("dim_kpi", read_table(present.tables, "dim_kpi"))
    engine.create_table_from("dim_period", read_table(present.tables, "dim_period"))
    engine.register_arrow("former_revision", _revision(folder))
    tables = {
        "mart_change": made,
        "mart_revision": mart_revision.build_mart_revision(engine, present.publication_id),
        "mart_notice": mart_revision.build_mart_notice(
            engine, policy_from_manifest(present.recipe.policy).notice
        ),
    }
    return tables


def _find_differing_kpis(former: Path, present: Path) -> dict[str, list[str]]:
    """Return the KPIs of each part (by its name) whose stamps differ."""
    stamps_before = read_stamps(former)
    differing = {}
    for period, stamps in read_stamps(present).items():
        before = stamps_before.get(period, {})
        kpis = [kpi_id for kpi_id, stamp in stamps.items() if before.get(kpi_id) != stamp]
        differing[part_name(period)] = kpis
    return differing


def _read_both(
    part: tuple[Path, Path], differing_kpis: dict[str, list[str]]
) -> tuple[pa.Table, pa.Table]:
    from transforms.revisions import changed_cells

    columns, encoded = list(changed_cells.READ), list(changed_cells.KEY)
    where = pc.field("kpi_id").isin(differing_kpis[part[1].name])
    former, present = (
        pq.read_table(path, filters=where, columns=columns, read_dictionary=encoded)
        for path in part
    )
    return former, present


def _revision(folder: Path) -> pa.Table:
    path = folder / "diff" / "mart_revision.parquet"
    return (
        pq.read_table(path)
        if path.is_file()
        else dictionary()["mart_revision"].schema.empty_table()
    )


def _states(store: Store, former: Manifest, present: NewBuild, engine: DuckDB) -> list:
    """The states between the two publications, one for each cause that there is."""
    from transforms.build import BuildInputs
    from transforms.revisions.attribution_chain import BuildState

    was, now = build.open_snapshot(store, former), present.basis
    held, supplies = was.supplies(), now.supplies()
    differs = {name: _open(engine, name, was, now) for name in load_contracts()}
    rows = {name: f"SELECT * FROM was_{name}" for name in load_contracts()}
    policy = policy_from_manifest(present.recipe.policy)
    told = {
        name: replace(supply, as_of=supplies[name].as_of) if name in supplies else supply
        for name, supply in held.items()
    }
    inputs = BuildInputs(was.as_of, held, policy_from_manifest(former.recipe.policy))
    whole = [
        BuildState(
            "definition" if former.program.code != hash_code() else None,
            inputs,
            dict(rows),
        )
    ]
    if inputs.policy != policy:
        whole.append(BuildState("policy", replace(inputs, policy=policy), dict(rows)))
    if _day_matters(was, now, held, told):
        whole.append(BuildState("later_day", BuildInputs(now.as_of, told, policy), dict(rows)))
    if differs.pop("branches"):
        rows["branches"] = "SELECT * FROM is_branches"
        whole.append(BuildState("branch_tree", BuildInputs(now.as_of, told, policy), dict(rows)))
    found = set().union(
        *(
            _classify(engine, name, held, was) if is_other else _none(engine, name)
            for name, is_other in differs.items()
        )
    )
    parts = []
    for step, cause in enumerate((None, *row_differences.CAUSES)):
        if found and (cause is None or cause in found):
            extracts = {
                name: row_differences.part_sql(load_contracts()[name], step) for name in differs
            }
            parts.append(
                BuildState(
                    cause,
                    BuildInputs(now.as_of, supplies, policy),
                    extracts | {"branches": "SELECT * FROM is_branches"},
                )
            )
    # Where only rows differ, the former publication is where the steps begin.
    return (whole if len(whole) > 1 or whole[0].cause or not parts else []) + parts


def _open(engine: DuckDB, name: str, was: LakeSnapshot, now: LakeSnapshot) -> bool:
    """The relations was_, is_ (all rows of then and now) and was_part_, is_part_ (those that may
    differ). Returns whether any may.
    """
    files = []
    for side, basis in (("was", was), ("is", now)):
        build.open_extract(engine, f"{side}_{name}_known", name, basis)
        # Two versions of what is known on a day would need the same helper tables: the first is
        # looked up at once.
        engine.create(
            f"{side}_{name}",
            f"SELECT * FROM {side}_{name}_known",
            "table" if basis.known_at else "view",
        )
        files.append(basis.lake.current_files(name))
    if was.known_at or now.known_at:
        for side in ("was", "is"):
            engine.create(f"{side}_part_{name}", f"SELECT * FROM {side}_{name}", "view")
        return True
    # A file of both holds the same rows.
    parts = {
        "was": sorted(set(files[0]) - set(files[1])),
        "is": sorted(set(files[1]) - set(files[0])),
    }
    for side, part in parts.items():
        engine.register_parquet(f"{side}_part_{name}", part, load_contracts()[name].schema)
    return any(parts.values()) and (name != "branches" or _branches_differ(engine))


def _branches_differ(engine: DuckDB) -> bool:
    return bool(
        engine.arrow(
            "(FROM was_branches EXCEPT FROM is_branches) UNION ALL (FROM is_branches EXCEPT FROM was_branches)"
        ).num_rows
    )


def _classify(
    engine: DuckDB, name: str, held: dict[str, ExtractSupply], was: LakeSnapshot
) -> set[str]:
    return row_differences.classify_differences(
        engine, load_contracts()[name], held[name].as_of if name in held else was.as_of
    )


def _none(engine: DuckDB, name: str) -> set[str]:
    engine.create(f"differing_{name}", "SELECT '' AS _key, 0 AS step WHERE FALSE", "table")
    return set()


def _day_matters(
    was: LakeSnapshot,
    now: LakeSnapshot,
    held: dict[str, ExtractSupply],
    told: dict[str, ExtractSupply],
) -> bool:
    """Whether the former rows tell something else on the later day: where an extract was older than
    periods that it was asked about, or newer than the day, so that the day cut it off.
    """
    latest = {
        name: max(row["extract_date"] for row in was.deliveries if row["extract"] == name)
        for name in held
    }
    return any(
        told[name].as_of != held[name].as_of
        and (
            now.as_of < was.as_of or held[name].as_of < was.as_of or held[name].as_of < latest[name]
        )
        for name in held
        if name in TOLD
    )
