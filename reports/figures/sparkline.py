"""The small line of months on a card or in a row."""

from reports.figures.svg import SvgDrawing
from reports.text.words import Both

WIDTH, HEIGHT, MARGIN = 150, 34, 4
Point = tuple[float, float]


def draw_sparkline(values: list[float | None], is_whole: list[bool]) -> dict:
    """Return where the line runs: `lines` (one point list per unbroken run), `dots` (lone months),
    `last` (x, y, is_whole) or None.

    Values oldest first, in any unit; None is a gap.
    """
    points = _points_of(values)
    runs = _split_at_gaps(points)

    last = None
    for point, whole in zip(points, is_whole, strict=True):
        if point is not None:
            last = (*point, whole)

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "lines": [_point_list(run) for run in runs if len(run) > 1],
        "dots": [run[0] for run in runs if len(run) == 1],
        "last": last,
    }


def _points_of(values: list[float | None]) -> list[Point | None]:
    """Return the point of each month; None where it has no value. A flat line is in the middle."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    step = width / max(len(values) - 1, 1)

    points: list[Point | None] = []
    for month, value in enumerate(values):
        if value is None:
            points.append(None)
            continue

        share = 0.5
        if high > low:
            share = (value - low) / (high - low)

        x = MARGIN + month * step
        y = HEIGHT - MARGIN - share * height

        # A tenth of a pixel is less than a screen shows, and keeps hundreds of lines small.
        points.append((round(x, 1), round(y, 1)))

    return points


def _split_at_gaps(points: list[Point | None]) -> list[list[Point]]:
    """Return the runs of points without a gap between them."""
    runs: list[list[Point]] = []
    is_after_gap = True
    for point in points:
        if point is not None and is_after_gap:
            runs.append([point])
        elif point is not None:
            runs[-1].append(point)
        is_after_gap = point is None

    return runs


def _point_list(run: list[Point]) -> str:
    points = [f"{x},{y}" for x, y in run]
    return " ".join(points)


def draw_titled_sparkline(
    values: list[float | None], is_whole: list[bool], alt: Both
) -> SvgDrawing | None:
    """Return the line as a picture; None where there is no value."""
    line = draw_sparkline(values, is_whole)
    if line["last"] is None:
        return None

    inside = ""
    for points in line["lines"]:
        inside += f'<polyline points="{points}"/>'

    for x, y in line["dots"]:
        inside += f'<circle class="full" cx="{x}" cy="{y}" r="1.6"/>'

    x, y, is_whole_month = line["last"]
    style = "full" if is_whole_month else "hollow"
    inside += f'<circle class="{style}" cx="{x}" cy="{y}" r="2.6"/>'

    return SvgDrawing(inside, WIDTH, HEIGHT, alt, "spark")
