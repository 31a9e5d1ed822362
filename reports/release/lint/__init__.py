"""The linter of workbooks and CSV: numbered rules for files that a regulator opens (after the UK
Analysis Function's checklist for accessible spreadsheets, RFC 4180, and the tabular data standard).
Each rule is a generator of what breaks it; its fix is part of the message.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.problem import Problem

EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """A rule that a file breaks: where and what (up to three places, and how many), and what to
    do.
    """

    rule: str
    file: str
    count: int
    examples: tuple[str, ...]
    fix: str

    def __str__(self) -> str:
        more = f" ({self.count} places)" if self.count > len(self.examples) else ""
        return f"{self.rule} {self.file}: {'; '.join(self.examples)}{more} - {self.fix}"


@dataclass(frozen=True)
class Rule:
    """`check` yields a sentence for every place where something breaks the rule."""

    id: str
    fix: str
    check: Callable[..., Iterator[str]]


def new_registry() -> tuple[list[Rule], list[Callable]]:
    """A list of rules, and the decorator `@rule(id, fix)` that puts a check on it."""
    listed: list[Rule] = []

    def rule(id: str, fix: str):
        return lambda check: listed.append(Rule(id, fix, check)) or check

    return listed, rule


def run_rules(listed: list[Rule], file: str, *what) -> list[Finding]:
    """What of a file breaks which of some rules."""
    findings = []
    for rule in listed:
        found = list(rule.check(*what))
        if found:
            findings.append(Finding(rule.id, file, len(found), tuple(found[:EXAMPLES]), rule.fix))
    return findings


def lint_file(path: Path) -> list[Finding]:
    """Every rule that a workbook (.xlsx) or a CSV breaks.

    Raises Problem where it is neither, or cannot be read as what its name says.
    """
    if path.suffix == ".xlsx":
        from reports.release.lint import workbook  # openpyxl: only for those who have a workbook

        return workbook.lint_workbook(path)
    if path.suffix == ".csv":
        from reports.release.lint import delimited

        return delimited.lint_csv(path)
    raise Problem(f"{path.name} is neither a workbook nor a CSV", "give an .xlsx or a .csv file")


def list_rule_ids() -> list[str]:
    """The ids of all rules about single files, in order."""
    from reports.release.lint import cells, delimited, sheets, workbook

    return [
        rule.id
        for listed in (workbook.RULES, sheets.RULES, cells.RULES, delimited.RULES)
        for rule in listed
    ]
