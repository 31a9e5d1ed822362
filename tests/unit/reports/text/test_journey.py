"""The stage of the journey that a KPI belongs to."""

import pytest

from reports.text.journey import stage_of


@pytest.mark.parametrize(
    ("kpi", "stage"),
    [("claim_survey_on_time_pct", "survey"), ("claim_open_count", "closure"), ("new_pct", "other")],
)
def test_a_kpi_belongs_to_the_stage_that_names_most_of_its_id(kpi, stage):
    assert stage_of(kpi) == stage
