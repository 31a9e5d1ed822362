"""Long tables are capped at 200 rows."""

import pytest

from reports.elements import quality_tables


@pytest.mark.parametrize(("rows", "is_capped"), [(199, False), (200, False), (201, True)])
def test_a_page_shows_two_hundred_rows(rows, is_capped):
    note = quality_tables.capped("quality_quarantine", rows)
    assert (note is not None) == is_capped
    assert note is None or note.en.startswith("201 rows in all, the newest 200 shown")
