"""What is odd about an unknown file, at the limits from which it is."""

import pytest

from data.config.profile_source import Source
from data.extracts import infer_profile
from data.extracts.infer_types import ColumnProfile
from data.extracts.open_file import open_file

HEADER = "complaint_id,branch_code,received_at,closed_at\n"


def draft_of(extract: str, looked_at: int, **closed) -> infer_profile.Draft:
    column = ColumnProfile(name="Date Closed", kind="date", **closed)
    mapping = {"closed_at": column}
    return infer_profile.Draft(looked_at, looked_at, [column], extract, mapping, {}, {}, looked_at)


@pytest.mark.parametrize(("rows", "is_warned"), [(99, False), (100, True), (101, True)])
@pytest.mark.parametrize("extract", ["claims", "complaints"])
def test_a_hundred_closed_rows_are_no_chance(extract, rows, is_warned):
    assert bool(infer_profile._warn_of_closed_only(draft_of(extract, rows))) == is_warned


def test_one_open_row_is_enough():
    assert not infer_profile._warn_of_closed_only(draft_of("claims", 500, empty=1))
    assert not infer_profile._warn_of_closed_only(draft_of("claims", 500, nulls={"-": 1}))
    assert not infer_profile._warn_of_closed_only(draft_of("callbacks", 500))


@pytest.fixture
def draft(tmp_path):
    def examine(rows: list[str]):
        path = tmp_path / "complaints.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return infer_profile.infer_draft(
            open_file(path, Source(extract="complaints", files="*"), tmp_path), path.name
        )

    return examine


def closed_cases(count: int) -> list[str]:
    return [f"K{number},0101,2012-03-04,2012-03-05" for number in range(count)]


@pytest.mark.parametrize(
    ("rows", "is_odd"),
    [(8, False), (9, True), (10, True), (11, False)],  # with the header among the limit, or not
)
def test_a_file_as_long_as_a_sheet_may_be_cut_off(draft, monkeypatch, rows, is_odd):
    monkeypatch.setattr(infer_profile, "SHEET_LIMITS", (10,))
    warnings = draft(closed_cases(rows)).warnings
    assert any("cut off at a spreadsheet's limit" in text for text in warnings) == is_odd


def test_the_limits_are_those_of_xls_and_xlsx():
    assert infer_profile.SHEET_LIMITS == (2**16 - 1, 2**16, 2**20 - 1, 2**20)


@pytest.mark.parametrize(("rows", "looked_at"), [(4, 4), (5, 5), (6, 5)])
def test_only_the_first_rows_are_examined_and_all_are_counted(draft, monkeypatch, rows, looked_at):
    monkeypatch.setattr(infer_profile, "EXAMINED_ROWS", 5)
    examined = draft(closed_cases(rows))
    assert (examined.rows, examined.looked_at, examined.keys) == (rows, looked_at, looked_at)


def test_a_key_that_repeats_once_is_odd(draft):
    rows = [*closed_cases(3), "K0,0102,2012-03-04,"]
    warnings = draft(rows).warnings
    assert "complaint_id repeats: 4 rows, 3 different keys; is it the key?" in warnings
    assert not any("repeats" in text for text in draft(closed_cases(3)).warnings)
