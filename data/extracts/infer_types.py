"""What a column of an unknown file holds: dates, numbers, codes, words for nothing."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

MAX_WORDS = 30  # a column of more different texts is not a list of codes
EXAMPLES = 3
MOSTLY = 0.9  # a column is of a kind where this share of its cells are
# A number such as 999 stands for nothing only where it is out of all proportion: in more cells.
NULL_NUMBER_SHARE = 0.02
YEARS = range(1950, 2101)
NULL_WORDS = {
    *("-", "--", "n.v.t.", "n/a", "na", "null", "none", "unknown", "不详", "未知", "无"),
    *("999", "9999", "99999", "-1"),
}
YES_NO = {"y", "n", "yes", "no", "true", "false", "t", "f", "是", "否", "有", "无", "0", "1"}
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b.*")
YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))([ T].*)?")
NUMBER = re.compile(r"[-+]?((\d{1,3}(,\d{3})+|\d+)([.,]\d+)?|\d{1,3}(\.\d{3})+,\d+)")
# 12,5 and 1.234,50; of 1,234 nobody knows.
DECIMAL_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+),(\d{1,2}|\d{4,})")
DECIMAL_POINT = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)\.(\d{1,2}|\d{4,})")
WHOLE = re.compile(r"[-+]?\d+([.]0+)?")
DAMAGED = re.compile(r"\d(\.\d+)?[eE]\+\d+")


@dataclass
class ColumnProfile:
    """What one column of a file holds, by the rows that were examined.

    Attributes:
        kind: empty, date, day first, integer, amount, yes/no or text.
        filled: how many cells hold something, `empty` how many nothing.
        distinct: how many different cells there are.
        nulls: words that stand for nothing, with how many cells have them.
        words: all different cells, where they are few.
        order: of dates with the day or the month first, `dmy`, `mdy` or `either`.
        damaged: how many cells are like 4e+05.
        has_decimal_comma: whether numbers have a comma before their decimals, and none a point.
    """

    name: str
    kind: str = "empty"
    filled: int = 0
    empty: int = 0
    distinct: int = 0
    nulls: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    words: tuple[str, ...] = ()
    order: str | None = None
    damaged: int = 0
    has_decimal_comma: bool = False

    @property
    def is_key(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled > 1 and self.distinct == self.filled and not self.empty


def profile_column(name: str, cells: list[str]) -> ColumnProfile:
    """Return what a column holds; its cells are trimmed, and empty where nothing is in them."""
    counts = Counter(cells)
    empty = counts.pop("", 0)
    nulls = {word: count for word, count in counts.items() if word.lower() in NULL_WORDS}
    values = {cell: count for cell, count in counts.items() if cell not in nulls}
    filled = len(cells) - empty
    kind = _kind_of_column(values)
    if kind == "yes/no":
        nulls = {word: count for word, count in nulls.items() if word.lower() not in YES_NO}

    damaged = [count for cell, count in counts.items() if DAMAGED.fullmatch(cell)]
    frequent = Counter(values).most_common(EXAMPLES)
    return ColumnProfile(
        name,
        kind=kind,
        filled=filled,
        empty=empty,
        distinct=len(counts),
        nulls=_likely_nulls(nulls, filled),
        examples=[cell for cell, _ in frequent],
        words=tuple(sorted(values)) if len(counts) <= MAX_WORDS else (),
        order=_order_of(values),
        has_decimal_comma=_has_decimal_comma(values),
        damaged=sum(damaged),
    )


def kind_of_cell(cell: str) -> str:
    """Return the kind of one cell that is not empty: date, day first, integer, amount or text."""
    if _is_year_first(cell):
        return "date"
    if DAY_FIRST.fullmatch(cell):
        return "day first"
    if NUMBER.fullmatch(cell):
        return "integer" if WHOLE.fullmatch(cell) else "amount"

    return "text"


def _kind_of_column(values: dict[str, int]) -> str:
    words = {cell.lower() for cell in values}
    if words and words <= YES_NO and len(words) <= 2:
        return "yes/no"

    kinds: Counter[str] = Counter()
    for cell, count in values.items():
        kinds[kind_of_cell(cell)] += count

    if not kinds:
        return "empty"

    enough = MOSTLY * kinds.total()
    likeliest, most = kinds.most_common(1)[0]
    if most >= enough:
        return likeliest

    # Amounts that are whole by chance are written without a decimal point by many systems.
    if kinds["integer"] + kinds["amount"] >= enough:
        return "amount"

    return "text"


def _likely_nulls(nulls: dict[str, int], filled: int) -> dict[str, int]:
    fewest = NULL_NUMBER_SHARE * max(1, filled)
    return {
        word: count
        for word, count in nulls.items()
        if not word.lstrip("-").isdigit() or count > fewest
    }


def _has_decimal_comma(cells: Iterable[str]) -> bool:
    has_comma = False
    for cell in cells:
        if DECIMAL_POINT.fullmatch(cell):
            return False
        has_comma = has_comma or DECIMAL_COMMA.fullmatch(cell) is not None
    return has_comma


def _order_of(cells: Iterable[str]) -> str | None:
    """Return which of day and month comes first: `either` where no cell shows it.

    None where there are no such dates, or some show one and some the other.
    """
    orders = {order for cell in cells if (order := _order_of_cell(cell))}
    if orders == {"either"}:
        return "either"

    sure = orders - {"either"}
    return sure.pop() if len(sure) == 1 else None


def _order_of_cell(cell: str) -> str | None:
    match = DAY_FIRST.fullmatch(cell)
    if match is None or _is_year_first(cell):
        return None
    if int(match[1]) > 12:
        return "dmy"
    return "mdy" if int(match[2]) > 12 else "either"


def _is_year_first(cell: str) -> bool:
    match = YEAR_FIRST.fullmatch(cell)
    if match is None:
        return False

    try:
        day = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
    except ValueError:
        return False

    return day.year in YEARS
