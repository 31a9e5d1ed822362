"""Where the records of delimited text begin and end.

A block of bytes becomes whole records, each with its line. A quoted cell may hold delimiters, line
ends and doubled quotes. One quote that is never closed must not swallow the rows behind it: a
record over several lines is believed only if every quote in it is closed where a cell ends, it has
as many cells as the header, and what stands inside it does not look like rows itself. Else its
first line is malformed, and the next line is a record of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.extracts.grammar import CR, LF, LINE_END, QUOTE, Grammar
from data.extracts.opened_file import MalformedLines

MAX_LONG_RECORD_BYTES = 1 << 20  # of a record that runs over several lines
NOT_TEXT = "bytes in it are not text"
QUOTE_NOT_CLOSED = "a quotation mark is not closed"


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

    # The bytes of most files are looked through once: they have no CR.
    if b"\r" in text:
        lone_cr = text.count(b"\r") - text.count(b"\r\n")
        count += lone_cr
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

    ends = _find_ends(text, codes[1:-1])

    # A line end with an even number of quotes before it is outside of any cell, and ends a record.
    quotes_before = np.searchsorted(quotes, ends + 1, side="right")
    outside = np.flatnonzero(quotes_before % 2 == 0)
    has_records = len(outside) > 0
    stop = int(ends[outside[-1]]) + 1 if has_records else 0
    if len(text) - stop > (0 if is_last else MAX_LONG_RECORD_BYTES):
        return None  # a quote that is not closed

    lines = np.concatenate([[0], outside[:-1] + 1]) if has_records else outside
    line_count = int(outside[-1]) + 1 if has_records else 0
    bounds = np.append(lines, line_count)
    spans = np.diff(bounds)
    starts = np.concatenate([[0], ends + 1])[bounds]
    is_long = spans > 1
    if (np.diff(starts)[is_long] > MAX_LONG_RECORD_BYTES).any():
        return None

    for index in np.flatnonzero(spans > 2):
        record = text[starts[index] : starts[index + 1]].rstrip(b"\r\n")
        if grammar.has_swallowed_rows(record, width):
            return None

    return Block(text[:stop], lines, stop, line_count, bool(is_long.any()))


def _find_ends(text: bytes, codes: np.ndarray) -> np.ndarray:
    """Return the offset of the last byte of each line of a text; `codes` are its bytes."""
    # Most files have no CR: one look less at every byte.
    ends = _line_ends(codes) if b"\r" in text else np.flatnonzero(codes == LF)
    if text[-1] in (LF, CR):
        return ends
    return np.append(ends, len(text) - 1)


def _are_quotes_at_edges(codes: np.ndarray, quotes: np.ndarray, grammar: Grammar) -> bool:
    """Return whether quotes open behind an edge of a cell and close before one, or are doubled."""
    before = codes[quotes[0::2] - 1]
    after = codes[quotes[1::2] + 1]
    is_opening_sound = grammar.is_edge[before] | (before == QUOTE)
    is_closing_sound = grammar.is_edge[after] | (after == QUOTE)
    return bool(is_opening_sound.all() and is_closing_sound.all())


def _line_ends(codes: np.ndarray) -> np.ndarray:
    """Return the offsets of the last byte of each LF, CR LF and CR."""
    is_lf = codes == LF
    is_cr = codes == CR
    # A CR before a LF is the first byte of one line end, not a line end of its own.
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
