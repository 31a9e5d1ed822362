"""Small, deterministic corrections of rows, so that figures counted from the rows meet the
published ones.

A claim is moved by whole weeks (or days, if small), so its weekday and time of day stay plausible.
"""

from datetime import date

import numpy as np

from .callbacks import COMPLAINT
from .claims import NORMAL, SMALL, Columns, settled
from .clock import DAY, NEVER, end_of, seconds
from .complaints import CATEGORIES, COMPANY, REGULATOR, escalate, limit_day

STEPS = ["documents", "approved", "closed", "paid"]
YEAR_2011 = seconds(date(2011, 1, 1)), seconds(date(2012, 1, 1))
YEAR_2012 = seconds(date(2012, 1, 1)), seconds(date(2013, 1, 1))
TO_NOVEMBER = YEAR_2012[0], end_of(date(2012, 11, 30))
HALF, THREE_QUARTERS = end_of(date(2012, 6, 30)), end_of(date(2012, 9, 30))
COMPLAINTS = {(YEAR_2012[0], HALF): 87, (HALF, THREE_QUARTERS): 44}  # 131 in three quarters
PREMIUM = 131 / 0.9689 * 1e8


def spread(rows: np.ndarray, count: int) -> np.ndarray:
    """`count` of the rows, evenly spaced."""
    if count > len(rows):
        raise ValueError(
            f"{count} rows wanted, {len(rows)} there: the simulation is too far off to be nudged"
        )
    return rows[np.arange(count) * len(rows) // max(count, 1)]


def _within(times: np.ndarray, period: tuple[int, int]) -> np.ndarray:
    return (times >= period[0]) & (times < period[1])


def _move(c: Columns, rows: np.ndarray, days: int) -> None:
    for step in STEPS:
        c[step][rows] += days * DAY


def _movable(c: Columns, days: int) -> np.ndarray:
    """Paid claims never reopened that stay in order if their steps move by so many days."""
    in_order = c["documents"] + days * DAY > c["registered"] + 600
    return (
        (c["outcome"] == NORMAL) & (c["reopened"] == NEVER) & (c["registered"] < NEVER) & in_order
    )


def closure(c: Columns, period: tuple[int, int], of: np.ndarray) -> tuple[int, int]:
    """Settlements in the period, and claims there were to settle."""
    start, end = period
    first, again = settled(c), c["paid_again"]
    open_at_start = ((c["reported"] < start) & (first >= start)).astype(np.int8)
    open_at_start += (c["reopened"] < start) & (again >= start)
    inflow = _within(c["reported"], period).astype(np.int8) + _within(c["reopened"], period)
    done = _within(first, period).astype(np.int8) + _within(again, period)
    return int(done[of].sum()), int(open_at_start[of].sum() + inflow[of].sum())


def _meet_closure(
    c: Columns, period: tuple[int, int], of: np.ndarray, target: float, movable: np.ndarray
) -> None:
    """Pull settlements of the next week before the end of the period, or push those of its last
    week behind it.
    """
    end, week = period[1], 7 * DAY
    done, due = closure(c, period, of)
    missing = round(target * due) - done
    if missing > 0:
        window, days = (end, end + week), -7
    else:
        window, days = (end - week, end), 7
    rows = np.flatnonzero(movable & _within(settled(c), window) & _movable(c, days))
    _move(c, spread(rows, abs(missing)), days)


def closure_of_company(c: Columns, movable: np.ndarray) -> None:
    everything = np.ones(len(movable), bool)
    _meet_closure(c, YEAR_2011, everything, 0.8906, movable)
    _meet_closure(c, YEAR_2012, everything, 0.9160, movable)


def _meet_mean_days(c: Columns, of: np.ndarray, target: float, also: np.ndarray, days: int) -> None:
    """Move claims of `of` by so many days until the claims of `also` take `target` days on
    average.
    """
    again = c["paid_again"] < TO_NOVEMBER[1]
    latest = np.where(again, c["paid_again"], c["paid"])
    counted = also & (c["outcome"] == NORMAL) & _within(latest, TO_NOVEMBER)
    missing = round(target * DAY * counted.sum() - (latest - c["reported"])[counted].sum())
    days = days if missing > 0 else -days
    stays = _within(c["paid"] + days * DAY, TO_NOVEMBER) & _movable(c, days)
    _move(c, spread(np.flatnonzero(of & counted & stays), round(missing / (days * DAY))), days)


def claims_of_jiangxi(c: Columns, jiangxi: np.ndarray) -> None:
    of = jiangxi[c["place"]]
    small = of & (c["amount"] <= SMALL) & (c["amount_again"] <= SMALL) & (c["injury"] == 0)
    final = np.where(c["paid_again"] < TO_NOVEMBER[1], c["amount_again"], c["amount"])
    counted_small = of & (final <= SMALL) & (c["injury"] == 0)
    _meet_closure(c, TO_NOVEMBER, of, 0.9200, of)
    _meet_mean_days(c, small, 4.70, counted_small, 1)
    _meet_mean_days(c, of & ~counted_small, 27.00, of, 7)


def complaints_on_time(c: Columns, jiangxi: np.ndarray) -> None:
    """Whatever was due by the end of November was done, at the latest on the day before."""
    limit = limit_day(c)
    last = (limit - 1) * DAY + 36_000 + c["number"] % 20_000
    due = jiangxi[c["place"]] & (limit * DAY < TO_NOVEMBER[1])
    late = due & (c["closed"] // DAY > limit)
    c["closed"] = np.where(late, np.maximum(last, c["received"] + 3_600), c["closed"])
    escalate(c)


def complaints_of_jinhua(c: Columns, jinhua: np.ndarray, neighbour: int) -> None:
    """Two complaints that turn out invalid stay; the others are about a neighbour's sales and
    service.
    """
    mine = np.flatnonzero(
        jinhua[c["place"]] & _within(c["received"], (YEAR_2012[0], THREE_QUARTERS))
    )
    c["valid"][mine] = False
    c["outcome"][mine] = np.where(c["outcome"][mine] < 2, 2, c["outcome"][mine])
    c["place"][mine[2:]] = neighbour
    c["claim"][mine[2:]] = 0
    c["category"][mine[2:]] = CATEGORIES.index("服务")


def complaints_to_regulator(c: Columns) -> None:
    for period, wanted in COMPLAINTS.items():
        inside = _within(c["received"], period)
        there = np.flatnonzero(inside & (c["channel"] == REGULATOR))
        others = np.flatnonzero(inside & (c["channel"] == COMPANY))
        if len(there) > wanted:
            c["channel"][spread(there, len(there) - wanted)] = COMPANY
        else:
            c["channel"][spread(others, wanted - len(there))] = REGULATOR


def _make_good(c: Columns, counted: np.ndarray, wanted: int) -> None:
    """Turn bad ratings into 4, the mildest first, or ratings of 4 into 3, until `wanted` of the
    counted are good.
    """
    rating = c["rating"]
    missing = wanted - int((rating[counted] >= 4).sum())
    mild = np.flatnonzero(counted & (rating == (3 if missing > 0 else 4)))
    rows = spread(mild, min(abs(missing), len(mild)))
    rest = np.flatnonzero(counted & (rating > 0) & (rating < 3))
    rating[rows] = 4 if missing > 0 else 3
    rating[spread(rest, max(missing - len(rows), 0))] = 4


def complaint_ratings(c: Columns, jiangxi: np.ndarray) -> None:
    """138 answers, 133 of them good: 96.38 %."""
    done = jiangxi[c["place"]] & (c["kind"] == COMPLAINT) & _within(c["completed"], TO_NOVEMBER)
    rated, silent = (
        np.flatnonzero(done & (c["rating"] > 0)),
        np.flatnonzero(done & (c["rating"] == 0)),
    )
    if len(rated) > 138:
        c["rating"][spread(rated, len(rated) - 138)] = 0
    else:
        c["rating"][spread(silent, 138 - len(rated))] = 4
    _make_good(c, done & (c["rating"] > 0), 133)


def satisfaction(c: Columns) -> None:
    """Ratings of complaint call-backs stay as they are: those of Jiangxi are settled already."""
    rated = _within(c["completed"], YEAR_2012) & (c["rating"] > 0)
    good, about_complaints = c["rating"] >= 4, c["kind"] == COMPLAINT
    wanted = round(0.9568 * rated.sum()) - int((rated & good & about_complaints).sum())
    _make_good(c, rated & ~about_complaints, wanted)


def premium_factor(shares: Columns) -> float:
    inside = _within(shares["month"], (YEAR_2012[0], THREE_QUARTERS))
    return PREMIUM / shares["share"][inside].sum()
