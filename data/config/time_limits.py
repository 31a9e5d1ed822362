"""Time limits for answering complaints, by jurisdiction (`data/reference/time_limits.toml`)."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa

PATH = Path(__file__).parents[1] / "reference" / "time_limits.toml"
NO_LIMITS = "none"  # the jurisdiction of companies that no rule set binds
TIME_LIMIT = pa.schema(
    [
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("complexity", pa.string()),
        ("days", pa.int64()),
        ("extended_days", pa.int64()),
    ]
)


@cache
def _read_rule_sets() -> list[dict]:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))["rule_set"]


def list_jurisdictions() -> list[str]:
    """Return every jurisdiction with a rule set, and `none`."""
    return [*sorted({entry["jurisdiction"] for entry in _read_rule_sets()}), NO_LIMITS]


def load_time_limits(jurisdiction: str) -> pa.Table:
    """Return the limits of one jurisdiction, without rows for `none`.

    Columns: `valid_from`, `valid_to` (exclusive), `complexity`, `days`, and `extended_days`: the
    next longer limit of the rule set, which holds where an extension was granted.
    """
    rule_sets = [entry for entry in _read_rule_sets() if entry["jurisdiction"] == jurisdiction]
    rule_sets.sort(key=lambda entry: entry["effective_from"])
    # A rule set holds until the next one takes effect.
    ends = [entry["effective_from"] for entry in rule_sets[1:]] + [date.max]
    rows = []
    for rule_set, end in zip(rule_sets, ends, strict=False):
        for complexity, days in rule_set["days"].items():
            longer = [other for other in rule_set["days"].values() if other > days]
            rows.append(
                {
                    "valid_from": rule_set["effective_from"],
                    "valid_to": end,
                    "complexity": complexity,
                    "days": days,
                    "extended_days": min(longer, default=days),
                }
            )
    return pa.Table.from_pylist(rows, schema=TIME_LIMIT)
