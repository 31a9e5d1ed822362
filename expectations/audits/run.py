"""Audits: SQL over built tables that selects rows that are wrong. Any row holds the publication."""

from dataclasses import dataclass
from pathlib import Path

AUDITS = Path(__file__).parent


@dataclass(frozen=True)
class AuditFailure:
    """An audit that found rows: how many, and the first three."""

    audit: str
    rows: int
    examples: list[dict]

    def __str__(self) -> str:
        return f"audit {self.audit}: {self.rows:,} rows, for example {self.examples[0]}"


def audit_names() -> list[str]:
    """Every audit."""
    return sorted(path.stem for path in AUDITS.glob("*.sql"))


def run_audits(engine) -> list[AuditFailure]:
    """Run every audit over the engine's built tables."""
    failures = []
    for path in sorted(AUDITS.glob("*.sql")):
        wrong = engine.arrow(path.read_text(encoding="utf-8"))
        if len(wrong):
            failures.append(AuditFailure(path.stem, len(wrong), wrong.slice(0, 3).to_pylist()))
    return failures
