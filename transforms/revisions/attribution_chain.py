"""The chain of a KPI's changed cells: what they were before, after each step, and what they are
now. The steps add up to the whole change, exactly.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from data.store.keyed_diff import SIDES
from transforms.engine.models import Model
from transforms.kpis.arrow_columns import (
    decimal_column,
    decimal_words,
    equals_text,
    number_column,
)
from transforms.kpis.cell_sums import CellSums
from transforms.kpis.kpi_values import form_value
from transforms.kpis.run_parameters import BuildInputs
from transforms.revisions.changed_cells import KEY

BEFORE, AFTER = SIDES
# There was no figure, or is none now: nothing to divide the change by. What the steps do not
# account for would be the other.
AVAILABILITY, UNEXPLAINED = "availability", "unexplained"
DEFINITION = "definition"


@dataclass(frozen=True)
class BuildState:
    """Extracts (SQL by name) under settings, and the `cause` of what differs from the state before.

    None: the steps that follow begin with it, as it says nothing new (the former rows under the
    former settings), or has other rows than the states before (only those that differ).
    """

    cause: str | None
    inputs: BuildInputs
    extracts: dict[str, str]


@dataclass(frozen=True)
class AttributionChain:
    """What a KPI's changed cells were before, after each step and are now. Shape of the figures:
    (cells, steps + 1), numerators and denominators in units of 10 ** -decimals; `acts`, shape
    (cells, steps): whether a step changed a cell; `causes` of the steps.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    decimals: tuple[int, int]
    value: np.ndarray
    acts: np.ndarray
    causes: list[str]


def chain_steps(
    kpi: Model, cells: pa.Table, states: list[BuildState], sums: list[CellSums]
) -> AttributionChain:
    """Return the chain of a KPI's changed cells.

    Args:
        kpi: its header names the kind, of which what a step is depends.
        cells: the changed ones, with the published figures of both sides.
        states: from the former build to this one.
        sums: what each state counts, shape (cells,).
    """
    is_quantile = kpi.header["kind"] == "quantile"
    numerator, denominator, causes = _chain_counts(cells, states, sums, is_quantile)
    acts = _differs(numerator) | _differs(denominator)

    def counts_at(step: int, state: CellSums) -> CellSums:
        """Return the chain's counts after a step, with what else a value needs of a state."""
        return replace(state, numerator=numerator[:, step], denominator=denominator[:, step])

    first = _published_value(kpi, cells, BEFORE, counts_at(0, sums[0]))
    last = _published_value(kpi, cells, AFTER, counts_at(-1, sums[-1]))
    if is_quantile:
        # What no step accounts for is the last one's.
        acts[:, -1] |= ~acts.any(axis=1)
        value = _percentiles_between(first, last, acts)
    else:
        columns = [first]
        counted_after = [
            counted for state, counted in zip(states, sums, strict=True) if state.cause is not None
        ]
        for step, counted in enumerate(counted_after, start=1):
            value_after = form_value(kpi, counts_at(step, counted))
            columns.append(np.where(_is_unavailable(cells), first, value_after))

        value = np.stack([*columns, last], axis=1)

        # NaN differs from itself: a cell without a value before and after has not changed.
        is_nothing = np.isnan(value[:, 1:]) & np.isnan(value[:, :-1])
        acts |= _differs(value) & ~is_nothing

    rest = DEFINITION if is_quantile and DEFINITION in causes else UNEXPLAINED
    return AttributionChain(numerator, denominator, sums[0].decimals, value, acts, [*causes, rest])


def _differs(figures: np.ndarray) -> np.ndarray:
    """Return where a figure differs from the one a step before, shape (cells, steps)."""
    return np.diff(figures, axis=1) != 0


