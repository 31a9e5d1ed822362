"""What a run found for those who asked about a rule or a branch: rows that break the rule,
quarantined rows of the branch.
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path

from data.config.operations import Owner
from data.store.table_files import read_table


def find_alerts(tables: Path, owners: list[Owner]) -> dict[str, list[str]]:
    """Return what the latest delivery of each extract has of the rules and branches that the owners
    name: sentences by "rule ID" and "branch CODE", also where there is nothing to say.

    A branch is its own rows plus its children's. `tables` is the folder of a publication's tables.
    """
    results, rows, branches = (
        read_table(tables, name).to_pylist()
        for name in ("quality_rule_result", "quality_quarantine", "dim_branch")
    )
    latest = _latest_dates(results + rows)
    results = [row for row in results if row["extract_date"] == latest[row["extract"]]]
    rows = [row for row in rows if row["extract_date"] == latest[row["extract"]]]
    parents = {row["branch_code"]: row["parent_code"] for row in branches}

    alerts = {}
    for owner in owners:
        for rule in owner.rules:
            alerts[f"rule {rule}"] = _describe_broken_rule(rule, results)
        for branch in owner.branches:
            alerts[f"branch {branch}"] = _describe_quarantined(branch, rows, parents)
    return alerts


def _latest_dates(rows: list[dict]) -> dict[str, date]:
    latest: dict[str, date] = {}
    for row in rows:
        latest[row["extract"]] = max(row["extract_date"], latest.get(row["extract"], date.min))
    return latest


def _describe_broken_rule(rule: str, results: list[dict]) -> list[str]:
    sentences = []
    for row in results:
        if row["rule_id"] == rule and row["rows_failed"]:
            rows = f"{row['rows_failed']:,} rows of the {row['extract']} extract"
            meaning = f"({row['meaning_en']}), such as {row['examples']}"
            sentences.append(f"{rule}: {rows} of {row['extract_date']} {meaning}")
    return sentences


def _describe_quarantined(
    branch: str, rows: list[dict], parents: dict[str, str | None]
) -> list[str]:
    counts: Counter[tuple[str, date, str]] = Counter()
    for row in rows:
        # What vacuum has emptied names no branch any more.
        content = json.loads(row["content"] or "{}")
        if branch in _list_ancestors(content.get("branch_code"), parents):
            for reason in row["reasons"].split("; "):
                counts[row["extract"], row["extract_date"], reason] += 1
    sentences = []
    for (extract, day, reason), count in sorted(counts.items()):
        rows_of = f"{count:,} rows of the {extract} extract of {day}"
        sentences.append(f"branch {branch}: {rows_of} are quarantined by {reason}")
    return sentences


def _list_ancestors(branch: str | None, parents: dict[str, str | None]) -> list[str]:
    """Return a branch and all above it; a tree that runs in a circle ends where it began."""
    ancestors: list[str] = []
    while branch and branch not in ancestors:
        ancestors.append(branch)
        branch = parents.get(branch)
    return ancestors
