"""Why there is no value, or one that may change: on the day, one day earlier, one day later."""

from datetime import date

import numpy as np
import pytest

from transforms.kpis.cube import Cube
from transforms.kpis.value_states import has_year_earlier, missing_reason, stale_reason

RUN = {
    "reason": None,
    "looks_back": False,
    "history_from": date(2012, 3, 1),
    "divides_by_exposure": False,
    "extract_as_of": date(2012, 9, 30),
}
PERIOD = {
    "period_start": date(2012, 9, 1),
    "period_end": date(2012, 10, 1),
    "year_start": date(2011, 10, 1),
    "is_exposed": True,
}


@pytest.mark.parametrize(
    ("extract_as_of", "is_stale"),
    [(date(2012, 9, 29), True), (date(2012, 9, 30), False), (date(2012, 10, 1), False)],
)
def test_a_value_is_stale_until_the_extract_covers_its_last_day(extract_as_of, is_stale):
    reason = stale_reason(RUN | {"extract_as_of": extract_as_of}, PERIOD)
    assert (reason is not None) == is_stale
    assert not is_stale or str(extract_as_of) in str(reason)


@pytest.mark.parametrize(
    ("history_from", "is_missing"),
    [(date(2012, 8, 31), False), (date(2012, 9, 1), False), (date(2012, 9, 2), True)],
)
def test_a_period_needs_the_history_of_its_first_day(history_from, is_missing):
    reason = missing_reason(RUN | {"history_from": history_from}, PERIOD)
    assert (reason is not None) == is_missing
    assert not is_missing or str(history_from) in str(reason)


@pytest.mark.parametrize(
    ("history_from", "is_missing"),
    [(date(2011, 9, 30), False), (date(2011, 10, 1), False), (date(2011, 10, 2), True)],
)
def test_what_looks_back_needs_a_year_of_history(history_from, is_missing):
    run = RUN | {"looks_back": True, "history_from": history_from}
    assert (missing_reason(run, PERIOD) is not None) == is_missing


@pytest.mark.parametrize("divides_by_exposure", [True, False])
@pytest.mark.parametrize("is_exposed", [True, False])
def test_rates_per_exposure_need_some(divides_by_exposure, is_exposed):
    run = RUN | {"divides_by_exposure": divides_by_exposure}
    reason = missing_reason(run, PERIOD | {"is_exposed": is_exposed})
    assert (reason is not None) == (divides_by_exposure and not is_exposed)


def test_what_a_run_cannot_compute_is_missing_whatever_the_period():
    assert missing_reason(RUN | {"reason": "no extract of claims has been delivered"}, PERIOD) == (
        "no extract of claims has been delivered"
    )


@pytest.mark.parametrize(
    ("history_from", "expected"), [(date(2011, 9, 1), True), (date(2011, 9, 2), False)]
)
def test_a_comparison_needs_a_year_earlier_that_has_a_value(history_from, expected):
    earlier = PERIOD | {
        "period_id": 1,
        "period_start": date(2011, 9, 1),
        "year_earlier_id": None,
    }
    periods = [earlier, PERIOD | {"period_id": 2, "year_earlier_id": 1}]
    cube = Cube(periods, [], [], np.zeros((2, 0)), 0, 0)
    run = RUN | {"history_from": history_from}
    assert has_year_earlier(run, cube, 1) == expected
    assert not has_year_earlier(run, cube, 0), "nothing is published of the year before"
