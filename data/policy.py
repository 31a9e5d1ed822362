"""The policy: the owner's choices, from `data/reference/policy.toml`, a profile's own settings laid over them."""

import tomllib
from datetime import date
from pathlib import Path

from data.problem import Problem

REFERENCE = Path(__file__).parent / "reference"
CHOICES = {
    "closing_point": ("payment", "business_close"),
    "on_failed_extract": ("publish", "hold"),
}


def load(overrides: dict | None = None) -> dict:
    """The policy as a plain dictionary.

    Raises Problem where a setting is unknown or its value is none of the allowed ones.
    """
    policy = tomllib.loads((REFERENCE / "policy.toml").read_text(encoding="utf-8"))
    unknown = sorted(set(overrides or {}) - set(policy))
    if unknown:
        raise Problem(f"the policy has no setting {', '.join(unknown)}", f"use one of {', '.join(policy)}")
    for name, value in (overrides or {}).items():
        policy[name] = {**policy[name], **value} if isinstance(value, dict) else value
    for name, allowed in CHOICES.items():
        if policy[name] not in allowed:
            raise Problem(f"policy setting {name} is {policy[name]!r}", f"use one of {', '.join(allowed)}")
    return policy


def time_limits(jurisdiction: str) -> list[dict]:
    """Rows `valid_from, valid_to (exclusive), complexity, days, extended_days` of one jurisdiction.

    Raises Problem where the jurisdiction has no rule set.
    """
    raw = tomllib.loads((REFERENCE / "time_limits.toml").read_text(encoding="utf-8"))["rule_set"]
    sets = sorted((entry for entry in raw if entry["jurisdiction"] == jurisdiction), key=lambda entry: entry["effective_from"])
    if not sets:
        known = ", ".join(sorted({entry["jurisdiction"] for entry in raw}))
        raise Problem(
            f"there are no complaint time limits for jurisdiction {jurisdiction!r}", f"use one of {known}, or add a rule set to time_limits.toml"
        )
    ends = [entry["effective_from"] for entry in sets[1:]] + [date.max]
    rows = []
    for entry, end in zip(sets, ends, strict=True):
        for complexity, days in entry["days"].items():
            longer = [other for other in entry["days"].values() if other > days]
            rows.append(
                {
                    "valid_from": entry["effective_from"],
                    "valid_to": end,
                    "complexity": complexity,
                    "days": days,
                    "extended_days": min(longer, default=days),
                }
            )
    return rows