def _chain_counts(
    cells: pa.Table, states: list[BuildState], sums: list[CellSums], is_quantile: bool
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return numerators and denominators before, after each step and now, shape (cells, steps + 2
    ends), and the causes of the steps.
    """
    decimals = sums[0].decimals
    first_numerator, first_denominator = _published_counts(cells, BEFORE, decimals)
    last_numerator, last_denominator = _published_counts(cells, AFTER, decimals)
    is_unavailable = _is_unavailable(cells)

    numerators, denominators, causes = [first_numerator], [first_denominator], []
    for position, (state, counted) in enumerate(zip(states, sums, strict=True)):
        if state.cause is None:
            continue

        if state.cause == DEFINITION:
            # Nobody can count by the former definition any more. Of a percentile only how many
            # cases there were was published.
            numerator = numerators[-1] if is_quantile else counted.numerator
            denominator = counted.denominator
        else:
            earlier = sums[position - 1]
            numerator = numerators[-1] + counted.numerator - earlier.numerator
            denominator = denominators[-1] + counted.denominator - earlier.denominator

        numerators.append(np.where(is_unavailable, first_numerator, numerator))
        denominators.append(np.where(is_unavailable, first_denominator, denominator))
        causes.append(state.cause)

    numerators.append(numerators[-1] if is_quantile else last_numerator)
    denominators.append(last_denominator)
    return np.stack(numerators, axis=1), np.stack(denominators, axis=1), causes


def _is_unavailable(cells: pa.Table) -> np.ndarray:
    """Return whether there was no figure, or is none now."""
    was, now = (equals_text(cells, f"state_{side}", "not_available") for side in SIDES)
    return was | now


def _published_counts(
    cells: pa.Table, side: str, decimals: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return numerator and denominator of one side as whole numbers."""
    numerator_decimals, denominator_decimals = decimals
    numerator = _whole_numbers(cells[f"numerator_{side}"], numerator_decimals)
    denominator = _whole_numbers(cells[f"denominator_{side}"], denominator_decimals)
    return numerator, denominator


def _published_value(kpi: Model, cells: pa.Table, side: str, counted: CellSums) -> np.ndarray:
    """Return the published values; of a segment without a row, what no cases make: 0 for a count,
    else nothing.
    """
    value = cells[f"value_{side}"].to_numpy()
    if kpi.header["kind"] == "quantile":
        return value

    has_no_row = cells[f"state_{side}"].is_null().to_numpy()
    of_no_cases = np.where(_is_unavailable(cells), np.nan, form_value(kpi, counted))
    return np.where(has_no_row, of_no_cases, value)


def _percentiles_between(first: np.ndarray, last: np.ndarray, acts: np.ndarray) -> np.ndarray:
    """Return the values of a percentile between its steps: those at its ends, and none where it is
    on its way.
    """
    first, last = first[:, None], last[:, None]
    has_begun = np.cumsum(acts, axis=1) > 0

    # From the end: how many steps are still to act.
    still_to_act = np.cumsum(acts[:, ::-1], axis=1)[:, ::-1]
    is_over = still_to_act == 0
    after_begin = np.where(is_over[:, 1:], last, np.nan)
    between = np.where(has_begun[:, :-1], after_begin, first)

    return np.concatenate([first, between, last], axis=1)


def build_steps(kpi: Model, cells: pa.Table, chain: AttributionChain) -> pa.Table:
    """Return the steps that act, in order of key and step."""
    cell, step = np.nonzero(chain.acts)
    causes = np.array(chain.causes)[step]

    # Of a KPI that could not be computed before, or cannot now, nothing else explains anything.
    is_unavailable = _is_unavailable(cells)[cell]
    causes = np.where(is_unavailable, AVAILABILITY, causes)
    kind = kpi.header["kind"]
    has_numerator = np.full(len(cell), kind != "quantile")
    has_denominator = np.full(len(cell), kind != "count")
    numerator_decimals, denominator_decimals = chain.decimals

    columns = {"step": pa.array(step + 1), "cause": pa.array(causes, pa.string())}
    for side, at in ((BEFORE, step), (AFTER, step + 1)):
        numerator, denominator = chain.numerator[cell, at], chain.denominator[cell, at]
        columns |= {
            f"numerator_{side}": decimal_column(numerator, numerator_decimals, has_numerator),
            f"denominator_{side}": decimal_column(
                denominator, denominator_decimals, has_denominator
            ),
            f"value_{side}": number_column(chain.value[cell, at]),
        }

    table = cells.select([*KEY, "branch_level"]).take(cell)
    for name, column in columns.items():
        table = table.append_column(name, column)

    return table


def _whole_numbers(column: pa.ChunkedArray, decimals: int) -> np.ndarray:
    """Return published decimals as whole numbers in units of 10 ** -decimals; null is 0."""
    zero = pa.scalar(0, column.type)
    filled = column.fill_null(zero)
    shortened = filled.cast(pa.decimal128(38, decimals)).combine_chunks()
    # Of a number that fits into 64 bits the lower word is the number.
    return decimal_words(shortened).view(np.int64)[:, 0]
