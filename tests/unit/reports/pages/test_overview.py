"""A list on the overview says what it leaves out."""

import pytest

from reports.pages import overview


@pytest.mark.parametrize(("total", "more"), [(4, None), (5, None), (6, "1 more")])
def test_a_list_says_what_it_leaves_out(total, more):
    words = overview.more_than(5, [None] * total)
    assert (words and words.en) == more
