"""The runbook: every page is named by a message, every message's page is there, and every command on a page is one of the program's."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

from flows.cli import app
from tests.test_house import ROOMS

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in (ROOT / "docs" / "runbook").glob("*.md") if path.stem != "README")
VALUES = {"DIR": ".", "STORE": ".", "NEW": "new", "FILE": "README.md", "FILE.tar": "README.md", "ID": "2012-12-31-0", "NAME": "name"}


def test_every_page_is_named_by_a_message_and_listed():
    named = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"\(docs/runbook/([a-z-]+)\.md\)", text))
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            name, args = getattr(call.func, "id", ""), call.args
            named |= {ast.literal_eval(args[-1])} if (name, len(args)) in (("Problem", 3), ("on_page", 1)) else set()
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (ROOT / "docs/runbook/README.md").read_text(encoding="utf-8")))
    assert {page.stem for page in PAGES} == listed == named


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += [(page.stem, line) for line in re.findall(r"^ +(servicekpi .*)$|`(servicekpi [^`]*)`", text, re.MULTILINE) for line in line if line]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_of_a_page_is_one_of_the_program(page, line):
    """Parsed as the command line would, values and all, but not carried out."""
    arguments = [VALUES.get(word, word) for word in shlex.split(line)[1:]]
    command, context = typer.main.get_command(app), None
    while hasattr(command, "commands"):
        name, *arguments = arguments
        assert name in command.commands, f"{page}.md: there is no command {name}"
        command = command.commands[name]
    context = command.make_context(command.name, arguments)
    assert not context.args
