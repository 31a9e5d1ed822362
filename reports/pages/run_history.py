"""The nights as an operator looks back on them: how each ended, what it took by step, what it
found. Made of the history that a store keeps (data/store/run_history.py), and no part of any publication: the
same figures take another time tomorrow.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.elements.table import Cell, Head, Table, name_cell, number_cell
from reports.figures.svg import SvgDrawing
from reports.text import format
from reports.text.words import Both, known_word, word

STEPS = ("land", "take in", "transform", "audit", "compare", "write tables", "render", "publish")
FINDINGS = 200
SENTENCE = 400
WIDTH, HEIGHT, TOP, WIDEST = 720, 130, 18, 36


def page(runs: list[dict], timezone: str) -> dict:
    """Variables of history.html. `runs` as the store remembers them, the latest first, each with
    its `steps` and `findings`.
    """
    zone = ZoneInfo(timezone)
    return {
        "title": word("history.title"),
        "zone": word("history.zone", zone=timezone),
        "status": "problems" if runs and runs[0]["state"] != "published" else "",
        "lead": _lead(runs[0], zone) if runs else word("history.none"),
        "reason": format.text(runs[0]["reason"], SENTENCE) if runs else "",
        "chart": chart(runs[::-1], zone) if runs else None,
        "grids": [nights(runs, zone), steps(runs, zone), findings(runs, zone)] if runs else [],
    }


def _lead(run: dict, zone: ZoneInfo) -> Both:
    return word(
        "history.lead",
        state=known_word("outcome", run["state"]),
        when=_when(run["started"], zone),
        took=format.duration(run["seconds"]),
    )


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _memory(peak: int) -> str:
    return format.mebibytes(peak, 0) if peak else ""


def nights(runs: list[dict], zone: ZoneInfo) -> Table:
    heads = [Head(word("history.started")), Head(word("history.outcome"))]
    heads += [
        Head(word(f"history.{column}"), True)
        for column in ("took", "rows", "read", "memory", "problems", "rules")
    ]
    rows = [
        [
            name_cell(_when(run["started"], zone)),
            Cell(
                known_word("outcome", run["state"]),
                verdict="" if run["state"] == "published" else "worse",
            ),
            number_cell(format.duration(run["seconds"]), run["seconds"]),
            number_cell(format.count(run["rows_read"]), run["rows_read"]),
            number_cell(format.mebibytes(run["bytes_read"], 1), run["bytes_read"]),
            number_cell(_memory(run["peak_memory_bytes"]), run["peak_memory_bytes"]),
            number_cell(format.count(run["problems"]), run["problems"]),
            number_cell(format.count(run["rules_failed"]), run["rules_failed"]),
            name_cell(format.text(run["reason"], SENTENCE)),
        ]
        for run in runs
    ]
    return Table(
        "nights",
        word("history.nights"),
        [*heads, Head(word("history.reason"))],
        rows,
        can_filter=False,
    )


def steps(runs: list[dict], zone: ZoneInfo) -> Table:
    """A column per step: its time, and below it the largest memory of the program meanwhile."""
    names = [*STEPS, *sorted({step["step"] for run in runs for step in run["steps"]} - set(STEPS))]
    rows = []
    for run in runs:
        taken = {step["step"]: step for step in run["steps"]}
        rows.append(
            [name_cell(_when(run["started"], zone)), *(_step(taken.get(step)) for step in names)]
        )
    heads = [
        Head(word("history.started")),
        *(Head(known_word("step", step), True) for step in names),
    ]
    return Table(
        "steps",
        word("history.steps"),
        heads,
        rows,
        note=word("history.steps_note"),
        can_filter=False,
    )


def _step(taken: dict | None) -> Cell:
    if taken is None:
        return number_cell("–", None)
    return Cell(
        format.duration(taken["seconds"]),
        sort=taken["seconds"],
        under=_memory(taken["peak_memory_bytes"]),
    )


def findings(runs: list[dict], zone: ZoneInfo) -> Table:
    """What the nights found, the latest first; a note that each of them says only once."""
    said, rows = set(), []
    for run in runs:
        for found in run["findings"]:
            if found["kind"] != "note" or found["said"] not in said:
                cells = [
                    name_cell(_when(run["started"], zone)),
                    Cell(known_word("finding", found["kind"])),
                    name_cell(format.text(found["said"], SENTENCE)),
                ]
                rows.append([*cells, number_cell(format.count(found["rows"]), found["rows"])])
            said.add(found["said"])
    heads = [
        Head(word("history.started")),
        Head(word("history.kind")),
        Head(word("history.said")),
        Head(word("history.rows"), True),
    ]
    left_out = (
        word("history.left_out", shown=str(FINDINGS), all=format.count(len(rows)))
        if len(rows) > FINDINGS
        else None
    )
    return Table("findings", word("history.findings"), heads, rows[:FINDINGS], note=left_out)


def chart(runs: list[dict], zone: ZoneInfo) -> SvgDrawing:
    """How long each night took, a bar for each, the latest to the right; those that published
    nothing new are hollow, and marked.
    """
    longest, room = max(run["seconds"] for run in runs) or 1, WIDTH / len(runs)
    wide, inside = min(WIDEST, room * 0.8), ""
    for place, run in enumerate(runs):
        tall = max(1.0, run["seconds"] / longest * (HEIGHT - TOP - 1))
        x, y = place * room + (room - wide) / 2, HEIGHT - 1 - tall
        inside += f'<rect class="{run["state"]}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>'
        if run["state"] != "published":
            inside += f'<text class="mark" x="{x + wide / 2:.1f}" y="{y - 3:.1f}">!</text>'
    inside += f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - 1}" y2="{HEIGHT - 1}"/>'
    ends = {
        "first": f"{runs[0]['started'].astimezone(zone):%Y-%m-%d}",
        "final": f"{runs[-1]['started'].astimezone(zone):%Y-%m-%d}",
    }
    spans = {
        "low": min(run["seconds"] for run in runs),
        "high": longest,
        "last": runs[-1]["seconds"],
    }
    times = {name: format.duration(seconds) for name, seconds in spans.items()}
    bad = sum(run["state"] != "published" for run in runs)
    alt = word("history.chart", nights=str(len(runs)), bad=str(bad), **ends, **times)
    return SvgDrawing(inside, WIDTH, HEIGHT, alt, "nights")
