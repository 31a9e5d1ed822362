"""Why figures changed: from the cells of the former publication to those of this one, step by step,
each step with its cause.

A step changes one thing and leaves all else as it was, so that the steps add up to the whole
change, exactly. What concerns every row (a definition, the policy, the day, the tree) is a build of
all former rows under the new setting. What concerns some rows is the difference of two builds of
these rows alone: a row that is the same in both states falls out of every sum.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.config.published_tables import load_published_tables as dictionary
from data.store import keyed_diff
from data.store.keyed_diff import SIDES
from transforms import build
from transforms.build import BuildInputs
from transforms.engine.models import Model, load_models, order_models
from transforms.kpis import arrow_columns, catalogue, mart_kpi_value
from transforms.kpis.aggregate import CellSums, expected_at_network_rate, fetch_kpi_rows
from transforms.kpis.arrow_columns import PLACES
from transforms.kpis.cube import ALL, Cube, read_cube, sum_by_cell, to_positions

KEY = dictionary()["mart_kpi_value"].key
FIGURES, SAID = ("numerator", "denominator", "value"), ("state", "branch_level")
READ = (*KEY, *FIGURES, *SAID)
PERIOD = ("period_kind", "period_start", "period_end")
# There was no figure, or is none now: nothing to divide the change by. What the steps do not
# account for would be the other.
AVAILABILITY, UNEXPLAINED = "availability", "unexplained"
DEFINITION = "definition"


@dataclass(frozen=True)
class BuildState:
    """Extracts (SQL by name) under settings, and the `cause` of what differs from the state before.
    None: the steps that follow begin with it, as it says nothing new (the former rows under the
    former settings), or holds other rows than the states before (only those that differ).
    """

    cause: str | None
    inputs: BuildInputs
    extracts: dict[str, str]


@dataclass(frozen=True)
class AttributionChain:
    """What a KPI's changed cells were before, after each step and are now. Shape of the figures:
    cells x (steps + 1), numerators and denominators in units of 10 ** -places; `acts` (cells x
    steps): whether a step changed a cell; `causes` of the steps.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    places: tuple[int, int]
    value: np.ndarray
    acts: np.ndarray
    causes: list[str]


def find_changed_cells(former: pa.Table, present: pa.Table) -> pa.Table:
    """The cells in which two versions of mart_kpi_value differ, of the KPIs and periods that both
    have, in order of their key: key, `branch_level`, and `numerator, denominator, value, state`,
    each with `_before` and `_after`. KPI by KPI: a key of all of them takes as much memory as the
    tables.
    """
    was, now = _by_kpi(former), _by_kpi(present)
    of_none = (former.slice(0, 0), present.slice(0, 0))
    pairs = [(was[kpi], now[kpi]) for kpi in sorted(was.keys() & now.keys())] or [of_none]
    cells = pa.concat_tables(
        [keyed_diff.diff_rows(*pair, KEY, (PERIOD,), FIGURES, SAID) for pair in pairs]
    )
    level = pc.coalesce(cells["branch_level_after"], cells["branch_level_before"])
    return cells.drop_columns([f"branch_level_{side}" for side in SIDES]).append_column(
        "branch_level", level
    )


def _by_kpi(values: pa.Table) -> dict[str, pa.Table]:
    """The rows of each KPI: they follow each other."""
    counted = pc.value_counts(values["kpi_id"]).to_pylist()
    ends = np.cumsum([entry["counts"] for entry in counted])
    return {
        entry["values"]: values.slice(end - entry["counts"], entry["counts"])
        for entry, end in zip(counted, ends.tolist(), strict=True)
    }


def build_mart_change(
    engine,
    cells: pa.Table,
    states: list[BuildState],
    progress: Callable[[str], None] = lambda _: None,
) -> pa.Table:
    """The published table: one row per changed cell (see `changed_cells`) and step that changed
    it.
    """
    kpis = [
        kpi
        for kpi in catalogue.load_kpis()
        if kpi.name in set(cells["kpi_id"].unique().to_pylist())
    ]
    of_kpi = {kpi.name: cells.filter(pc.equal(cells["kpi_id"], kpi.name)) for kpi in kpis}
    models = order_models(load_models(), build.CUBE_TABLES.union(*(kpi.reads for kpi in kpis)))
    places = {name: ChangedCells.of(held) for name, held in of_kpi.items()}
    seen = []
    for state in states:
        progress(f"what changed: {state.cause or 'where it begins'}")
        for extract, sql in state.extracts.items():
            engine.create(extract, sql, "view")
        runs = build.prepare_relations(engine, state.inputs, models)
        whole = read_cube(engine)
        seen.append(
            {
                kpi.name: _at(
                    engine, kpi, whole, places[kpi.name], runs[kpi.name]["reason"] is None
                )
                for kpi in kpis
            }
        )
    made = [
        _table(
            kpi,
            of_kpi[kpi.name],
            _chain(kpi, of_kpi[kpi.name], states, [figures[kpi.name] for figures in seen]),
        )
        for kpi in kpis
    ]
    return pa.concat_tables([build.conform("mart_change", table) for table in made])


