"""What readers know of counts from earlier releases."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from data.store.releases import Releases, write_release_manifest
from flows.publications.release_inputs import ReleaseInputs
from flows.publications.release_returns import read_earlier_counts
from reports.release import csvw
from tests.unit.flows.publications.test_release_changes import (
    LAYOUT,
    LAYOUT_TEXT,
    REQUEST,
    make_row,
)


def freeze(root, version: str, count: int | None, mark: str) -> None:
    folder = root / "releases" / "public" / "a" / version
    folder.mkdir(parents=True)
    cells = {name: str(value) for name, value in make_row(count).items()}
    cells |= {"new_count": "" if count is None else str(count), "new_count_status": mark}
    csvw.write_list(folder / "a.csv", [cells], list(cells))
    write_release_manifest(folder, {"returns": {"reg_a": LAYOUT_TEXT}})


@pytest.mark.parametrize(
    ("releases", "known"),
    [
        ([(5, "")], [5]),
        ([(0, "")], [0]),
        ([(5, ""), (6, "")], [6]),
        ([(None, "c")], [None]),
        ([(None, "c"), (5, "")], [None]),  # once hidden, hidden
        ([(5, ""), (None, "c")], [None]),
        ([(None, "x")], []),
        ([(5, ""), (None, "z")], [5]),
    ],
)
def test_a_count_that_any_release_hid_stays_hidden(releases, known, tmp_path):
    names = []
    for number, (count, mark) in enumerate(releases):
        freeze(tmp_path, f"1.0.{number}", count, mark)
        names.append(f"a 1.0.{number}")
    inputs = ReleaseInputs(
        replace(REQUEST, earlier=tuple(names)),
        Releases(tmp_path, "public"),
        tmp_path,
        SimpleNamespace(),
    )
    name = "|".join(("reg_a.new_count", *(make_row(0)[part] for part in LAYOUT.key)))
    counts = read_earlier_counts(inputs)
    assert list(counts.values()) == known
    assert set(counts) <= {name}
