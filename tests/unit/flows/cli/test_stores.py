"""A command that needs a store says so where there is none, and creates nothing."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.problem import Problem
from flows.cli import environment, options
from flows.cli import main as command_line
from flows.cli.main import app
from tests.unit.flows.cli.test_help import COMMANDS

# They create the store that they are given, or work without one.
CREATE = {("run",), ("serve",), ("demo",), ("real",), ("restore",)}
NEED_NONE = {("check",), ("kpi", "show")}
DAYS = {"as_of", "until", "first", "last"}
NEED_ONE = [
    path
    for path, command in COMMANDS.items()
    if any(each.name == "store" for each in command.params) and path not in CREATE | NEED_NONE
]


def arguments_for(command) -> list[str]:
    """Something for every parameter that a command requires."""
    words = []
    for each in command.params:
        if not each.required:
            continue
        value = "2012-12-31" if each.name in DAYS else "something"
        words += [value] if each.param_type_name == "argument" else [each.opts[0], value]
    return words


@pytest.mark.parametrize("path", NEED_ONE, ids=" ".join)
def test_a_store_that_does_not_exist_is_a_sentence(path, tmp_path):
    for name in ("demo", "store", "sture2"):
        (tmp_path / name / "published").mkdir(parents=True)
    (tmp_path / "no store at all").mkdir()
    words = [*path, *arguments_for(COMMANDS[path]), "--store", str(tmp_path / "stroe")]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2, ended.output
    message = "".join(character for character in ended.output if character not in " │\n")
    assert f"nostorein{tmp_path}/stroe;thenearestoneis{tmp_path}/store" in message
    assert not (tmp_path / "stroe").exists() and not list((tmp_path / "store").glob(".*"))


@pytest.mark.parametrize("arguments", ["kpi show claim_closure_pct", "check claims.csv"])
def test_a_store_that_is_only_looked_up_must_exist_where_one_was_named(arguments, tmp_path):
    ended = CliRunner().invoke(app, [*arguments.split(), "--store", str(tmp_path / "typo")])
    assert ended.exit_code == 2 and "there is no store in" in ended.output


def test_a_definition_may_be_read_before_there_is_a_store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["kpi", "show", "claim_closure_pct"]).exit_code == 0


@pytest.mark.parametrize("command", ["status", "publications", "history"])
def test_looking_at_a_store_writes_nothing(command, tmp_path):
    (tmp_path / "operations.toml").write_text("")
    ended = CliRunner().invoke(app, [command, "--store", str(tmp_path)])
    assert ended.exit_code in (0, 2) and "Traceback" not in ended.output
    assert [path.name for path in tmp_path.iterdir()] == ["operations.toml"]


def test_a_path_that_cannot_be_used_is_a_sentence(monkeypatch, capsys, tmp_path):
    path = tmp_path / "missing.csv"
    monkeypatch.setattr("sys.argv", ["servicekpi", "lint", str(path)])
    monkeypatch.setattr(command_line, "end_process", sys.exit)  # the tests go on
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    message = capsys.readouterr().err
    assert ended.value.code == 1
    assert message.startswith("FAILED: ") and str(path) in message


def test_a_user_without_a_name_has_to_give_one(monkeypatch):
    def no_name():
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", no_name)
    with pytest.raises(Problem, match="--by"):
        options.current_user()


def test_a_store_that_cannot_be_created_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Problem, match="cannot be written"):
        environment.create_store(Path(tmp_path / "file" / "store"))
