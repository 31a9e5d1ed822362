"""What a report says about the publication itself: the facts of its run, which no table holds."""

from dataclasses import dataclass, field
from datetime import date

from data.config.policy import Policy


@dataclass(frozen=True)
class ReportFacts:
    """The facts of a run that pages and files show.

    `known_at` is None for a run that knew everything delivered so far. `hold_reasons` say why
    readers must not see this build; empty: they may. `compared_with` is the publication that
    readers saw before; None where there was none. `owners` names, by rule or extract, who is
    notified of its findings.
    """

    publication_id: str
    as_of: date
    known_at: date | None
    policy: Policy
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hold_reasons: list[str] = field(default_factory=list)
    compared_with: str | None = None
    owners: dict[str, str] = field(default_factory=dict)
