"""How far a month is from the centre of its chart."""

import pytest

from reports.pages import movements


@pytest.mark.parametrize(
    ("value", "centre", "method", "distance"),
    [
        (12.0, 10.0, "xmr", 1.0),
        (8.0, 10.0, "xmr", 1.0),
        (0.0, 10.0, "xmr_log", 0.0),
        (10.0, 10.0, "xmr_log", 0.0),
        (10.0, 0.0, "xmr_log", 0.0),
    ],
)
def test_distance_from_the_centre_of_a_chart(value, centre, method, distance):
    month = {"value": value, "centre_line": centre, "sigma": 2.0, "chart_method": method}
    assert movements._distance(month) == distance
    assert movements._distance(month | {"sigma": 0}) == 0
