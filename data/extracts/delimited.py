"""Delimited text -> Arrow batches of text: delimiter and header found in its first lines, the rest
streamed block by block.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from data.config.profile import Source
from data.extracts.encoding import TextFile
from data.extracts.reading import (
    MAX_CELL_LENGTH,
    TITLES,
    MalformedLines,
    OpenedFile,
    find_header,
    is_header,
    make_text_schema,
    name_columns,
)
from data.extracts.records import (
    LINE_END,
    Block,
    Grammar,
    Record,
    grammar_for,
    split_line_by_line,
    split_records,
    split_whole_lines,
)
from data.problem import Problem

BLOCK = 1 << 22
HEAD = 1 << 20
SAMPLE = 200  # records
DELIMITERS = ",;\t|"


def read_delimited(text: TextFile, name: str, source: Source) -> OpenedFile:
    """Open delimited text.

    Raises Problem where it has no header, or its declared delimiter or header line cannot be.
    """
    head = _head(text, name, source.header_line or 1)
    delimiter = _declared(source.delimiter, name) if source.delimiter else _sniffed(head, source)
    rules = grammar_for(delimiter)
    sample = head.sample(rules)
    rows = [cells for _, cells in sample]
    place = find_header(rows[:1] if source.header_line else rows, source)
    if place is None:
        raise Problem(
            f"{name} has no header: nothing is written in its first lines",
            "deliver the file again, with the names of its columns",
        )
    names = name_columns(_as_wide_as_rows(rows[place], rows[place + 1 :]), name)
    header = sample[place][0]
    reading = OpenedFile(
        names, "csv, " + ("tab" if delimiter == "\t" else f"'{delimiter}'"), text.encoding
    )
    rest = _stream(
        text,
        name,
        head.start + header.behind,
        head.line + header.line + header.count,
        rules,
        reading,
    )
    reading.batches = pa.RecordBatchReader.from_batches(make_text_schema(names), rest)
    return reading


@dataclass(frozen=True)
class _Head:
    """The first lines of a text, from a line that begins at a byte. `is_all`: there are no
    others.
    """

    block: bytes
    is_all: bool
    start: int
    line: int

    def sample(self, rules: Grammar) -> list[tuple[Record, list[str]]]:
        """The first records, blank and malformed ones among them, and their cells."""
        found = islice(split_records(self.block, self.is_all, rules), SAMPLE)
        return [(record, rules.cells(self.block[record.start : record.stop])) for record in found]


def _head(text: TextFile, name: str, line: int) -> _Head:
    with text.path.open("rb") as stream:
        stream.seek(text.start)
        block = stream.read(HEAD)
        is_all = not stream.read(1)
    above = [end.end() for end in islice(LINE_END.finditer(block), line - 1)]
    if len(above) < line - 1 or (above and above[-1] == len(block)):
        raise Problem(
            f"{name} has no line {line} that could be its header",
            "correct `header_line` in the profile",
        )
    skipped = above[-1] if above else 0
    return _Head(block[skipped:], is_all, text.start + skipped, line)


def _declared(delimiter: str, name: str) -> str:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise Problem(
            f"{name}: {delimiter!r} cannot be a delimiter",
            "declare one ASCII character in the profile, for example ';'",
        )
    return delimiter


def _sniffed(head: _Head, source: Source) -> str:
    """The delimiter with which some line names every required column; else the one by which most
    records are as wide as the first one.
    """
    scores = {}
    for delimiter in DELIMITERS:
        sample = [
            (record, cells) for record, cells in head.sample(grammar_for(delimiter)) if any(cells)
        ]
        if any(is_header(cells, source) for _, cells in sample[:TITLES]):
            return delimiter
        width = len(sample[0][1]) if sample else 0
        alike = sum(len(cells) == width and not record.wrong for record, cells in sample)
        scores[delimiter] = (alike / len(sample), width) if width > 1 else (0, 0)
    return max(scores, key=scores.get)


def _as_wide_as_rows(header: list[str], rows: list[list[str]]) -> list[str]:
    """The header with the unnamed column that a delimiter at the end of most rows makes, or without
    one that they have not.
    """
    rows = [cells for cells in rows if any(cells)]
    if 2 * sum(len(cells) == len(header) + 1 and not cells[-1].strip() for cells in rows) > len(
        rows
    ):
        return [*header, ""]
    if not header[-1].strip() and 2 * sum(len(cells) == len(header) - 1 for cells in rows) > len(
        rows
    ):
        return header[:-1]
    return header


def _stream(
    text: TextFile, name: str, start: int, line: int, rules: Grammar, reading: OpenedFile
) -> Iterator[pa.RecordBatch]:
    """The rows behind the header, which begin at a byte and a line."""
    with text.path.open("rb") as stream:
        stream.seek(start)
        rest, chunk = b"", b"-"
        while chunk:
            chunk = stream.read(BLOCK)
            rest += chunk
            made, table, malformed = _rows(rest, not chunk, rules, reading.headers, line)
            reading.malformed += malformed
            if table is not None:
                yield from table.to_batches()
            rest, line = rest[made.consumed :], line + made.count
            if len(rest) > MAX_CELL_LENGTH:
                raise Problem(
                    f"{name}: line {line:,} is longer than {MAX_CELL_LENGTH:,} bytes",
                    "check that it is delimited text and arrived whole",
                )
            reading.check_malformed(name, line)


def _rows(
    block: bytes, is_last: bool, rules: Grammar, names: list[str], first: int
) -> tuple[Block, pa.Table | None, list[MalformedLines]]:
    """What a block consists of, whose first line has a number: its rows with their lines, and the
    malformed lines.
    """
    made = split_whole_lines(block, is_last, len(names), rules)
    table, wrong = _parse(made, names, rules)
    if wrong and made.is_long:
        # A row of the wrong width over several lines has swallowed them: each is to say for itself
        # what it is.
        made = split_line_by_line(block, is_last, len(names), rules)
        table, wrong = _parse(made, names, rules)
    lines = made.lines + first
    malformed = [MalformedLines(first + bad.line, bad.first, bad.reason) for bad in made.malformed]
    malformed += [MalformedLines(int(lines[row]), cell, reason) for row, cell, reason in wrong]
    if table is not None:
        table = table.append_column(
            "_line", pa.array(np.delete(lines, [row for row, _, _ in wrong]))
        )
    return made, table, malformed


def _parse(
    made: Block, names: list[str], rules: Grammar
) -> tuple[pa.Table | None, list[tuple[int, str, str]]]:
    """The records of the header's width as a table; the others as place, first cell and reason."""
    wrong, delimiter = [], rules.delimiter.decode()

    def keep(row: pacsv.InvalidRow) -> str:
        reason = (
            f"{row.actual_columns} cells where the header has {row.expected_columns}"
            if row.text.strip()
            else ""
        )
        wrong.append((row.number - 1, row.text.partition(delimiter)[0].strip().strip('"'), reason))
        return "skip"

    if not made.text:
        return None, wrong
    table = pacsv.read_csv(
        pa.BufferReader(made.text),
        read_options=pacsv.ReadOptions(
            use_threads=False, column_names=names, block_size=len(made.text) + 1
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=made.is_long,
            invalid_row_handler=keep,
            ignore_empty_lines=False,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    return table, wrong
