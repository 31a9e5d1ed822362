"""What every test session needs: Prefect and matplotlib at home in the checkout, Prefect's server found once."""

import os
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"
os.environ.setdefault("PREFECT_HOME", str(CACHE / "prefect"))
os.environ.setdefault("MPLCONFIGDIR", str(CACHE / "matplotlib"))

from flows.cli import environment  # noqa: E402

environment(CACHE)
