"""A model: one `.sql` file with a TOML header in its first comment = one relation."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.config.sql_header import split_header

SQL_FOLDER = Path(__file__).parents[1] / "sql"


@dataclass(frozen=True)
class Model:
    """`room` is the folder (staging, core, kpis, marts, exports); `reads` the relations that the
    SQL names.
    """

    name: str
    room: str
    header: dict
    sql: str
    reads: frozenset


def load_model(path: Path) -> Model:
    """Read one model file.

    Raises ValueError where the header is missing or no TOML.
    """
    header, sql = split_header(path)
    code = re.sub(r"--[^\n]*", "", sql)
    defined = set(re.findall(r"(\w+) AS \(\s*SELECT", code)) | set(
        re.findall(r"RECURSIVE (\w+) AS", code)
    )
    reads = frozenset(set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", code)) - defined)
    return Model(path.stem, path.parent.name, header, sql, reads)


@cache
def load_models(root: Path = SQL_FOLDER) -> dict[str, Model]:
    """Every model by name."""
    return {path.stem: load_model(path) for path in sorted(root.glob("*/*.sql"))}


def order_models(models: dict[str, Model], wanted: set[str]) -> list[Model]:
    """The wanted models and what they read, each after what it reads, otherwise by name.

    Raises ValueError for a circle.
    """
    done: list[Model] = []
    placed: set[str] = set()

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"models read each other in a circle: {' -> '.join((*path, name))}")
        if name in placed or name not in models:
            return
        for needed in sorted(models[name].reads):
            place(needed, (*path, name))
        placed.add(name)
        done.append(models[name])

    for name in sorted(wanted):
        place(name, ())
    return done
