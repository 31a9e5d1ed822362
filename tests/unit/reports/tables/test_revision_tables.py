"""The change from one value to another."""

import pytest

from reports.tables.revision_tables import change_between


@pytest.mark.parametrize(
    ("before", "after", "unit", "change"),
    [
        (0.0, 5.0, "days", None),
        (0.0, 5.0, "%", 5.0),
        (None, 5.0, "%", None),
        (5.0, None, "%", None),
        (4.0, 5.0, "days", 25.0),
    ],
)
def test_a_change_from_nothing_has_no_per_cent(before, after, unit, change):
    assert change_between(before, after, unit) == change
