"""Small numbers: what is hidden cannot be solved for, from totals or from an earlier release."""

import csv
import tomllib
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.problem import Problem
from transforms.returns.cell_suppression import ReleaseFigures, suppress_cells

FLOOR = 10


def table(counts: list[list[int]], told=(), hidden=()) -> ReleaseFigures:
    """Rows and columns with their totals, as figures by (row, column); -1 is the total."""
    grid = np.array(counts)
    grid = np.vstack([grid, grid.sum(axis=0)])
    grid = np.hstack([grid, grid.sum(axis=1)[:, None]])
    rows, columns = grid.shape
    place = {
        (row, column): row * columns + column for row in range(rows) for column in range(columns)
    }
    equations = [
        {place[row, c]: 1 if c < columns - 1 else -1 for c in range(columns)} for row in range(rows)
    ]
    equations += [
        {place[r, column]: 1 if r < rows - 1 else -1 for r in range(rows)}
        for column in range(columns)
    ]
    names = [f"{row}|{column}" for row, column in place]
    total = np.array([row == rows - 1 or column == columns - 1 for row, column in place])
    return ReleaseFigures(
        names, grid.ravel(), equations, total, np.isin(names, told), np.isin(names, hidden)
    )


def solve(
    figures: ReleaseFigures, hidden: np.ndarray, known: np.ndarray
) -> dict[int, tuple[float, float]]:
    """What a reader finds by linear programs over all figures at once: the range of each hidden
    one.
    """
    equal = np.zeros((len(figures.equations), len(figures.values)))
    for number, equation in enumerate(figures.equations):
        equal[number, list(equation)] = list(equation.values())
    limits = [
        (0, None) if unseen else (value, value)
        for value, unseen in zip(figures.values, hidden & ~known, strict=True)
    ]
    found = {}
    for place in np.flatnonzero(hidden):
        goal = np.zeros(len(limits))
        goal[place] = 1
        low, high = (
            linprog(sign * goal, A_eq=equal, b_eq=np.zeros(len(equal)), bounds=limits)
            for sign in (1, -1)
        )
        found[place] = (low.fun, -high.fun if high.status == 0 else np.inf)
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_hidden_figure_can_be_solved_for(counts):
    figures = table(counts)
    hidden = suppress_cells(figures, FLOOR)
    small = (figures.values > 0) & (figures.values < FLOOR)
    assert (hidden | ~small).all() and not hidden[figures.values == 0].any()
    assert all(
        high - low >= FLOOR - 1
        for low, high in solve(figures, hidden, np.zeros_like(hidden)).values()
    )


def test_one_small_figure_takes_the_smallest_others_and_no_total():
    figures = table([[3, 20, 40], [25, 50, 60]])
    hidden = {
        name
        for name, is_hidden in zip(figures.names, suppress_cells(figures, FLOOR), strict=True)
        if is_hidden
    }
    assert hidden == {"0|0", "0|1", "1|0", "1|1"}


def test_what_was_hidden_stays_hidden_and_what_was_told_hides_nothing():
    # Last time 0|0 and 0|1 of one row were hidden; now nothing is small, yet telling 0|1 would give
    # last time's 0|0 away.
    before = table([[12, 20, 40]], hidden=["0|0", "0|1"])
    assert suppress_cells(before, FLOOR)[[0, 1]].all()
    # 0|1 was told last time and is the same: hiding it would not protect 0|0, so 0|2 has to go.
    told = table([[3, 20, 40], [25, 50, 60]], told=["0|1"])
    hidden = suppress_cells(told, FLOOR)
    assert not hidden[told.names.index("0|1")] and hidden[told.names.index("0|2")]
    assert all(high - low >= FLOOR - 1 for low, high in solve(told, hidden, told.told).values())


def test_a_figure_that_earlier_releases_give_away_is_not_released():
    figures = table([[3, 20]], told=["0|1", "0|-1", "1|1", "1|2", "0|2", "1|0"])
    with pytest.raises(
        Problem, match="follow from what this and earlier releases tell, for example 0|0"
    ):
        suppress_cells(figures, FLOOR)


def read(folder, stem: str) -> tuple[list[dict], dict]:
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream)), {}


def test_a_reader_of_the_files_cannot_solve_for_a_hidden_count(public, tables):
    """From nothing but the CSV and the sums that the layouts state: linear programs over every
    count of every return of the release at once.
    """
    layouts = {
        row["return_id"]: tomllib.loads(row["layout"]) for row in tables["dim_return"].to_pylist()
    }
    unknowns: dict[tuple, int] = {}
    known: dict[tuple, float] = {}
    sums: list[dict[tuple, int]] = []
    for name, layout in layouts.items():
        rows, _ = read(public, name.removeprefix("reg_").replace("_", "-"))
        quantity = {
            column["name"]: column.get("quantity", (name, column["name"]))
            for column in layout["column"]
            if column["role"] == "count"
        }
        labels = ["time_period", "geographic_level", "branch_code", *layout.get("filters", [])]
        along = (
            {"geographic_level": labels[1:3]}.get(*layout["total"][:1], layout["total"][:1])
            if layout.get("total")
            else []
        )

        def cell(row, column, quantity=quantity, labels=labels):
            return (quantity[column], *(row[label] for label in labels))

        for row in rows:
            for column in quantity:
                if row[f"{column}_status"] == "c":
                    unknowns.setdefault(cell(row, column), len(unknowns))
                elif row[column]:
                    known[cell(row, column)] = float(row[column])
        for control in layout["control"]:
            if "left" in control and {*control["left"], *control["right"]} <= set(quantity):
                sums += [
                    {cell(row, c): 1 for c in control["left"]}
                    | {cell(row, c): -1 for c in control["right"]}
                    for row in rows
                ]
            elif control.get("column") in quantity:
                groups = defaultdict(dict)
                for row in rows:
                    is_total = row[layout["total"][0]] == layout["total"][1]
                    groups[tuple(row[label] for label in labels if label not in along)][
                        cell(row, control["column"])
                    ] = -1 if is_total else 1
                sums += groups.values()
    assert unknowns and not set(unknowns) & set(known)
    sums = [
        equation for equation in sums if all(name in known or name in unknowns for name in equation)
    ]
    left, right = np.zeros((len(sums), len(unknowns))), np.zeros(len(sums))
    for number, equation in enumerate(sums):
        for name, sign in equation.items():
            if name in unknowns:
                left[number, unknowns[name]] += sign
            else:
                right[number] -= sign * known[name]
    for name, place in unknowns.items():
        goal = np.eye(len(unknowns))[place]
        low, high = (linprog(sign * goal, A_eq=left, b_eq=right) for sign in (1, -1))
        assert high.status == 3 or -high.fun - low.fun >= FLOOR - 1, name
