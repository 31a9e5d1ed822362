"""What every test session needs: Prefect and matplotlib at home in the checkout, Prefect's server
found once for each worker.
"""

import os
import shutil
import sys
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"
HOME = Path(os.environ.get("PREFECT_HOME", CACHE / "prefect"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker starts a temporary server of its own: two on one SQLite file would wait for each
    # other.
    own = HOME.parent / f"prefect-{worker}"
    if HOME.exists() and not own.exists():
        shutil.copytree(HOME, own)
    HOME = own
os.environ["PREFECT_HOME"] = str(HOME)
os.environ.setdefault("MPLCONFIGDIR", str(CACHE / "matplotlib"))

# PySpark takes a main module without a file, such as a worker's, for doctests and ends the process
# where grpc is missing (4.3.0, November 2026).
vars(sys.modules["__main__"]).setdefault("__file__", __file__)

from flows.cli.options import prepare_environment  # noqa: E402

prepare_environment(CACHE)
