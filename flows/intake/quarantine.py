"""The operator's way to rows that were set aside and deliveries that were refused."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from data.config import correction, policy
from data.config.contract import load_contracts
from data.config.profile import load_profile
from data.problem import Problem
from data.store.store import Store
from expectations.judging import delivery_rules
from expectations.judging.verdict import MALFORMED
from flows.intake.landing import look_at_landing
from flows.intake.take_in import Intake
from transforms.engine.duckdb_engine import DuckDB


def print_quarantine(root: Path) -> None:
    """Per delivery and rule: how many rows are held, with three examples; and the deliveries that
    were refused.
    """
    lake = Store(root).lake
    examples: dict[tuple, list[str]] = {}
    counts: Counter = Counter()
    for row in lake.read("quarantine").to_pylist():
        for rule in row["reasons"].split("; "):
            name = (row["extract_date"], row["extract"], rule)
            counts[name] += 1
            examples.setdefault(name, []).append(f"{row['file_name']}:{row['line']}")
    console = Console()
    for name in sorted(counts):
        day, extract, rule = name
        said = (
            f"{extract} of {day}: {rule}: {counts[name]:,} rows ({', '.join(examples[name][:3])})"
        )
        console.print(escape(said), highlight=False, soft_wrap=True)
    if not counts:
        console.print("no row is quarantined")
    for row in _refused(lake):
        console.print(
            escape(
                f"refused: {row['extract']}:{row['extract_date']}: {row['meaning_en']} ({row['examples']})"
            ),
            soft_wrap=True,
        )


def print_rows(root: Path, what: str, limit: int) -> None:
    """The quarantined rows of a rule, a file, or one line of a file.

    Raises Problem where there is none.
    """
    rows = _rows(Store(root).lake, what)
    if not rows:
        raise Problem(
            f"no quarantined row is of {what}", "see servicekpi quarantine list for rules and files"
        )
    meanings = {
        row["rule_id"]: row["meaning_en"]
        for row in Store(root).lake.read("rule_result").to_pylist()
    }
    console = Console()
    for row in rows[:limit]:
        console.print(
            f"[bold]{escape(row['file_name'])}:{row['line']}[/bold]  {row['extract']} of {row['extract_date']}",
            highlight=False,
        )
        for rule in row["reasons"].split("; "):
            console.print(f"  {rule}: {escape(meanings.get(rule, ''))}", highlight=False)
        console.print(f"  {escape(row['content'] or '')}", highlight=False, soft_wrap=True)
    if len(rows) > limit:
        console.print(f"... and {len(rows) - limit:,} more (--limit)")


def release_rows(root: Path, what: str, reason: str, by: str) -> str:
    """Put on record that a row or a delivery may pass. Returns what happens next.

    Raises Problem where there is no such row or refused delivery, or the row cannot be counted by
    anything.
    """
    store = Store(root)
    said = {
        "reason": reason,
        "released_by": by,
        "released_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with store.locked():
        delivery = re.fullmatch(r"([a-z]+):(\d{4}-\d{2}-\d{2})", what)
        if delivery and delivery.group(1) in load_contracts():
            extract, day = delivery.group(1), date.fromisoformat(delivery.group(2))
            if not any(
                (row["extract"], row["extract_date"]) == (extract, day)
                for row in _refused(store.lake)
            ):
                raise Problem(f"no refused delivery is {what}", "see servicekpi quarantine list")
            store.lake.add(
                "release",
                [{"extract": extract, "extract_date": day, "file_name": "*", "line": 0, **said}],
            )
            return f"the {extract} extract of {day} may pass: the next run takes it in"
        rows = _rows(store.lake, what)
        if len(rows) != 1:
            raise Problem(
                f"{what} is {len(rows)} quarantined rows",
                "name one row as FILE:LINE, or a refused delivery as EXTRACT:YYYY-MM-DD",
            )
        row = rows[0]
        hopeless = [
            rule
            for rule in row["reasons"].split("; ")
            if rule == MALFORMED or rule in _required(row["extract"])
        ]
        if hopeless:
            raise Problem(
                f"{what} cannot be counted by anything: {'; '.join(hopeless)}",
                "have it delivered again, or declare a correction in data/corrections",
            )
        store.lake.add(
            "release",
            [
                {
                    **{
                        name: row[name] for name in ("extract", "extract_date", "file_name", "line")
                    },
                    **said,
                }
            ],
        )
        return f"{what} may pass: the next run judges its delivery again, as long as landing holds the file"


def retry_refused(root: Path, landing: Path, profile_name: str) -> list[str]:
    """Judge every delivery with quarantined rows again. Returns one line per delivery: rows
    quarantined before and after.
    """
    store, profile, corrections = (
        Store(root),
        load_profile(profile_name),
        correction.load_corrections(),
    )
    with store.locked():
        before = Counter()
        for row in store.lake.read("delivery").to_pylist():
            before[row["extract"], row["extract_date"]] += row["rows_quarantined"]
        engine = DuckDB(store.work(), profile.timezone)
        engine.confine(store.root, landing)
        try:
            arrival = look_at_landing(landing, store.lake, profile, corrections, retry=True)
            intake = Intake(
                store.lake,
                engine,
                profile,
                policy.resolve_policy(profile.policy, store.policy).delivery_limits,
                corrections,
                arrival.control,
            )
            said = list(arrival.notes)
            for delivery in (delivery for delivery in arrival.deliveries if delivery.again):
                verdict = intake.take_in(delivery, lambda _: None)
                now, then = (
                    sum(file.quarantined for file in verdict.files),
                    before[delivery.extract, delivery.extract_date],
                )
                said.append(
                    f"{delivery.extract} of {delivery.extract_date}: {then:,} rows were quarantined, now {now:,}"
                )
        finally:
            engine.close()
            store.clear()
    return said or ["no delivery holds a quarantined row"]


def _rows(lake, what: str) -> list[dict]:
    """Quarantined rows by rule, by file, or by FILE:LINE."""
    rows = lake.read("quarantine").to_pylist()
    return [
        row
        for row in rows
        if what in (row["file_name"], f"{row['file_name']}:{row['line']}")
        or what in row["reasons"].split("; ")
    ]


def _refused(lake) -> list[dict]:
    """The failed critical rules of deliveries that are in no ledger."""
    taken = {(row["extract"], row["extract_date"]) for row in lake.read("delivery").to_pylist()}
    rows = lake.read("rule_result").to_pylist()
    wide = {rule.id for rule in delivery_rules.load_rules("batch")}
    return [
        row
        for row in rows
        if (row["extract"], row["extract_date"]) not in taken
        and row["severity"] == "critical"
        and not row["success"]
        and row["rule_id"] in wide
    ]


def _required(extract: str) -> set[str]:
    """The rules of an extract's required columns: what breaks one has no key, no branch or no
    date.
    """
    contract = load_contracts()[extract]
    return {
        rule.id
        for rule in contract.rules
        if rule.column and contract.column(rule.column).required and rule.severity == "critical"
    }
