"""What every test session needs: matplotlib at home in the checkout, no setting of Prefect's."""

import os
import sys
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"
os.environ.setdefault("MPLCONFIGDIR", str(CACHE / "matplotlib"))
for name in [name for name in os.environ if name.startswith("PREFECT_")]:
    del os.environ[name]  # of whoever runs the tests

# PySpark takes a main module without a file, such as a worker's, for doctests and ends the process
# where grpc is missing (4.3.0, November 2026).
vars(sys.modules["__main__"]).setdefault("__file__", __file__)

import pytest  # noqa: E402

from flows.cli.environment import prepare_environment  # noqa: E402
from tests.built_once import forget_other_programs  # noqa: E402
from tests.plain_steps import choose_prefect  # noqa: E402

CACHE.mkdir(exist_ok=True)
prepare_environment(CACHE)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Keep house before the workers begin."""
    if not hasattr(session.config, "workerinput"):
        forget_other_programs()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let runs go under Prefect in tests that are about it: before any fixture makes one."""
    choose_prefect(item.get_closest_marker("prefect") is not None)
