"""How many false alarms a profile expects."""

import pytest

from reports.elements.branch_profile import expected_false_alarms


@pytest.mark.parametrize(("tested", "text"), [(0, "0.0"), (39, "2.0"), (40, "2"), (50, "3")])
def test_false_alarms_are_whole_from_forty_comparisons_on(tested, text):
    assert expected_false_alarms(tested) == text
