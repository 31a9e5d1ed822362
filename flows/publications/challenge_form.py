"""A form that a branch returns: read as extracts are, whatever a spreadsheet has made of it."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from data.config.contract import Contract, load_contract
from data.config.profile_source import Source
from data.config.reference import REFERENCE
from data.extracts.open_file import open_file
from data.extracts.opened_file import OpenedFile, truncated_file_problem
from data.problem import Problem
from expectations.parsing.cell_steps import raw_sql, reading_sql
from expectations.parsing.cells import Cell
from expectations.parsing.footers import header_names
from expectations.parsing.native_types import as_text, type_in_file
from expectations.parsing.text import trimmed_sql, unwrapped_sql
from transforms.engine.duckdb_engine import DuckDB

MAX_FILLED_LINES = 10_000  # of a form: a branch that objects to more has another complaint
FORM = "challenges"
CODES = ("branch_code", "kpi_id", "extract", "key")
TEXTS = ("column", "should_be", "reason")


@dataclass(frozen=True)
class Challenge:
    """A line of a form in which something is filled in; what is not is empty.

    `as_of_text` is the cell of the day, `as_of` what it says, None where that cannot be read.
    """

    file_name: str
    line: int
    as_of: date | None
    as_of_text: str
    branch_code: str
    kpi_id: str
    extract: str
    key: str
    column: str
    should_be: str
    reason: str


@dataclass(frozen=True)
class ReturnedForm:
    """What a file says: `malformed` has a reason for each line that cannot be read."""

    file_name: str
    challenges: list[Challenge]
    malformed: list[tuple[int, str]]


class FormSource(Source):
    """How a returned form is read: what is not declared about a file is found out."""

    extract: str = FORM

    @property
    def contract(self) -> Contract:
        """What the rows of a form look like."""
        return form_contract()


@cache
def form_contract() -> Contract:
    """Return what the rows of a form look like. Who objects is not read, and stays in landing."""
    return load_contract(REFERENCE / f"{FORM}.toml")


def read_form(path: Path, engine: DuckDB) -> ReturnedForm:
    """Read the lines of a returned form in which something is filled in.

    Raises Problem where the file cannot be read, is not a form, or has more than MAX_FILLED_LINES
    of them.
    """
    source = FormSource(files=path.name)
    file = open_file(path, source, engine.folder)
    origins = source.resolve(source.contract, file.headers)
    missing = [
        column.name
        for column in source.contract.columns
        if column.required and column.name not in origins
    ]
    if missing:
        raise Problem(
            f"{path.name} has no column {', '.join(missing)}",
            "return the form of the preview as it is, filled in",
        )
    rows = _read_rows(path.name, file, _form_sql(file, source), engine)
    if len(rows) > MAX_FILLED_LINES:
        raise Problem(
            f"{path.name} has more than {MAX_FILLED_LINES:,} lines that are filled in",
            "return a form of fewer lines",
        )
    malformed = [(bad.line, bad.reason) for bad in file.malformed if bad.reason]
    return ReturnedForm(path.name, [Challenge(path.name, **row) for row in rows], malformed)


def _read_rows(file_name: str, file: OpenedFile, sql: str, engine: DuckDB) -> list[dict]:
    engine.connection.register("_form", file.batches)
    try:
        return engine.arrow(sql).to_pylist()
    except Exception as error:
        raise file.problem or truncated_file_problem(file_name, error) from error
    finally:
        engine.connection.unregister("_form")


def _form_sql(file: OpenedFile, source: Source) -> str:
    """Return a query for the lines in which something is filled in, of the relation `_form`."""
    types = {field.name: type_in_file(field.type) for field in file.batches.schema}
    cells, texts = [], {}
    for name, origin in source.resolve(source.contract, file.headers).items():
        assert origin.header is not None, "a column of a form has a header"
        cell = Cell(source.contract.column(name), origin, types[origin.header])
        text = as_text(header_names(origin.header), cell.cell_type)
        texts[name] = f"coalesce({unwrapped_sql(trimmed_sql(text))}, '')"
        if name not in TEXTS:
            cells.append(cell)
    values = [f"{cell.value()} AS _value_{cell.name}" for cell in cells]
    codes = [
        f"coalesce(_value_{name}, '') AS {name}" if name in texts else f"'' AS {name}"
        for name in CODES
    ]
    filled = " OR ".join(f"_text_{name} <> ''" for name in TEXTS)
    shown = ", ".join(f"{text} AS _text_{name}" for name, text in texts.items())
    return f"""
        WITH raw AS (SELECT _line, {shown}, {raw_sql(cells, file.headers)} FROM _form),
        filled AS (SELECT * FROM raw WHERE {filled}),
        {reading_sql(cells, "filled")},
        typed AS (SELECT *, {", ".join(values)} FROM read)
        SELECT _line AS line, _value_as_of AS as_of, _text_as_of AS as_of_text,
            {", ".join(codes)}, {", ".join(f'_text_{name} AS "{name}"' for name in TEXTS)}
        FROM typed ORDER BY line LIMIT {MAX_FILLED_LINES + 1}"""
