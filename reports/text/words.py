"""Words in both languages: every word a reader sees that is not data is in `assets/words.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"


@dataclass(frozen=True)
class Both:
    """One text in Chinese and in English. In a template it becomes both, and the page shows one of
    them.
    """

    zh: str
    en: str

    def __html__(self) -> str:
        """Return what a template prints: escaped, since names from the data may be in it."""
        if self.zh == self.en:
            return escape(self.zh)
        return f'<span lang="zh">{escape(self.zh)}</span><span lang="en">{escape(self.en)}</span>'

    def __add__(self, other: "Both | str") -> "Both":
        other = both_languages(other)
        return Both(self.zh + other.zh, self.en + other.en)

    def lines(self) -> str:
        """Return both languages for one cell of a workbook."""
        return self.zh if self.zh == self.en else f"{self.zh}\n{self.en}"


def both_languages(text: "Both | str | None") -> Both:
    """Return a text as one that is the same in both languages, unless it is two already."""
    return text if isinstance(text, Both) else Both(text or "", text or "")


def join_list(parts: list[Both], separator: Both | None = None) -> Both:
    """Return texts in a row: `a, b`, in Chinese `a、b`; empty ones are left out."""
    separator = separator or Both("、", ", ")
    texts = [part for part in parts if part.zh or part.en]
    chinese = [text.zh for text in texts]
    english = [text.en for text in texts]
    return Both(separator.zh.join(chinese), separator.en.join(english))


@cache
def _words() -> dict:
    return tomllib.loads((ASSETS / "words.toml").read_text(encoding="utf-8"))


def word(key: str, **values) -> Both:
    """Return the words of `section.name`, its `{fields}` filled in, each value in its own language.

    Raises KeyError where there is no such word.
    """
    section, _, name = key.partition(".")
    entry = _words()[section][name]
    if not values:
        return Both(entry["zh"], entry["en"])

    filled = {field: both_languages(value) for field, value in values.items()}
    zh = entry["zh"].format_map({field: value.zh for field, value in filled.items()})
    en = entry["en"].format_map({field: value.en for field, value in filled.items()})

    return Both(zh, en)


def known_word(section: str, name: str | None) -> Both:
    """Return the words for a code (a unit, a segment, a level), or the code itself where there are
    none for it.
    """
    entry = _words()[section].get(name or "")
    return Both(entry["zh"], entry["en"]) if entry else both_languages(name)


def reason(text: str | None) -> Both:
    """Return why a value is not there. The tables say it in English; where its pattern is known,
    Chinese readers get Chinese.
    """
    english = text or ""
    for pattern in _words()["reason"].values():
        regex = re.escape(pattern["en"]).replace(r"\{0\}", "(.+)")
        match = re.fullmatch(regex, english)
        if match:
            details = [known_word("extract", group).zh for group in match.groups()]
            details = [detail.replace(" and ", "、") for detail in details]
            return Both(pattern["zh"].format(*details), english)

    return both_languages(text)


def level_words(level: str) -> Both:
    """Return the words for a level of branches."""
    return known_word("level", level)
