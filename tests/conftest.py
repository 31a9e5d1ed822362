"""What every test session needs: matplotlib at home in the checkout, no setting of Prefect's."""

import os
import sys
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"
os.environ.setdefault("MPLCONFIGDIR", str(CACHE / "matplotlib"))

# PySpark takes a main module without a file, such as a worker's, for doctests and ends the process
# where grpc is missing (4.3.0, November 2026).
vars(sys.modules["__main__"]).setdefault("__file__", __file__)

from flows.cli.environment import prepare_environment  # noqa: E402

prepare_environment(CACHE)
