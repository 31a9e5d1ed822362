"""The recipes for systemd and cron: units that systemd accepts, commands that the program knows."""

import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
import typer
import yaml

from data.config.operations import Schedule
from flows.cli.main import app
from flows.operations.plan import planned_starts

DEPLOY = Path(__file__).parents[4] / "deploy"
PROGRAM = "/opt/servicekpi/.venv/bin/servicekpi"


def test_systemd_accepts_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze on this machine")
    for unit in (DEPLOY / "systemd").iterdir():
        (tmp_path / unit.name).write_text(
            unit.read_text()
            .replace(PROGRAM, shutil.which("true"))
            .replace("User=servicekpi", "User=root")
        )
    result = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    about_ours = [line for line in result.stderr.splitlines() if "servicekpi" in line]
    assert result.returncode == 0 and about_ours == [], result.stderr


def test_prefects_deployment_names_the_flow_and_what_it_takes():
    for deployment in yaml.safe_load((DEPLOY.parent / "prefect.yaml").read_text())["deployments"]:
        path, name = deployment["entrypoint"].split(":")
        scheduled = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        assert scheduled.validate_parameters(deployment["parameters"])["landing"]
        (schedule,) = deployment["schedules"]
        assert planned_starts(
            Schedule(cron=schedule["cron"], timezone=schedule["timezone"]),
            datetime(2026, 11, 25, tzinfo=UTC),
        ) == planned_starts(Schedule(), datetime(2026, 11, 25, tzinfo=UTC))


def test_every_command_of_a_recipe_is_one_of_the_programs():
    lines = [
        line
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for line in path.read_text().splitlines()
        if PROGRAM in line
    ]
    assert len(lines) == 6
    for line in lines:
        name, *options = shlex.split(line.split(PROGRAM)[1])
        command = typer.main.get_command(app).commands[name]
        command.make_context(name, options)
