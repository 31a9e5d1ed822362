"""A `.sql` file that says what it is: a TOML header in its first comment, then one SELECT."""

import re
import tomllib
from pathlib import Path


def split_header(path: Path) -> tuple[dict, str]:
    """The header and the SQL of a file.

    Raises ValueError where the header is missing or no TOML.
    """
    match = re.match(r"/\*\n(.*?)\*/\n(.*)", path.read_text(encoding="utf-8"), re.DOTALL)
    if not match:
        raise ValueError(f"{path.name}: the file begins with a TOML header in a comment")
    try:
        return tomllib.loads(match.group(1)), match.group(2).strip()
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: the header is not TOML: {error}") from error
