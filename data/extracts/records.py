"""Where the records of delimited text begin and end: a block of bytes -> whole records, each with
its line.

A quoted cell may hold delimiters, line ends and doubled quotes. One quote that is never closed must
not swallow the rows behind it: a record over several lines is believed only if every quote in it is
closed where a cell ends, it has as many cells as the header, and what stands inside it does not
look like rows itself. Else its first line is malformed, and the next line is a record of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from data.extracts.reading import MalformedLines

QUOTE, LF, CR = b'"'[0], b"\n"[0], b"\r"[0]
LINE_END = re.compile(rb"\r\n?|\n")
LONGEST = 1 << 20  # bytes of a record that runs over several lines


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
        """The cells of a record; of a malformed line, what stands between its delimiters."""
        if b'"' not in record or not self.line.fullmatch(record):
            return [cell.decode() for cell in record.split(self.delimiter)]
        return [self._text(match[1]) for match in self.cell.finditer(record)]

    def _text(self, cell: bytes) -> str:
        quoted = self.quoted.match(cell)
        return (
            (quoted[0][1:-1].replace(b'""', b'"') + cell[quoted.end() :]) if quoted else cell
        ).decode()

    def width(self, record: bytes) -> int:
        """How many cells a well-formed record has."""
        return (
            sum(1 for _ in self.cell.finditer(record))
            if b'"' in record
            else record.count(self.delimiter) + 1
        )

    def swallows(self, record: bytes, width: int) -> bool:
        """Whether most lines inside a quoted cell look like rows; its first and last line, which
        hold the quotes, do not count.
        """
        inside = [
            line for line in LINE_END.split(record)[1:-1] if b'"' not in line.replace(b'""', b"")
        ]
        return width > 2 and 2 * sum(
            line.count(self.delimiter) + 1 == width for line in inside
        ) > len(inside)


@cache
def grammar_for(delimiter: str) -> Grammar:
    return Grammar(delimiter)


@dataclass(slots=True)
class Record:
    """A record, or a line that is none: `wrong` says why. Its first line in the block from 0, how
    many, and its bytes without line end and with.
    """

    line: int
    count: int
    start: int
    stop: int
    behind: int
    wrong: str


@dataclass
class Block:
    """Whole records from the start of a block, `lines` saying at which of its lines each begins
    (from 0).

    `consumed` bytes in `count` lines are done with: the records, and lines that are malformed.
    `is_long`: some record has several lines.
    """

    text: bytes
    lines: np.ndarray
    consumed: int
    count: int
    is_long: bool = False
    malformed: list[MalformedLines] = field(default_factory=list)


def split_whole_lines(block: bytes, is_last: bool, width: int, rules: Grammar) -> Block:
    """The records of a block that are whole in it. What is behind them belongs before the next
    block; of the last one nothing is.
    """
    if b"\0" not in block:
        made = _quoted(block, is_last, width, rules) if b'"' in block else _plain(block, is_last)
        if made:
            return made
    return split_line_by_line(block, is_last, width, rules)


def _plain(block: bytes, is_last: bool) -> Block:
    """No quote in it: every line is a record."""
    text = block if is_last else block[: _end_of_last_line(block)]
    count = text.count(b"\n")
    if b"\r" in text:
        count += text.count(b"\r") - text.count(b"\r\n")
    count += bool(text) and text[-1] not in (LF, CR)
    return Block(text, np.arange(count), len(text), count)


def _end_of_last_line(block: bytes) -> int:
    """The offset behind the last line end; a CR at the very end may be half of one."""
    return max(block.rfind(b"\n"), block.rfind(b"\r", 0, max(len(block) - 1, 0))) + 1


def _quoted(block: bytes, is_last: bool, width: int, rules: Grammar) -> Block | None:
    """Every quote in it stands where a well-formed file has one; None where that is not so.

    Quotes alternate: one opens a cell (or doubles the one before it), the next closes it (or is
    doubled).
    """
    text = block if is_last else block[: _end_of_last_line(block)]
    if not text:
        return Block(b"", np.arange(0), 0, 0)
    codes = np.frombuffer(b"\n" + text + b"\n", np.uint8)
    quotes = np.flatnonzero(codes == QUOTE)
    before, after = codes[quotes[0::2] - 1], codes[quotes[1::2] + 1]
    if not (
        (rules.is_edge[before] | (before == QUOTE)).all()
        and (rules.is_edge[after] | (after == QUOTE)).all()
    ):
        return None
    ends = np.flatnonzero(codes[1:-1] == LF) if b"\r" not in text else _line_ends(codes[1:-1])
    if text[-1] not in (LF, CR):
        ends = np.append(ends, len(text) - 1)
    outside = np.flatnonzero(np.searchsorted(quotes, ends + 1, side="right") % 2 == 0)
    stop = int(ends[outside[-1]]) + 1 if len(outside) else 0
    if len(text) - stop > (0 if is_last else LONGEST):
        return None  # a quote that is not closed
    lines = np.concatenate([[0], outside[:-1] + 1]) if len(outside) else outside
    count = int(outside[-1]) + 1 if len(outside) else 0
    spans = np.diff(np.append(lines, count))
    starts = np.concatenate([[0], ends + 1])[np.append(lines, count)]
    if (np.diff(starts)[spans > 1] > LONGEST).any():
        return None
    for record in np.flatnonzero(spans > 2):
        if rules.swallows(text[starts[record] : starts[record + 1]].rstrip(b"\r\n"), width):
            return None
    return Block(text[:stop], lines, stop, count, bool((spans > 1).any()))


def _line_ends(codes: np.ndarray) -> np.ndarray:
    """The offsets of the last byte of each LF, CR LF and CR."""
    is_lf, is_cr = codes == LF, codes == CR
    is_cr[:-1] &= ~is_lf[1:]
    return np.flatnonzero(is_lf | is_cr)


def split_line_by_line(block: bytes, is_last: bool, width: int, rules: Grammar) -> Block:
    """The same, slowly, with what is malformed taken out."""
    made = Block(b"", np.arange(0), 0, 0)
    kept, lines = [], []
    for record in split_records(block, is_last, rules, width):
        made.consumed, made.count = record.behind, record.line + record.count
        made.is_long |= record.count > 1
        if record.wrong:
            made.malformed.append(
                MalformedLines(
                    record.line,
                    rules.cells(block[record.start : record.stop])[0].strip().strip('"'),
                    record.wrong,
                )
            )
        else:
            kept.append(
                block[record.start : record.stop] + b"\n"
            )  # its own CR and the next line's LF would be one
            lines.append(record.line)
    made.text, made.lines = b"".join(kept), np.array(lines, np.int64)
    return made


def split_records(
    block: bytes, is_last: bool, rules: Grammar, width: int | None = None
) -> Iterator[Record]:
    """Each record of a block that is whole in it. Where the width is not known yet, any will do."""
    place = line = 0
    while place < len(block):
        end = LINE_END.search(block, place)
        stop, behind = end.span() if end else (len(block), len(block))
        if not is_last and (end is None or _may_go_on(block, behind)):
            return
        count, is_sound = 1, True
        if b'"' in block[place:stop]:
            found = _believed(block, place, is_last, width, rules)
            if found is None and not is_last and len(block) - place < LONGEST:
                return
            if found and found > stop:
                count += len(LINE_END.findall(block, place, found))
                end = LINE_END.match(block, found)
                stop, behind = found, end.end() if end else found
                if not is_last and _may_go_on(block, behind):
                    return
            is_sound = found is not None or rules.line.fullmatch(block, place, stop) is not None
        wrong = (
            "bytes in it are not text"
            if b"\0" in block[place:stop]
            else ""
            if is_sound
            else "a quotation mark is not closed"
        )
        yield Record(line, count, place, stop, behind, wrong)
        place, line = behind, line + count


def _may_go_on(block: bytes, behind: int) -> bool:
    """Whether a line end may be half of one: CR as the last byte of a block."""
    return behind == len(block) and block[-1] == CR


def _believed(
    block: bytes, place: int, is_last: bool, width: int | None, rules: Grammar
) -> int | None:
    """Where the well-formed record ends that begins here, if there is one to be believed."""
    limit = min(len(block), place + LONGEST)
    match = rules.record.match(block, place, limit)
    if match is None or (match.end() == limit and not (is_last and limit == len(block))):
        return None
    record = match[0]
    if LINE_END.search(record) and (
        b"\0" in record
        or (width and (rules.width(record) != width or rules.swallows(record, width)))
    ):
        return None
    return match.end()
