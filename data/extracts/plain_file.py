"""A file as the reader of its format gets it: unpacked, text as UTF-8."""

from dataclasses import dataclass
from pathlib import Path

from data.config.profile_source import Source
from data.extracts.text_file import TextFile


@dataclass(frozen=True)
class PlainFile:
    """A file that is not packed: its path, the name it was delivered under, its declared source.

    `is_original`: the path is that of the delivered file, so that others may read it as well.
    """

    path: Path
    name: str
    source: Source
    is_original: bool


@dataclass(frozen=True)
class PlainText:
    """A file of text: as UTF-8, the name it was delivered under, its declared source."""

    text: TextFile
    name: str
    source: Source
