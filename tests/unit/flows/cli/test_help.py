"""The help of every command reads well on any terminal."""

import itertools
import re

import pytest
import typer
from typer.testing import CliRunner

from flows.cli import options
from flows.cli.main import app


def list_commands(command, path: tuple[str, ...] = ()) -> dict:
    """Every command, group of commands and the program itself, by its words."""
    commands = {path: command}
    for name, below in getattr(command, "commands", {}).items():
        commands |= list_commands(below, (*path, name))
    return commands


COMMANDS = list_commands(typer.main.get_command(app))


def help_of(path: tuple[str, ...], width: int) -> list[str]:
    text = CliRunner(env={"COLUMNS": str(width)}).invoke(app, [*path, "--help"]).output
    return text.splitlines()


def test_the_help_groups_every_command():
    text = "\n".join(help_of((), 80))
    panels = [options.RUN, options.READ, options.PUBLISH, options.SET_UP]
    assert sorted(panels, key=text.index) == panels and "Commands" not in text


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_is_described_by_a_sentence_and_each_option_by_some_words(path):
    """The first paragraph is what the list of commands shows: one sentence."""
    first = COMMANDS[path].help.split("\n\n")[0].replace("\n", " ")
    assert re.fullmatch(r"[A-Z][^.]*(\. [A-Z][^.]{,40})?\.", first) and len(first) <= 100, first
    assert [each.name for each in COMMANDS[path].params if not getattr(each, "help", None)] == []


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_cut_nowhere_and_a_paragraph_fills_the_line(path, width):
    lines = help_of(path, width)
    assert not any("…" in line for line in lines)
    assert max(map(len, lines)) <= width
    prose = [line.strip() for line in lines if line.startswith(" ") and line.strip()]
    for line, next_line in itertools.pairwise(prose):
        # Where a sentence goes on, its next word had no room. A list's lines stand for themselves.
        if next_line[0].islower() and not line.endswith((".", ":")):
            assert len(line) + 1 + len(next_line.split()[0]) > width - 6, (line, next_line)
