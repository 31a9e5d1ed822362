"""What a rule is, and what is found where a file breaks it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

EXAMPLES = 3
Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Finding:
    """A rule that a file breaks: in how many places, up to three of them, and how to fix it."""

    rule: str
    file: str
    count: int
    examples: tuple[str, ...]
    fix: str

    def __str__(self) -> str:
        examples = "; ".join(self.examples)
        if self.count > len(self.examples):
            examples += f" ({self.count} places)"
        return f"{self.rule} {self.file}: {examples} - {self.fix}"


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """`check` yields a sentence for every place where a subject (a workbook, a sheet, a CSV, a
    release) breaks the rule; `fix` says what to do, as an instruction.
    """

    id: str
    fix: str
    check: Callable[[Subject], Iterator[str]]


def apply_rules(rules: Iterable[Rule[Subject]], file: str, subject: Subject) -> list[Finding]:
    """Return a finding for each rule that a subject breaks, in the order of the rules."""
    findings = []
    for rule in rules:
        faults = list(rule.check(subject))
        if faults:
            examples = tuple(faults[:EXAMPLES])
            findings.append(Finding(rule.id, file, len(faults), examples, rule.fix))

    return findings
