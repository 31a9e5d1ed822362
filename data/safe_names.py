"""Names that become part of a path: one word of their folder, never a way out of it, nor a
device.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from data.problem import Problem

NAME = re.compile(r"\w[\w.-]{0,99}")
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Return whether a text can name something in a folder of the store."""
    return bool(NAME.fullmatch(text)) and not DEVICES.fullmatch(text)


def check_name(what: str, text: str) -> str:
    """Return the name itself. Raises Problem where it cannot be one."""
    if not is_name(text):
        raise Problem(
            f"{text[:100]!r} is not a valid name of a {what}",
            "use letters, digits, dots, dashes and underscores only",
        )
    return text


# Up to 40 signs: 160 bytes at most, where file systems take 143 to 255 for a name with its suffix.
PLAIN_FILE = re.compile(r"[\w-]([\w.-]{0,38}[\w-])?")


def name_files(keys: Iterable[str]) -> dict[str, str]:
    """Return for each key the name of its file, without a suffix.

    It is one that every file system and Windows share carries. A key that cannot be its own name -
    too long, with signs, a device, or the same as another to a share, which looks neither at
    capitals nor at how a letter is composed - gets what can be read of it, and a part of its hash.
    """
    keys = list(keys)
    same = Counter(map(fold_name, keys))
    names = {}
    for key in keys:
        is_plain = PLAIN_FILE.fullmatch(key) and not DEVICES.fullmatch(key)
        if is_plain and same[fold_name(key)] == 1:
            names[key] = key
            continue
        readable = re.sub(r"[^\w-]+", "_", key)[:30] or "_"
        names[key] = f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    return names


def fold_name(name: str) -> str:
    """Return a name as a share sees it: without capitals, its letters composed in one way."""
    return unicodedata.normalize("NFKC", name).casefold()
