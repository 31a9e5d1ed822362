"""A text that was cut: its last line has no end, and its last cell stops before the others do."""

import re

from data.extracts.records import Grammar

CUT_OFF = "has no end, and stops within its last cell: the file seems to be cut"
FEWEST_ROWS = 3  # so many rows must agree on how long the last cell is
DECIMALS = re.compile(r"-?[0-9]+[.]([0-9]+)")
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
    above = last_cells if start else last_cells[:-1]
    if not _stops_early(cells[-1].strip(), [cell.strip() for cell in above if cell.strip()]):
        return rest, None
    return rest[:start], cells[0].strip().strip('"')


def _stops_early(cell: str, above: list[str]) -> bool:
    """Return whether a cell is shorter than all above it, which are of one form."""
    others = [other for other in above if other != cell]
    if not cell or len(others) < FEWEST_ROWS:
        return False
    decimals = {len(match[1]) if match else -1 for match in map(DECIMALS.fullmatch, others)}
    if len(decimals) == 1 and -1 not in decimals:
        own = cell.partition(".")[2]
        return bool(re.fullmatch(r"-?[0-9]*[.]?[0-9]*", cell)) and len(own) < decimals.pop()
    lengths = {len(other) for other in others}
    is_fixed = len(lengths) == 1 and all(map(FIXED.fullmatch, others)) and max(lengths) >= 8
    return is_fixed and bool(FIXED.fullmatch(cell)) and len(cell) < max(lengths)
