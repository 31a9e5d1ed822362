"""Every count that the readers of a release know together, and what adds up among them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from data.config.return_layout import Layout
from data.config.return_parts import Column, Control
from transforms.returns.cell_suppression import ReleaseFigures

ReturnRows = tuple[Layout, list[dict]]
# Where a figure's name has its period, an ISO 8601 interval of the first and the last day.
PERIOD_PART = 1


def figure_name(layout: Layout, column: Column, row: dict) -> str:
    """Return the name of a count: what it counts, and of which row.

    The same count in two returns has one name, where both layouts give it the same `quantity`.
    """
    quantity = column.quantity or f"{layout.id}.{column.name}"
    labels = {name: str(row[name]) for name in layout.key}
    if column.covers == "twelve_months":
        labels["time_period"] = _twelve_months_to(labels["time_period"])
    return "|".join((quantity, *labels.values()))


def _twelve_months_to(period: str) -> str:
    """Return the twelve months that end with a period's; both are ISO 8601 intervals of days."""
    last = date.fromisoformat(period.partition("/")[2])
    # December's begin in January of its own year.
    year, month = (last.year, 1) if last.month == 12 else (last.year - 1, last.month + 1)
    return f"{date(year, month, 1)}/{last}"


def collect_figures(returns: list[ReturnRows], earlier: dict[str, int | None]) -> ReleaseFigures:
    """Return every count of the returns once, what adds up among them, and what follows from them:
    the cases that a share leaves out, and what came since the period of an earlier release.

    `earlier` has the counts of earlier releases to the same readers, by name; None where hidden.
    """
    known = _Known()
    for layout, rows in returns:
        for row in rows:
            counts = _counts_of_row(layout, row)
            known.values |= counts
            if layout.is_total(row):
                known.totals |= counts.keys()
        known.equations += _equations(layout, rows)
        _add_rests(known, layout, rows)
        _add_complements(known, layout, rows)
    _add_increments(known, earlier)
    return known.to_figures(earlier)


@dataclass
class _Known:
    """Counts by name, on their way to figures by position."""

    values: dict[str, int] = field(default_factory=dict)
    totals: set[str] = field(default_factory=set)
    derived: dict[str, tuple[str, ...]] = field(default_factory=dict)  # from what each follows
    equations: list[dict[str, int]] = field(default_factory=list)

    def add_difference(self, name: str, greater: str, smaller: str) -> None:
        """Add what is left of one count after another: a figure that stands in no table."""
        self.values[name] = self.values[greater] - self.values[smaller]
        self.derived[name] = (greater, smaller)
        self.equations.append({name: 1, smaller: 1, greater: -1})

    def add_rest(self, name: str, signs: dict[str, int]) -> None:
        """Add what a total, of sign -1, has beyond its parts. A negative rest is none."""
        rest = -sum(sign * self.values[part] for part, sign in signs.items())
        if rest >= 0:
            self.values[name] = rest
            self.derived[name] = ()
            self.equations.append({name: 1} | signs)

    def to_figures(self, earlier: dict[str, int | None]) -> ReleaseFigures:
        names = sorted(self.values)
        position = {name: number for number, name in enumerate(names)}
        published = {name for name in names if earlier.get(name) == self.values[name]}
        # What follows from published counts is known, and cannot be hidden any more.
        for name, parts in self.derived.items():
            if parts and published.issuperset(parts):
                published.add(name)
        was_hidden = [name in earlier and earlier[name] is None for name in names]

        def mask(members: Iterable[str]) -> np.ndarray:
            chosen = set(members)
            return np.array([name in chosen for name in names], bool)

        return ReleaseFigures(
            names=names,
            values=np.array([self.values[name] for name in names], np.int64),
            equations=[_number_names(equation, position) for equation in self.equations],
            is_total=mask(self.totals),
            is_published=mask(published),
            was_hidden=np.array(was_hidden, bool),
            is_derived=mask(self.derived),
        )


def _number_names(equation: dict[str, int], position: dict[str, int]) -> dict[int, int]:
    numbered = {}
    for name, sign in equation.items():
        numbered[position[name]] = sign
    return numbered


def _count_columns(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.role == "count"]


def _counts_of_row(layout: Layout, row: dict) -> dict[str, int]:
    """Return the counts of a row that are there, by name."""
    return {
        figure_name(layout, column, row): row[column.name]
        for column in _count_columns(layout)
        if row[column.name] is not None
    }


