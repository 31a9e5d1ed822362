"""The layout of a return: the regulator's columns in the regulator's order, and what must add up.
One TOML file beside the return's SQL.
"""

import tomllib
from dataclasses import dataclass, field

import pyarrow as pa

from data.config.published_tables import TYPES
from data.problem import Problem

# label: words and codes; count: cases, to which the floor of small numbers applies; amount: money,
# policies; ratio: formed from other columns; rank: a place among the rows.
ROLES = ("label", "count", "amount", "ratio", "rank")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Column:
    """A ratio is `scale` x `numerator` / `denominator`; without a denominator it is a share of the
    total row. `of` is the column that a rank ranks.

    `quantity` names what is counted where another return counts the same; `follows` are columns
    that it would give away; `absent` says why no extract can fill the column, `total` why the total
    row has no figure.
    """

    name: str
    title: dict
    type: str
    role: str
    unit: dict = field(default_factory=dict)
    decimals: int = 0
    scale: int = 1
    numerator: str | None = None
    denominator: str | None = None
    of: str | None = None
    quantity: str | None = None
    follows: tuple = ()
    absent: dict = field(default_factory=dict)
    total: dict = field(default_factory=dict)

    @property
    def is_number(self) -> bool:
        return self.role != "label"


# What every return begins with: which period and whose figures a row tells.
PLACE = tuple(
    Column(name, {"zh": zh, "en": en}, "text", "label")
    for name, zh, en in (
        ("time_period", "期间", "Period"),
        ("time_identifier", "期间类型", "Type of period"),
        ("geographic_level", "层级", "Level"),
        ("branch_code", "机构代码", "Branch code"),
        ("branch_name", "机构", "Branch"),
    )
)


@dataclass(frozen=True)
class Control:
    """What must hold, or the return is refused: per row the `left` columns add up to the `right`
    ones, or the rows' `column` to that of the total row, or to `sum`.
    """

    id: str
    left: tuple = ()
    right: tuple = ()
    column: str | None = None
    sum: float | None = None


@dataclass(frozen=True)
class Layout:
    """One return. `filters` are the label columns that, with period and branch, tell its rows
    apart; `order` the columns that they stand in order of; `total` is (column, value) of the total
    row, None where there is none.
    """

    id: str
    title: dict
    regulator: dict
    period: dict
    rank_rule: dict
    source: str
    version: int
    filters: tuple
    order: tuple
    total: tuple | None
    columns: tuple[Column, ...]
    controls: tuple[Control, ...]
    notes: tuple[dict, ...]

    @property
    def key(self) -> tuple:
        return ("time_period", "geographic_level", "branch_code", *self.filters)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, TYPES[column.type]) for column in self.columns])

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def is_total(self, row: dict) -> bool:
        """Whether a row is the pooled total of the others."""
        return self.total is not None and row[self.total[0]] == self.total[1]

    def group(self, row: dict) -> tuple:
        """What rows that add up to one total have in common."""
        along = (
            ("geographic_level", "branch_code")
            if self.total and self.total[0] == "geographic_level"
            else (self.total[0],)
            if self.total
            else ()
        )
        return tuple(row[name] for name in self.key if name not in along)


@dataclass(frozen=True)
class Return:
    """A return as a release tells it: its rows, and per row the mark of each column; empty where
    the value is told as it is.
    """

    layout: Layout
    rows: list[dict]
    marks: list[dict[str, str]]


def parse_layout(return_id: str, text: str) -> Layout:
    """A layout from its TOML text.

    Raises Problem where it is no TOML, lacks a field, has one that nobody reads, or names a column
    that it does not have.
    """
    try:
        raw = tomllib.loads(text)
        columns = PLACE + tuple(Column(**column) for column in raw.pop("column"))
        controls = tuple(_control(entry) for entry in raw.pop("control", []))
        raw = {"rank_rule": {}, "filters": [], "total": None, "note": [], **raw}
        raw |= {name: tuple(raw[name]) for name in ("filters", "order")} | {
            "total": tuple(raw["total"]) if raw["total"] else None
        }
        layout = Layout(
            id=return_id, columns=columns, controls=controls, notes=tuple(raw.pop("note")), **raw
        )
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise Problem(
            f"{return_id}.toml is no layout of a return: {error}",
            "write it like the layouts beside it",
        ) from error
    _check(layout)
    return layout


def _control(entry: dict) -> Control:
    return Control(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in entry.items()
        }
    )


def _check(layout: Layout) -> None:
    names = [column.name for column in layout.columns]
    named = {*layout.key, *layout.order, *(layout.total[:1] if layout.total else ())}
    for column in layout.columns:
        named |= {
            name
            for name in (column.numerator, column.denominator, column.of, *column.follows)
            if name
        }
        if column.role not in ROLES or column.type not in TYPES:
            raise Problem(
                f"{layout.id}.toml: column {column.name} has role {column.role!r} and type {column.type!r}",
                f"roles are {', '.join(ROLES)}",
            )
        told = (
            column.title,
            *(words for words in (column.unit, column.absent, column.total) if words),
        )
        lacking = [words for words in told if set(words) != set(LANGUAGES)]
        if lacking:
            raise Problem(
                f"{layout.id}.toml: column {column.name} is not told in both languages",
                'write { zh = "...", en = "..." }',
            )
    for control in layout.controls:
        named |= {*control.left, *control.right, *([control.column] if control.column else [])}
    unknown = sorted(named - set(names))
    repeated = sorted({name for name in names if names.count(name) > 1})
    if unknown or repeated:
        raise Problem(
            f"{layout.id}.toml names columns that it does not have, or one twice:"
            f" {', '.join(unknown + repeated)}",
            "name each column once",
        )
