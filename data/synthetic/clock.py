"""Civil time as whole seconds since 1970-01-01 00:00 local, and the rhythm of working days."""

from datetime import date

import numpy as np

DAY = 86_400
THURSDAY = 3  # the weekday of 1970-01-01, Monday is 0
SATURDAY = 5
OFFICE_OPENS = 8 * 3_600 + 1_800
# Later than any day that is asked about, so that "t < end" is false without a special case.
NEVER = np.int64(1) << 40

HOUR_OF_REPORT = np.array(
    [6, 4, 3, 2, 3, 5, 14, 38, 66, 72, 70, 62, 50, 52, 62, 64, 63, 66, 62, 48, 36, 26, 18, 10.0]
)
MONTH_OF_YEAR = np.array([1.07, 0.84, 0.98, 0.97, 0.99, 1.00, 1.04, 1.03, 0.99, 0.98, 1.03, 1.08])
DAY_OF_WEEK = np.array([1.08, 1.02, 1.00, 1.01, 1.06, 0.96, 0.87])


def seconds(day: date) -> int:
    """Return the first second of a day."""
    return (day - date(1970, 1, 1)).days * DAY


def end_of(day: date) -> int:
    """Return the first second after a day."""
    return seconds(day) + DAY


def month_starts(first: date, last: date) -> list[date]:
    """Return the first days of the months from that of `first` to that of `last`."""
    months = []
    month = first.replace(day=1)
    while month <= last:
        months.append(month)
        month = next_month(month)

    return months


def next_month(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def yyyymm(times: np.ndarray) -> np.ndarray:
    """Return the months of moments as numbers such as 201212."""
    months = times.astype("datetime64[s]").astype("datetime64[M]")
    # numpy counts months from January 1970.
    years_after_1970, month = np.divmod(months.astype(np.int64), 12)
    return (1970 + years_after_1970) * 100 + month + 1


def weekday(times: np.ndarray) -> np.ndarray:
    """Return the weekdays of moments, Monday is 0."""
    return (times // DAY + THURSDAY) % 7


def simulate_arrivals(rng: np.random.Generator, start: int, end: int, count: int) -> np.ndarray:
    """Return sorted moments, denser on working days and by day.

    Args:
        rng: the source of chance; the order of the draws is part of the sample.
        start: the first second of the span, the beginning of a day.
        end: the first second after it, the beginning of a day.
        count: how many moments.
    """
    days = np.arange(start, end, DAY)

    # Days differ by about 9% (1 / sqrt(120)) more than their weekdays and chance explain.
    luck = rng.gamma(120, 1 / 120, len(days))
    weights = DAY_OF_WEEK[weekday(days)] * luck
    on_day = rng.multinomial(count, weights / weights.sum())
    share_of_hour = HOUR_OF_REPORT / HOUR_OF_REPORT.sum()
    hours = rng.choice(24, count, p=share_of_hour)
    seconds_of_hour = rng.integers(0, 3600, count)
    moments = np.repeat(days, on_day) + hours * 3600 + seconds_of_hour

    return np.sort(moments)


def move_to_office_hours(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Squeeze moments into 08:30 to 18:00; most work of a weekend waits for Monday."""
    day, second = np.divmod(times, DAY)
    day_of_week = weekday(times)
    is_weekend = day_of_week >= SATURDAY
    waits_for_monday = is_weekend & (rng.random(len(times)) < 0.75)
    days_to_wait = np.where(waits_for_monday, 7 - day_of_week, 0)

    # 19 / 48 of a day are the nine and a half hours that an office is open.
    second_of_office_hours = second * 19 // 48

    return (day + days_to_wait) * DAY + OFFICE_OPENS + second_of_office_hours


def office_moment_after(
    rng: np.random.Generator, before: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Return office moments about `days` (with fractions) after `before`.

    None is earlier than a few minutes after it.
    """
    moments = move_to_office_hours(rng, before + (days * DAY).astype(np.int64))
    soonest = before + rng.integers(120, 1500, len(before))
    return np.maximum(moments, soonest)
