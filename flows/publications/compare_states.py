"""The states between two publications: from the rows and settings of the former one to those of
this one, one cause at a time.
"""

from dataclasses import dataclass, replace
from datetime import date

from data.config.contract import load_contracts
from data.config.policy import policy_from_manifest
from data.store.manifest import Manifest
from data.store.program import hash_code
from data.store.store import Store
from flows.publications import build
from flows.publications.build import LakeSnapshot, NewBuild
from transforms.engine.duckdb_engine import DuckDB
from transforms.kpis.catalogue import ExtractSupply
from transforms.kpis.run_parameters import BuildInputs
from transforms.revisions import row_differences
from transforms.revisions.attribution_chain import BuildState

# Their figures depend on the day up to which the extract has events.
EVENT_EXTRACTS = ("claims", "callbacks", "complaints")
PRESENT_BRANCHES = {"branches": "SELECT * FROM is_branches"}


@dataclass(frozen=True)
class _Sides:
    """What the former publication and this one were computed from."""

    was: LakeSnapshot
    now: LakeSnapshot


def list_states(
    store: Store, former: Manifest, present: NewBuild, engine: DuckDB
) -> list[BuildState]:
    """Return the states between two publications, one for each cause that there is.

    The engine gets the relations that the states read.
    """
    sides = _Sides(build.open_snapshot(store, former), present.snapshot)
    differing = {name for name in load_contracts() if _open_extract(engine, name, sides)}
    inputs = BuildInputs(
        sides.was.as_of, sides.was.supplies(), policy_from_manifest(former.recipe.policy)
    )
    cause = None if former.program.code == hash_code() else "definition"
    begin = BuildState(cause, inputs, _former_rows())
    policy = policy_from_manifest(present.recipe.policy)
    of_all_rows = _states_of_all_rows(replace(inputs, policy=policy), begin, sides, differing)
    present_inputs = BuildInputs(sides.now.as_of, sides.now.supplies(), policy)
    of_differing_rows = _states_of_differing_rows(engine, sides, differing, present_inputs)
    if of_differing_rows and cause is None and not of_all_rows:
        # Where only rows differ, the former publication is where the steps begin.
        return of_differing_rows
    return [begin, *of_all_rows, *of_differing_rows]


def _former_rows() -> dict[str, str]:
    return {name: f"SELECT * FROM was_{name}" for name in load_contracts()}


def _states_of_all_rows(
    inputs: BuildInputs, begin: BuildState, sides: _Sides, differing: set[str]
) -> list[BuildState]:
    """Return the states in which something differs that concerns every row.

    `inputs` are the former ones under the present policy.
    """
    states = []
    if inputs.policy != begin.inputs.policy:
        states.append(BuildState("policy", inputs, _former_rows()))
    later = replace(inputs, as_of=sides.now.as_of, supplies=_supplies_on_present_day(sides))
    if _is_day_relevant(sides, later.supplies):
        states.append(BuildState("later_day", later, _former_rows()))
    if "branches" in differing:
        states.append(BuildState("branch_tree", later, _former_rows() | PRESENT_BRANCHES))
    return states


def _supplies_on_present_day(sides: _Sides) -> dict[str, ExtractSupply]:
    """Return the former supplies, each up to the day that is now known of its extract."""
    present = sides.now.supplies()
    supplies = sides.was.supplies()
    for name in supplies.keys() & present.keys():
        supplies[name] = replace(supplies[name], as_of=present[name].as_of)
    return supplies


def _is_day_relevant(sides: _Sides, later: dict[str, ExtractSupply]) -> bool:
    """Return whether the former rows make other figures on the later day.

    They do where an extract was older than periods that it was asked about, or newer than the day,
    so that the day cut it off.
    """
    was, now = sides.was, sides.now
    former = was.supplies()
    for name in former.keys() & set(EVENT_EXTRACTS):
        known_until = former[name].as_of
        delivered = [row["extract_date"] for row in was.deliveries if row["extract"] == name]
        is_cut_off = known_until < was.as_of or known_until < max(delivered)
        if later[name].as_of != known_until and (now.as_of < was.as_of or is_cut_off):
            return True
    return False


def _states_of_differing_rows(
    engine: DuckDB, sides: _Sides, differing: set[str], inputs: BuildInputs
) -> list[BuildState]:
    """Return the states of the rows that differ: as they were, then with each cause's as they are
    now.
    """
    extracts = [name for name in load_contracts() if name != "branches"]
    causes: set[str] = set()
    for name in extracts:
        if name in differing:
            causes |= _classify(engine, name, sides.was)
        else:
            engine.create(f"differing_{name}", "SELECT '' AS _key, 0 AS step WHERE FALSE", "table")
    if not causes:
        return []
    states = []
    for step, cause in enumerate((None, *row_differences.CAUSES)):
        if cause is None or cause in causes:
            rows = {
                name: row_differences.part_sql(load_contracts()[name], step) for name in extracts
            }
            states.append(BuildState(cause, inputs, rows | PRESENT_BRANCHES))
    return states


def _classify(engine: DuckDB, name: str, was: LakeSnapshot) -> set[str]:
    supply = was.supplies().get(name)
    covered_until: date = supply.as_of if supply else was.as_of
    return row_differences.classify_differences(engine, load_contracts()[name], covered_until)


def _open_extract(engine: DuckDB, name: str, sides: _Sides) -> bool:
    """Create the relations was_, is_ (all rows before and now) and was_part_, is_part_ (those that
    may differ). Return whether any may.
    """
    was, now = sides.was, sides.now
    for side, snapshot in (("was", was), ("is", now)):
        build.open_extract(engine, f"{side}_{name}_known", name, snapshot)
        # Two versions of what is known on a day would need the same helper tables: the first is
        # looked up at once.
        kind = "table" if snapshot.known_at else "view"
        engine.create(f"{side}_{name}", f"SELECT * FROM {side}_{name}_known", kind)
    if was.known_at or now.known_at:
        for side in ("was", "is"):
            engine.create(f"{side}_part_{name}", f"SELECT * FROM {side}_{name}", "view")
        return True
    # A file of both has the same rows.
    files_before, files_now = (set(snapshot.lake.current_files(name)) for snapshot in (was, now))
    parts = {"was": sorted(files_before - files_now), "is": sorted(files_now - files_before)}
    for side, files in parts.items():
        engine.register_parquet(f"{side}_part_{name}", files, load_contracts()[name].schema)
    has_parts = any(parts.values())
    return has_parts and (name != "branches" or _do_branches_differ(engine))


def _do_branches_differ(engine: DuckDB) -> bool:
    differing = engine.arrow(
        """(FROM was_branches EXCEPT FROM is_branches)
        UNION ALL (FROM is_branches EXCEPT FROM was_branches)"""
    )
    return differing.num_rows > 0
