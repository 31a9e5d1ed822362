"""A model: one `.sql` file with a TOML header in its first comment = one relation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.config.sql_header import split_header

SQL_FOLDER = Path(__file__).parents[1] / "sql"

COMMENT = re.compile(r"--[^\n]*")
READ_RELATION = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")
COMMON_TABLE = re.compile(r"(\w+) AS \(\s*SELECT")
RECURSIVE_TABLE = re.compile(r"RECURSIVE (\w+) AS")


@dataclass(frozen=True)
class Model:
    """One SQL file.

    `room` is its folder (staging, core, kpis, marts, exports); `reads` are the relations that its
    SQL reads.
    """

    name: str
    room: str
    header: dict
    sql: str
    reads: frozenset[str]


def load_model(path: Path) -> Model:
    """Read one model file.

    Raises ValueError if the header is missing or is not valid TOML.
    """
    header, sql = split_header(path)
    code = COMMENT.sub("", sql)
    defined = {*COMMON_TABLE.findall(code), *RECURSIVE_TABLE.findall(code)}
    reads = frozenset(READ_RELATION.findall(code)) - defined

    return Model(path.stem, path.parent.name, header, sql, reads)


@cache
def load_models(root: Path = SQL_FOLDER) -> dict[str, Model]:
    """Return every model by name."""
    return {path.stem: load_model(path) for path in sorted(root.glob("*/*.sql"))}


def order_models(models: dict[str, Model], names: Iterable[str]) -> list[Model]:
    """Return the named models and all that they read, each after what it reads, otherwise by name.

    Names that are not models (extracts, tables made outside of SQL) are passed over. Raises
    ValueError if models read each other in a circle.
    """
    ordered: dict[str, Model] = {}

    def add(name: str, readers: tuple[str, ...]) -> None:
        if name in readers:
            circle = " -> ".join((*readers, name))
            raise ValueError(f"models read each other in a circle: {circle}")
        if name in ordered or name not in models:
            return

        for read_name in sorted(models[name].reads):
            add(read_name, (*readers, name))

        ordered[name] = models[name]

    for name in sorted(names):
        add(name, ())

    return list(ordered.values())
