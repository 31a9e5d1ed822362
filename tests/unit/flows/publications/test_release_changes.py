"""What a release changes against the version before it, and how its rows stand."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from data.config.return_layout import Return, parse_layout
from data.store.releases import Releases
from flows.publications.release_changes import list_changes, row_status
from flows.publications.release_inputs import ReleaseInputs, index_rows
from flows.publications.release_request import ReleaseRequest

WORDS = '{ zh = "甲", en = "A" }'
LAYOUT_TEXT = f"""
title = {WORDS}
regulator = {WORDS}
period = {WORDS}
source = ""
version = 1
order = []
[[column]]
name = "new_count"
title = {WORDS}
type = "integer"
role = "count"
"""
LAYOUT = parse_layout("reg_a", LAYOUT_TEXT)
REQUEST = ReleaseRequest("a", "p", ("reg_a",), "public", "en", "Li", "Wang", "Zhao", "2013-01-15")


def make_row(count: int | None, branch: str = "01", period: str = "2012-12-31") -> dict:
    return {
        "time_period": period,
        "time_identifier": "year",
        "geographic_level": "branch",
        "branch_code": branch,
        "branch_name": "甲",
        "new_count": count,
    }


def marks_of(mark: str) -> dict[str, str]:
    return dict.fromkeys(LAYOUT.schema.names, "") | {"new_count": mark}


def make_inputs(former: list[tuple[dict, dict]]) -> ReleaseInputs:
    rows = [row for row, _ in former]
    marks = [row_marks for _, row_marks in former]
    manifest = SimpleNamespace()
    return ReleaseInputs(
        REQUEST,
        Releases(Path(), "public"),
        Path(),
        manifest,
        [],
        {"reg_a": index_rows(LAYOUT, rows, marks)},
    )


@pytest.mark.parametrize(
    ("identifier", "period", "status"),
    [
        ("year", "2012-12-31", "final"),
        ("year", "2012-12-30", "provisional"),
        ("year", "2012-06-30", "provisional"),
        ("half_year", "2012-06-30", "final"),
        ("half_year", "2012-12-31", "final"),
        ("half_year", "2012-06-29", "provisional"),
        ("year_from_april", "2012-03-31", "final"),
        ("year_from_april", "2012-03-30", "provisional"),
        ("month", "2012-03-30", "final"),
    ],
)
def test_a_row_is_provisional_until_its_period_is_over(identifier, period, status):
    row = make_row(5, period=period) | {"time_identifier": identifier}
    assert row_status(make_inputs([]), LAYOUT, row, marks_of("")) == status


@pytest.mark.parametrize(
    ("former", "former_mark", "present", "mark", "status"),
    [
        (5, "", 5, "", "final"),
        (5, "", 6, "", "revised"),
        (None, "x", 5, "", "revised"),
        (None, "c", 5, "", "final"),  # nobody could read it before
        (5, "", 6, "c", "final"),  # nobody can read it now
    ],
)
def test_a_row_is_revised_where_readers_see_another_figure(
    former, former_mark, present, mark, status
):
    inputs = make_inputs([(make_row(former), marks_of(former_mark))])
    assert row_status(inputs, LAYOUT, make_row(present), marks_of(mark)) == status
    other_branch = make_row(present, branch="02")
    assert row_status(inputs, LAYOUT, other_branch, marks_of(mark)) == "final"


def test_a_column_that_the_version_before_did_not_have_is_a_revision_and_a_change():
    former = make_row(None)
    former_marks = marks_of("")
    del former["new_count"], former_marks["new_count"]
    inputs = make_inputs([(former, former_marks)])
    assert row_status(inputs, LAYOUT, make_row(5), marks_of("")) == "revised"
    changes = list_changes(inputs, [Return(LAYOUT, [make_row(5)], [marks_of("")])])
    assert [(row["change"], row["old"], row["new"]) for row in changes] == [
        ("value_changed", "", "5")
    ]


def test_rows_that_come_and_go_and_figures_are_listed_by_key_and_hidden_ones_are_not_shown():
    inputs = make_inputs(
        [
            (make_row(1, "01"), marks_of("")),
            (make_row(2, "02"), marks_of("")),
            (make_row(3, "03"), marks_of("")),
            (make_row(None, "05"), marks_of("c")),
        ]
    )
    rows = [make_row(1, "01"), make_row(4, "02"), make_row(9, "04"), make_row(7, "05")]
    marks = [marks_of(""), marks_of("c"), marks_of(""), marks_of("c")]
    changes = list_changes(inputs, [Return(LAYOUT, rows, marks)])
    prefix = "2012-12-31 branch"
    assert [tuple(change.values()) for change in changes] == [
        ("reg_a", f"{prefix} 02", "value_changed", "new_count", "2", "[c]"),
        ("reg_a", f"{prefix} 03", "row_removed", "", "", ""),
        ("reg_a", f"{prefix} 04", "row_added", "", "", ""),
    ]


def test_a_return_that_the_version_before_did_not_have_is_no_change():
    inputs = ReleaseInputs(REQUEST, Releases(Path(), "public"), Path(), SimpleNamespace())
    assert list_changes(inputs, [Return(LAYOUT, [make_row(1)], [marks_of("")])]) == []
