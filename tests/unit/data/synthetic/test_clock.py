"""Months and limits of the sample company at their edges."""

from datetime import date

import numpy as np
import pytest

from data.synthetic.clock import DAY, month_starts, next_month, seconds, weekday, yyyymm
from data.synthetic.complaints import escalate, last_day


def test_months_go_from_that_of_the_first_day_to_that_of_the_last():
    first, last = date(2011, 11, 30), date(2012, 2, 1)
    months = [date(2011, 11, 1), date(2011, 12, 1), date(2012, 1, 1), date(2012, 2, 1)]
    assert month_starts(first, last) == months
    assert next_month(date(2011, 12, 31)) == date(2012, 1, 1)


def test_weekday_and_month_of_a_moment():
    times = np.array([seconds(date(2012, 12, 31)), seconds(date(2012, 12, 31)) + DAY])
    assert weekday(times).tolist() == [0, 1], "the last day of 2012 was a Monday"
    assert yyyymm(times).tolist() == [201212, 201301]


@pytest.mark.parametrize(("days_late", "level"), [(-1, 0), (0, 0), (1, 1), (12, 1), (13, 2)])
def test_complaints_are_escalated_the_day_after_their_limit(days_late, level):
    complaints = {
        "received": np.array([seconds(date(2012, 3, 1)) + 3_600]),
        "complexity": np.array([-1]),
        "extended": np.array([False]),
    }
    assert last_day(complaints).tolist() == [seconds(date(2012, 3, 11)) // DAY]
    complaints["closed"] = (last_day(complaints) + days_late) * DAY
    escalate(complaints)
    assert complaints["escalation"].tolist() == [level]
