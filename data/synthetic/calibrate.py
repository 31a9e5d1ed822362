"""Small, deterministic corrections of rows, so that figures meet the published ones.

A claim is moved by whole weeks (or days, if small), so its weekday and time of day stay plausible.
"""

from datetime import date

import numpy as np

from .callbacks import COMPLAINT
from .claims import NORMAL, SMALL, Columns, first_settlement
from .clock import DAY, NEVER, end_of, seconds
from .complaints import CATEGORIES, COMPANY, REGULATOR, REJECTED, escalate, last_day

Span = tuple[int, int]  # from the first moment to just before the second

STEPS = ["documents", "approved", "closed", "paid"]
START_2012 = seconds(date(2012, 1, 1))
YEAR_2011: Span = seconds(date(2011, 1, 1)), START_2012
YEAR_2012: Span = START_2012, seconds(date(2013, 1, 1))
TO_NOVEMBER: Span = START_2012, end_of(date(2012, 11, 30))
HALF, THREE_QUARTERS = end_of(date(2012, 6, 30)), end_of(date(2012, 9, 30))

# What the founding article says of the company and of Jiangxi, Jinhua and the regulator.
CLOSURE_2011, CLOSURE_2012, CLOSURE_JIANGXI = 0.8906, 0.9160, 0.9200
DAYS_JIANGXI_SMALL, DAYS_JIANGXI_OTHERS = 4.70, 27.00
COMPLAINTS = {(START_2012, HALF): 87, (HALF, THREE_QUARTERS): 44}  # 131 in three quarters
COMPLAINTS_PER_100M = 0.9689
PREMIUM = 131 / COMPLAINTS_PER_100M * 1e8
ANSWERS_JIANGXI, GOOD_ANSWERS_JIANGXI = 138, 133  # 96.38%
SATISFACTION = 0.9568
SATISFIED = 4  # of 5


def spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Return `count` of the rows, evenly spaced."""
    if count > len(rows):
        raise ValueError(
            f"{count} rows needed, {len(rows)} there: the simulation is too far off to be nudged"
        )
    return rows[np.arange(count) * len(rows) // max(count, 1)]


def _is_within(times: np.ndarray, span: Span) -> np.ndarray:
    start, end = span
    return (times >= start) & (times < end)


def _move(claims: Columns, rows: np.ndarray, days: int) -> None:
    for step in STEPS:
        claims[step][rows] += days * DAY


def _is_movable(claims: Columns, days: int) -> np.ndarray:
    """Return a mask of paid, never reopened claims whose steps stay in order if moved by `days`."""
    is_paid = claims["outcome"] == NORMAL
    is_never_reopened = claims["reopened"] == NEVER
    registered = claims["registered"]
    moved_documents = claims["documents"] + days * DAY
    stays_in_order = moved_documents > registered + 600
    return is_paid & is_never_reopened & (registered < NEVER) & stays_in_order


def count_closures(claims: Columns, span: Span, counted: np.ndarray) -> tuple[int, int]:
    """Return the settlements in a span of time, and the claims there were to settle.

    A reopened claim is one to settle once more. `counted` is a mask of the claims that count.
    """
    start = span[0]
    reported, reopened = claims["reported"], claims["reopened"]
    settled, settled_again = first_settlement(claims), claims["paid_again"]
    was_open = (reported < start) & (settled >= start)
    was_open_again = (reopened < start) & (settled_again >= start)
    to_settle = [
        was_open,
        was_open_again,
        _is_within(reported, span),
        _is_within(reopened, span),
    ]
    closures = [
        _is_within(settled, span),
        _is_within(settled_again, span),
    ]

    return _count(closures, counted), _count(to_settle, counted)


def _count(events: list[np.ndarray], counted: np.ndarray) -> int:
    total = 0
    for has_happened in events:
        total += int((has_happened & counted).sum())
    return total


def _meet_closure(
    claims: Columns, span: Span, counted: np.ndarray, share: float, movable: np.ndarray
) -> None:
    """Move settlements over the end of the span until `share` of the claims is settled in it.

    Those of the next week are pulled before it, or those of its last week pushed behind it.
    """
    end, week = span[1], 7 * DAY
    closures, to_settle = count_closures(claims, span, counted)
    missing = round(share * to_settle) - closures
    if missing > 0:
        window, days = (end, end + week), -7
    else:
        window, days = (end - week, end), 7

    is_in_window = _is_within(first_settlement(claims), window)
    rows = np.flatnonzero(movable & is_in_window & _is_movable(claims, days))
    _move(claims, spread(rows, abs(missing)), days)


def meet_closure_of_company(claims: Columns, movable: np.ndarray) -> None:
    """Meet the closure rates of both years by moving claims of `movable`."""
    everything = np.ones(len(movable), bool)
    _meet_closure(claims, YEAR_2011, everything, CLOSURE_2011, movable)
    _meet_closure(claims, YEAR_2012, everything, CLOSURE_2012, movable)


def _meet_mean_days(
    claims: Columns, movable: np.ndarray, counted: np.ndarray, mean_days: float, days: int
) -> None:
    """Move claims of `movable` by `days` each until those of `counted` take `mean_days` on average.

    Claims are moved within the span only, so that their number stays.
    """
    is_paid = claims["outcome"] == NORMAL
    is_paid_again = claims["paid_again"] < TO_NOVEMBER[1]
    paid = np.where(is_paid_again, claims["paid_again"], claims["paid"])
    is_counted = counted & is_paid & _is_within(paid, TO_NOVEMBER)

    seconds_taken = (paid - claims["reported"])[is_counted].sum()
    missing = round(mean_days * DAY * is_counted.sum() - seconds_taken)
    if missing <= 0:
        days = -days

    count = round(missing / (days * DAY))

    is_still_within = _is_within(claims["paid"] + days * DAY, TO_NOVEMBER)
    is_moved = movable & is_counted & is_still_within & _is_movable(claims, days)
    rows = spread(np.flatnonzero(is_moved), count)
    _move(claims, rows, days)


def meet_claims_of_jiangxi(claims: Columns, jiangxi: np.ndarray) -> None:
    """Meet closure rate and days of Jiangxi; `jiangxi` is a mask of its branches."""
    is_jiangxi = jiangxi[claims["branch"]]
    amount, amount_again = claims["amount"], claims["amount_again"]
    is_without_injury = claims["injury"] == 0
    is_always_small = (amount <= SMALL) & (amount_again <= SMALL)
    is_paid_again = claims["paid_again"] < TO_NOVEMBER[1]
    final_amount = np.where(is_paid_again, amount_again, amount)
    is_small = is_jiangxi & is_without_injury & (final_amount <= SMALL)
    others = is_jiangxi & ~is_small

    # First the closure rate: moving claims over the end of the span changes which days count.
    _meet_closure(claims, TO_NOVEMBER, is_jiangxi, CLOSURE_JIANGXI, is_jiangxi)
    movable = is_jiangxi & is_without_injury & is_always_small
    _meet_mean_days(claims, movable, is_small, DAYS_JIANGXI_SMALL, 1)

    # The mean of all includes the small ones, which are settled by now: only others are moved.
    _meet_mean_days(claims, others, is_jiangxi, DAYS_JIANGXI_OTHERS, 7)


def close_complaints_on_time(complaints: Columns, jiangxi: np.ndarray) -> None:
    """Close what Jiangxi had to close by the end of November, at the latest on the day before."""
    limit = last_day(complaints)
    closed = complaints["closed"]
    is_jiangxi = jiangxi[complaints["branch"]]
    has_to_be_closed = is_jiangxi & (limit * DAY < TO_NOVEMBER[1])
    is_late = has_to_be_closed & (closed // DAY > limit)

    # From 10:00 on, spread by the number of the complaint: no chance may be drawn here.
    time_of_day = 36_000 + complaints["number"] % 20_000
    day_before = (limit - 1) * DAY + time_of_day
    in_time = np.maximum(day_before, complaints["received"] + 3_600)
    complaints["closed"] = np.where(is_late, in_time, closed)
    escalate(complaints)


def move_complaints_of_jinhua(complaints: Columns, jinhua: np.ndarray, neighbour: int) -> None:
    """Leave Jinhua two complaints, which turn out invalid, and give the others to a neighbour.

    Those are about sales and service: the neighbour's claims are left alone.
    """
    span = START_2012, THREE_QUARTERS
    is_jinhua = jinhua[complaints["branch"]] & _is_within(complaints["received"], span)
    rows = np.flatnonzero(is_jinhua)
    complaints["valid"][rows] = False
    complaints["outcome"][rows] = np.maximum(complaints["outcome"][rows], REJECTED)
    others = rows[2:]
    complaints["branch"][others] = neighbour
    complaints["claim"][others] = 0
    complaints["category"][others] = CATEGORIES.index("服务")


def meet_complaints_to_regulator(complaints: Columns) -> None:
    """Give as many complaints of each span to the regulator as it counted."""
    channel = complaints["channel"]
    for span, count in COMPLAINTS.items():
        is_within = _is_within(complaints["received"], span)
        to_regulator = np.flatnonzero(is_within & (channel == REGULATOR))
        to_company = np.flatnonzero(is_within & (channel == COMPANY))
        surplus = len(to_regulator) - count
        if surplus > 0:
            channel[spread(to_regulator, surplus)] = COMPANY
        else:
            channel[spread(to_company, -surplus)] = REGULATOR


def _meet_good_ratings(calls: Columns, counted: np.ndarray, good: int) -> None:
    """Change ratings until `good` of the counted ones are good.

    Bad ones become a 4, the mildest first; or ratings of 4 become a 3.
    """
    rating = calls["rating"]
    barely_bad = SATISFIED - 1
    is_good = rating[counted] >= SATISFIED
    missing = good - int(is_good.sum())
    if missing <= 0:
        barely_good = np.flatnonzero(counted & (rating == SATISFIED))
        surplus = min(-missing, len(barely_good))
        rating[spread(barely_good, surplus)] = barely_bad
        return

    is_rated = counted & (rating > 0)
    nearly_good = np.flatnonzero(counted & (rating == barely_bad))
    bad = np.flatnonzero(is_rated & (rating < barely_bad))
    mild_count = min(missing, len(nearly_good))
    rating[spread(nearly_good, mild_count)] = SATISFIED
    rating[spread(bad, missing - mild_count)] = SATISFIED


def meet_complaint_ratings(calls: Columns, jiangxi: np.ndarray) -> None:
    """Meet the number of answers about complaints in Jiangxi, and how many of them are good."""
    rating = calls["rating"]
    is_jiangxi = jiangxi[calls["branch"]]
    is_about_complaint = calls["kind"] == COMPLAINT
    is_counted = is_jiangxi & is_about_complaint & _is_within(calls["completed"], TO_NOVEMBER)
    rated = np.flatnonzero(is_counted & (rating > 0))
    silent = np.flatnonzero(is_counted & (rating == 0))

    surplus = len(rated) - ANSWERS_JIANGXI
    if surplus > 0:
        rating[spread(rated, surplus)] = 0
    else:
        rating[spread(silent, -surplus)] = SATISFIED

    _meet_good_ratings(calls, is_counted & (rating > 0), GOOD_ANSWERS_JIANGXI)


def meet_satisfaction(calls: Columns) -> None:
    """Meet the company's satisfaction of 2012.

    Ratings of complaint call-backs stay as they are: those of Jiangxi are settled already.
    """
    rating = calls["rating"]
    is_rated = _is_within(calls["completed"], YEAR_2012) & (rating > 0)
    is_about_complaint = calls["kind"] == COMPLAINT
    good_about_complaints = is_rated & is_about_complaint & (rating >= SATISFIED)
    good = round(SATISFACTION * is_rated.sum()) - int(good_about_complaints.sum())
    _meet_good_ratings(calls, is_rated & ~is_about_complaint, good)


def premium_factor(shares: Columns) -> float:
    """Return the yuan of premium that a share of 1 is, so that complaints per premium are met."""
    is_within = _is_within(shares["month"], (START_2012, THREE_QUARTERS))
    return PREMIUM / shares["share"][is_within].sum()
