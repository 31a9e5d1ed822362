"""A page of the documentation, carried out: its files are written, its commands run, its output compared.

A fenced block says what it is in its info string:

    ```sh                      commands, one a line, run in order in a copy of the checkout
    ```text                    lines that the commands before it print; `...` stands for anything
    ```csv landing/claims.csv  (any language with a path) the content of a file
"""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("flows", "transforms", "expectations", "data", "reports", "tests/cases", "docs")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    language: str
    path: str
    content: str


def read_blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [Block(*match) for match in FENCE.findall(page.read_text(encoding="utf-8"))]


def copy_checkout(folder: Path) -> None:
    """Make a copy of the program that a page may change."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in (ROOT / "tests").glob("*.py"):
        shutil.copy(path, folder / "tests" / path.name)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder / name)


def run_page(page: Path, folder: Path) -> None:
    """Carry out a page in `folder`. Raises AssertionError where a command fails or prints otherwise."""
    output = ""
    for block in read_blocks(page):
        if block.path:
            target = folder / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.content, encoding="utf-8")
            # As if it had arrived an hour ago: a run waits for a file that was just written.
            os.utime(target, (time.time() - 3600,) * 2)
        elif block.language == "sh":
            output = "".join(run_command(line, folder) for line in _commands(block.content))
        elif block.language == "text":
            assert_printed(block.content, output, page)


def run_command(line: str, folder: Path) -> str:
    """Run one shell line in `folder`, `servicekpi` and `python` being those of this checkout's copy."""
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PATH": f"{_shims(folder)}:{os.environ['PATH']}",
        "COLUMNS": "160",
    }
    result = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"$ {line}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def assert_printed(expected: str, output: str, page: Path) -> None:
    """Compare what a page promises with what was printed, blanks aside."""
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in expected.split("..."))
    pattern = pattern.replace(r"\ .*", ".*").replace(r".*\ ", ".*")
    printed = " ".join(output.split())
    assert re.search(pattern, printed), (
        f"{page.name} promises\n{expected}\nbut printed was\n{output}"
    )


def _commands(content: str) -> list[str]:
    joined = content.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def _shims(folder: Path) -> Path:
    shims = folder / ".shims"
    if not shims.exists():
        shims.mkdir()
        for name, arguments in (("servicekpi", "-m tests.plain_steps"), ("python", "")):
            shim = shims / name
            shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            shim.chmod(0o755)
    return shims
