"""Judging a file without storing anything: what a run would say about it, and its worst rows."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from data.config import correction, policy
from data.config.contract import load_contracts
from data.config.profile import Source, load_profile
from data.extracts.checksum import hash_file
from data.extracts.opened_file import OpenedFile
from data.problem import Problem
from data.store.store import Store
from expectations.judging.verdict import Verdict
from flows.intake.landing import Delivery, LandedFile, file_date
from flows.intake.take_in import Intake
from transforms.engine.duckdb_engine import DuckDB


def check_file(
    path: Path, profile_name: str, extract: str | None, store: Path | None, limit: int, folder: Path
) -> bool:
    """Print what judging a file finds. True: a run would take it in.

    `extract` says what it is where the profile's patterns do not know its name; `store` has the
    deliveries it is compared with. Raises Problem where the file cannot be read or judged at all.
    """
    profile = load_profile(profile_name)
    if not path.is_file():
        raise Problem(f"there is no file {path}", "give the path of the file to look at")
    if extract and extract not in load_contracts():
        raise Problem(
            f"there is no extract {extract!r}", f"use one of {', '.join(load_contracts())}"
        )
    source = profile.source_of(path)
    if extract and (source is None or source.extract != extract):
        source = Source(extract, path.name)
    if source is None:
        patterns = ", ".join(source.files for source in profile.sources)
        raise Problem(
            f"{path.name} meets no pattern of profile {profile.name} ({patterns})",
            "say what it is with --extract, or use --profile",
        )
    day = file_date(path, source)
    delivery = Delivery(source.extract, day, [LandedFile(path, source, day, *hash_file(path))], "")
    engine, held = DuckDB(folder / "work", profile.timezone), Store(store or folder / "nothing")
    engine.confine(held.root, path.parent)
    try:
        lake, limits = (
            held.lake,
            policy.resolve_policy(profile.policy, held.policy).delivery_limits,
        )
        verdict, warned, readings = Intake(
            lake, engine, profile, limits, correction.load_corrections()
        ).judge(delivery, limit)
    finally:
        engine.close()
    _print(verdict, warned, readings, limit)
    return not verdict.refusals


def _print(
    verdict: Verdict, warned: list[dict], readings: dict[str, OpenedFile], limit: int
) -> None:
    console = Console()

    def say(text: str) -> None:
        console.print(escape(text), highlight=False, soft_wrap=True)

    for file in verdict.files:
        say(
            f"{file.file_name}: {verdict.contract.name} of {verdict.extract_date}, read as {describe_format(readings[file.file_name])}"
        )
        say(
            f"{file.read:,} rows read = {file.accepted:,} accepted + {file.quarantined:,} quarantined"
            f" + {file.superseded:,} superseded + {file.skipped:,} skipped"
        )
    say(f"columns found: {', '.join(verdict.columns)}")
    if verdict.unmapped:
        say(f"columns not read: {', '.join(verdict.unmapped)}")
    absent = [name for name in verdict.contract.schema.names if name not in verdict.columns]
    if absent:
        say(f"not in the file: {', '.join(absent)}")
    of_rows = {rule.id for rule in verdict.contract.rules} | {
        row for text in verdict.quarantine["reasons"].to_pylist() for row in text.split("; ")
    }
    failed = [
        finding for finding in verdict.findings if not finding.success and finding.rule in of_rows
    ]
    for finding in sorted(
        failed, key=lambda finding: (finding.severity != "critical", -finding.failed, finding.rule)
    ):
        meaning, example = (
            verdict.meanings[finding.rule]["en"],
            verdict.examples.get(finding.rule, ""),
        )
        say(f"{finding.severity}: {finding.rule}: {finding.failed:,}, {meaning} ({example})")
    if not failed:
        say("no rule is broken")
    worst = sorted(
        verdict.quarantine.to_pylist(),
        key=lambda row: (-len(row["reasons"].split("; ")), row["file_name"], row["line"]),
    )
    for row in worst[:limit]:
        say(f"{row['file_name']}:{row['line']}  {row['reasons']}")
        say(f"    {row['content'] or ''}")
    if len(worst) > limit:
        say(f"... and {len(worst) - limit:,} more quarantined rows")
    for row in warned[: max(0, limit - len(worst))]:
        say(f"{row['file_name']}:{row['line']}  accepted, with a warning: {row['reasons']}")
        say(f"    {row['content'] or ''}")
    for text in verdict.warnings:
        say(f"warning: {text}")
    for text in verdict.refusals:
        say(f"a run would refuse it: {text}")


def describe_format(reading: OpenedFile) -> str:
    """How a file was read: its format, and the encoding of its text."""
    return f"{reading.format}, {reading.encoding}" if reading.encoding else reading.format
