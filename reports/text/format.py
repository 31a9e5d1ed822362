"""The only place where a number becomes text.

Rounding is half away from zero, done once, on the shortest decimal that names the value. What has
no value is `n/a`.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from reports.text.words import Both, both_languages, known_word, word

DECIMALS = {
    "%": 2,
    "days": 1,
    "hours": 1,
    "minutes": 1,
    "seconds": 1,
    "cases per day": 1,
    "points": 1,
    "1 = as the network": 2,
}
RATE_DECIMALS = 4
MINUS = "−"  # U+2212, as wide as the plus; a hyphen would be read as a dash of a range
CONTROL = dict.fromkeys((*range(32), 127), " ")
DAY = timedelta(days=1)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def unit_decimals(unit: str) -> int:
    """Decimals that a value of this unit is printed with."""
    return DECIMALS.get(unit, RATE_DECIMALS if unit.startswith("per ") else 0)


def rounded(number: float | int | Decimal, decimals: int) -> Decimal:
    """Round half away from zero; never to a negative zero.

    A float is taken by its shortest decimal: 1.005 is rounded as what people typed, not as the
    binary number below it.
    """
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    result = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(result) if result.is_zero() else result


def plain(number: float | int | Decimal, decimals: int) -> str:
    """Return a number with its thousands apart: `1,234.5`, `−0.4`."""
    return f"{rounded(number, decimals):,}".replace("-", MINUS)


def signed(number: float | int | Decimal, decimals: int) -> str:
    """Return a number with its sign: `+4`, `−2.5`; nothing has none: `0`."""
    text = plain(number, decimals)
    return f"+{text}" if rounded(number, decimals) > 0 else text


def missing() -> Both:
    """Return the words for a value that is not there."""
    return word("value.missing")


def value(number: float | None, unit: str) -> Both:
    """Return a KPI's value: `91.60%`, `27.0`, `0.9689`, `1,234`."""
    if number is None:
        return missing()
    text = plain(number, unit_decimals(unit))
    return both_languages(f"{text}%" if unit == "%" else text)


def published(number: float, unit: str) -> Both:
    """Return a rate that others published, or a target, with as many decimals as it was given:
    `1.34`; anything else as the house prints it.
    """
    if not unit.startswith("per "):
        return value(number, unit)
    return both_languages(plain(number, _decimals(rounded(number, RATE_DECIMALS))))


def _decimals(number: Decimal) -> int:
    """Return how many decimals a number has, four at most."""
    exponent = int(number.normalize().as_tuple().exponent)
    return min(max(0, -exponent), RATE_DECIMALS)


def interval(low: float | None, high: float | None, unit: str) -> Both:
    """Return `89.50 – 94.50`; empty where no valid interval is known."""
    if low is None or high is None:
        return both_languages("")
    decimals = unit_decimals(unit)
    return both_languages(f"{plain(low, decimals)} – {plain(high, decimals)}")


def change(number: float | None, unit: str) -> Both:
    """Return a change on last year with its sign: points between two shares, per cent between
    anything else.
    """
    if number is None:
        return missing()
    if unit == "%":
        return word("value.points", number=signed(number, 2))

    return both_languages(f"{signed(number, 1)}%")


def movement(row: dict, unit: str) -> Both:
    """Return by how much a branch moved against its network, with the limits: `+1.80 points (0.90 –
    2.70)`; empty where it is not known.
    """
    size, low, high = (row[f"movement_{name}"] for name in ("size", "low", "high"))
    if None in (size, low, high):
        return both_languages("")
    decimals = 2 if unit == "%" else 1
    limits = f" ({signed(low, decimals)} – {signed(high, decimals)})"
    return change(size, unit) + both_languages(limits)


def count(number: int | None) -> str:
    """Return a count with its thousands apart; empty where there is none."""
    return "" if number is None else f"{number:,}"


def duration(seconds: float) -> str:
    """Return `4.2 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 100:
        return f"{plain(seconds, 1)} s"

    minutes, rest = divmod(round(seconds), 60)
    if minutes < 100:
        return f"{minutes} min {rest:02} s"

    return f"{minutes // 60} h {minutes % 60:02} min"


def mebibytes(size: int, decimals: int) -> str:
    """Return a size in bytes as `1.2 MiB`."""
    return f"{plain(size / 2**20, decimals)} MiB"


def part(number: Decimal | None, kpi: dict, of: str) -> Both:
    """Return a numerator or denominator as a plain number; the seconds of a mean are shown in the
    KPI's unit.

    `kpi` is a row of dim_kpi, `of` is "numerator" or "denominator".
    """
    if number is None:
        return both_languages("")

    if of == "numerator" and kpi["kind"] == "mean" and kpi["scale"] != 1:
        # The table's seconds are exact; the scale is one over the seconds of the unit.
        unit_seconds = Decimal(round(1 / kpi["scale"]))
        return both_languages(plain(number / unit_seconds, 1))

    # As many decimals as there are (an amount its cents), at most four.
    return both_languages(plain(number, _decimals(number)))


def rank(number: int | None, tied: bool) -> str:
    """Return `3`, or `=3` where the rank is shared; empty where a branch is not ranked."""
    if number is None:
        return ""
    return f"={number}" if tied else str(number)


def day(value: date | None) -> str:
    """Return `2012-12-31`; empty where there is no day."""
    return value.isoformat() if value else ""


def month(start: date) -> str:
    """Return `2012-12`."""
    return f"{start:%Y-%m}"


def is_whole(kind: str, start: date, end: date) -> bool:
    """Return whether a calendar month or quarter is complete; other periods end when they end."""
    months = {"month": 1, "quarter": 3}.get(kind)
    if months is None:
        return True

    # Months since the year 0, so that December and January are neighbours.
    next_start = start.year * 12 + start.month - 1 + months
    return end == date(next_start // 12, next_start % 12 + 1, 1)


def period(kind: str, start: date, end: date) -> Both:
    """Return a half-open period [start, end) in words, by its last day: `2012 to date (to
    2012-12-20)`.
    """
    year, last = str(start.year), end - DAY
    if kind == "ytd" and (last.month, last.day) == (12, 31):
        return word("period.year", year=year)
    if kind == "ytd":
        return word("period.ytd", year=year, last=day(last))
    if kind == "rolling12":
        return word("period.rolling12", first=day(start), last=day(last))

    if kind == "quarter":
        quarter = (start.month + 2) // 3
        name = word("period.quarter", year=year, quarter=str(quarter))
    elif kind == "month":
        month_name = Both(str(start.month), MONTHS[start.month - 1])
        name = word("period.month", year=year, month=month_name)
    else:
        name = known_word("period_kind", kind) + f" {day(start)} – {day(last)}"

    if is_whole(kind, start, end):
        return name

    return name + word("period.partial", last=day(last))


def text(raw: object, limit: int | None = None) -> str:
    """Return text from the data on one line: control characters become blanks, and what is over the
    limit an ellipsis.
    """
    line = "" if raw is None else str(raw).translate(CONTROL).strip()
    if limit is None or len(line) <= limit:
        return line

    return line[: limit - 1] + "…"
