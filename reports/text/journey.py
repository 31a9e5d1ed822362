"""The stages of a customer's journey, and which KPI belongs to which: `assets/journey.toml` says it
by the beginnings of KPIs' ids.
"""

import tomllib
from functools import cache

from reports.text.words import ASSETS


@cache
def _load_beginnings() -> dict[str, list[str]]:
    path = ASSETS / "journey.toml"
    text = path.read_text(encoding="utf-8")
    return tomllib.loads(text)["begins"]


def stages() -> list[str]:
    """Return the stages in their order."""
    return list(_load_beginnings())


def stage_of(kpi: str) -> str:
    """Return the stage of a KPI: the one that names the longest beginning of its id."""
    longest, stage_of_longest = -1, ""
    for stage, beginnings in _load_beginnings().items():
        for beginning in beginnings:
            if kpi.startswith(beginning) and len(beginning) > longest:
                longest, stage_of_longest = len(beginning), stage

    return stage_of_longest
