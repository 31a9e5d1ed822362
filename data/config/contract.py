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
# From so many rows, all of them closed, an extract is taken to hold closed cases only; of fewer all
# may well be closed by chance.
CLOSED_ONLY_ROWS = 100
# What is wrong with a cell of each type that could not be read; free text always can.
UNREADABLE = {
    "text": "is an error of a spreadsheet (#N/A, #REF!), or a formula that was saved without a value",
    "code": "is not one of the known values",
    "date": "is not a valid date",
    "instant": "is not a valid date and time",
    "integer": "is not a whole number",
    "decimal": "is not a number",
    "money": "is not a valid amount",
    "boolean": "is neither yes nor no",
}


# A whole number as spreadsheets and doubles write it when they cannot hold its digits.
DAMAGED_NUMBER = (
    "-?[0-9]{1,3}([.,][0-9]+)?[Ee][+][0-9]+|-?[0-9]{1,3}[.,][0-9]+[Ee][0-9]+"
    "|-?[0-9][Ee][0-9]+|-?[0-9]{16,}[.]00?"
)


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
    def column_names(self) -> list[str]:
        """The names of the canonical columns, in their order."""
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pa.Schema:
        """The canonical columns, as stored (instants in UTC)."""
        return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in self.columns])


def _column_rules(columns: list[Column]) -> list[Rule]:
    """The rules that every column of a type brings along: missing, unreadable, negative, digits
    that a number could not hold.
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
        if not column.free_text:
            meaning = {
                "zh": f"{column.meaning['zh']}无法识别",
                "en": f"{column.name} {UNREADABLE[column.type]}",
            }
            if column.whole_month:
                meaning["zh"] += "（2012.1 可能是一月，也可能是十月，请写作 2012-01）"
                meaning["en"] += " (2012.1 may be January or October: write 2012-01 or 2012-10)"
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
        if column.type == "text" and not column.free_text:
            rules.append(_damaged_rule(column))
    return rules


def _damaged_rule(column: Column) -> Rule:
    """The rule of a key or a code whose digits a number could not hold."""
    name = column.name
    meaning = {
        "zh": f"{column.meaning['zh']}成了科学计数法或超过十五位的数字，原有数字已丢失",
        "en": f"{name} has lost digits as a number (like 1.23457E+17 or 1234567890123456.0):"
        " a spreadsheet holds fifteen; deliver it as text",
    }
    may_be = " OR ".join(f"contains({name}, '{letter}')" for letter in "eE.")
    sql = f"({may_be}) AND regexp_full_match({name}, '{DAMAGED_NUMBER}')"
    return Rule(f"{name}_damaged", sql, meaning, "warning", name)


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
        rules=tuple(_column_rules(columns) + written),
        branch_column=raw.get("branch_column", "branch_code"),
        optional=raw.get("optional", False),
    )


@cache
def load_contracts() -> dict[str, Contract]:
    """All contracts by name, in the order of their file names."""
    folder = Path(__file__).parents[1] / "contracts"
    return {path.stem: load_contract(path) for path in sorted(folder.glob("*.toml"))}
