"""Judge a file without storing anything: what a run would say about it, and its worst rows."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from data.checksum import hash_file
from data.config import correction, policy
from data.config.contract import load_contracts
from data.config.profile import Profile, load_profile
from data.config.profile_source import Source
from data.extracts.opened_file import OpenedFile
from data.problem import Problem
from data.store.store import Store
from expectations.judging.finding import Finding
from expectations.judging.verdict import Verdict
from flows.intake.landed_file import Delivery, LandedFile, file_date
from flows.intake.take_in import Intake, describe_counts
from transforms.engine.duckdb_engine import DuckDB


def check_file(
    path: Path, profile_name: str, extract: str | None, store: Path | None, limit: int, folder: Path
) -> bool:
    """Print what judging a file finds, and return whether a run would take it in.

    Args:
        path: the file.
        profile_name: of the profile that says how it is read.
        extract: what it is an extract of, where the profile's patterns do not say so.
        store: has the deliveries that it is compared with; None: with none.
        limit: how many rows to print.
        folder: for what is written on the way.

    Raises:
        Problem: the file cannot be read or judged at all.
    """
    if not path.is_file():
        raise Problem(f"file {path} not found", "give the path of the file to look at")
    profile = load_profile(profile_name)
    source = _choose_source(path, profile, extract)
    day = file_date(path, source, profile.timezone)
    file = LandedFile(path, source, day, *hash_file(path))
    delivery = Delivery(source.extract, day, [file], judged_by="")
    compared_store = Store(store or folder / "nothing")
    engine = DuckDB(folder / "work", profile.timezone)
    engine.confine(compared_store.root, path.parent)
    try:
        limits = policy.resolve_policy(profile.policy, compared_store.policy).delivery_limits
        corrections = correction.load_corrections()
        intake = Intake(compared_store.lake, engine, profile, limits, corrections)
        verdict, warned_rows, readings = intake.judge(delivery, limit)
    finally:
        engine.close()
    for line in _describe_verdict(verdict, readings):
        _print(line)
    _print_rows(verdict.quarantine.to_pylist(), warned_rows, limit)
    for text in verdict.warnings:
        _print(f"warning: {text}")
    for text in verdict.refusals:
        _print(f"a run would refuse it: {text}")
    return not verdict.refusals


def _choose_source(path: Path, profile: Profile, extract: str | None) -> Source:
    """Return how a file is read: as the profile says, unless it is an `extract` of something else.

    Raises Problem where neither says what it is.
    """
    if extract and extract not in load_contracts():
        raise Problem(f"unknown extract {extract!r}", f"use one of {', '.join(load_contracts())}")
    source = profile.source_of(path)
    if extract and (source is None or source.extract != extract):
        return Source(extract=extract, files=path.name)
    if source is None:
        patterns = ", ".join(source.files for source in profile.sources)
        raise Problem(
            f"{path.name} matches no pattern of profile {profile.name} ({patterns})",
            "say what it is with --extract, or use --profile",
        )
    return source


def _print(line: str) -> None:
    Console().print(escape(line), highlight=False, soft_wrap=True)


def _describe_verdict(verdict: Verdict, readings: dict[str, OpenedFile]) -> list[str]:
    """Return what was read, and which rules rows break: the worst first."""
    lines = []
    for file in verdict.files:
        form = _describe_format(readings[file.file_name])
        lines += [
            f"{file.file_name}: {verdict.contract.name} of {verdict.extract_date}, read as {form}",
            describe_counts(file),
        ]
    lines.append(f"columns found: {', '.join(verdict.columns)}")
    if verdict.unmapped:
        lines.append(f"columns not read: {', '.join(verdict.unmapped)}")
    absent = [name for name in verdict.contract.schema.names if name not in verdict.columns]
    if absent:
        lines.append(f"not in the file: {', '.join(absent)}")
    broken = _broken_row_rules(verdict)
    for finding in broken:
        meaning = verdict.meanings[finding.rule]["en"]
        examples = verdict.examples.get(finding.rule, "")
        lines.append(
            f"{finding.severity}: {finding.rule}: {finding.failed:,}, {meaning} ({examples})"
        )
    if not broken:
        lines.append("no rule is broken")
    return lines


def _broken_row_rules(verdict: Verdict) -> list[Finding]:
    """Return the findings about rows: critical ones first, then those with the most rows.

    What rules over the whole delivery find is said as a warning or a refusal.
    """
    row_rules = {rule.id for rule in verdict.contract.rules}
    for row in verdict.quarantine.to_pylist():
        row_rules.update(row["reasons"].split("; "))
    broken = [
        finding for finding in verdict.findings if not finding.success and finding.rule in row_rules
    ]
    return sorted(
        broken, key=lambda finding: (finding.severity != "critical", -finding.failed, finding.rule)
    )


def _print_rows(quarantined: list[dict], warned: list[dict], limit: int) -> None:
    """Print up to `limit` rows: quarantined ones, those with the most reasons first, then accepted
    ones with a warning.
    """
    quarantined.sort(key=_worst_first)
    for row in quarantined[:limit]:
        _print(f"{row['file_name']}:{row['line']}  {row['reasons']}")
        _print(f"    {row['content'] or ''}")
    if len(quarantined) > limit:
        _print(f"... and {len(quarantined) - limit:,} more quarantined rows")
    for row in warned[: max(0, limit - len(quarantined))]:
        _print(f"{row['file_name']}:{row['line']}  accepted, with a warning: {row['reasons']}")
        _print(f"    {row['content'] or ''}")


def _worst_first(row: dict) -> tuple[int, str, int]:
    reasons = row["reasons"].split("; ")
    return -len(reasons), row["file_name"], row["line"]


def _describe_format(reading: OpenedFile) -> str:
    """Return how a file was read: its format, and the encoding of its text."""
    if reading.encoding:
        return f"{reading.format}, {reading.encoding}"
    return reading.format
