"""What the cells of a column show."""

import pytest

from data.extracts.infer_types import profile_column


@pytest.mark.parametrize(
    ("cells", "has_comma"),
    [
        (["12,5", "3"], True),
        (["1.234,50", "7"], True),
        (["1,234", "5,678"], False),
        (["1,234.50", "12"], False),
        (["12,5", "12.5"], False),
        (["12", "a,5"], False),
    ],
)
def test_a_decimal_comma_is_seen(cells, has_comma):
    assert profile_column("x", cells).has_decimal_comma == has_comma
    assert not has_comma or profile_column("x", cells).kind == "amount"