@dataclass(frozen=True)
class ChangedCells:
    """Where a KPI's changed cells are: the different branches, periods and segments, and which of
    them each cell is of.
    """

    branch: tuple[list[tuple], np.ndarray]
    period: tuple[list[tuple], np.ndarray]
    segment: tuple[list[tuple], np.ndarray]

    @classmethod
    def of(cls, cells: pa.Table) -> "ChangedCells":
        return cls(
            rows_by_cell(cells, ("branch_code",)),
            rows_by_cell(cells, PERIOD),
            rows_by_cell(cells, ("segment_kind", "segment")),
        )


def _at(engine, kpi: Model, grid: Cube, cells: ChangedCells, is_available: bool) -> CellSums:
    table, places = fetch_kpi_rows(engine, kpi, is_available)
    rows = to_positions(table, grid, kpi.header["segments"])
    if "observation" in rows.measures:
        # Percentiles do not add up; the sum of what was observed and how many there are tell which
        # step touched a cell.
        told = {
            "numerator": rows.measures["observation"] * rows.measures["weight"],
            "denominator": rows.measures["weight"],
        }
        rows = replace(rows, measures=told)
    numerator, denominator = (
        sum_by_cell(rows, measure, grid)[0] for measure in ("numerator", "denominator")
    )
    denominator = (
        expected_at_network_rate(numerator, denominator, grid)
        if kpi.header["kind"] == "index"
        else denominator
    )
    branch = _places(cells.branch, [(code,) for code in grid.branches])
    period = _places(cells.period, [tuple(held[name] for name in PERIOD) for held in grid.periods])
    segment = _places(cells.segment, rows.segments)
    # Where a segment's denominator is that of all cases, it is there even if the segment is not.
    of_all = np.array([kind in kpi.header.get("of_all", ()) for kind, _ in cells.segment[0]])[
        cells.segment[1]
    ]
    below = np.where(of_all, rows.segments.index(ALL), segment)
    held = [
        _taken(of, branch, period, place)
        for of, place in ((numerator, segment), (denominator, below))
    ]
    return CellSums(
        held[0],
        held[1] * (kpi.header["kind"] != "count"),
        (places[0], PLACES) if kpi.header["kind"] == "index" else places,
    )


def rows_by_cell(cells: pa.Table, names: tuple) -> tuple[list[tuple], np.ndarray]:
    """The different things that some columns say, and which of them each row says."""
    codes = np.zeros(len(cells), np.int64)
    for name in names:
        encoded = pc.dictionary_encode(cells[name]).combine_chunks()
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    return list(
        zip(*(cells[name].take(pa.array(first)).to_pylist() for name in names), strict=True)
    ), place


def _places(told: tuple[list[tuple], np.ndarray], known: list[tuple]) -> np.ndarray:
    """Positions in a list, -1 for what is not in it."""
    position = {name: number for number, name in enumerate(known)}
    return np.array([position.get(name, -1) for name in told[0]])[told[1]]


def _taken(
    figures: np.ndarray, branch: np.ndarray, period: np.ndarray, segment: np.ndarray
) -> np.ndarray:
    """Figures at positions; 0 where there is no such cell."""
    is_there = (branch >= 0) & (period >= 0) & (segment >= 0)
    return np.where(is_there, figures[branch, period, segment], 0)


