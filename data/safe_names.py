"""Names that become part of a path: one word of their folder, never a way out of it, nor a
device.
"""

import hashlib
import re
from urllib.parse import quote

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


def encode_name(text: str) -> str:
    """Return a name for something of a source, such as a branch code: other texts have others.

    What cannot stand in a name is percent-encoded, and what still is none replaced by its hash.
    """
    encoded = quote(text, safe="")
    if is_name(encoded.replace("%", "_")):
        return encoded
    return f"x{hashlib.sha256(text.encode('utf-8')).hexdigest()[:16]}"
