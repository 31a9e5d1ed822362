"""What a record and a cell of delimited text are, as patterns over bytes."""

import re
from functools import cache

import numpy as np

QUOTE, LF, CR = b'"'[0], b"\n"[0], b"\r"[0]
LINE_END = re.compile(rb"\r\n?|\n")


class Grammar:
    """The patterns of delimited text; the delimiter is one ASCII character."""

    def __init__(self, delimiter: str):
        self.delimiter = delimiter.encode()
        between = re.escape(self.delimiter)
        quoted = rb'"[^"]*+(?:""[^"]*+)*+"'
        up_to_edge = rb"[^\r\n" + between + rb"]*+"
        bare = rb'[^"\r\n' + between + rb"]" + up_to_edge
        edge = rb"(?=[\r\n" + between + rb"]|\Z)"
        cell = _any_of(quoted + edge, bare, edge)
        # Text behind a closing quote belongs to the cell, as in most readers; within one line this
        # does no harm.
        loose = _any_of(quoted + up_to_edge, bare, edge)

        # Possessive quantifiers (*+): of a line that does not match nothing is tried again, which
        # would take time that grows with the square of its length.
        end = rb"(?=[\r\n]|\Z)"
        self.record = re.compile(cell + rb"(?:" + between + cell + rb")*+" + end)
        self.line = re.compile(loose + rb"(?:" + between + loose + rb")*+" + end)
        self.cell = re.compile(rb"(?:\A|" + between + rb")(" + loose + rb")")
        self.quoted = re.compile(quoted)
        self.is_edge = np.zeros(256, bool)
        self.is_edge[[*self.delimiter, LF, CR]] = True

    def cells(self, record: bytes) -> list[str]:
        """Return the cells of a record; of a malformed line, what stands between its delimiters."""
        is_plain = b'"' not in record
        if is_plain or not self.line.fullmatch(record):
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


def _any_of(*patterns: bytes) -> bytes:
    return rb"(?:" + b"|".join(patterns) + rb")"


@cache
def grammar_for(delimiter: str) -> Grammar:
    """Return the grammar of a delimiter; its patterns are compiled once."""
    return Grammar(delimiter)
