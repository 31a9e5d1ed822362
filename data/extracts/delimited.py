"""Delimited text -> Arrow batches of text.

Delimiter and header are found in the first lines, the rest is streamed block by block.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from data.config.profile_source import Source
from data.extracts.cut_line import CUT_OFF, split_cut_line
from data.extracts.grammar import LINE_END, Grammar, grammar_for
from data.extracts.guards import refuse_long_line
from data.extracts.headers import HEADER_LINES, find_header, is_header, name_columns
from data.extracts.opened_file import MalformedLines, OpenedFile
from data.extracts.plain_file import PlainText
from data.extracts.records import (
    Block,
    Record,
    split_line_by_line,
    split_records,
    split_whole_lines,
)
from data.extracts.text_batches import make_text_schema
from data.extracts.text_file import TextFile
from data.problem import Problem

BLOCK_BYTES = 1 << 22
HEAD_BYTES = 1 << 20
SAMPLE_RECORDS = 200
DELIMITERS = ",;\t|"
LAST_ROWS = (65_536, 1_048_576)  # of an XLS, of an XLSX


@dataclass(frozen=True)
class _Head:
    """The first lines of a text, from a line that begins at a byte.

    `is_all`: there are no others.
    """

    block: bytes
    is_all: bool
    start: int
    line: int

    def sample(self, grammar: Grammar) -> list[tuple[Record, list[str]]]:
        """Return the first records, blank and malformed ones among them, and their cells."""
        sample = []
        for record in islice(split_records(self.block, self.is_all, grammar), SAMPLE_RECORDS):
            text = self.block[record.start : record.stop]
            sample.append((record, grammar.cells(text)))
        return sample


@dataclass(frozen=True)
class _WrongRow:
    """A record of another width than the header: its index in the block, and why it is none."""

    index: int
    first: str
    reason: str


def read_delimited(plain: PlainText) -> OpenedFile:
    """Open delimited text.

    Raises Problem where it has no header, or its declared delimiter or header line cannot be.
    """
    text, name, source = plain.text, plain.name, plain.source
    head = _read_head(text, name, source.header_line or 1)
    if source.delimiter:
        delimiter = _check_delimiter(source.delimiter, name)
    else:
        delimiter = _detect_delimiter(head, source)

    grammar = grammar_for(delimiter)
    sample = head.sample(grammar)
    rows = [cells for _, cells in sample]
    index = find_header(rows[:1] if source.header_line else rows, source)
    if index is None:
        raise Problem(
            f"{name} has no header: nothing is written in its first lines",
            "deliver the file again, with the names of its columns",
        )

    names = name_columns(_fit_to_rows(rows[index], rows[index + 1 :]), name)
    header = sample[index][0]
    written_delimiter = "tab" if delimiter == "\t" else f"'{delimiter}'"
    reading = OpenedFile(names, f"csv, {written_delimiter}", text.encoding)
    start = head.start + header.behind
    first_line = head.line + header.line + header.line_count
    last_cells = [cells[-1] for cells in rows[index + 1 :] if len(cells) == len(names)]
    batches = _read_batches(text, name, start, first_line, grammar, reading, last_cells)
    reading.batches = pa.RecordBatchReader.from_batches(make_text_schema(names), batches)

    return reading


def _read_head(text: TextFile, name: str, line: int) -> _Head:
    """Return the head of a text from a line on (from 1)."""
    with text.path.open("rb") as stream:
        stream.seek(text.start)
        length = text.find_end() - text.start
        block = stream.read(min(HEAD_BYTES, length))
        is_all = length <= HEAD_BYTES

    ends_above = [end.end() for end in islice(LINE_END.finditer(block), line - 1)]
    if len(ends_above) < line - 1 or (ends_above and ends_above[-1] == len(block)):
        raise Problem(
            f"{name} has no line {line} that could be its header",
            "correct `header_line` in the profile",
        )

    skipped = ends_above[-1] if ends_above else 0
    return _Head(block[skipped:], is_all, text.start + skipped, line)


def _check_delimiter(delimiter: str, name: str) -> str:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise Problem(
            f"{name}: {delimiter!r} cannot be a delimiter",
            "declare one ASCII character in the profile, for example ';'",
        )
    return delimiter


def _detect_delimiter(head: _Head, source: Source) -> str:
    """Return the delimiter with which some line names every required column.

    Else it is the one by which most records are as wide as the first one; then the wider.
    """
    scores = {}
    for delimiter in DELIMITERS:
        sample = head.sample(grammar_for(delimiter))
        filled = [(record, cells) for record, cells in sample if any(cells)]
        if any(is_header(cells, source) for _, cells in filled[:HEADER_LINES]):
            return delimiter
        scores[delimiter] = _score_widths(filled)

    return max(scores, key=lambda delimiter: scores[delimiter])


def _score_widths(sample: list[tuple[Record, list[str]]]) -> tuple[float, int]:
    """Return the share of records that are as wide as the first, and that width."""
    if not sample:
        return 0, 0

    _, first_cells = sample[0]
    width = len(first_cells)

    # Anything splits every line into one cell.
    if width < 2:
        return 0, 0

    same = sum(len(cells) == width and not record.error for record, cells in sample)
    return same / len(sample), width


def _fit_to_rows(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the header as wide as its rows.

    A delimiter at the end of most rows makes an unnamed column that the header lacks; one at the
    end of the header alone makes a column that the rows lack.
    """
    width = len(header)
    filled = [cells for cells in rows if any(cells)]
    longer = [cells for cells in filled if len(cells) == width + 1]
    empty_at_end = sum(not cells[-1].strip() for cells in longer)
    if 2 * empty_at_end > len(filled):
        return [*header, ""]

    shorter = sum(len(cells) == width - 1 for cells in filled)
    if not header[-1].strip() and 2 * shorter > len(filled):
        return header[:-1]

    return header


