"""A text that was cut: its last line has no end, and its last cell stops before the others do."""

import re

from data.extracts.grammar import Grammar

CUT_OFF = "has no end, and stops within its last cell: the file seems to be cut"
FEWEST_ROWS = 3  # this many rows must agree on how long the last cell is
DECIMALS = re.compile(r"-?[0-9]+[.]([0-9]+)")
NUMBER = re.compile(r"-?[0-9]*[.]?[0-9]*")
FIXED = re.compile(r"[0-9][0-9:./ T-]*")


def split_cut_line(
    rest: bytes, grammar: Grammar, last_cells: list[str]
) -> tuple[bytes, str | None]:
    """Return a text's last bytes without a line that was cut, and the first cell of that line.

    Many systems write no line end behind the last line: only the cells of the rows above show that
    it is cut. None, if nothing shows it.
    """
    if not rest or rest.endswith((b"\n", b"\r")):
        return rest, None

    start = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
    cells = grammar.cells(rest[start:])

    # Where the rest is one line, the last of the cells above is its own.
    others = last_cells if start else last_cells[:-1]
    above = [cell.strip() for cell in others if cell.strip()]
    if not _stops_early(cells[-1].strip(), above):
        return rest, None

    return rest[:start], cells[0].strip().strip('"')


def _stops_early(cell: str, above: list[str]) -> bool:
    """Return whether a cell is shorter than all above it, which are of one form."""
    others = [other for other in above if other != cell]
    if not cell or len(others) < FEWEST_ROWS:
        return False

    amounts = [DECIMALS.fullmatch(other) for other in others]
    decimals = {len(amount[1]) for amount in amounts if amount}
    if all(amounts) and len(decimals) == 1:
        # How long an amount is says nothing; how many decimals it has does.
        _, _, own = cell.partition(".")
        return bool(NUMBER.fullmatch(cell)) and len(own) < decimals.pop()

    return _is_shorter_code(cell, others)


def _is_shorter_code(cell: str, others: list[str]) -> bool:
    """Return whether a code is shorter than all others, which are as long as each other."""
    lengths = {len(other) for other in others}
    if len(lengths) != 1 or not all(map(FIXED.fullmatch, [*others, cell])):
        return False

    length = lengths.pop()
    # A short one may be a number without leading zeros, which is as long as it likes.
    return length >= 8 and len(cell) < length
