"""How wide a text is in a column of a spreadsheet."""

from functools import lru_cache
from math import ceil

# From here on, letters are Chinese, Japanese or Korean: as wide as two others.
FIRST_WIDE_LETTER = 0x2E80


@lru_cache(maxsize=100_000)
def measure_width(text: str) -> int:
    """Return the width of a text in characters; a Chinese one counts as two."""
    return sum(2 if ord(letter) >= FIRST_WIDE_LETTER else 1 for letter in text)


def count_lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column; one character of it is margin."""
    letters_a_line = max(width - 1, 1)
    line_count = 0
    for line in text.split("\n"):
        # An empty line is a line, too.
        line_count += max(1, ceil(measure_width(line) / letters_a_line))

    return line_count
