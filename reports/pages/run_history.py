"""The runs as an operator looks back on them: how each ended, what it took by step, what it found.

Made of the history that a store keeps (data/store/run_history.py), and no part of any publication:
the same figures take another time tomorrow.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.elements.cells import count_cell
from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.figures.svg import SvgDrawing
from reports.text import format
from reports.text.words import Both, known_word, word

STEPS = ("land", "take in", "transform", "audit", "compare", "write tables", "render", "publish")
FINDINGS = 200
SENTENCE = 400
WIDTH, HEIGHT, TOP, WIDEST = 720, 130, 18, 36


def page(runs: list[dict], timezone: str) -> dict:
    """Return the variables of history.html. `runs` as the store remembers them, the latest first,
    each with its `steps` and `findings`.
    """
    zone = ZoneInfo(timezone)
    variables = {
        "title": word("history.title"),
        "zone": word("history.zone", zone=timezone),
        "status": "",
        "lead": word("history.none"),
        "reason": "",
        "chart": None,
        "grids": [],
    }
    if not runs:
        return variables

    last = runs[0]
    return variables | {
        "status": "" if last["state"] == "published" else "problems",
        "lead": _lead(last, zone),
        "reason": format.text(last["reason"], SENTENCE),
        "chart": draw_durations(runs[::-1], zone),
        "grids": [runs_table(runs, zone), steps_table(runs, zone), findings_table(runs, zone)],
    }


def _lead(run: dict, zone: ZoneInfo) -> Both:
    return word(
        "history.lead",
        state=known_word("outcome", run["state"]),
        when=_local_minute(run["started"], zone),
        took=format.duration(run["seconds"]),
    )


def _local_minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _local_day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"


def _memory(peak_bytes: int) -> str:
    return format.mebibytes(peak_bytes, 0) if peak_bytes else ""


def runs_table(runs: list[dict], zone: ZoneInfo) -> Table:
    """Return a line per run: how it ended, what it took, what it read and found."""
    numbers = ("took", "rows", "read", "memory", "problems", "rules")
    heads = [
        *_heads("started", "outcome"),
        *_heads(*numbers, is_number=True),
        *_heads("reason"),
    ]
    lines = [_run_line(run, zone) for run in runs]

    return Table("runs", word("history.runs"), heads, lines, can_filter=False)


def _heads(*columns: str, is_number: bool = False) -> list[Head]:
    return [Head(word(f"history.{column}"), is_number=is_number) for column in columns]


def _run_line(run: dict, zone: ZoneInfo) -> list[Cell]:
    state = run["state"]
    read, peak = run["bytes_read"], run["peak_memory_bytes"]
    line = [
        name_cell(_local_minute(run["started"], zone)),
        Cell(known_word("outcome", state), verdict="" if state == "published" else "worse"),
        number_cell(format.duration(run["seconds"]), run["seconds"]),
        count_cell(run["rows_read"]),
    ]
    line += [
        number_cell(format.mebibytes(read, 1), read),
        number_cell(_memory(peak), peak),
        count_cell(run["problems"]),
        count_cell(run["rules_failed"]),
        name_cell(format.text(run["reason"], SENTENCE)),
    ]
    return line


def steps_table(runs: list[dict], zone: ZoneInfo) -> Table:
    """Return a column per step: its time, and below it the largest memory of the program
    meanwhile.
    """
    recorded = {step["step"] for run in runs for step in run["steps"]}

    # Steps of another version of the program come behind those that this one knows.
    names = [*STEPS, *sorted(recorded - set(STEPS))]

    lines = []
    for run in runs:
        steps = {step["step"]: step for step in run["steps"]}
        started = name_cell(_local_minute(run["started"], zone))
        lines.append([started, *(_step_cell(steps.get(name)) for name in names)])

    heads = _heads("started")
    heads += [Head(known_word("step", name), is_number=True) for name in names]
    note = word("history.steps_note")

    return Table("steps", word("history.steps"), heads, lines, note=note, can_filter=False)


def _step_cell(step: dict | None) -> Cell:
    if step is None:
        return number_cell("–", None)
    memory = _memory(step["peak_memory_bytes"])
    return Cell(format.duration(step["seconds"]), sort=step["seconds"], under=memory)


def findings_table(runs: list[dict], zone: ZoneInfo) -> Table:
    """Return what the runs found, the latest first; a note that each of them repeats only once."""
    seen, lines = set(), []
    for run in runs:
        for finding in run["findings"]:
            message = finding["said"]
            if finding["kind"] != "note" or message not in seen:
                lines.append(_finding_line(finding, run, zone))
            seen.add(message)

    heads = [*_heads("started", "kind", "said"), *_heads("rows", is_number=True)]
    note = None
    if len(lines) > FINDINGS:
        note = word("history.left_out", shown=str(FINDINGS), all=format.count(len(lines)))

    return Table("findings", word("history.findings"), heads, lines[:FINDINGS], note=note)


def _finding_line(finding: dict, run: dict, zone: ZoneInfo) -> list[Cell]:
    return [
        name_cell(_local_minute(run["started"], zone)),
        Cell(known_word("finding", finding["kind"])),
        name_cell(format.text(finding["said"], SENTENCE)),
        count_cell(finding["rows"]),
    ]


def draw_durations(runs: list[dict], zone: ZoneInfo) -> SvgDrawing:
    """Return how long each run took as bars, the latest to the right; those that published nothing
    new are hollow, and marked.
    """
    seconds = [run["seconds"] for run in runs]

    # Runs that took no time at all have bars of no height: nothing is divided by zero.
    longest = max(seconds) or 1
    slot = WIDTH / len(runs)

    content = ""
    for position, run in enumerate(runs):
        tall = max(1.0, run["seconds"] / longest * (HEIGHT - TOP - 1))
        content += _draw_bar(run["state"], position * slot, slot, tall)

    content += f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - 1}" y2="{HEIGHT - 1}"/>'

    not_published = sum(run["state"] != "published" for run in runs)
    alt = word(
        "history.chart",
        first=_local_day(runs[0]["started"], zone),
        final=_local_day(runs[-1]["started"], zone),
        runs=str(len(runs)),
        low=format.duration(min(seconds)),
        high=format.duration(longest),
        last=format.duration(seconds[-1]),
        bad=str(not_published),
    )

    return SvgDrawing(content, WIDTH, HEIGHT, alt, "runs")


def _draw_bar(state: str, left: float, slot: float, tall: float) -> str:
    """Return the bar of a run in the middle of its slot, marked unless it was published."""
    bar = min(WIDEST, slot * 0.8)
    x, y = left + (slot - bar) / 2, HEIGHT - 1 - tall
    content = f'<rect class="{state}" x="{x:.1f}" y="{y:.1f}" '
    content += f'width="{bar:.1f}" height="{tall:.1f}"/>'
    if state != "published":
        content += f'<text class="mark" x="{x + bar / 2:.1f}" y="{y - 3:.1f}">!</text>'

    return content
