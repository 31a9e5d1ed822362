"""Which encoding the lines of a text that is not UTF-8 speak for.

A line of Chinese in UTF-8 is hardly ever anything else: each line votes, so that a few lines of
another encoding never change how the file is read.
"""

from dataclasses import dataclass, field
from pathlib import Path

from data.config.contract import load_contracts

SAMPLE_BYTES = 1 << 18
FEWEST_CHARACTERS = 20  # fewer say too little about an encoding that is rare here
FIRST_LONG = "\u0800"  # from here on a character has three bytes in UTF-8
EXAMPLES = 3


@dataclass
class Survey:
    """How many lines are UTF-8 for sure, GB2312, or neither, and the text of those not UTF-8."""

    utf8: int = 0
    gb2312: int = 0
    other: int = 0
    first_lines: dict[str, list[int]] = field(default_factory=lambda: {"utf8": [], "gb": []})
    sample: bytes = b""

    @property
    def is_mixed(self) -> bool:
        """Whether there are lines of UTF-8 and lines of GB18030."""
        return self.utf8 > 0 and self.gb2312 > 0

    @property
    def is_mostly_utf8(self) -> bool:
        """Whether more lines are UTF-8 than not."""
        return self.utf8 > self.gb2312 + self.other


def survey_lines(path: Path) -> Survey:
    """Return what the lines of a file say, those of ASCII apart."""
    survey = Survey()
    sample = []

    size = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.isascii():
                continue

            if is_surely_utf8(line):
                survey.utf8 += 1
                survey.first_lines["utf8"].append(number)
                del survey.first_lines["utf8"][EXAMPLES:]
                continue

            if is_gb2312(line):
                survey.gb2312 += 1
                survey.first_lines["gb"].append(number)
                del survey.first_lines["gb"][EXAMPLES:]
            else:
                survey.other += 1

            if size < SAMPLE_BYTES:
                sample.append(line)
                size += len(line)

    survey.sample = b"".join(sample)
    return survey


def is_surely_utf8(line: bytes) -> bool:
    """Return whether a line is UTF-8 with a character of three bytes or more: two fit by chance."""
    try:
        return max(line.decode()) >= FIRST_LONG
    except UnicodeDecodeError:
        return False


def is_gb2312(line: bytes) -> bool:
    """Return whether a line is of the common Chinese characters alone.

    UTF-8 that is damaged has bytes below A1, which these do not have.
    """
    try:
        line.decode("gb2312")
    except UnicodeDecodeError:
        return False

    return True


def recognize(sample: bytes) -> str | None:
    """Return Big5, Shift_JIS, EUC-KR or Windows-1251 where a text is that rather than GB18030."""
    if _has_contract_words(sample):
        return None

    checks = (
        ("euc_kr", _is_korean),
        ("shift_jis", _is_japanese),
        ("big5", _is_traditional),
        ("windows-1251", _is_cyrillic),
    )

    for encoding, is_of_it in checks:
        text = _high_characters(sample, encoding)
        if text is not None and len(text) >= FEWEST_CHARACTERS and is_of_it(text, sample):
            return encoding

    return None


def _has_contract_words(sample: bytes) -> bool:
    text = sample.decode("gb18030", errors="replace")
    for contract in load_contracts().values():
        for column in contract.columns:
            if any(len(word) > 1 and word in text for word in column.aliases):
                return True
    return False


def _high_characters(sample: bytes, encoding: str) -> str | None:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    return "".join(letter for letter in text if not letter.isascii())


def _share(text: str, first: str, last: str) -> float:
    between = [letter for letter in text if first <= letter <= last]
    return len(between) / len(text)


def _share_of_common(sample: bytes, encoding: str, leads: range) -> float:
    """Return which share of two-byte characters begins like the common ones of an encoding."""
    text = _high_characters(sample, encoding)
    if not text:
        return 0
    return sum(letter.encode(encoding)[0] in leads for letter in text) / len(text)


def _is_korean(text: str, sample: bytes) -> bool:
    # Hangul ends at C8, where half of the common Chinese characters are still to come.
    later = _share_of_common(sample, "gb18030", range(0xC9, 0xD8))
    return _share(text, "가", "힣") > 0.9 and later < 0.05


def _is_japanese(text: str, sample: bytes) -> bool:
    return _share(text, "ぁ", "ヿ") > 0.2 and not is_gb2312(sample)


def _is_traditional(_: str, sample: bytes) -> bool:
    chinese = _share_of_common(sample, "gb18030", range(0xB0, 0xD8))
    traditional = _share_of_common(sample, "big5", range(0xA1, 0xC7))
    return traditional > 0.9 and chinese < 0.7


def _is_cyrillic(text: str, sample: bytes) -> bool:
    # Letters of a western text with accents stand alone; these stand in words.
    letters = sample.decode("cp1251")
    words = "".join(letter if letter >= "\u0400" else " " for letter in letters).split()
    in_words = sum(len(word) for word in words if len(word) > 2)
    is_in_words = in_words > 0.8 * len(text)
    chinese = _share_of_common(sample, "gb18030", range(0xB0, 0xD8))
    return is_in_words and chinese < 0.5 and _share(text, "а", "я") > 0.5
