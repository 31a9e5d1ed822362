"""Whether TOML files parse: `python -m tests.house.check_toml FILE ...`, a line for each that does not."""

import sys
import tomllib
from pathlib import Path


def check(paths: list[Path]) -> list[str]:
    """Return a sentence for each file that is not valid TOML."""
    faults = []
    for path in paths:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(f"{path} is not valid TOML: {error}")
    return faults


if __name__ == "__main__":
    sys.exit("\n".join(check([Path(name) for name in sys.argv[1:]])) or 0)
