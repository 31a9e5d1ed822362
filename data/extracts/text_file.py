"""A text in UTF-8: where it begins and ends in its file."""

from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 19
HEAD_BYTES = 1 << 16
PADDING = b"\0\x1a"


@dataclass(frozen=True)
class TextFile:
    """A UTF-8 file, how it was encoded when it arrived, and where its text begins.

    `start` is behind a byte order mark.
    """

    path: Path
    encoding: str
    start: int = 0
    notes: tuple[str, ...] = ()

    def find_end(self) -> int:
        """Return the offset behind the text: Ctrl-Z and NUL that fill a file up are none of it."""
        end = self.path.stat().st_size
        with self.path.open("rb") as stream:
            while end > self.start:
                begin = max(self.start, end - CHUNK_BYTES)
                stream.seek(begin)
                text = stream.read(end - begin).rstrip(PADDING)
                if text:
                    return begin + len(text)
                end = begin

        return end

    def begins_with(self, marks: tuple[bytes, ...]) -> bool:
        """Return whether the text begins with one of these, blanks apart."""
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            return stream.read(HEAD_BYTES).lstrip().startswith(marks)
