"""The only place where a number becomes text.

Rounding is half away from zero, done once, on the shortest decimal that names the value. What has
no value is `n/a`.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from reports.text.words import Both, both_languages, known_word, word

PLACES = {
    "%": 2,
    "days": 1,
    "hours": 1,
    "minutes": 1,
    "seconds": 1,
    "cases per day": 1,
    "points": 1,
    "1 = as the network": 2,
}
RATE_PLACES = 4
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


def places(unit: str) -> int:
    """Decimals that a value of this unit is printed with."""
    return PLACES.get(unit, RATE_PLACES if unit.startswith("per ") else 0)


def rounded(number: float | int | Decimal, decimals: int) -> Decimal:
    """Half away from zero; never a negative zero."""
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
    return word("value.missing")


def value(number: float | None, unit: str) -> Both:
    """A KPI's value: `91.60%`, `27.0`, `0.9689`, `1,234`."""
    if number is None:
        return missing()
    return both_languages(plain(number, places(unit)) + ("%" if unit == "%" else ""))


def published(number: float, unit: str) -> Both:
    """A rate that others published, or that is aimed at, with as many decimals as it was given:
    `1.34`; anything else as the house prints it.
    """
    if not unit.startswith("per "):
        return value(number, unit)
    given = max(0, -rounded(number, RATE_PLACES).normalize().as_tuple().exponent)
    return both_languages(plain(number, min(given, RATE_PLACES)))


def interval(low: float | None, high: float | None, unit: str) -> Both:
    """`89.50 - 94.50`; empty where no interval is honest."""
    if low is None or high is None:
        return both_languages("")
    return both_languages(f"{plain(low, places(unit))} – {plain(high, places(unit))}")


def change(number: float | None, unit: str) -> Both:
    """Change on last year: points between two shares, per cent between anything else; always with
    its sign.
    """
    if number is None:
        return missing()
    told = signed(number, 2 if unit == "%" else 1)
    return word("value.points", number=told) if unit == "%" else both_languages(f"{told}%")


def count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 100:
        return f"{plain(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes} min {rest:02} s"
        if minutes < 100
        else f"{minutes // 60} h {minutes % 60:02} min"
    )


def mebibytes(size: int, decimals: int) -> str:
    return f"{plain(size / 2**20, decimals)} MiB"


def part(number: Decimal | None, kpi: dict, of: str) -> Both:
    """A numerator or denominator as a plain number; the seconds of a mean are told in the KPI's
    unit.

    `kpi` is a row of dim_kpi, `of` is "numerator" or "denominator".
    """
    if number is None:
        return both_languages("")
    if of == "numerator" and kpi["kind"] == "mean" and kpi["scale"] != 1:
        # The table's seconds are exact; the scale is one over the seconds of the unit.
        return both_languages(plain(number / Decimal(round(1 / kpi["scale"])), 1))
    # As many decimals as there are, an amount its cents; at most four.
    return both_languages(
        plain(number, min(RATE_PLACES, max(0, -number.normalize().as_tuple().exponent)))
    )


def rank(number: int | None, tied: bool) -> str:
    """`3`, or `=3` where it is shared; empty where a branch is not ranked."""
    return "" if number is None else f"{'=' if tied else ''}{number}"


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def month(start: date) -> str:
    return f"{start:%Y-%m}"


def is_whole(kind: str, start: date, end: date) -> bool:
    """Whether a calendar month or quarter is complete; other periods end when they end."""
    months = {"month": 1, "quarter": 3}.get(kind)
    if months is None:
        return True
    following = start.year * 12 + start.month - 1 + months
    return end == date(following // 12, following % 12 + 1, 1)


def period(kind: str, start: date, end: date) -> Both:
    """A half-open period [start, end) in words, by its last day: `2012 to date (to 2012-12-31)`."""
    last = end - DAY
    if kind == "ytd" and (last.month, last.day) == (12, 31):
        return word("period.year", year=str(start.year))
    if kind == "ytd":
        return word("period.ytd", year=str(start.year), last=day(last))
    if kind == "rolling12":
        return word("period.rolling12", first=day(start), last=day(last))
    if kind == "quarter":
        named = word("period.quarter", year=str(start.year), quarter=str((start.month + 2) // 3))
    elif kind == "month":
        named = word(
            "period.month",
            year=str(start.year),
            month=Both(str(start.month), MONTHS[start.month - 1]),
        )
    else:
        named = known_word("period_kind", kind) + f" {day(start)} – {day(last)}"
    return named if is_whole(kind, start, end) else named + word("period.partial", last=day(last))


def text(raw: object, limit: int | None = None) -> str:
    """Text from the data on one line: control characters become blanks, and what is over the limit
    an ellipsis.
    """
    line = str("" if raw is None else raw).translate(CONTROL).strip()
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"
