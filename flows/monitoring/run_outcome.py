"""How a run ended."""

from dataclasses import asdict, dataclass, field

from data.problem import Problem

# 3 is neither 1 (failed) nor 2 (wrong usage): for a monitor a held build is not a broken run.
EXIT_CODES = {"published": 0, "failed": 1, "held": 3}


@dataclass
class RunOutcome:
    """How a run ended: `state` published, held or failed, and what readers see now."""

    state: str
    reason: str
    publication_id: str | None = None
    readers_see: str | None = None
    folder: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digest: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    files: list[dict] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_bytes: int = 0

    @classmethod
    def from_problem(cls, problem: Problem, readers_see: str | None) -> "RunOutcome":
        """Return the outcome of a run that a problem ended: readers see what they saw before."""
        return cls("failed", str(problem), readers_see=readers_see, problems=[str(problem)])

    @property
    def exit_code(self) -> int:
        """Return what the process ends with."""
        return EXIT_CODES[self.state]

    def json(self) -> dict:
        """Return every field as plain data."""
        return asdict(self)
