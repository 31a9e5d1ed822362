"""Small numbers of a release: what its files hide cannot be solved for."""

import csv
import tomllib
from collections import defaultdict

import numpy as np
from scipy.optimize import linprog

from tests.unit.transforms.returns.test_cell_suppression import FLOOR


class ReleasedCounts:
    """The counts of a release's CSV files: known ones, unknown ones, and what adds up."""

    def __init__(self):
        self.known: dict[tuple, float] = {}
        self.unknown: dict[tuple, int] = {}
        self.sums: list[dict[tuple, int]] = []

    def read(self, return_id: str, layout: dict, rows: list[dict]) -> None:
        quantity = {
            column["name"]: column.get("quantity", (return_id, column["name"]))
            for column in layout["column"]
            if column["role"] == "count"
        }
        labels = ["time_period", "geographic_level", "branch_code", *layout.get("filters", [])]

        def cell(row: dict, column: str) -> tuple:
            return (quantity[column], *(row[label] for label in labels))

        for row in rows:
            for column in quantity:
                if row[f"{column}_status"] == "c":
                    self.unknown.setdefault(cell(row, column), len(self.unknown))
                elif row[column]:
                    self.known[cell(row, column)] = float(row[column])
        for control in layout["control"]:
            if "left" in control and {*control["left"], *control["right"]} <= set(quantity):
                for row in rows:
                    left = {cell(row, column): 1 for column in control["left"]}
                    right = {cell(row, column): -1 for column in control["right"]}
                    self.sums.append(left | right)
            elif control.get("column") in quantity:
                groups = defaultdict(dict)
                for row in rows:
                    sign = -1 if is_total(layout, row) else 1
                    groups[group_of(layout, labels, row)][cell(row, control["column"])] = sign
                self.sums += groups.values()

    def equations(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of which every count is in the files, as a matrix and a right side."""
        there = self.known.keys() | self.unknown.keys()
        sums = [equation for equation in self.sums if equation.keys() <= there]
        left, right = np.zeros((len(sums), len(self.unknown))), np.zeros(len(sums))
        for number, equation in enumerate(sums):
            for name, sign in equation.items():
                if name in self.unknown:
                    left[number, self.unknown[name]] += sign
                else:
                    right[number] -= sign * self.known[name]
        return left, right


def is_total(layout: dict, row: dict) -> bool:
    column, value = layout["total"]
    return row[column] == value


def group_of(layout: dict, labels: list[str], row: dict) -> tuple:
    """Return what the rows of one total have in common."""
    column = layout["total"][0]
    along = {"geographic_level", "branch_code"} if column == "geographic_level" else {column}
    return tuple(row[label] for label in labels if label not in along)


def test_a_reader_of_the_files_cannot_solve_for_a_hidden_count(public, tables):
    """Linear programs over every count of the release, from its CSV files and layouts alone."""
    counts = ReleasedCounts()
    for template in tables["dim_return"].to_pylist():
        name = template["return_id"]
        path = public / f"{name.removeprefix('reg_').replace('_', '-')}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            counts.read(name, tomllib.loads(template["layout"]), list(csv.DictReader(stream)))
    assert counts.unknown and not counts.unknown.keys() & counts.known.keys()
    left, right = counts.equations()
    for name, position in counts.unknown.items():
        goal = np.eye(len(counts.unknown))[position]
        low, high = (linprog(sign * goal, A_eq=left, b_eq=right) for sign in (1, -1))
        assert high.status == 3 or -high.fun - low.fun >= FLOOR - 1, name
