"""What plain code is in this house, measured on the syntax tree: `python -m tests.house.plain_code [PATH ...]`.

A mid-level engineer reads a function on one screen, one thought a line, without unfolding anything
on paper. The limits are those of nine codebases that people like to read, measured the same way.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "transforms", "expectations", "data", "reports")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FILE_LINES = 300
FUNCTION_LINES = 50
NODES_A_LINE = 18
EXPRESSION_NODES = 60

# Names that said nothing about their content; the glossary has what to write instead.
RETIRED = {
    *("told", "held", "said", "found", "made", "asked", "place", "places", "placed", "lent"),
    *("lend", "beside", "aside", "untold", "telling", "mended", "mend"),
}


def sources(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def violations(path: Path) -> list[str]:
    """Return what is not plain in one file, a sentence each, beginning with its line."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    faults = []
    if (lines := len(text.splitlines())) > FILE_LINES:
        faults.append(f"1: the file has {lines} lines, more than {FILE_LINES}")
    settings = _policy_fields(tree)
    for node in ast.walk(tree):
        if node not in settings:
            faults += _of_names(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            faults += _of_function(node)
        if isinstance(node, ast.BinOp) and _is_text_times_condition(node):
            faults.append(f"{node.lineno}: a list or text times a condition; write `if`")
        if isinstance(node, ast.stmt):
            faults += _of_expressions(node)
    for node in _nested_comprehensions(tree):
        faults.append(f"{node.lineno}: a comprehension within a comprehension; name the inner one")
    return sorted(faults, key=lambda fault: int(fault.split(":")[0]))


def bound_names(node: ast.AST) -> list[str]:
    """Return the names that a node of the syntax tree binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    return []


@cache
def policy_settings() -> set[str]:
    """Return the name of every setting of the policy that ships: owners' files have them."""
    path = ROOT / "data" / "reference" / "policy.toml"
    tables, names = [tomllib.loads(path.read_text(encoding="utf-8"))], set()
    while tables:
        table = tables.pop()
        names |= table.keys()
        tables += [value for value in table.values() if isinstance(value, dict)]
    return names


def _policy_fields(tree: ast.AST) -> set[ast.AST]:
    """Return the fields of classes that are called like a setting of the policy: owners write that
    word in their files, so it is not renamed for readers of code.
    """
    fields = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            targets = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
            fields |= {target for target in targets if target.id in policy_settings()}
    return fields


def retired_names(path: Path) -> list[str]:
    """Return the retired names that one file binds, a sentence each."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    faults = []
    for node in ast.walk(tree):
        faults += _of_names(node)
    return faults


def _of_names(node: ast.AST) -> list[str]:
    faults = []
    for name in bound_names(node):
        words = re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower())
        if retired := RETIRED.intersection(words):
            faults.append(f"{node.lineno}: the name {name} uses {', '.join(sorted(retired))}")
    return faults


def _of_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    faults = []
    lines = function.end_lineno - function.lineno + 1
    nodes = sum(1 for _ in ast.walk(function))
    if lines > FUNCTION_LINES:
        faults.append(f"{function.lineno}: {function.name} has {lines} lines, more than one screen")
    if nodes > NODES_A_LINE * lines:
        faults.append(f"{function.lineno}: {function.name} has {nodes / lines:.0f} nodes a line")
    return faults


def _of_expressions(statement: ast.stmt) -> list[str]:
    """Look at the expressions that stand directly in a statement; literals of constants and names are data."""
    faults = []
    for value in ast.iter_child_nodes(statement):
        if isinstance(value, ast.expr) and not _is_literal(value):
            nodes = sum(not isinstance(n, ast.expr_context) for n in ast.walk(value))
            if nodes > EXPRESSION_NODES:
                faults.append(f"{value.lineno}: an expression of {nodes} nodes; give parts a name")
    return faults


def _is_literal(value: ast.expr) -> bool:
    data = (ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Starred, ast.expr_context)
    text = (ast.JoinedStr, ast.FormattedValue, ast.Name)
    return all(isinstance(node, data + text) for node in ast.walk(value))


def _nested_comprehensions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, COMPREHENSIONS):
            inner = (other for other in ast.walk(node) if other is not node)
            if any(isinstance(other, COMPREHENSIONS) for other in inner):
                yield node


def _is_text_times_condition(node: ast.BinOp) -> bool:
    if not isinstance(node.op, ast.Mult):
        return False
    sides = (node.left, node.right)
    return any(_is_text(side) for side in sides) and any(_is_condition(side) for side in sides)


def _is_text(node: ast.expr) -> bool:
    is_word = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_word or isinstance(node, ast.List | ast.JoinedStr)


def _is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "bool"
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, ast.Compare | ast.BoolOp)


if __name__ == "__main__":
    for source in sources([Path(name) for name in sys.argv[1:]] or [ROOT / room for room in ROOMS]):
        for fault in violations(source):
            print(f"{source}:{fault}")
