"""Composite leagues as their owner wants them: which KPIs, with which weights, and which score is
which grade (`reference/composite.toml`).
"""

import tomllib
from pathlib import Path

from data.problem import Problem

FIELDS = (
    "title",
    "source",
    "period_kinds",
    "minimum_coverage",
    "weight_change",
    "grades",
    "unmeasured",
    "parts",
)
PART = ("weight", "zero_at", "full_at")
PERIOD_KINDS = ("month", "quarter", "ytd", "rolling12")
MOST_PARTS = (
    10  # ranks are tried with every combination of smaller and greater weights: 1,024 of them
)


def load_composites(own: dict | None = None) -> dict[str, dict]:
    """The composites by id: the shipped ones, and those that a profile gives.

    Raises Problem where one lacks a field or has an unknown one, its weights do not add up to 100,
    or its grades do not fall to 0.
    """
    path = Path(__file__).parents[1] / "reference" / "composite.toml"
    _table("policy setting composite", own or {})
    composites = tomllib.loads(path.read_text(encoding="utf-8")) | (own or {})
    for name, composite in composites.items():
        _check(f"composite {name}", composite)
    return composites


def _check(where: str, composite: dict) -> None:
    _fields(where, composite, FIELDS)
    _fields(f"{where}, title,", composite["title"], ("zh", "en"))
    for name in ("grades", "unmeasured", "parts"):
        _table(f"{where}, {name},", composite[name])
    for kind in composite["period_kinds"]:
        if kind not in PERIOD_KINDS:
            raise Problem(
                f"{where} is of the period kind {kind!r}", f"use some of {', '.join(PERIOD_KINDS)}"
            )
    _weights(where, composite)
    scores = [
        _number(f"{where}, grade {grade},", score) for grade, score in composite["grades"].items()
    ]
    if (
        not scores
        or scores[-1] != 0
        or scores != sorted(set(scores), reverse=True)
        or scores[0] > 100
    ):
        raise Problem(
            f"{where} has grades from {', '.join(map(str, scores))}",
            "list them from the best, each from a lower score than the one before, the last from 0",
        )


def _weights(where: str, composite: dict) -> None:
    parts, unmeasured = composite["parts"], composite["unmeasured"]
    if not 1 <= len(parts) <= MOST_PARTS:
        raise Problem(f"{where} has {len(parts)} parts", f"give it 1 to {MOST_PARTS} KPIs")
    for kpi, part in parts.items():
        _fields(f"{where}, part {kpi},", part, PART)
        if _number(f"{where}, zero_at of {kpi},", part["zero_at"]) == _number(
            f"{where}, full_at of {kpi},", part["full_at"]
        ):
            raise Problem(
                f"{where} gives {kpi} no points and all points at {part['full_at']}",
                "set zero_at and full_at apart",
            )
    weights = {kpi: part["weight"] for kpi, part in parts.items()} | unmeasured
    for name, weight in weights.items():
        if _number(f"{where}, weight of {name},", weight) <= 0:
            raise Problem(
                f"{where} gives {name} the weight {weight}", "use a number above 0, or leave it out"
            )
    if abs(sum(weights.values()) - 100) > 1e-9:
        raise Problem(
            f"{where} has weights that add up to {sum(weights.values()):g}",
            "let those of its parts and of what is unmeasured add up to 100",
        )
    most = 100 - sum(unmeasured.values())
    if not 0 < _number(f"{where}, minimum_coverage,", composite["minimum_coverage"]) <= most:
        raise Problem(
            f"{where} has minimum_coverage {composite['minimum_coverage']}",
            f"use a number above 0 and up to {most:g}, what its parts weigh",
        )
    if not 0 < _number(f"{where}, weight_change,", composite["weight_change"]) < 1:
        raise Problem(
            f"{where} has weight_change {composite['weight_change']}",
            "use a number between 0 and 1, such as 0.25",
        )


def _fields(where: str, given, wanted: tuple) -> None:
    _table(where, given)
    wrong = sorted(set(given) ^ set(wanted))
    if wrong:
        raise Problem(
            f"{where} lacks or does not know {', '.join(wrong)}", f"give it {', '.join(wanted)}"
        )


def _table(where: str, given) -> None:
    if not isinstance(given, dict):
        raise Problem(f"{where} is {given!r}", "give it a table of names and values")


def _number(where: str, value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Problem(f"{where} is {value!r}", "give it a number")
    return value