def _chain(
    kpi: Model, cells: pa.Table, states: list[BuildState], seen: list[CellSums]
) -> AttributionChain:
    is_quantile, places = kpi.header["kind"] == "quantile", seen[0].places
    before, after = (
        [
            _whole(cells[f"{name}_{when}"], place)
            for name, place in zip(FIGURES, places, strict=False)
        ]
        for when in SIDES
    )
    off = _off(cells)
    reached, causes = [before], []
    for position, (state, found) in enumerate(zip(states, seen, strict=True)):
        if state.cause == DEFINITION:
            # Nobody can count by the former definition any more. Of a percentile only how many
            # cases there were was published.
            step = [reached[-1][0] if is_quantile else found.numerator, found.denominator]
        elif state.cause:
            earlier = seen[position - 1]
            step = [
                reached[-1][0] + found.numerator - earlier.numerator,
                reached[-1][1] + found.denominator - earlier.denominator,
            ]
        else:
            continue
        reached.append([np.where(off, was, now) for was, now in zip(before, step, strict=True)])
        causes.append(state.cause)
    reached.append([reached[-1][0] if is_quantile else after[0], after[1]])
    numerator, denominator = (np.stack(figures, axis=1) for figures in zip(*reached, strict=True))
    acts = (np.diff(numerator, axis=1) != 0) | (np.diff(denominator, axis=1) != 0)
    ends = [
        _ends(kpi, cells, when, CellSums(numerator[:, at], denominator[:, at], places))
        for when, at in zip(SIDES, (0, -1), strict=True)
    ]
    if is_quantile:
        acts[:, -1] |= ~acts.any(axis=1)
        value = _percentiles(ends, acts)
    else:
        between = [
            mart_kpi_value.form_value(
                kpi, CellSums(numerator[:, step], denominator[:, step], places)
            )
            for step in range(1, len(causes) + 1)
        ]
        value = np.stack(
            [ends[0], *(np.where(off, ends[0], found) for found in between), ends[1]], axis=1
        )
        acts |= (np.diff(value, axis=1) != 0) & ~(np.isnan(value[:, 1:]) & np.isnan(value[:, :-1]))
    rest = DEFINITION if is_quantile and DEFINITION in causes else UNEXPLAINED
    return AttributionChain(numerator, denominator, places, value, acts, [*causes, rest])


def _off(cells: pa.Table) -> np.ndarray:
    """Whether there was no figure, or is none now."""
    told = [
        pc.fill_null(pc.equal(cells[f"state_{side}"], "not_available"), False) for side in SIDES
    ]
    return pc.or_(*told).to_numpy()


def _ends(kpi: Model, cells: pa.Table, when: str, counted: CellSums) -> np.ndarray:
    """The published values; of a segment without a row, what no cases make: 0 for a count, else
    nothing.
    """
    value, absent = cells[f"value_{when}"].to_numpy(), cells[f"state_{when}"].is_null().to_numpy()
    if kpi.header["kind"] == "quantile":
        return value
    return np.where(
        absent, np.where(_off(cells), np.nan, mart_kpi_value.form_value(kpi, counted)), value
    )


def _percentiles(ends: list[np.ndarray], acts: np.ndarray) -> np.ndarray:
    """The values of a percentile between its steps: those at its ends, and none where it is on its
    way.
    """
    begun = np.cumsum(acts, axis=1) > 0
    over = np.cumsum(acts[:, ::-1], axis=1)[:, ::-1] == 0
    between = np.where(
        begun[:, :-1], np.where(over[:, 1:], ends[1][:, None], np.nan), ends[0][:, None]
    )
    return np.concatenate([ends[0][:, None], between, ends[1][:, None]], axis=1)


def _table(kpi: Model, cells: pa.Table, chain: AttributionChain) -> pa.Table:
    """The steps that act, in order of key and step."""
    cell, step = np.nonzero(chain.acts)
    off = _off(cells)
    table = cells.select([*KEY, "branch_level"]).take(pa.array(cell))
    made = {
        "step": pa.array(step + 1),
        "cause": pa.array(
            np.where(off[cell], AVAILABILITY, np.array(chain.causes)[step]), pa.string()
        ),
    }
    shown = {
        "numerator": kpi.header["kind"] != "quantile",
        "denominator": kpi.header["kind"] != "count",
    }
    for when, at in zip(SIDES, (step, step + 1), strict=True):
        for (name, is_shown), place in zip(shown.items(), chain.places, strict=True):
            made[f"{name}_{when}"] = arrow_columns.decimal_column(
                getattr(chain, name)[cell, at], place, np.full(len(cell), is_shown)
            )
        made[f"value_{when}"] = arrow_columns.number_column(chain.value[cell, at])
    for name, column in made.items():
        table = table.append_column(name, column)
    return table


def _whole(column: pa.ChunkedArray, places: int) -> np.ndarray:
    """Published decimals as whole numbers in units of 10 ** -places; null is 0."""
    whole = pc.fill_null(column, 0).cast(pa.decimal128(38, places)).combine_chunks()
    return np.frombuffer(whole.buffers()[1], np.int64)[2 * whole.offset :: 2][: len(whole)]