def _read_batches(
    text: TextFile,
    name: str,
    start: int,
    line: int,
    grammar: Grammar,
    reading: OpenedFile,
    last_cells: list[str],
) -> Iterator[pa.RecordBatch]:
    """Yield the rows behind the header, which begin at a byte and a line."""
    with text.path.open("rb") as stream:
        stream.seek(start)
        rest, is_last, cut_off = b"", False, None
        remaining = max(0, text.find_end() - start)
        while not is_last:
            chunk = stream.read(min(BLOCK_BYTES, remaining))
            remaining -= len(chunk)
            is_last = not chunk

            # Files that were joined have the mark of each at the start of a line.
            rest = (rest + chunk).replace(b"\n" + BOM_UTF8, b"\n").removeprefix(BOM_UTF8)
            if is_last:
                rest, cut_off = split_cut_line(rest, grammar, last_cells)

            block, table, malformed = _read_block(rest, is_last, grammar, reading.headers, line)
            reading.malformed += malformed
            if table is not None:
                yield from table.to_batches()

            rest = rest[block.consumed :]
            line += block.line_count
            refuse_long_line(name, line, len(rest))
            reading.check_malformed(name, line)

    if cut_off is not None:
        reading.malformed.append(MalformedLines(line, cut_off, CUT_OFF))
        reading.notes.append(f"line {line:,}, the last, {CUT_OFF}; deliver it again")

    if line - 1 in LAST_ROWS:
        reading.notes.append(
            f"it ends at line {line - 1:,}, the last row that a workbook can have: rows behind it"
            " may have been cut off before it was saved as text"
        )


def _read_block(
    content: bytes, is_last: bool, grammar: Grammar, names: list[str], first_line: int
) -> tuple[Block, pa.Table | None, list[MalformedLines]]:
    """Return what a block consists of, its rows with their lines, and its malformed lines."""
    width = len(names)
    block = split_whole_lines(content, is_last, width, grammar)
    table, wrong = _parse(block, names, grammar)
    if wrong and block.has_long_record:
        # A row of the wrong width over several lines has swallowed them: each must show for itself
        # what it is.
        block = split_line_by_line(content, is_last, width, grammar)
        table, wrong = _parse(block, names, grammar)

    lines = block.lines + first_line
    malformed = [
        MalformedLines(first_line + bad.line, bad.first, bad.reason) for bad in block.malformed
    ]
    malformed += [MalformedLines(int(lines[row.index]), row.first, row.reason) for row in wrong]
    if table is not None:
        # Rows of a wrong width are not in the table: the others keep their own lines.
        remaining = np.delete(lines, [row.index for row in wrong])
        table = table.append_column("_line", pa.array(remaining))
    return block, table, malformed


def _parse(
    block: Block, names: list[str], grammar: Grammar
) -> tuple[pa.Table | None, list[_WrongRow]]:
    """Return the records of the header's width as a table, and the others."""
    wrong: list[_WrongRow] = []
    delimiter = grammar.delimiter.decode()

    def skip(row: pacsv.InvalidRow) -> Literal["skip"]:
        reason = ""
        if row.text.strip():
            reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"

        first = row.text.partition(delimiter)[0].strip().strip('"')
        number = row.number or 1  # it is known where one thread reads
        wrong.append(_WrongRow(number - 1, first, reason))
        return "skip"

    if not block.text:
        return None, wrong

    table = pacsv.read_csv(
        pa.BufferReader(block.text),  # pyright: ignore[reportArgumentType]
        read_options=pacsv.ReadOptions(
            use_threads=False, column_names=names, block_size=len(block.text) + 1
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=block.has_long_record,
            invalid_row_handler=skip,
            ignore_empty_lines=False,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return table, wrong
