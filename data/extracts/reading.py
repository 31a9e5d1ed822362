"""What every format's reader hands over, and how a header becomes column names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.config.contract import load_contracts
from data.config.profile import Source, normalize_header
from data.problem import Problem

MAX_COLUMNS = 10_000  # columns
MAX_CELL_LENGTH = 1 << 24  # bytes of one line
FEW_FILLED = 100_000  # malformed lines
TITLES = 50  # lines among which the header is looked for


@dataclass(frozen=True, slots=True)
class MalformedLines:
    """A line of a file that cannot be read as a row.

    `first` is its first cell; `reason` says what is wrong, and is empty for a line of blanks, which
    is no record.
    """

    line: int
    first: str
    reason: str


@dataclass
class OpenedFile:
    """A file being read: its columns as text, or with types of their own where `typed`, and
    `_line`.

    `_line` is the physical line (of a workbook the row, of Parquet the number of the record) at
    which a record begins, from 1. `malformed` is complete only when `batches` has been read to its
    end; `problem` is what made it end early. An engine that decodes Parquet itself may do so:
    `parquet` is then the file, and `rows` how many it has.
    """

    headers: list[str]
    format: str
    encoding: str | None = None
    batches: pa.RecordBatchReader = field(init=False)
    malformed: list[MalformedLines] = field(default_factory=list)
    problem: Problem | None = None
    typed: bool = False
    parquet: Path | None = None
    rows: int = 0

    def check_malformed(self, name: str, lines: int) -> None:
        """Raises Problem where so many of the lines read so far are malformed that this is no
        accident.
        """
        if len(self.malformed) > FEW_FILLED and 2 * len(self.malformed) > lines:
            bad = next((bad for bad in self.malformed if bad.reason), self.malformed[0])
            raise Problem(
                f"{name}: {len(self.malformed):,} of the first {lines:,} lines are malformed; line {bad.line}: {bad.reason}",
                "check the delimiter and the header, or declare them in a profile (`delimiter`, `header_line`)",
            )

    def guard(self, name: str, at_end: Callable[[], None]) -> None:
        """See to it that whatever goes wrong in the stream is a Problem, and that `at_end` is
        called behind it.
        """
        inner = self.batches

        def stream() -> Iterator[pa.RecordBatch]:
            try:
                yield from inner
            except Exception as error:
                self.problem = (
                    error if isinstance(error, Problem) else truncated_file_problem(name, error)
                )
                raise self.problem from error
            finally:
                at_end()

        self.batches = pa.RecordBatchReader.from_batches(inner.schema, stream())


def truncated_file_problem(name: str, error: Exception) -> Problem:
    return Problem(
        f"{name} breaks off while being read: {first_line_of(error)}",
        "check that the file arrived whole and deliver it again",
    )


def first_line_of(error: Exception) -> str:
    """The first line of an error's text: enough for a message, without a traceback."""
    return next(
        (line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__
    )[:200]


def make_text_schema(names: list[str]) -> pa.Schema:
    """Columns of text, and `_line`."""
    return pa.schema([*((name, pa.string()) for name in names), ("_line", pa.int64())])


def make_text_batch(rows: list[list[str]], lines: list[int], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(
        [*columns, pa.array(np.array(lines, np.int64))], schema=schema
    )


def name_columns(headers: list[str], name: str) -> list[str]:
    """Headers as column names: trimmed; a blank one is named after its place; the second `x` (or
    `X`) becomes `x (2)`.

    Raises Problem where there are too many.
    """
    if len(headers) > MAX_COLUMNS:
        raise Problem(
            f"{name} has {len(headers):,} columns",
            f"deliver no more than {MAX_COLUMNS:,}; check the delimiter",
        )
    taken, names = {"_line"}, []
    for place, header in enumerate(headers, start=1):
        base = header.strip().strip("\ufeff\u200b").strip().replace("\0", "") or f"column {place}"
        column, again = base, 2
        while column.lower() in taken:
            column, again = f"{base} ({again})", again + 1
        taken.add(column.lower())
        names.append(column)
    return names


def is_header(cells: list[str], source: Source) -> bool:
    """Whether a line names every required column of the source's contract: then it is the header
    beyond doubt.
    """
    contract = load_contracts()[source.extract]
    required = {column.name for column in contract.columns if column.required}
    if not any(map(normalize_header, cells)):
        return False
    return required <= set(source.resolve(contract, cells))


def find_header(rows: list[list[str]], source: Source) -> int | None:
    """Which of a file's first rows is the header: the first that names every required column, else
    the first that is not blank.

    Titles may stand above the former; None where every row is blank.
    """
    found = next(
        (place for place, cells in enumerate(rows[:TITLES]) if is_header(cells, source)), None
    )
    if found is not None:
        return found
    return next(
        (place for place, cells in enumerate(rows) if any(cell.strip() for cell in cells)), None
    )
