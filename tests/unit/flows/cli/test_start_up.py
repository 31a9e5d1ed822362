"""Commands that compute nothing import nothing that computes, and the help is in groups."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from flows.cli import options
from flows.cli.main import app

HEAVY = ("prefect", "matplotlib", "scipy", "great_expectations", "duckdb", "statsmodels")
PROGRAM = """
import sys
from flows.cli.main import app
app(sys.argv[2:], standalone_mode=False)
print("LOADED", *[name for name in sys.argv[1].split(",") if name in sys.modules])
"""


@pytest.mark.parametrize("command", ["--help", "kpi list", "publications", "status", "history"])
def test_a_command_that_computes_nothing_loads_no_heavy_library(command, tmp_path):
    arguments = command.split()
    if command in ("publications", "status", "history"):
        arguments += ["--store", str(tmp_path)]
        # The next start is the one thing that status asks Prefect for.
        (tmp_path / "operations.toml").write_text('[schedule]\ncron = ""\n')
    program = [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *arguments]
    ended = subprocess.run(program, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1:] == ["LOADED"], ended.stdout + ended.stderr


def test_the_help_groups_every_command():
    text = CliRunner().invoke(app, ["--help"]).output
    for panel in (options.EVERY_NIGHT, options.READ, options.PUBLISH, options.SET_UP):
        assert panel in text
    assert "Commands" not in text
