"""The table of `make bench`: what was measured, next to its bar and to a bare scan."""

from dataclasses import dataclass

HEADS = ("work", "measured", "bar", "aim", "scans", "")
WIDTHS = (62, 10, 8, 8, 8, 0)


@dataclass(frozen=True)
class Row:
    """One figure, with the bar that it should not pass and the aim below it, in the same unit.

    `scans` is how many times as long it takes as a bare scan of the same columns in the same run,
    or as whatever else `note` says.
    """

    work: str
    measured: float
    unit: str = "s"
    bar: float | None = None
    aim: float | None = None
    scans: float | None = None
    note: str = ""

    def __str__(self) -> str:
        cells = [
            self.work,
            *(self._format(number) for number in (self.measured, self.bar, self.aim)),
        ]
        cells += ["" if self.scans is None else f"{self.scans:.1f}", self.note]
        return _align(cells)

    def _format(self, number: float | None) -> str:
        if number is None:
            return ""
        digits = 0 if number >= 100 else 1
        return f"{number:,.{digits}f} {self.unit}"


def _align(cells: list[str]) -> str:
    first, *numbers, note = cells
    widths = zip(numbers, WIDTHS[1:-1], strict=True)
    aligned = "".join(f"{number:>{width}}" for number, width in widths)
    return f"{first:<{WIDTHS[0]}}{aligned}  {note}".rstrip()


def format_table(rows: list[Row]) -> str:
    """Return the table; a figure above its bar is marked."""
    lines = [_align(list(HEADS))]
    for row in rows:
        is_above = row.bar is not None and row.measured > row.bar
        lines.append(f"{row} {'ABOVE THE BAR' if is_above else ''}".rstrip())
    return "\n".join(lines)
