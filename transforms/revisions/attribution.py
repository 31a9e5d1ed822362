"""Why figures changed: from the cells of the former publication to those of this one, step by step,
each step with its cause.

A step changes one thing and leaves all else as it was, so that the steps add up to the whole
change, exactly. What concerns every row (a definition, the policy, the day, the tree) is a build of
all former rows under the new setting. What concerns some rows is the difference of two builds of
these rows alone: a row that is the same in both states falls out of every sum.
"""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from transforms import build
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model, load_models, order_models
from transforms.kpis import catalogue
from transforms.kpis.cell_sums import CellSums
from transforms.kpis.cube import read_cube
from transforms.revisions.attribution_chain import BuildState, build_steps, chain_steps
from transforms.revisions.changed_cells import ChangedCells, count_changed_cells


def build_mart_change(
    engine: Engine,
    cells: pa.Table,
    states: list[BuildState],
    progress: Callable[[str], None] = lambda _: None,
) -> pa.Table:
    """Return the published table: one row per changed cell and step that changed it.

    Args:
        engine: computes the states.
        cells: the changed ones (see `find_changed_cells`).
        states: from the former build to this one, an input replaced in each.
        progress: is called with the state that is begun.
    """
    changed_kpis = set(cells["kpi_id"].unique().to_pylist())
    kpis = [kpi for kpi in catalogue.load_kpis() if kpi.name in changed_kpis]

    cells_of = {}
    for kpi in kpis:
        is_of_kpi = pc.equal(cells["kpi_id"], pa.scalar(kpi.name))
        cells_of[kpi.name] = cells.filter(is_of_kpi)

    sums_of_states = _count_states(engine, kpis, cells_of, states, progress)

    tables = []
    for kpi in kpis:
        sums = [sums_of_kpis[kpi.name] for sums_of_kpis in sums_of_states]
        chain = chain_steps(kpi, cells_of[kpi.name], states, sums)
        table = build_steps(kpi, cells_of[kpi.name], chain)
        tables.append(build.conform("mart_change", table))

    return pa.concat_tables(tables)


def _count_states(
    engine: Engine,
    kpis: list[Model],
    cells_of: dict[str, pa.Table],
    states: list[BuildState],
    progress: Callable[[str], None],
) -> list[dict[str, CellSums]]:
    """Return, per state, what a build of it counts in the changed cells of each KPI."""
    read = build.CUBE_TABLES.union(*(kpi.reads for kpi in kpis))
    models = order_models(load_models(), read)
    changed = {name: ChangedCells.from_table(table) for name, table in cells_of.items()}

    sums_of_states = []
    for state in states:
        progress(f"what changed: {state.cause or 'where it begins'}")

        # Views: a state reads most extracts as they are, and each of them once.
        for extract, sql in state.extracts.items():
            engine.create(extract, sql, "view")

        runs = build.prepare_relations(engine, state.inputs, models)
        cube = read_cube(engine)

        sums_of_kpis = {}
        for kpi in kpis:
            name = kpi.name
            is_available = runs[name]["reason"] is None
            sums = count_changed_cells(engine, kpi, cube, changed[name], is_available)
            sums_of_kpis[name] = sums

        sums_of_states.append(sums_of_kpis)

    return sums_of_states
