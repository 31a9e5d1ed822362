"""Change one line of a package after another; print the changes that no test noticed.

`make mutate PACKAGE=transforms/statistics` copies the tree to `.cache/mutate`, lets mutmut change
the package there, and runs the tests beside it (or those named after the package) on each change.
"""

import difflib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("data", "expectations", "transforms", "reports", "flows")
COPIED = (*ROOMS, "docs", "tests", "deploy", "pyproject.toml", "README.md", "CHANGELOG.md")
COPY = ROOT / ".cache" / "mutate"

# Exit codes of pytest and of mutmut.
SURVIVED, NO_TESTS = (0,), (5, 33)
# 255: the tests did not run; neither is a change that somebody noticed.
NOT_CHECKED = (2, 255, None)
NO_TEST_AT_ALL = "could not find any test case for any mutant"

# Nothing a test should repeat word by word: the sentences of a Problem and of the log.
MESSAGES = (r"raise \w+\(", r"\blog(ger)?\.\w+\(", r"\bmessages?\.append\(")

# mutmut calls tests by their names: pytest does not find a name that it has escaped.
UNESCAPED = (
    "--override-ini=disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true"
)

CONFIGURATION = """

[tool.mutmut]
source_paths = {rooms}
only_mutate = {only}
also_copy = {also}
do_not_mutate_patterns = {messages}
process_isolation = "forkserver"
pytest_add_cli_args = ["-n", "0", "-p", "no:cacheprovider", "-x", "-o", "addopts=", {ids}]
pytest_add_cli_args_test_selection = {tests}
"""


def copy_tree(package: str, tests: list[str]) -> None:
    """Copy what the tests need to COPY, with mutmut configured for one package."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.exists():
            shutil.copy(path, COPY / name)
    also = [name for name in COPIED if name not in ROOMS]
    only = package if package.endswith(".py") else f"{package}/*"
    configuration = CONFIGURATION.format(
        rooms=json.dumps(ROOMS),
        only=json.dumps([only]),
        also=json.dumps(also),
        messages=json.dumps(MESSAGES),
        tests=json.dumps(tests),
        ids=json.dumps(UNESCAPED),
    )
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(configuration)


def find_tests(package: str) -> list[str]:
    """Return the tests beside a package or a file; those of the folder above where it has none."""
    path = Path("tests/unit") / package
    own = path.with_name(f"test_{path.name}")
    if path.suffix == ".py" and (ROOT / own).exists():
        return [str(own)]
    while not (ROOT / path).is_dir():
        path = path.parent
    return [str(path)]


def read_outcomes() -> dict[str, int | None]:
    """Return the exit code of the tests by the name of the change."""
    outcomes = {}
    for path in sorted((COPY / "mutants").rglob("*.meta")):
        outcomes |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return outcomes


def show_change(name: str) -> list[str]:
    """Return the file and function of a change, the line as it is, and as it was changed."""
    module, _, function = name.rpartition(".")
    path = Path(module.replace(".", "/") + ".py")
    text = (COPY / "mutants" / path).read_text(encoding="utf-8")
    original, changed = _find_function(text, _original_of(function)), _find_function(text, function)
    differences = list(difflib.ndiff(original[1:], changed[1:]))
    lines = [line for line in differences if line.startswith(("- ", "+ "))]
    return [f"{path} {_original_of(function)[: -len('__mutmut_orig')]}", *lines]


def _original_of(function: str) -> str:
    return function.rpartition("__mutmut_")[0] + "__mutmut_orig"


def _find_function(text: str, function: str) -> list[str]:
    """Return the lines of a function in a file that mutmut wrote."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if f"def {function}(" in line)
    margin = len(lines[first]) - len(lines[first].lstrip())
    last = first + 1
    while last < len(lines):
        line = lines[last]
        is_below = len(line) - len(line.lstrip()) <= margin and line.strip()
        if is_below and not line.lstrip().startswith(")"):
            break
        last += 1
    return [line for line in lines[first:last] if line.strip()]


def print_result(package: str, outcomes: dict[str, int | None]) -> None:
    """Print each survivor as source lines, then the score."""
    survivors = [name for name, code in outcomes.items() if code in SURVIVED + NO_TESTS]
    for name in survivors:
        function, *lines = show_change(name)
        note = " (no test runs it)" if outcomes[name] in NO_TESTS else ""
        print(f"\n{function}{note}", *lines, sep="\n")
    checked = [name for name, code in outcomes.items() if code not in NOT_CHECKED]
    if not checked:
        print(f"{package}: nothing was checked")
        return
    killed = len(checked) - len(survivors)
    unseen = Counter(outcomes.values())
    untested = sum(unseen[code] for code in NO_TESTS)
    print(f"\n{package}: {killed} of {len(checked)} changes noticed ({killed / len(checked):.0%})")
    print(f"{len(survivors) - untested} survived, {untested} in lines that no test runs")
    if len(checked) < len(outcomes):
        print(f"{len(outcomes) - len(checked)} could not be tested: {COPY / 'mutmut.log'}")


def main(package: str, *tests: str) -> None:
    """Mutate one package (a folder or a file of a room); print survivors and score."""
    package = package.rstrip("/")
    if Path(package).parts[0] not in ROOMS or not (ROOT / package).exists():
        sys.exit(f"{package} is not a folder or file of {', '.join(ROOMS)}")
    copy_tree(package, list(tests) or find_tests(package))
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    with (COPY / "mutmut.log").open("w", encoding="utf-8") as log:
        result = subprocess.run(command, cwd=COPY, stdout=log, stderr=subprocess.STDOUT)
    outcomes = read_outcomes()
    if NO_TEST_AT_ALL in (COPY / "mutmut.log").read_text(encoding="utf-8"):
        outcomes = dict.fromkeys(outcomes, NO_TESTS[0])
    elif result.returncode != 0:
        sys.exit(f"mutmut failed; the tests may fail without a change: {COPY / 'mutmut.log'}")
    print_result(package, outcomes)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("make mutate PACKAGE=transforms/statistics")
    main(*sys.argv[1:])
