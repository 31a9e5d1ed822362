"""Commands that compute nothing import nothing that computes."""

import subprocess
import sys
from datetime import date

import pytest

from data.store.store import Store
from flows.monitoring.run_outcome import RunOutcome
from flows.monitoring.run_record import RunRecord, save_run
from tests.manifests import publish_manifest

HEAVY = ("prefect", "matplotlib", "scipy", "great_expectations", "duckdb", "statsmodels")
PROGRAM = """
import sys
from flows.cli.main import app
app(sys.argv[2:], standalone_mode=False)
print("LOADED", *[name for name in sys.argv[1].split(",") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """A store with a delivery, a decision, a publication and a run, so that each is looked at."""
    store = Store(tmp_path_factory.mktemp("store"))
    row = {"extract": "claims", "extract_date": date(2012, 6, 30), "delivery": "full"}
    store.lake.add("delivery", [row])
    store.lake.add("decision", [{"publication_id": "june", "decision": "hold", "reason": "why"}])
    publish_manifest(store, "june", "2012-06-30")
    save_run(store, RunRecord(), RunOutcome("published", "the audits passed", "june"))
    return store


def list_loaded(arguments: list[str], libraries: tuple[str, ...]) -> list[str]:
    """Which of the libraries a command imports."""
    program = [sys.executable, "-c", PROGRAM, ",".join(libraries), *arguments]
    ended = subprocess.run(program, capture_output=True, text=True)
    loaded = ended.stdout.splitlines()[-1].split()
    assert loaded[0] == "LOADED", ended.stdout + ended.stderr
    return loaded[1:]


@pytest.mark.parametrize("command", ["publications", "status"])
def test_a_glance_at_a_store_loads_no_heavy_library(command, store):
    assert list_loaded([command, "--store", str(store.root)], (*HEAVY, "pandas")) == []


def test_the_history_of_runs_loads_no_heavy_library_but_pandas(store):
    """pyarrow imports it to make Python's of a moment."""
    assert list_loaded(["history", "--store", str(store.root)], HEAVY) == []


@pytest.mark.parametrize("command", ["--help", "kpi list"])
def test_a_command_without_a_store_loads_no_heavy_library(command):
    assert list_loaded(command.split(), (*HEAVY, "pandas", "deltalake")) == []
