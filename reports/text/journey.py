"""The stages of a customer's journey, and which KPI tells of which: `assets/journey.toml` says it
by the beginnings of KPIs' ids.
"""

import tomllib
from functools import cache

from reports.text.words import ASSETS


@cache
def _begins() -> dict[str, list[str]]:
    return tomllib.loads((ASSETS / "journey.toml").read_text(encoding="utf-8"))["begins"]


def stages() -> list[str]:
    """The stages in their order."""
    return list(_begins())


def stage_of(kpi: str) -> str:
    """The stage that a KPI tells of: the one that names the longest beginning of its id."""
    stage_by_begin = {begin: stage for stage, begins in _begins().items() for begin in begins}
    return stage_by_begin[
        max((begin for begin in stage_by_begin if kpi.startswith(begin)), key=len)
    ]
