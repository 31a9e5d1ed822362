"""The returns that a release consists of, and the counts that its readers know already."""

from pathlib import Path

from data.config.return_layout import Layout, parse_layout
from data.problem import Problem
from data.store.releases import parse_layouts, read_release_manifest, read_rows
from flows.publications.release_inputs import MarkedRow, ReleaseInputs
from transforms.returns.disclosure import HIDDEN
from transforms.returns.release_figures import ReturnRows, figure_name


def load_returns(inputs: ReleaseInputs) -> list[ReturnRows]:
    """Return layout and rows of each template of the request.

    Raises Problem where a template is unknown, or a control total of it is wrong.
    """
    texts = inputs.layout_texts()
    templates = inputs.request.templates
    if not templates:
        raise Problem("the release has no template", f"use {', '.join(texts)}")
    unknown = [name for name in templates if name not in texts]
    if unknown:
        raise Problem(f"template {', '.join(unknown)} not found", f"use {', '.join(texts)}")
    _check_control_totals(inputs)
    return [(parse_layout(name, texts[name]), inputs.read_table(name)) for name in templates]


def read_controls(inputs: ReleaseInputs) -> list[dict]:
    """Return the rows of reg_control about the returns of the request."""
    rows = inputs.read_table("reg_control")
    return [row for row in rows if row["return_id"] in inputs.request.templates]


def _check_control_totals(inputs: ReleaseInputs) -> None:
    wrong = [row for row in read_controls(inputs) if row["sums_wrong"]]
    if not wrong:
        return
    examples = [f"{row['return_id']}: {row['control_id']}: {row['examples']}" for row in wrong[:3]]
    raise Problem(
        f"{len(wrong)} control totals are wrong: {'; '.join(examples)}",
        "fix the extracts or the template; nothing was released",
    )


def list_earlier(inputs: ReleaseInputs) -> list[tuple[Path, list[Layout]]]:
    """Return folder and layouts of each earlier release that the same readers have."""
    earlier = []
    for release in inputs.request.earlier:
        folder = inputs.releases.folder(*release.split(" "))
        earlier.append((folder, parse_layouts(read_release_manifest(folder))))
    return earlier


def read_earlier_counts(inputs: ReleaseInputs) -> dict[str, int | None]:
    """Return the counts that the same readers know from earlier releases, by name.

    None where any of them hid the count: once hidden, it stays hidden, or the two releases
    together would give it away.
    """
    counts: dict[str, int | None] = {}
    for folder, layouts in list_earlier(inputs):
        for layout in layouts:
            for marked_row in zip(*read_rows(folder, layout), strict=True):
                _add_counts_of_row(counts, layout, marked_row)
    return counts


def _add_counts_of_row(
    counts: dict[str, int | None], layout: Layout, marked_row: MarkedRow
) -> None:
    row, marks = marked_row
    for column in layout.columns:
        if column.role != "count":
            continue
        is_hidden = marks[column.name] == HIDDEN
        if row[column.name] is None and not is_hidden:
            continue  # not available, or not applicable: readers know nothing
        name = figure_name(layout, column, row)
        was_hidden = name in counts and counts[name] is None
        counts[name] = None if is_hidden or was_hidden else row[column.name]
