"""Civil time as whole seconds since 1970-01-01 00:00 local, and the rhythm of working days."""

from datetime import date

import numpy as np

DAY = 86_400
NEVER = (
    np.int64(1) << 40
)  # later than any day asked about, so that "t < end" is false without a special case

HOUR_OF_REPORT = np.array(
    [6, 4, 3, 2, 3, 5, 14, 38, 66, 72, 70, 62, 50, 52, 62, 64, 63, 66, 62, 48, 36, 26, 18, 10.0]
)
MONTH_OF_YEAR = np.array([1.07, 0.84, 0.98, 0.97, 0.99, 1.00, 1.04, 1.03, 0.99, 0.98, 1.03, 1.08])
DAY_OF_WEEK = np.array([1.08, 1.02, 1.00, 1.01, 1.06, 0.96, 0.87])


def seconds(day: date) -> int:
    """The first second of a day."""
    return (day - date(1970, 1, 1)).days * DAY


def end_of(day: date) -> int:
    return seconds(day) + DAY


def month_starts(first: date, last: date) -> list[date]:
    """First days of the months from first's to last's."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(n // 12, n % 12 + 1, 1) for n in numbers]


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def yyyymm(times: np.ndarray) -> np.ndarray:
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return (1970 + months // 12) * 100 + months % 12 + 1


def weekday(times: np.ndarray) -> np.ndarray:
    """Monday is 0; 1970-01-01 was a Thursday."""
    return (times // DAY + 3) % 7


def arrivals(rng: np.random.Generator, start: int, end: int, count: int) -> np.ndarray:
    """`count` sorted moments in [start, end), denser on working days and in the day time."""
    days = np.arange(start, end, DAY)
    weights = DAY_OF_WEEK[weekday(days)] * rng.gamma(120, 1 / 120, len(days))
    on_day = rng.multinomial(count, weights / weights.sum())
    hours = rng.choice(24, count, p=HOUR_OF_REPORT / HOUR_OF_REPORT.sum())
    moments = np.repeat(days, on_day) + hours * 3600 + rng.integers(0, 3600, count)
    return np.sort(moments)


def office(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Squeeze moments into 08:30-18:00; most work of a weekend waits for Monday."""
    day, second = np.divmod(times, DAY)
    of_week = (day + 3) % 7
    waits = (of_week >= 5) & (rng.random(len(times)) < 0.75)
    return (day + np.where(waits, 7 - of_week, 0)) * DAY + 30_600 + second * 19 // 48


def later(rng: np.random.Generator, before: np.ndarray, days: np.ndarray) -> np.ndarray:
    """An office moment about `days` (with fractions) after `before`, and never earlier than a few
    minutes after it.
    """
    wanted = office(rng, before + (days * DAY).astype(np.int64))
    return np.maximum(wanted, before + rng.integers(120, 1500, len(before)))
