"""What every format's reader returns: a file that is open, its columns and its batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from data.problem import Problem

# This many malformed lines, and more than half of all: then the delimiter or the header is wrong.
MANY_MALFORMED = 100_000


@dataclass(frozen=True, slots=True)
class MalformedLines:
    """A line of a file that cannot be read as a row.

    `first` is its first cell; `reason` says what is wrong, and is empty for a line of blanks, which
    is not a record.
    """

    line: int
    first: str
    reason: str


@dataclass
class OpenedFile:
    """A file being read: its columns, as text or (`typed`) with types of their own, and `_line`.

    `_line` is the physical line (of a workbook the row, of Parquet the number of the record) at
    which a record begins, from 1. `malformed` is complete only when `batches` has been read to its
    end; `problem` is what made it end early. `parquet` is the file where an engine may decode it
    itself, and `rows` is how many it then has. `notes` are what a reader should know of how it was
    read; like `malformed` they are complete at its end.
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
    notes: list[str] = field(default_factory=list)

    def check_malformed(self, name: str, lines: int) -> None:
        """Raise Problem where most of the lines read so far are malformed, and they are many."""
        count = len(self.malformed)
        if count > MANY_MALFORMED and 2 * count > lines:
            with_reason = (malformed for malformed in self.malformed if malformed.reason)
            example = next(with_reason, self.malformed[0])
            raise Problem(
                f"{name}: {count:,} of the first {lines:,} lines are malformed;"
                f" line {example.line}: {example.reason}",
                "check the delimiter and the header,"
                " or declare them in a profile (`delimiter`, `header_line`)",
            )

    def guard_stream(self, name: str, at_end: Callable[[], None]) -> None:
        """Turn whatever goes wrong in the stream into a Problem; call `at_end` behind its end."""
        unguarded = self.batches

        def guarded() -> Iterator[pa.RecordBatch]:
            try:
                yield from unguarded
            except Exception as error:
                is_problem = isinstance(error, Problem)
                self.problem = error if is_problem else truncated_file_problem(name, error)
                raise self.problem from error
            finally:
                at_end()

        self.batches = pa.RecordBatchReader.from_batches(unguarded.schema, guarded())


def truncated_file_problem(name: str, error: Exception) -> Problem:
    """Return the Problem of a file that could be opened and not be read to its end."""
    return Problem(
        f"{name} breaks off while being read: {first_line_of(error)}",
        "check that the file arrived whole and deliver it again",
    )


def first_line_of(error: Exception) -> str:
    """Return the first line of an error's text: enough for a message, without a traceback."""
    lines = (line.strip() for line in str(error).splitlines())
    first = next(filter(None, lines), type(error).__name__)
    return first[:200]
