"""What a night found for those who asked about a rule or a branch: rows that break the rule, rows
of the branch that were set aside.
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path

from data.config.operations import Owner
from data.store.table_files import read_table


def find_alerts(tables: Path, owners: list[Owner]) -> dict[str, list[str]]:
    """What the latest delivery of each extract has of the rules and branches that the owners name:
    sentences by "rule ID" and "branch CODE", also where there is nothing to say. A branch is its
    own rows plus its children's. `tables` is the folder of a publication's tables.
    """
    results, rows, branches = (
        read_table(tables, name).to_pylist()
        for name in ("quality_rule_result", "quality_quarantine", "dim_branch")
    )
    latest = _latest(results + rows)
    alerts = {
        f"rule {rule}": _of_rule(rule, results, latest) for owner in owners for rule in owner.rules
    }
    above = {row["branch_code"]: row["parent_code"] for row in branches}
    quarantined = [
        row for row in rows if row["extract_date"] == latest[row["extract"]] and row["content"]
    ]
    for branch in {branch for owner in owners for branch in owner.branches}:
        alerts[f"branch {branch}"] = _of_branch(branch, quarantined, above)
    return alerts


def _latest(rows: list[dict]) -> dict[str, date]:
    latest: dict[str, date] = {}
    for row in rows:
        latest[row["extract"]] = max(row["extract_date"], latest.get(row["extract"], date.min))
    return latest


def _of_rule(rule: str, results: list[dict], latest: dict[str, date]) -> list[str]:
    return [
        f"{rule}: {row['rows_failed']:,} rows of the {row['extract']} extract of {row['extract_date']} ({row['meaning_en']}), such as {row['examples']}"
        for row in results
        if row["rule_id"] == rule
        and row["rows_failed"]
        and row["extract_date"] == latest[row["extract"]]
    ]


def _of_branch(branch: str, quarantined: list[dict], above: dict[str, str | None]) -> list[str]:
    counted = Counter()
    for row in quarantined:
        code, seen = json.loads(row["content"]).get("branch_code"), set()
        while code and code != branch and code not in seen:
            seen.add(code)
            code = above.get(code)
        if code == branch:
            counted.update(
                (row["extract"], row["extract_date"], reason)
                for reason in row["reasons"].split("; ")
            )
    return [
        f"branch {branch}: {rows:,} rows of the {extract} extract of {day} are quarantined by {reason}"
        for (extract, day, reason), rows in sorted(counted.items())
    ]
