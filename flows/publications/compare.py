"""Comparing a publication with the one before it: which rows differ, which settings, and what that
does to every figure that both publish.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.config.policy import policy_from_manifest
from data.config.published_tables import load_published_tables
from data.store.former_parts import read_stamps
from data.store.manifest import read_manifest
from data.store.store import Store
from data.store.table_files import differing_parts, part_name, read_parquet, read_table
from flows.publications.build import NewBuild
from transforms.engine.duckdb_engine import DuckDB


def compare_publications(
    store: Store,
    former_id: str,
    present: NewBuild,
    engine: DuckDB,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, pa.Table]:
    """Return the tables of the diff with a former publication: `mart_change`, `mart_revision`,
    `mart_notice`.

    The engine is one of its own. Raises Problem where the former manifest cannot be read.
    """
    # scipy: not before it is needed
    from flows.publications.compare_states import list_states
    from transforms.revisions import attribution, mart_revision

    folder = store.publication(former_id)
    progress("what changed")
    cells = _find_cells(folder / "tables", present.tables)
    changes = load_published_tables()["mart_change"].schema.empty_table()
    if cells.num_rows:
        states = list_states(store, read_manifest(folder), present, engine)
        changes = attribution.build_mart_change(engine, cells, states, progress)
    engine.register_arrow("mart_change", changes)
    engine.register_arrow("dim_kpi", read_table(present.tables, "dim_kpi"))
    engine.create_table_from("dim_period", read_table(present.tables, "dim_period"))
    engine.register_arrow("former_revision", _read_revisions(folder))
    revisions = mart_revision.build_mart_revision(engine, present.publication_id)
    limits = policy_from_manifest(present.recipe.policy).notice
    return {
        "mart_change": changes,
        "mart_revision": revisions,
        "mart_notice": mart_revision.build_mart_notice(engine, limits),
    }


def _find_cells(former: Path, present: Path) -> pa.Table:
    """Return the cells of mart_kpi_value in which two folders of tables differ."""
    from transforms.revisions import changed_cells

    parts = differing_parts(former, present, "mart_kpi_value")
    differing_kpis = _find_differing_kpis(former, present)
    return changed_cells.find_changed_cells(_read_both(part, differing_kpis) for part in parts)


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
    """Return the rows of a part's differing KPIs, of the former publication and of this one."""
    from transforms.revisions import changed_cells

    columns: list[str] = list(changed_cells.READ)
    encoded = list(changed_cells.KEY)
    is_differing = pc.field("kpi_id").isin(differing_kpis[part[1].name])
    former, present = (read_parquet([path], is_differing, columns, encoded) for path in part)
    return former, present


def _read_revisions(folder: Path) -> pa.Table:
    """Return what was revised up to a publication; nothing where it was compared with none."""
    path = folder / "diff" / "mart_revision.parquet"
    if not path.is_file():
        return load_published_tables()["mart_revision"].schema.empty_table()
    return read_parquet([path])
