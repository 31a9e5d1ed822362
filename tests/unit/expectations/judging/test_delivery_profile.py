"""With which earlier deliveries a delivery is compared."""

from datetime import date

import pytest

from data.config.policy import load_policy
from expectations.judging.delivery_profile import DeliveryHistory

DAYS = [date(2012, 6, day) for day in (1, 2, 3, 4)]


def history(number: int, kinds: tuple[str, ...]) -> DeliveryHistory:
    limits = load_policy().delivery_limits.model_copy(update={"deliveries": number})
    days = zip(DAYS, kinds, strict=True)
    ledger = [{"extract_date": day, "delivery": kind} for day, kind in days]
    # A delivery of two files is one delivery.
    return DeliveryHistory(limits, "delta", ledger=ledger + ledger[:1])


@pytest.mark.parametrize(
    ("day", "days_before"), [(1, []), (2, [1]), (3, [1, 2]), (4, [2, 3]), (9, [3, 4])]
)
def test_the_latest_before_the_day_as_many_as_the_policy_says(day, days_before):
    before = history(2, ("delta",) * 4).before(date(2012, 6, day))
    assert [date.day for date in before] == days_before


def test_a_full_extract_is_no_measure_of_a_delta():
    before = history(9, ("delta", "full", "full", "delta")).before(date(2012, 6, 5))
    assert [date.day for date in before] == [1, 4]
