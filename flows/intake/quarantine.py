"""What an operator does about quarantined rows and refused deliveries: list, release, retry."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from data.config import correction, policy
from data.config.contract import load_contracts
from data.config.profile import load_profile
from data.problem import Problem
from data.store.lake import Lake
from data.store.store import Store
from expectations.judging import delivery_rules
from expectations.judging.verdict import MALFORMED
from flows.intake.landing import look_at_landing
from flows.intake.take_in import Intake
from transforms.engine.duckdb_engine import DuckDB


def print_quarantine(root: Path) -> None:
    """Print per delivery and rule how many rows are quarantined, with three examples; and the
    deliveries that were refused.
    """
    lake = Store(root).lake
    examples: dict[tuple, list[str]] = {}
    for row in lake.read("quarantine").to_pylist():
        for rule in row["reasons"].split("; "):
            name = (row["extract_date"], row["extract"], rule)
            examples.setdefault(name, []).append(f"{row['file_name']}:{row['line']}")
    console = Console()
    for name in sorted(examples):
        day, extract, rule = name
        lines = examples[name]
        text = f"{extract} of {day}: {rule}: {len(lines):,} rows ({', '.join(lines[:3])})"
        console.print(escape(text), highlight=False, soft_wrap=True)
    if not examples:
        console.print("no row is quarantined")
    for row in _refusals(lake):
        delivery = f"{row['extract']}:{row['extract_date']}"
        text = f"refused: {delivery}: {row['meaning_en']} ({row['examples']})"
        console.print(escape(text), soft_wrap=True)


def print_rows(root: Path, what: str, limit: int) -> None:
    """Print up to `limit` quarantined rows of a rule, a file, or one line of a file.

    Raises Problem where there is none.
    """
    lake = Store(root).lake
    rows = _find_rows(lake, what)
    if not rows:
        raise Problem(
            f"quarantined rows of {what} not found",
            "see servicekpi quarantine list for rules and files",
        )
    meanings = {row["rule_id"]: row["meaning_en"] for row in lake.read("rule_result").to_pylist()}
    console = Console()
    for row in rows[:limit]:
        line = f"[bold]{escape(row['file_name'])}:{row['line']}[/bold]"
        delivery = f"{row['extract']} of {row['extract_date']}"
        console.print(f"{line}  {delivery}", highlight=False)
        for rule in row["reasons"].split("; "):
            console.print(f"  {rule}: {escape(meanings.get(rule, ''))}", highlight=False)
        console.print(f"  {escape(row['content'] or '')}", highlight=False, soft_wrap=True)
    if len(rows) > limit:
        console.print(f"... and {len(rows) - limit:,} more (--limit)")


def release_rows(root: Path, what: str, reason: str, by: str) -> str:
    """Put on record that a row or a refused delivery may pass. Returns what happens next.

    Args:
        root: the folder of the store.
        what: FILE:LINE for a row, EXTRACT:YYYY-MM-DD for a delivery.
        reason: why it is right as it is.
        by: who says so.

    Raises:
        Problem: there is no such row or refused delivery, or nothing could count the row.
    """
    store = Store(root)
    on_record = {
        "reason": reason,
        "released_by": by,
        "released_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with store.locked():
        if what.split(":")[0] in load_contracts():
            released = _refused_delivery(store.lake, what)
            next_step = "the next run takes it in"
        else:
            released = _releasable_row(store.lake, what)
            next_step = "the next run judges its delivery again, as long as landing holds the file"
        store.lake.add("release", [released | on_record])
    return f"{what} may pass: {next_step}"


def _refused_delivery(lake: Lake, what: str) -> dict:
    """Return what the book of releases names a refused delivery by. Raises Problem where it was
    not refused.
    """
    for row in _refusals(lake):
        extract, day = row["extract"], row["extract_date"]
        if what == f"{extract}:{day}":
            return {"extract": extract, "extract_date": day, "file_name": "*", "line": 0}
    raise Problem(f"refused delivery {what} not found", "see servicekpi quarantine list")


def _releasable_row(lake: Lake, what: str) -> dict:
    """Return what the book of releases names a quarantined row by.

    Raises Problem where it is not exactly one row, or has no key, no branch or no date: no figure
    could count it.
    """
    rows = _find_rows(lake, what)
    if len(rows) != 1:
        raise Problem(
            f"{what} is {len(rows)} quarantined rows",
            "name one row as FILE:LINE, or a refused delivery as EXTRACT:YYYY-MM-DD",
        )
    row = rows[0]
    indispensable = _rules_of_required_columns(row["extract"]) | {MALFORMED}
    hopeless = [rule for rule in row["reasons"].split("; ") if rule in indispensable]
    if hopeless:
        raise Problem(
            f"no figure could count {what}: {'; '.join(hopeless)}",
            "have it delivered again, or declare a correction in data/corrections",
        )
    return {name: row[name] for name in ("extract", "extract_date", "file_name", "line")}


def retry_quarantined(root: Path, landing: Path, profile_name: str) -> list[str]:
    """Judge every delivery with quarantined rows again.

    Returns one line per delivery: rows quarantined before and after.
    """
    store = Store(root)
    profile = load_profile(profile_name)
    corrections = correction.load_corrections()
    with store.locked():
        engine = DuckDB(store.work(), profile.timezone)
        engine.confine(store.root, landing)
        try:
            before = _count_quarantined(store.lake)
            landed = look_at_landing(landing, store.lake, profile, corrections, retry=True)
            limits = policy.resolve_policy(profile.policy, store.policy).delivery_limits
            intake = Intake(store.lake, engine, profile, limits, corrections, landed.control)
            lines = list(landed.notes)
            for delivery in landed.deliveries:
                if not delivery.again:
                    continue
                verdict = intake.take_in(delivery, lambda _: None)
                earlier = before[delivery.extract, delivery.extract_date]
                now = sum(file.quarantined for file in verdict.files)
                lines.append(
                    f"{delivery.extract} of {delivery.extract_date}:"
                    f" {earlier:,} rows were quarantined, now {now:,}"
                )
        finally:
            engine.close()
            store.clear()
    return lines or ["no delivery has a quarantined row"]


def _count_quarantined(lake: Lake) -> Counter:
    """Return how many rows are quarantined, by extract and extract date."""
    counts: Counter = Counter()
    for row in lake.read("delivery").to_pylist():
        counts[row["extract"], row["extract_date"]] += row["rows_quarantined"]
    return counts


def _find_rows(lake: Lake, what: str) -> list[dict]:
    """Return the quarantined rows of a rule, of a file, or of FILE:LINE."""
    rows = []
    for row in lake.read("quarantine").to_pylist():
        file_name = row["file_name"]
        names = {file_name, f"{file_name}:{row['line']}", *row["reasons"].split("; ")}
        if what in names:
            rows.append(row)
    return rows


def _refusals(lake: Lake) -> list[dict]:
    """Return why deliveries were refused: broken critical rules of those that no ledger has."""
    ledger = lake.read("delivery").to_pylist()
    taken_in = {(row["extract"], row["extract_date"]) for row in ledger}
    delivery_rule_ids = {rule.id for rule in delivery_rules.load_rules("batch")}
    refusals = []
    for row in lake.read("rule_result").to_pylist():
        is_critical = row["rule_id"] in delivery_rule_ids and row["severity"] == "critical"
        is_taken_in = (row["extract"], row["extract_date"]) in taken_in
        if is_critical and not row["success"] and not is_taken_in:
            refusals.append(row)
    return refusals


def _rules_of_required_columns(extract: str) -> set[str]:
    """Return the critical rules of an extract's required columns: a row that breaks one has no key,
    no branch or no date.
    """
    contract = load_contracts()[extract]
    required = {column.name for column in contract.columns if column.required}
    return {
        rule.id
        for rule in contract.rules
        if rule.column in required and rule.severity == "critical"
    }
