"""The small line of months on a card or in a row."""

from reports.figures.svg import SvgDrawing
from reports.text.words import Both

WIDTH, HEIGHT, MARGIN = 150, 34, 4


def draw_sparkline(values: list[float | None], is_whole: list[bool]) -> dict:
    """Where the line runs: `lines` (one point list per unbroken run), `dots` (lone months), `last`
    (x, y, is_whole) or None.

    Values oldest first, in any unit; None is a gap.
    """
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    span = (high - low) or 1
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)

    def point(place: int) -> tuple[float, float]:
        height = (values[place] - low) / span if high > low else 0.5
        return round(MARGIN + place * step, 1), round(
            HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN), 1
        )

    runs: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    last = runs[-1][-1] if runs else None
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "lines": [" ".join(f"{x},{y}" for x, y in map(point, run)) for run in runs if len(run) > 1],
        "dots": [point(run[0]) for run in runs if len(run) == 1],
        "last": None if last is None else (*point(last), is_whole[last]),
    }


def draw_titled_sparkline(
    values: list[float | None], is_whole: list[bool], alt: Both
) -> SvgDrawing | None:
    """The line as a picture; None where there is no value."""
    line = draw_sparkline(values, is_whole)
    if line["last"] is None:
        return None
    inside = "".join(f'<polyline points="{points}"/>' for points in line["lines"])
    inside += "".join(f'<circle class="full" cx="{x}" cy="{y}" r="1.6"/>' for x, y in line["dots"])
    x, y, is_full = line["last"]
    inside += f'<circle class="{"full" if is_full else "hollow"}" cx="{x}" cy="{y}" r="2.6"/>'
    return SvgDrawing(inside, WIDTH, HEIGHT, alt, "spark")
