"""From how many rows on, all of them closed, a file seems to hold closed cases only."""

import pytest

from data.extracts import infer_profile
from data.extracts.infer_types import ColumnProfile


def draft(extract: str, looked_at: int, **closed) -> infer_profile.Draft:
    column = ColumnProfile(name="Date Closed", kind="date", **closed)
    mapping = {"closed_at": column}
    return infer_profile.Draft(looked_at, looked_at, [column], extract, mapping, {}, {}, looked_at)


@pytest.mark.parametrize(("rows", "is_warned"), [(99, False), (100, True), (101, True)])
@pytest.mark.parametrize("extract", ["claims", "complaints"])
def test_a_hundred_closed_rows_are_no_chance(extract, rows, is_warned):
    assert bool(infer_profile._warn_of_closed_only(draft(extract, rows))) == is_warned


def test_one_open_row_is_enough():
    assert not infer_profile._warn_of_closed_only(draft("claims", 500, empty=1))
    assert not infer_profile._warn_of_closed_only(draft("claims", 500, nulls={"-": 1}))
    assert not infer_profile._warn_of_closed_only(draft("callbacks", 500))