def _add_complements(known: _Known, layout: Layout, rows: list[dict]) -> None:
    """Add the cases that a share leaves out: 227 of 247 on time says that 20 were late."""
    counts = {column.name for column in _count_columns(layout)}
    for ratio in layout.columns:
        if ratio.role != "ratio" or not {ratio.numerator, ratio.denominator} <= counts:
            continue
        assert ratio.numerator
        assert ratio.denominator
        pairs = [(row, row[ratio.numerator], row[ratio.denominator]) for row in rows]
        there = [(row, part, whole) for row, part, whole in pairs if None not in (part, whole)]
        if any(part > whole for _, part, whole in there):
            continue  # no share: what is counted above is not a part of what is counted below
        for row, _, _ in there:
            part = figure_name(layout, layout.column(ratio.numerator), row)
            whole = figure_name(layout, layout.column(ratio.denominator), row)
            known.add_difference(f"{whole} but not {part.split('|')[0]}", whole, part)


def _add_rests(known: _Known, layout: Layout, rows: list[dict]) -> None:
    """Add what a total has beyond its rows, where one of them has no figure."""
    counts = {column.name for column in _count_columns(layout)}
    for control in layout.controls:
        if control.column not in counts or control.sum is not None:
            continue
        column = layout.column(control.column)
        for group in _group_rows(layout, rows):
            there = [row for row in group if row[column.name] is not None]
            if len(there) < len(group) and sum(map(layout.is_total, there)) == 1:
                signs = _sign_rows(layout, column, there)
                label = "|".join(map(str, layout.group(group[0])))
                known.add_rest(f"{layout.id}.{column.name} beyond its rows|{label}", signs)


def _add_increments(known: _Known, earlier: dict[str, int | None]) -> None:
    """Add what came since an earlier release of a period that began on the same day.

    A count that fell is none that adds up over time, such as what is open at the end.
    """
    by_series: dict[tuple, list[tuple[str, str]]] = defaultdict(list)
    for name, value in earlier.items():
        series, end = _split_period(name)
        if value is not None:
            by_series[series].append((end, name))
    for name in sorted(known.values.keys() - known.derived.keys()):
        series, end = _split_period(name)
        before = [(day, other) for day, other in by_series[series] if day < end]
        if not before:
            continue
        day, former = max(before)
        value = earlier[former]
        if value is not None and value <= known.values[name]:
            known.values[former] = value
            known.add_difference(f"{name} since {day}", name, former)


def _split_period(name: str) -> tuple[tuple, str]:
    """Return what a figure has in common with that of another day, and the last day."""
    parts = name.split("|")
    start, _, end = parts[PERIOD_PART].partition("/")
    return (*parts[:PERIOD_PART], start, *parts[PERIOD_PART + 1 :]), end


def _equations(layout: Layout, rows: list[dict]) -> Iterator[dict[str, int]]:
    """Yield what a return's controls say about its counts: names with their signs.

    A count that is not there is in no equation.
    """
    counts = {column.name for column in _count_columns(layout)}
    for control in layout.controls:
        if control.left and counts >= {*control.left, *control.right}:
            yield from _equations_of_columns(layout, control, rows)
        elif control.column in counts and control.sum is None:
            yield from _equations_of_rows(layout, layout.column(control.column), rows)


def _equations_of_columns(
    layout: Layout, control: Control, rows: list[dict]
) -> Iterator[dict[str, int]]:
    """Yield for each row that its left columns are its right ones in sum."""
    signs = dict.fromkeys(control.left, 1) | dict.fromkeys(control.right, -1)
    for row in rows:
        if all(row[name] is not None for name in signs):
            yield {
                figure_name(layout, layout.column(name), row): sign for name, sign in signs.items()
            }


def _equations_of_rows(
    layout: Layout, column: Column, rows: list[dict]
) -> Iterator[dict[str, int]]:
    """Yield for each group of rows with a total row that the others add up to it."""
    for group in _group_rows(layout, rows):
        total_rows = sum(layout.is_total(row) for row in group)
        if total_rows == 1 and all(row[column.name] is not None for row in group):
            yield _sign_rows(layout, column, group)


def _sign_rows(layout: Layout, column: Column, rows: list[dict]) -> dict[str, int]:
    """Return the names of a column's figures, with -1 for that of the total row."""
    signs = {}
    for row in rows:
        name = figure_name(layout, column, row)
        signs[name] = -1 if layout.is_total(row) else 1
    return signs


def _group_rows(layout: Layout, rows: list[dict]) -> list[list[dict]]:
    """Return the rows that add up to one total each, the total among them."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        groups[layout.group(row)].append(row)
    return list(groups.values())
