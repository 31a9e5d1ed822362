"""What a release changes against the version before it, as readers see both."""

from collections.abc import Iterator

from data.config.return_layout import Layout, Return
from flows.publications.release_inputs import MarkedRow, ReleaseInputs, index_rows, row_key
from reports.release import csvw
from transforms.returns.disclosure import HIDDEN

# How the name of a period ends that is over when its year, half-year or business year is.
PERIOD_ENDS = {
    "year": ("12-31",),
    "half_year": ("06-30", "12-31"),
    "year_from_april": ("03-31",),
}


def list_changes(inputs: ReleaseInputs, returns: list[Return]) -> list[dict]:
    """Return the rows that came or went, and the figures that differ, old and new.

    A hidden figure is not shown: of it readers see that it is hidden. A return that the version
    before did not have is not a change.
    """
    changes: list[dict] = []
    for content in returns:
        layout = content.layout
        former = inputs.former_rows.get(layout.id)
        if former is not None:
            present = index_rows(layout, content.rows, content.marks)
            changes += _compare_rows(layout, former, present)
    return changes


def row_status(inputs: ReleaseInputs, layout: Layout, row: dict, marks: dict[str, str]) -> str:
    """Return whether a row is `provisional`, `revised` or `final`.

    provisional: its period is not over; revised: a figure that readers see differs from the
    version before.
    """
    period_ends = PERIOD_ENDS.get(row["time_identifier"])
    if period_ends and not row["time_period"].endswith(period_ends):
        return "provisional"
    former_rows = inputs.former_rows.get(layout.id, {})
    former = former_rows.get(row_key(layout, row))
    if former and _is_revised(layout, former, (row, marks)):
        return "revised"
    return "final"


def _compare_rows(
    layout: Layout, former: dict[tuple, MarkedRow], present: dict[tuple, MarkedRow]
) -> Iterator[dict]:
    for key in sorted({*former, *present}):
        change = {"return_id": layout.id, "key": " ".join(key)}
        nothing = {"column_name": "", "old": "", "new": ""}
        if key not in former:
            yield change | {"change": "row_added"} | nothing
        elif key not in present:
            yield change | {"change": "row_removed"} | nothing
        else:
            for difference in _compare_figures(layout, former[key], present[key]):
                yield change | {"change": "value_changed"} | difference


def _compare_figures(layout: Layout, former: MarkedRow, present: MarkedRow) -> Iterator[dict]:
    for name in _number_columns(layout):
        old, new = _cell_text(former, name), _cell_text(present, name)
        if old != new:
            yield {"column_name": name, "old": old, "new": new}


def _cell_text(marked_row: MarkedRow, name: str) -> str:
    """Return a figure as readers see it; empty where there is none, or no such column yet."""
    row, marks = marked_row
    mark = marks.get(name)
    if mark in csvw.HIDDEN:
        return f"[{mark}]"
    if row.get(name) is None:
        return ""
    return csvw.format_digits(row[name])


def _is_revised(layout: Layout, former: MarkedRow, present: MarkedRow) -> bool:
    former_row, former_marks = former
    row, marks = present
    for name in _number_columns(layout):
        if HIDDEN in (marks[name], former_marks.get(name)):
            continue  # readers cannot compare it
        if former_row.get(name) != row[name]:
            return True
    return False


def _number_columns(layout: Layout) -> list[str]:
    return [column.name for column in layout.columns if column.is_number]
