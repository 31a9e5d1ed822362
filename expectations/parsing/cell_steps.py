"""The steps of `cells.py` as a query: from raw cells to what was read."""

from collections.abc import Callable

from expectations.parsing.cells import Cell


def raw_sql(cells: list[Cell], headers: list[str]) -> str:
    """Return the raw cells of a file's rows, as expressions on its columns."""
    return _step_sql(cells, "raw", lambda cell: cell.raw(headers))


def reading_sql(cells: list[Cell], behind: str) -> str:
    """Return the common tables `plain`, `rest` and `read`, one behind the other, on a relation of
    raw cells; `Cell.value` is then an expression on `read`.
    """
    return f"""
        plain AS (SELECT *, {_step_sql(cells, "plain", Cell.plain)} FROM {behind}),
        rest AS (SELECT *, {_step_sql(cells, "rest", Cell.rest)} FROM plain),
        read AS (SELECT *, {_step_sql(cells, "read", Cell.read)} FROM rest)"""


def _step_sql(cells: list[Cell], step: str, expression: Callable[[Cell], str]) -> str:
    """Return the columns of a step: an expression for each cell."""
    expressions = map(expression, cells)
    columns = (
        f"{sql} AS _{step}_{cell.name}" for cell, sql in zip(cells, expressions, strict=True)
    )
    return ", ".join(columns)
