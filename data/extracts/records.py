"""Where the records of delimited text begin and end.

A block of bytes becomes whole records, each with its line. A quoted cell may hold delimiters, line
ends and doubled quotes. One quote that is never closed must not swallow the rows behind it: a
record over several lines is believed only if every quote in it is closed where a cell ends, it has
as many cells as the header, and what stands inside it does not look like rows itself. Else its
first line is malformed, and the next line is a record of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from data.extracts.opened_file import MalformedLines

QUOTE, LF, CR = b'"'[0], b"\n"[0], b"\r"[0]
LINE_END = re.compile(rb"\r\n?|\n")
MAX_LONG_RECORD_BYTES = 1 << 20  # of a record that runs over several lines
NOT_TEXT = "bytes in it are not text"
QUOTE_NOT_CLOSED = "a quotation mark is not closed"


class Grammar:
    """The patterns of delimited text; the delimiter is one ASCII character."""

    def __init__(self, delimiter: str):
        self.delimiter = delimiter.encode()
        d = re.escape(self.delimiter)
        quoted, bare = rb'"[^"]*+(?:""[^"]*+)*+"', rb'[^"\r\n' + d + rb"][^\r\n" + d + rb"]*+"
        closed = rb"(?=[\r\n" + d + rb"]|\Z)"
        cell = rb"(?:" + quoted + closed + rb"|" + bare + rb"|" + closed + rb")"
        # Text behind a closing quote belongs to the cell, as in most readers; within one line this
        # does no harm.
        loose = rb"(?:" + quoted + rb"[^\r\n" + d + rb"]*+|" + bare + rb"|" + closed + rb")"
        self.record = re.compile(cell + rb"(?:" + d + cell + rb")*+(?=[\r\n]|\Z)")
        self.line = re.compile(loose + rb"(?:" + d + loose + rb")*+(?=[\r\n]|\Z)")
        self.cell = re.compile(rb"(?:\A|" + d + rb")(" + loose + rb")")
        self.quoted = re.compile(quoted)
        self.is_edge = np.zeros(256, bool)
        self.is_edge[[*self.delimiter, LF, CR]] = True

    def cells(self, record: bytes) -> list[str]:
        """Return the cells of a record; of a malformed line, what stands between its delimiters."""
        if b'"' not in record or not self.line.fullmatch(record):
            return [cell.decode() for cell in record.split(self.delimiter)]
        return [self._unquote(match[1]) for match in self.cell.finditer(record)]

    def _unquote(self, cell: bytes) -> str:
        quoted = self.quoted.match(cell)
        if quoted is None:
            return cell.decode()
        inside = quoted[0][1:-1].replace(b'""', b'"')
        return (inside + cell[quoted.end() :]).decode()

    def width(self, record: bytes) -> int:
        """Return how many cells a well-formed record has."""
        if b'"' in record:
            return sum(1 for _ in self.cell.finditer(record))
        return record.count(self.delimiter) + 1

    def has_swallowed_rows(self, record: bytes, width: int) -> bool:
        """Return whether most lines inside a quoted cell look like rows.

        Its first and its last line, which hold the quotes, do not count.
        """
        if width <= 2:
            return False
        lines = LINE_END.split(record)[1:-1]
        inside = [line for line in lines if b'"' not in line.replace(b'""', b"")]
        like_rows = sum(line.count(self.delimiter) + 1 == width for line in inside)
        return 2 * like_rows > len(inside)


@cache
def grammar_for(delimiter: str) -> Grammar:
    """Return the grammar of a delimiter; its patterns are compiled once."""
    return Grammar(delimiter)


@dataclass(slots=True)
class Record:
    """A record, or a line that is not one: `error` says why.

    `line` is its first line in the block, from 0; `start` and `stop` are its bytes without a line
    end, `behind` is the byte after it.
    """

    line: int
    line_count: int
    start: int
    stop: int
    behind: int
    error: str


@dataclass
class Block:
    """Whole records from the start of a block; `lines` is the line where each begins, from 0.

    `consumed` bytes in `line_count` lines are done with: the records, and lines that are malformed.
    `has_long_record`: some record has several lines.
    """

    text: bytes
    lines: np.ndarray
    consumed: int
    line_count: int
    has_long_record: bool = False
    malformed: list[MalformedLines] = field(default_factory=list)


def split_whole_lines(content: bytes, is_last: bool, width: int, grammar: Grammar) -> Block:
    """Return the records that are whole in a block of a text.

    What is behind them belongs before the next block; behind those of the last block is nothing.
    """
    block = None
    if b"\0" not in content:
        if b'"' in content:
            block = _split_quoted(content, is_last, width, grammar)
        else:
            block = _split_unquoted(content, is_last)
    return block or split_line_by_line(content, is_last, width, grammar)


def _split_unquoted(content: bytes, is_last: bool) -> Block:
    """Return the records of a block without quotes: every line is one."""
    text = content if is_last else content[: _end_of_last_line(content)]
    count = text.count(b"\n")
    if b"\r" in text:
        count += text.count(b"\r") - text.count(b"\r\n")
    if text and text[-1] not in (LF, CR):
        count += 1
    return Block(text, np.arange(count), len(text), count)


def _end_of_last_line(content: bytes) -> int:
    """Return the offset behind the last line end; a CR at the very end may be half of one."""
    last_lf = content.rfind(b"\n")
    last_cr = content.rfind(b"\r", 0, max(len(content) - 1, 0))
    return max(last_lf, last_cr) + 1


def _split_quoted(content: bytes, is_last: bool, width: int, grammar: Grammar) -> Block | None:
    """Return the records of a block in which every quote stands where a well-formed file has one.

    None where that is not so. Quotes alternate: one opens a cell (or doubles the one before it),
    the next closes it (or is doubled).
    """
    text = content if is_last else content[: _end_of_last_line(content)]
    if not text:
        return Block(b"", np.arange(0), 0, 0)
    codes = np.frombuffer(b"\n" + text + b"\n", np.uint8)
    quotes = np.flatnonzero(codes == QUOTE)
    if not _are_quotes_at_edges(codes, quotes, grammar):
        return None
    # Most files have no CR: one look less at every byte.
    ends = _line_ends(codes[1:-1]) if b"\r" in text else np.flatnonzero(codes[1:-1] == LF)
    if text[-1] not in (LF, CR):
        ends = np.append(ends, len(text) - 1)
    # A line end with an even number of quotes before it is outside of any cell, and ends a record.
    outside = np.flatnonzero(np.searchsorted(quotes, ends + 1, side="right") % 2 == 0)
    stop = int(ends[outside[-1]]) + 1 if len(outside) else 0
    if len(text) - stop > (0 if is_last else MAX_LONG_RECORD_BYTES):
        return None  # a quote that is not closed
    lines = np.concatenate([[0], outside[:-1] + 1]) if len(outside) else outside
    line_count = int(outside[-1]) + 1 if len(outside) else 0
    spans = np.diff(np.append(lines, line_count))
    starts = np.concatenate([[0], ends + 1])[np.append(lines, line_count)]
    if (np.diff(starts)[spans > 1] > MAX_LONG_RECORD_BYTES).any():
        return None
    for index in np.flatnonzero(spans > 2):
        record = text[starts[index] : starts[index + 1]].rstrip(b"\r\n")
        if grammar.has_swallowed_rows(record, width):
            return None
    return Block(text[:stop], lines, stop, line_count, bool((spans > 1).any()))


def _are_quotes_at_edges(codes: np.ndarray, quotes: np.ndarray, grammar: Grammar) -> bool:
    """Return whether quotes open behind an edge of a cell and close before one, or are doubled."""
    before = codes[quotes[0::2] - 1]
    after = codes[quotes[1::2] + 1]
    is_opening_sound = grammar.is_edge[before] | (before == QUOTE)
    is_closing_sound = grammar.is_edge[after] | (after == QUOTE)
    return bool(is_opening_sound.all() and is_closing_sound.all())


def _line_ends(codes: np.ndarray) -> np.ndarray:
    """Return the offsets of the last byte of each LF, CR LF and CR."""
    is_lf, is_cr = codes == LF, codes == CR
    is_cr[:-1] &= ~is_lf[1:]
    return np.flatnonzero(is_lf | is_cr)


def split_line_by_line(content: bytes, is_last: bool, width: int, grammar: Grammar) -> Block:
    """Return what `split_whole_lines` does, slowly, with what is malformed taken out."""
    block = Block(b"", np.arange(0), 0, 0)
    texts, lines = [], []
    for record in split_records(content, is_last, grammar, width):
        block.consumed = record.behind
        block.line_count = record.line + record.line_count
        block.has_long_record |= record.line_count > 1
        text = content[record.start : record.stop]
        if record.error:
            first = grammar.cells(text)[0].strip().strip('"')
            block.malformed.append(MalformedLines(record.line, first, record.error))
        else:
            # Its own CR and the next line's LF would be one line end: all get the same.
            texts.append(text + b"\n")
            lines.append(record.line)
    block.text = b"".join(texts)
    block.lines = np.array(lines, np.int64)
    return block


def split_records(
    content: bytes, is_last: bool, grammar: Grammar, width: int | None = None
) -> Iterator[Record]:
    """Yield each record that is whole in a block; while the width is not known, any will do."""
    start = line = 0
    while start < len(content):
        stop, behind = _find_line_end(content, start)
        if not is_last and (stop == behind or _may_go_on(content, behind)):
            return
        line_count, error = 1, ""
        if b'"' in content[start:stop]:
            end = _find_record_end(content, start, is_last, width, grammar)
            if end is None and not is_last and len(content) - start < MAX_LONG_RECORD_BYTES:
                return
            if end is not None and end > stop:
                line_count += len(LINE_END.findall(content, start, end))
                stop, behind = _find_line_end(content, end)
                if not is_last and _may_go_on(content, behind):
                    return
            if end is None and grammar.line.fullmatch(content, start, stop) is None:
                error = QUOTE_NOT_CLOSED
        if b"\0" in content[start:stop]:
            error = NOT_TEXT
        yield Record(line, line_count, start, stop, behind, error)
        start, line = behind, line + line_count


def _find_line_end(content: bytes, start: int) -> tuple[int, int]:
    """Return where the next line end begins and ends: at the block's end where there is none."""
    end = LINE_END.search(content, start)
    return end.span() if end else (len(content), len(content))


def _may_go_on(content: bytes, behind: int) -> bool:
    """Return whether a line end may be half of one: CR as the last byte of a block."""
    return behind == len(content) and content[-1] == CR


def _find_record_end(
    content: bytes, start: int, is_last: bool, width: int | None, grammar: Grammar
) -> int | None:
    """Return where the well-formed record ends that begins here, if one can be believed."""
    limit = min(len(content), start + MAX_LONG_RECORD_BYTES)
    match = grammar.record.match(content, start, limit)
    if match is None:
        return None
    is_cut_off = match.end() == limit and not (is_last and limit == len(content))
    if is_cut_off:
        return None
    record = match[0]
    if LINE_END.search(record):
        if b"\0" in record:
            return None
        if width and grammar.width(record) != width:
            return None
        if width and grammar.has_swallowed_rows(record, width):
            return None
    return match.end()
