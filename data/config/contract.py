"""Contracts: what an extract must look like, read from `data/contracts/*.toml`."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa

ARROW_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "instant": pa.timestamp("us"),  # UTC, so that elapsed time never depends on a clock change
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "decimal": pa.decimal128(18, 4),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}
# What is wrong with a cell of each type that could not be read; text always can.
UNREADABLE = {
    "code": "is not one of the known values",
    "date": "is not a valid date",
    "instant": "is not a valid date and time",
    "integer": "is not a whole number",
    "decimal": "is not a number",
    "money": "is not a valid amount",
    "boolean": "is neither yes nor no",
}


@dataclass(frozen=True)
class Column:
    """One canonical column: `type` is a key of `ARROW_TYPES`; `values` maps a code to the words
    that stand for it.

    An `identifier` is a text by which rows are found again, here or in another extract. A date of a
    `whole_month` may be given as the month alone.
    """

    name: str
    type: str
    meaning: dict
    required: bool = False
    free_text: bool = False
    identifier: bool = False
    whole_month: bool = False
    aliases: tuple = ()
    values: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule, written once: `sql` is true for a row that breaks it. Severity `critical`
    quarantines, `warning` counts.
    """

    id: str
    sql: str
    meaning: dict
    severity: str = "warning"
    column: str | None = None


@dataclass(frozen=True)
class Contract:
    """One kind of extract. `branch_column` is the column that says where a row belongs; nobody is told that
    an `optional` one is missing.
    """

    name: str
    title: dict
    key: tuple
    history: tuple
    month: str
    columns: tuple
    rules: tuple
    branch_column: str = "branch_code"
    optional: bool = False

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def key_sql(self, alias: str) -> str:
        """One comparable key of a row; a key column that may be empty counts as empty text."""
        parts = [f"coalesce(CAST({alias}.{name} AS STRING), '')" for name in self.key]
        return parts[0] if len(parts) == 1 else "concat_ws('|', " + ", ".join(parts) + ")"

    @property
    def schema(self) -> pa.Schema:
        """The canonical columns, as stored (instants in UTC)."""
        return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in self.columns])


def _column_rules(columns: list[Column], key: list[str]) -> list[Rule]:
    """The rules that every column of a type brings along: missing, unreadable, negative; a key
    turned into a number and back.
    """
    rules = []
    for position, column in enumerate(columns):
        severity = "critical" if column.required else "warning"
        unreadable = f"(_unreadable & {1 << position}) <> 0"
        if column.required:
            meaning = {
                "zh": f"缺少{column.meaning['zh']}",
                "en": f"{column.name} is required and missing",
            }
            rules.append(
                Rule(
                    f"{column.name}_missing",
                    f"{column.name} IS NULL AND NOT ({unreadable})",
                    meaning,
                    severity,
                    column.name,
                )
            )
        if column.type != "text":
            meaning = {
                "zh": f"{column.meaning['zh']}无法识别",
                "en": f"{column.name} {UNREADABLE[column.type]}",
            }
            rules.append(
                Rule(f"{column.name}_unreadable", unreadable, meaning, severity, column.name)
            )
        if column.type == "money":
            meaning = {"zh": f"{column.meaning['zh']}为负", "en": f"{column.name} is negative"}
            rules.append(
                Rule(
                    f"{column.name}_negative",
                    f"{column.name} < 0",
                    meaning,
                    "critical",
                    column.name,
                )
            )
        if column.identifier and column.name in key:
            meaning = {
                "zh": f"{column.meaning['zh']}成了科学计数法，原有数字已丢失",
                "en": f"{column.name} is in scientific notation (like 1.23457E+17): a spreadsheet has lost its digits",
            }
            sql = f"contains({column.name}, '+') AND regexp_matches({column.name}, '^[0-9]([.][0-9]+)?[Ee][+][0-9]+$')"
            rules.append(Rule(f"{column.name}_damaged", sql, meaning, "warning", column.name))
    return rules


def load_contract(path: Path) -> Contract:
    """Read one contract file."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    columns = [
        Column(**{**entry, "aliases": tuple(entry.get("aliases", ()))}) for entry in raw["column"]
    ]
    written = [Rule(**entry) for entry in raw.get("rule", [])]
    return Contract(
        name=raw["name"],
        title=raw["title"],
        key=tuple(raw["key"]),
        history=tuple(raw["history"]),
        month=raw["month"],
        columns=tuple(columns),
        rules=tuple(_column_rules(columns, raw["key"]) + written),
        branch_column=raw.get("branch_column", "branch_code"),
        optional=raw.get("optional", False),
    )


@cache
def load_contracts() -> dict[str, Contract]:
    """All contracts by name, in the order of their file names."""
    folder = Path(__file__).parents[1] / "contracts"
    return {path.stem: load_contract(path) for path in sorted(folder.glob("*.toml"))}
